// SPDX-License-Identifier: MIT

import { measureRounds, type RoundOptions } from "./luarpc_rounds.ts";
import { echo, embeddedServant, luaSocketServant, type Target, typescriptServant } from "./luarpc_target.ts";
import type { Context, Findings, Section } from "./section.ts";

/* Calls per second and latencies of every kind of servant, over loopback, against an echo of the same bytes. */

/** How long and how often. */
export function roundOptions(quick: boolean): RoundOptions {
  return {
    rounds: quick ? 2 : 7,
    duration: quick ? 200 : 1000,
    warmUp: quick ? 300 : 1500,
    clients: ["proxy", "raw"],
  };
}

async function run(context: Context): Promise<Findings> {
  const targets: Target[] = [];
  try {
    for (const start of [echo, typescriptServant, embeddedServant, luaSocketServant])
      targets.push(await start());
    context.progress("the servants are up");
    const found = await measureRounds(targets, roundOptions(context.quick), context);
    return {
      tables: [
        found.table("The library's client, in a process of its own", "proxy"),
        found.table("A bare socket that writes requests and counts lines", "raw"),
      ],
      aims: [
        ratio("b / a, one at a time", found.ratio("b", "a", 1), 0.8),
        ratio("b / a, 64 in flight", found.ratio("b", "a", 64), 0.8),
        ratio("c / a, one at a time", found.ratio("c", "a", 1), 0.5),
        ratio("c / a, 64 in flight", found.ratio("c", "a", 64), 0.5),
        ratio("c / e, 64 in flight", found.ratio("c", "e", 64), 2),
      ],
      notes: [],
    };
  } finally {
    for (const target of targets) await target.stop();
  }
}

function ratio(about: string, value: number, bound: number) {
  return { about, value, bound, direction: "at least" } as const;
}

export const luarpc: Section = {
  name: "luarpc",
  about: "remote calls to every kind of servant, against a bare echo of the same bytes",
  run,
};
