// SPDX-License-Identifier: MIT
// Runs the VM suite on one kernel after the other, and puts what came out into the README's table, failures too.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { judge } from "../count.ts";
import { chooseRelease, KernelError, releaseOfModule } from "./kernel.ts";
import { type Row, readKernel, readMachine, withRow } from "./matrix_table.ts";

const wanted = process.argv.slice(2);
const isShort = wanted[0] === "--short";

/** Runs the suite, or with "--short" some of it, on a kernel; what it prints is passed on as it comes. */
async function run(
  name: string,
  options: readonly string[] = [],
  print = (text: string): unknown => process.stdout.write(text),
): Promise<Row> {
  const begin = Date.now();
  const child = spawn("test/vm/suite", [...options, name], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let talk = "";
  child.stdout.on("data", (data: Buffer) => {
    const text = data.toString("utf8");
    output += text;
    print(text);
  });
  child.stderr.on("data", (data: Buffer) => {
    talk += data.toString("utf8");
    process.stderr.write(data);
  });
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 128));
  });
  return {
    name,
    ...readKernel(output),
    date: new Date().toISOString().slice(0, 10),
    machine: readMachine(talk),
    count: judge(output, exitCode),
    seconds: (Date.now() - begin) / 1000,
  };
}

/** Whether a kernel can be tested and is not the one that the checkout's own module is tested on; says why when not. */
function isAnother(name: string): boolean {
  try {
    if (existsSync("lunatik.ko") && chooseRelease(name) === releaseOfModule("lunatik.ko")) return false;
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    process.stdout.write(
      `\n=== kernel ${name} is left out: its headers are missing (tools/install kernels)\n  1 pending\n`,
    );
    return false;
  }
  return true;
}

/** Whether the debug kernel has been built here; says how when not. */
function hasDebugKernel(): boolean {
  if (spawnSync("test/vm/debug-kernel", ["--check"]).status === 0) return true;
  process.stdout.write(
    "\n=== the debug kernel is left out: test/vm/debug-kernel builds it once\n  1 pending\n",
  );
  return false;
}

/** Each of them uses one processor most of the time, so two run beside each other; they are shown as they end. */
async function runShort(): Promise<void> {
  const others = ["6.1", "6.12-rt"].filter(isAnother);
  const lanes = hasDebugKernel() ? [["debug"], others] : others.map((name) => [name]);
  const runs = lanes.map(async (names) => {
    for (const name of names) {
      let output = "";
      const { count } = await run(name, ["--short"], (text) => {
        output += text;
      });
      process.stdout.write(`\n=== kernel ${name}, in short\n${output}`);
      if (count.failed > 0) process.exitCode = 1;
    }
  });
  await Promise.all(runs);
}

async function runAll(names: readonly string[]): Promise<void> {
  let failed = 0;
  for (const name of names) {
    process.stdout.write(`\n=== kernel ${name}\n`);
    const row = await run(name);
    failed += row.count.failed;
    writeFileSync("README.md", withRow(readFileSync("README.md", "utf8"), row));
    process.stdout.write(
      `--- kernel ${name} (${row.release}, ${row.preemption}): ${row.count.passed} passed, ${row.count.failed} failed, ` +
        `${row.count.skipped} skipped in ${row.seconds.toFixed(0)} s\n`,
    );
  }
  process.stdout.write(failed === 0 ? "\nEvery kernel passed.\n" : `\n${failed} failed.\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

if (isShort) await runShort();
else await runAll(wanted.length === 0 ? ["6.1", "6.12", "6.12-rt"] : wanted);
