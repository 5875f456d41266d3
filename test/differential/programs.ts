// SPDX-License-Identifier: MIT

import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describeDifference, difference } from "./difference.ts";

/*
 * The programs in programs/ run in lua5.4 and in our Lua, and must print the same. A program is an ordinary chunk in
 * which `part` is the number of the run (its "-- parts: N" says how many there are, 1 unless given) and `print`
 * collects lines, so that the whole output can be returned as one string: a state's own print is kept to 64 KiB a run.
 */

const FOLDER = "test/differential/programs";
const EXPECTED = "build/differential/expected";
const OUTPUT_MAX = 64 * 1024 * 1024;
/** Under an emulated processor, everything together included. */
const PATIENCE = 120_000;

/**
 * The same everywhere. glibc takes fused multiplication where the processor has it, and then some results of exp, log
 * and pow end in another digit; without it they do not depend on the machine.
 */
const ENVIRONMENT = { LC_ALL: "C", TZ: "UTC", GLIBC_TUNABLES: "glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2" };

/** Stands before a program's text in its first line, so that line numbers stay. */
const prologue = (part: number): string =>
  [
    `local part, print, emitted = ${part}`,
    "do local lines, n = {}, 0",
    "function print(...)",
    "local t = table.pack(...)",
    "for i = 1, t.n do t[i] = tostring(t[i]) end",
    'n = n + 1 lines[n] = table.concat(t, "\\t", 1, t.n)',
    "end",
    'function emitted() return table.concat(lines, "\\n") end',
    "end ",
  ].join(" ");

/** One run of a program. */
export interface Run {
  /** Of the file: "numbers.lua". */
  readonly file: string;
  readonly part: number;
  /** The program as a chunk that returns its output. */
  readonly returning: string;
  /** The program as a chunk that prints its output. */
  readonly printing: string;
}

interface Program {
  readonly name: string;
  readonly runs: readonly Run[];
}

function programs(): readonly Program[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".lua"))
    .toSorted()
    .map((file) => {
      const text = readFileSync(join(FOLDER, file), "utf8");
      const parts = Number(/^-- parts: (\d+)$/m.exec(text)?.[1] ?? 1);
      const runs = Array.from({ length: parts }, (_, index): Run => {
        const body = `${prologue(index + 1)}${text}`;
        return {
          file,
          part: index + 1,
          returning: `${body}return emitted() .. "\\n"\n`,
          printing: `${body}_ENV.print(emitted())\n`,
        };
      });
      return { name: basename(file, ".lua"), runs };
    });
}

/**
 * Runs an interpreter on a program, as a file in its current folder, and resolves with what it printed. Rejects when
 * the program fails: its errors are to be caught in it, so that they can be compared.
 */
export async function interpret(interpreter: string, run: Run): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), "lunatik-differential-"));
  try {
    await writeFile(join(folder, run.file), run.printing);
    return await new Promise((resolve, reject) => {
      const options = {
        cwd: folder,
        encoding: "buffer",
        env: { ...ENVIRONMENT, PATH: process.env["PATH"] },
        maxBuffer: OUTPUT_MAX,
        timeout: PATIENCE,
      } as const;
      execFile(interpreter, [run.file], options, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`${interpreter} ${run.file}: ${error.message}\n${stderr.toString()}`));
      });
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Names the reference: its version and how it is run. */
let reference: string | undefined;

/**
 * What lua5.4 prints. It is kept in build/, by the program's text and lua5.4's version: the emulated processor of the
 * VM would take minutes to find out what the machine around it knows already.
 */
async function expectation(run: Run): Promise<Buffer> {
  reference ??= `${execFileSync("lua5.4", ["-v"], { encoding: "utf8" })}${JSON.stringify(ENVIRONMENT)}`;
  const key = createHash("sha256").update(reference).update(run.printing).digest("hex");
  const path = join(EXPECTED, key);
  if (existsSync(path)) return await readFile(path);
  const output = await interpret("lua5.4", run);
  const partial = `${path}.${process.pid}`;
  await mkdir(EXPECTED, { recursive: true });
  await writeFile(partial, output);
  await rename(partial, path);
  return output;
}

/** Declares the tests: for every program, that `ours` resolves with what lua5.4 prints. */
export function comparePrograms(ours: (run: Run) => Promise<Buffer>): void {
  for (const { name, runs } of programs()) {
    it(`${name}: ${runs.length} ${runs.length === 1 ? "run equals" : "runs equal"} lua5.4's`, async function () {
      this.timeout(PATIENCE * runs.length);
      let lines = 0;
      for (const run of runs) {
        const [expected, actual] = await Promise.all([expectation(run), ours(run)]);
        const found = difference(expected, actual);
        if (found !== undefined)
          throw new Error(`${run.file}, part ${run.part}, ${describeDifference(found)}`);
        lines += expected.reduce((count, byte) => count + (byte === 0x0a ? 1 : 0), 0);
      }
      if (this.test !== undefined) this.test.title += ` (${lines} lines)`;
    });
  }
}
