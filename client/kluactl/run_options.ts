// SPDX-License-Identifier: MIT

import { randomBytes } from "node:crypto";
import { LunatikError } from "../error.ts";
import { formatPrint } from "../lua_format.ts";
import type { Lunatik, RunOptions } from "../lunatik.ts";
import type { RunResult } from "../run.ts";
import type { Context } from "./command.ts";
import { formatCount, formatDuration, formatSize, parseCount, parseSize, parseTime } from "./quantity.ts";
import { outputJson, resultsJson, runJson } from "./report.ts";

/* What execute and call share: the options of a run, Ctrl-C, and how a run's outcome is printed. */

export const runOptions = {
  string: { type: "boolean", describe: "every argument is a string" },
  "args-json": { type: "string", value: "JSON", describe: "the arguments as a JSON array" },
  memory: { type: "string", value: "SIZE", describe: "limit on the state's memory for this run" },
  steps: { type: "string", value: "N", describe: "limit on the steps of this run" },
  time: { type: "string", value: "MS", describe: "limit on the time of this run, in milliseconds" },
  wait: { type: "string", value: "MS", describe: "wait this long for a busy state; not at all unless given" },
  stats: { type: "boolean", describe: "tell steps, time and memory of the run on stderr" },
} as const;

export const argumentDetails =
  "An argument that reads as a Lua number is that number, nil, true and false are what they say, anything else is a " +
  "string; --string makes them all strings. An argument that starts with a dash comes after -- unless it is a number.";

export const outputDetails =
  "What the run prints comes first, then its results on one line, apart by tabs, as Lua's print shows them; a table, of " +
  "which print shows an address, is shown as a table constructor. Ctrl-C cancels the run.";

interface RunValues {
  readonly memory: string | undefined;
  readonly steps: string | undefined;
  readonly time: string | undefined;
  readonly wait: string | undefined;
  readonly stats: boolean | undefined;
}

function limits(values: RunValues): RunOptions {
  return {
    maxMemory: values.memory === undefined ? undefined : parseSize(values.memory, "memory"),
    maxSteps: values.steps === undefined ? undefined : parseCount(values.steps, "steps"),
    maxTime: values.time === undefined ? undefined : parseTime(values.time, "time"),
    maxWait: values.wait === undefined ? undefined : parseTime(values.wait, "wait"),
  };
}

/**
 * Makes a run and prints its outcome. `start` starts it with the options it is given. Throws what the run fails with, after
 * its output has been printed.
 */
export async function run(
  context: Context,
  state: string,
  values: RunValues,
  start: (lunatik: Lunatik, options: RunOptions) => Promise<RunResult>,
): Promise<void> {
  const { terminal, options } = context;
  const given = limits(values);
  const lunatik = await context.lunatik();
  let result: RunResult;
  try {
    result = await interruptible(context, lunatik, state, (inner) => start(lunatik, { ...given, ...inner }));
  } catch (error) {
    if (error instanceof LunatikError && error.run !== undefined && !options.json) {
      terminal.data(error.run.output);
      tellRun(context, error.run, values.stats);
    }
    throw error;
  }
  if (options.json) {
    terminal.json({
      ok: true,
      results: resultsJson(result.results),
      ...outputJson(result),
      run: runJson(result),
    });
    return;
  }
  terminal.data(result.output);
  if (result.results.length > 0) {
    const cells = result.results.flatMap((value, index) =>
      index === 0 ? [formatPrint(value)] : [TAB, formatPrint(value)],
    );
    terminal.data(Buffer.concat([...cells, NEWLINE]));
  }
  tellRun(context, result, values.stats);
}

const TAB = Buffer.from("\t");
const NEWLINE = Buffer.from("\n");

function tellRun(
  { terminal }: Context,
  report: Omit<RunResult, "results">,
  stats: boolean | undefined,
): void {
  if (report.outputDropped > 0n) {
    terminal.talk(`${formatCount(report.outputDropped)} more bytes of output were dropped by the module`);
  }
  if (stats === true) {
    terminal.talk(
      `run ${report.id}: ${formatCount(report.steps)} steps, ${formatDuration(report.time)}` +
        `${report.wait > 0n ? ` after ${formatDuration(report.wait)} of waiting` : ""}, ` +
        `memory ${formatSize(report.memory)}, at most ${formatSize(report.memoryPeak)}`,
    );
  }
}

/**
 * Runs with Ctrl-C caught. The first one cancels the run in the module, whose reply then tells what it printed and where it
 * was; a second one, or a cancel that reaches nothing, gives the run up without a reply.
 */
async function interruptible(
  { world, options, terminal }: Context,
  lunatik: Lunatik,
  state: string,
  start: (options: RunOptions) => Promise<RunResult>,
): Promise<RunResult> {
  const cookie = randomCookie();
  const abandon = new AbortController();
  let interrupted = false;
  const stop = world.onInterrupt(() => {
    if (interrupted) {
      abandon.abort();
      return;
    }
    interrupted = true;
    lunatik.cancel({ state, cookie }).catch(() => {
      abandon.abort();
    });
  });
  const giveUp = (): void => {
    abandon.abort();
  };
  terminal.broken.addEventListener("abort", giveUp);
  try {
    return await start({ cookie, signal: abandon.signal, timeout: options.timeout });
  } finally {
    stop();
    terminal.broken.removeEventListener("abort", giveUp);
  }
}

function randomCookie(): bigint {
  return randomBytes(8).readBigUInt64LE() | 1n;
}
