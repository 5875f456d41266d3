// SPDX-License-Identifier: MIT

import { errnoName } from "../error.ts";
import type { State } from "../state.ts";
import { defineCommand } from "./command.ts";
import { formatAge, formatCount, formatDuration, formatLocalTime, formatSize } from "./quantity.ts";
import { failedRuns, stateJson } from "./report.ts";
import { visible, visibleLines } from "./terminal.ts";

export const show = defineCommand({
  positionals: {
    state: { describe: "name of the state" },
  },
  options: {},
  async run({ lunatik, terminal, options, world }, { state: name = "" }) {
    const state = await (await lunatik()).get(name);
    if (options.json) {
      terminal.json({ ok: true, state: stateJson(state) });
      return undefined;
    }
    const fields = stateFields(state, world.now());
    const width = Math.max(...fields.map(([label]) => label.length)) + 1;
    for (const [label, value] of fields) {
      terminal.line(`${terminal.styled(`${label}:`.padEnd(width), "bold")} ${value}`);
    }
    return undefined;
  },
});

function stateFields(state: State, now: bigint): readonly (readonly [label: string, value: string])[] {
  const { lastError, creator } = state;
  return [
    ["name", visible(state.name)],
    ["id", state.id.toString()],
    ["description", visible(state.description)],
    ["libraries", ["base", ...state.libraries].join(" ")],
    ["state", activity(state)],
    ["waiting runs", formatCount(state.waiting)],
    [
      "memory",
      `${formatSize(state.memory)} of ${formatSize(state.maxMemory)}, at most ${formatSize(state.memoryPeak)} so far`,
    ],
    ["limit on steps", `${formatCount(state.maxSteps)} a run`],
    ["limit on time", `${formatDuration(state.maxTime)} a run`],
    ["runs", `${formatCount(state.runs)}, ${formatCount(failedRuns(state))} of them failed`],
    [
      "failures",
      [...state.failures].map(([code, count]) => `${code} ${formatCount(count)}`).join(", ") || "none",
    ],
    ["steps", `${formatCount(state.steps)} in all`],
    ["time", `${formatDuration(state.time)} in all, the longest run ${formatDuration(state.timeLongest)}`],
    ["FPU", `sections of ${formatDuration(state.sectionLongest)} at the longest`],
    ["stack", `${formatCount(state.stackDeepest)} bytes at the deepest`],
    ["created", `${formatLocalTime(state.created)}, ${formatAge(state.created, now)} ago`],
    ["creator", `${visible(creator.command)}, process ${creator.pid}, user ${creator.uid}`],
    [
      "last error",
      lastError === undefined
        ? "none"
        : `${lastError.code} (${errnoName(lastError.errno) ?? lastError.errno}), ` +
          `${formatLocalTime(lastError.time)}: ${visibleLines(lastError.message).replaceAll("\n", "\n    ")}`,
    ],
  ];
}

function activity(state: State): string {
  if (state.dying) return "being deleted";
  return state.busy ? `busy${state.run === undefined ? "" : ` with run ${state.run}`}` : "idle";
}
