// SPDX-License-Identifier: MIT

import type { ServantReport } from "../control_protocol.ts";
import { defineCommand } from "./command.ts";
import { formatCount } from "./quantity.ts";
import { servantJson, servantPlace, servedObject } from "./servant_report.ts";
import { tableLines, visible } from "./terminal.ts";

export const servants = defineCommand({
  positionals: {},
  options: {},
  details:
    "A line a servant: where it listens, the state (and the table) behind it, its interface and dialect, open connections, " +
    "calls that were answered, and how many of them by an error.",
  async run(context) {
    const { terminal, options } = context;
    const all = await (await context.daemon()).servants();
    if (options.json) terminal.json({ ok: true, servants: all.map(servantJson) });
    else if (all.length === 0) terminal.talk("no servants; kluactl serve STATE INTERFACE makes one");
    else {
      const [head = "", ...lines] = tableLines([heads, ...all.map(cells)], alignedRight);
      terminal.line(terminal.styled(head, "bold"));
      for (const line of lines) terminal.line(line);
      for (const servant of all) {
        if (servant.problem === undefined) continue;
        const what = servant.problem === "ERR_NO_STATE" ? "its state is not there" : "there is no module";
        terminal.talk(`${servantPlace(servant)}: ${servant.problem}: ${what}`);
      }
    }
    return undefined;
  },
});

const heads = ["ADDRESS", "OBJECT", "INTERFACE", "PROFILE", "OPEN", "CALLS", "FAILED"];
const alignedRight: ReadonlySet<number> = new Set([4, 5, 6]);

function cells(servant: ServantReport): readonly string[] {
  return [
    servantPlace(servant),
    servedObject(servant),
    visible(servant.interface),
    servant.profile,
    formatCount(servant.connections),
    formatCount(servant.calls),
    formatCount(servant.failed),
  ];
}
