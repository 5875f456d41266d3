// SPDX-License-Identifier: MIT
// Runs the VM suite on one kernel after the other, and puts what came out into the README's table, failures too.
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { judge } from "../count.ts";
import { type Row, readKernel, readMachine, withRow } from "./matrix_table.ts";

const wanted = process.argv.slice(2);
const names = wanted.length === 0 ? ["6.1", "6.12", "6.12-rt"] : wanted;

/** Runs the suite on a kernel and passes on what it says. */
async function run(name: string): Promise<Row> {
  const begin = Date.now();
  const child = spawn("test/vm/suite", [name], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let talk = "";
  child.stdout.on("data", (data: Buffer) => {
    output += data.toString("utf8");
    process.stdout.write(data);
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
