// SPDX-License-Identifier: MIT

import type { State } from "../state.ts";
import { defineCommand } from "./command.ts";
import { formatAge, formatCount, formatSize } from "./quantity.ts";
import { failedRuns, stateJson } from "./report.ts";
import { type Terminal, tableLines, visible } from "./terminal.ts";

export const list = defineCommand({
  positionals: {},
  options: {
    dmesg: { type: "boolean", describe: "have the module write its list to the kernel log instead" },
  },
  details:
    "A line a state: name, busy or idle (with the runs that wait), memory in use and its limit, runs that have ended, " +
    "runs that failed, age, description.",
  async run({ lunatik, terminal, options, world }, { dmesg }) {
    const connection = await lunatik();
    if (dmesg === true) {
      await connection.log();
      if (options.json) terminal.json({ ok: true, logged: true });
      else terminal.talk("the list is in the kernel log: kluactl dmesg");
      return undefined;
    }
    const { states, changed } = await connection.list();
    const sorted = states.toSorted((one, other) =>
      one.name < other.name ? -1 : one.name > other.name ? 1 : 0,
    );
    if (options.json) {
      terminal.json({ ok: true, states: sorted.map(stateJson), changed });
      return undefined;
    }
    if (sorted.length === 0) terminal.talk("no states; kluactl create NAME makes one");
    else for (const line of stateLines(sorted, world.now(), terminal)) terminal.line(line);
    if (changed) terminal.talk("states were created or deleted meanwhile: some may be missing");
    return undefined;
  },
});

const heads = ["NAME", "BUSY", "MEMORY", "LIMIT", "RUNS", "FAILED", "AGE", "DESCRIPTION"];
const alignedRight: ReadonlySet<number> = new Set([2, 3, 4, 5, 6]);

function stateLines(states: readonly State[], now: bigint, terminal: Terminal): readonly string[] {
  const [head = "", ...lines] = tableLines(
    [heads, ...states.map((state) => stateCells(state, now))],
    alignedRight,
  );
  return [terminal.styled(head, "bold"), ...lines];
}

function stateCells(state: State, now: bigint): readonly string[] {
  const busy = state.dying ? "dying" : state.busy ? "busy" : "idle";
  return [
    visible(state.name),
    state.waiting > 0 ? `${busy}+${state.waiting}` : busy,
    formatSize(state.memory),
    formatSize(state.maxMemory),
    formatCount(state.runs),
    formatCount(failedRuns(state)),
    formatAge(state.created, now),
    visible(state.description),
  ];
}
