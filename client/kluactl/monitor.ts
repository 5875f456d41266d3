// SPDX-License-Identifier: MIT

import type { LunatikEvent } from "../event.ts";
import { decodeText } from "../text.ts";
import { type Context, defineCommand } from "./command.ts";
import { usage } from "./failure.ts";
import { formatLocalTime } from "./quantity.ts";
import { eventJson } from "./report.ts";
import { visible, visibleLines } from "./terminal.ts";

export const monitor = defineCommand({
  positionals: {
    state: { describe: "only events of this state" },
  },
  options: {
    count: { type: "string", value: "N", describe: "end after this many events" },
  },
  details:
    "A line an event: created, deleted, failed (a run ended with an error), limit (a run spent a limit), print, and lost, " +
    "which tells how many events are missing at that place. With --json a line is one JSON object. Ctrl-C ends it.",
  async run(context, { state, count }) {
    const { world, terminal, options } = context;
    const most = count === undefined ? Number.POSITIVE_INFINITY : parseCountOption(count);
    const events = await (await context.lunatik()).events();
    const end = (): void => {
      events.close();
    };
    const stop = world.onInterrupt(end);
    terminal.broken.addEventListener("abort", end);
    terminal.talk("listening for events; Ctrl-C ends");
    try {
      let printed = 0;
      for await (const event of events) {
        if (event.type !== "lost" && state !== undefined && event.state !== state) continue;
        if (options.json) terminal.json(eventJson(event));
        else for (const line of eventLines(event, context)) terminal.line(line);
        printed += 1;
        if (printed >= most) break;
      }
    } finally {
      stop();
      terminal.broken.removeEventListener("abort", end);
      events.close();
    }
    return undefined;
  },
});

function parseCountOption(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw usage(`--count: ${JSON.stringify(text)} is not a count`);
  return Number(text);
}

function eventLines(event: LunatikEvent, { terminal, world }: Context): readonly string[] {
  if (event.type === "lost") {
    return [terminal.styled(`${formatLocalTime(world.now())} lost ${event.count} events`, "yellow")];
  }
  const head = `${formatLocalTime(event.time)} ${event.type} ${visible(event.state)}`;
  switch (event.type) {
    case "created":
    case "deleted":
      return [head];
    case "failed":
    case "limit":
      return [terminal.styled(`${head} run ${event.run} ${event.code}: ${visible(event.message)}`, "red")];
    case "print":
      return visibleLines(decodeText(event.output).replace(/\n$/, ""))
        .split("\n")
        .map((line) => `${head}${event.run === undefined ? "" : ` run ${event.run}`}: ${line}`);
  }
}
