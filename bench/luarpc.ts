// SPDX-License-Identifier: MIT

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { inGuest } from "./guest.ts";
import type { LuarpcGuestFigures } from "./luarpc_guest.ts";
import { memoryAims, memoryTable, sampleMemory } from "./luarpc_memory.ts";
import { DEPTHS, type Depth, measureRounds, type RoundOptions, Rounds } from "./luarpc_rounds.ts";
import { echo, embeddedServant, luaSocketServant, type Target, typescriptServant } from "./luarpc_target.ts";
import type { Aim, Context, Findings, Section } from "./section.ts";

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

async function measureHere({ quick, progress }: Context): Promise<Findings> {
  progress("building the embedded server");
  await promisify(execFile)("make", ["-s", "-C", join("kmod", "embedded"), "all"]);
  const targets: Target[] = [];
  try {
    for (const start of [echo, typescriptServant]) targets.push(await start());
    const embedded = await embeddedServant();
    targets.push(embedded, await luaSocketServant());
    progress("the servants are up");
    const rounds = new Rounds(await measureRounds(targets, roundOptions(quick), progress));
    const memory = await sampleMemory(embedded, quick ? 40_000 : 1_000_000, 600, progress);
    return {
      tables: [
        rounds.table("The library's client, in a process of its own", "proxy"),
        rounds.table("A bare socket that writes requests and counts lines", "raw"),
        memoryTable("Memory of c while calls go on", memory),
      ],
      aims: [
        ...DEPTHS.flatMap((depth) => [
          ratio(rounds, "b", "a", depth, 0.8),
          ratio(rounds, "c", "a", depth, 0.5),
        ]),
        ratio(rounds, "c", "e", 64, 2),
        ...memoryAims("c", memory),
      ],
      notes: [],
    };
  } finally {
    for (const target of targets) await target.stop();
  }
}

async function measureKernel(context: Context): Promise<Findings> {
  const { figures, where } = await inGuest<LuarpcGuestFigures>("luarpc_guest", context);
  const rounds = new Rounds(figures.rounds);
  return {
    tables: [
      rounds.table("The library's client, with a kernel state behind kluad", "proxy", where),
      memoryTable("Memory of d while calls go on", figures.memory, where),
    ],
    aims: [...DEPTHS.map((depth) => ratio(rounds, "d", "b", depth, 0.5)), ...memoryAims("d", figures.memory)],
    notes: [],
  };
}

function ratio(rounds: Rounds, over: Target["key"], under: Target["key"], depth: Depth, bound: number): Aim {
  const how = depth === 1 ? "one at a time" : `${depth} in flight`;
  return {
    about: `${over} / ${under}, ${how}`,
    value: rounds.ratio(over, under, depth),
    bound,
    direction: "at least",
  };
}

export const luarpc: Section = {
  name: "luarpc",
  about: "remote calls to every kind of servant, against a bare echo of the same bytes",
  run: measureHere,
};

export const luarpcKernel: Section = {
  name: "luarpc-kernel",
  about: "remote calls of a state in a real kernel, against a TypeScript servant in the same VM",
  run: measureKernel,
};
