// SPDX-License-Identifier: MIT

import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { geometricMean } from "./mean.ts";
import { atMost, type Context, type Findings, type Section } from "./section.ts";

/*
 * Lua's unit as an ordinary program, built as the embedded backend has it and with a kernel's code generation, with budgets
 * and without, against the machine's lua5.4. A figure is the shortest time of several rounds, in each of which every
 * build runs every program, as a ratio to lua5.4's.
 */

const PROGRAMS = join("bench", "engine", "programs");
const BUILDS = join("build", "bench", "engine");
const REFERENCE = "lua5.4";
const ROUNDS = 9;

/** The builds of bench/engine/Makefile that are compared. */
const builds = [
  "embedded",
  "no-polls",
  "kernel-retpolines",
  "kernel-no-polls",
  "kernel-goto",
  "kernel-plain",
] as const;
type Build = (typeof builds)[number];

const run = promisify(execFile);

/** The programs that engines are measured by: paths from the checkout's folder. */
export function programs(): readonly string[] {
  return readdirSync(PROGRAMS)
    .filter((file) => file.endsWith(".lua"))
    .toSorted()
    .map((file) => join(PROGRAMS, file));
}

/** How long a program takes, start to end, in milliseconds. Rejects when it fails: each checks its own result. */
async function timed(interpreter: string, program: string): Promise<number> {
  const begin = performance.now();
  await run(interpreter, [program]);
  return performance.now() - begin;
}

async function measure({ quick, progress }: Context): Promise<Findings> {
  progress("building");
  await run("make", ["-s", "-C", join("bench", "engine"), "all"]);
  const interpreters = [REFERENCE, ...builds.map((name) => join(BUILDS, name))];
  const shortest = new Map<string, number>();
  const key = (interpreter: string, program: string): string => `${interpreter} ${program}`;
  const rounds = quick ? 1 : ROUNDS;
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round} of ${rounds}`);
    for (const program of programs()) {
      for (const interpreter of interpreters) {
        const at = key(interpreter, program);
        shortest.set(at, Math.min(shortest.get(at) ?? Infinity, await timed(interpreter, program)));
      }
    }
  }
  const time = (interpreter: string, program: string): number =>
    shortest.get(key(interpreter, program)) ?? NaN;
  const ratio = (build: Build, program: string): number =>
    time(join(BUILDS, build), program) / time(REFERENCE, program);
  const mean = (build: Build): number => geometricMean(programs().map((program) => ratio(build, program)));
  const row = (label: string, value: (build: Build) => number, ms?: number) => ({
    label,
    values: {
      ...Object.fromEntries(builds.map((build) => [build, value(build)])),
      ...(ms === undefined ? {} : { [REFERENCE]: ms }),
    },
  });
  return {
    tables: [
      {
        title: `Time against ${REFERENCE}: 1 is as fast, more is slower`,
        columns: [
          { key: REFERENCE, label: `${REFERENCE}, ms`, digits: 0 },
          ...builds.map((key) => ({ key, label: key, digits: 2 })),
        ],
        plot: { columns: builds, axis: `time / ${REFERENCE}` },
        rows: [
          ...programs().map((program) =>
            row(basename(program, ".lua"), (build) => ratio(build, program), time(REFERENCE, program)),
          ),
          row("geometric mean", mean),
        ],
      },
    ],
    aims: [
      atMost(`embedded against ${REFERENCE}`, mean("embedded"), 1.1),
      atMost("what polls cost, embedded", mean("embedded") / mean("no-polls"), 1.05),
      atMost(
        "what polls cost, with a kernel's flags",
        mean("kernel-retpolines") / mean("kernel-no-polls"),
        1.05,
      ),
      atMost(`a kernel's flags with retpolines against ${REFERENCE}`, mean("kernel-retpolines"), 1.5),
      atMost(`a kernel's flags without retpolines against ${REFERENCE}`, mean("kernel-plain"), 1.15),
    ],
    notes: [],
  };
}

export const engine: Section = {
  name: "engine",
  about: "Lua's unit as a program, in several builds, against lua5.4",
  run: measure,
};
