// SPDX-License-Identifier: MIT

import { inGuest } from "./guest.ts";
import type { LuarpcGuestFigures } from "./luarpc_guest.ts";
import { type MemorySample, memoryAims, memoryTable, sampleMemory } from "./luarpc_memory.ts";
import {
  DEPTHS,
  type Depth,
  measureRounds,
  type RoundFigures,
  type RoundOptions,
  Rounds,
} from "./luarpc_rounds.ts";
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

interface NativeFigures {
  readonly rounds: RoundFigures;
  readonly memory: readonly MemorySample[];
}

async function measureHere({ quick, progress }: Context): Promise<NativeFigures> {
  const targets: Target[] = [];
  try {
    for (const start of [echo, typescriptServant]) targets.push(await start());
    const embedded = await embeddedServant();
    targets.push(embedded, await luaSocketServant());
    progress("the servants are up");
    const rounds = await measureRounds(targets, roundOptions(quick), progress);
    return { rounds, memory: await sampleMemory(embedded, quick ? 40_000 : 1_000_000, 600, progress) };
  } finally {
    for (const target of targets) await target.stop();
  }
}

async function run(context: Context): Promise<Findings> {
  const here = await measureHere(context);
  const { figures: guest, where } = await inGuest<LuarpcGuestFigures>("luarpc_guest", context);
  const native = new Rounds(here.rounds);
  const kernel = new Rounds(guest.rounds);
  return {
    tables: [
      native.table("The library's client, in a process of its own", "proxy"),
      native.table("A bare socket that writes requests and counts lines", "raw"),
      kernel.table("The library's client, with a kernel state behind kluad", "proxy", where),
      memoryTable("Memory of c while calls go on", here.memory),
      memoryTable("Memory of d while calls go on", guest.memory, where),
    ],
    aims: [
      ...DEPTHS.flatMap((depth) => [
        ratio(native, "b", "a", depth, 0.8),
        ratio(native, "c", "a", depth, 0.5),
        ratio(kernel, "d", "b", depth, 0.5),
      ]),
      ratio(native, "c", "e", 64, 2),
      ...memoryAims("c", here.memory),
      ...memoryAims("d", guest.memory),
    ],
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
  run,
};
