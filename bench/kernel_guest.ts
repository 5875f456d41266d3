// SPDX-License-Identifier: MIT

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout } from "node:timers/promises";
import { openConnection } from "../client/connection.ts";
import { LunatikError } from "../client/error.ts";
import { resolveFamily } from "../client/family.ts";
import { integer } from "../client/lua_value.ts";
import { connect, type Lunatik } from "../client/lunatik.ts";
import { netlinkTransport } from "../client/transport_netlink.ts";
import { kernelMemory } from "../test/vm/guest/kernel_memory.ts";
import { programs } from "./engine.ts";
import { answer, tell } from "./guest.ts";

/* Runs in the guest, for kernel.ts: what states cost in a real kernel. */

/** Figures of the guest. Times in milliseconds, rates per second. */
export interface KernelFigures {
  /** By program: in the kernel, and by the guest's lua5.4. */
  readonly programs: readonly {
    readonly name: string;
    readonly kernel: number;
    readonly lua: number;
    /** The longest FPU section of its runs. */
    readonly section: number;
  }[];
  /** What is cancelled, and the longest time from asking for that to the run's end. */
  readonly cancellations: readonly { readonly name: string; readonly time: number }[];
  /** Round trips per second, one at a time and 64 in flight. */
  readonly roundTrips: { readonly call: Trips; readonly nlctrl: Trips };
  readonly createDelete: number;
  /** Bytes that the kernel holds for an empty state. */
  readonly stateMemory: number;
  readonly crowds: readonly Crowd[];
  /** Time of a chunk in one state, and of the same in two states at once. */
  readonly alone: number;
  readonly together: number;
}

export interface Trips {
  readonly one: number;
  readonly many: number;
}

/** With so many states. */
export interface Crowd {
  readonly states: number;
  /** Look-ups per second. */
  readonly get: number;
  /** Time of one list. */
  readonly list: number;
}

const quick = process.argv.includes("--quick");
/** How long a rate is measured, in milliseconds. */
const DURATION = quick ? 500 : 4000;
const ROUNDS = quick ? 1 : 2;
const IN_FLIGHT = 64;
const CROWDS = [10, quick ? 1000 : 10_000];
const SECOND = 1000;
const NS_PER_MS = 1e6;
const CANCELLATIONS = quick ? 2 : 20;
/** What goes on until it is cancelled: most of it in C functions, where the polls are the port's own. */
const ENDLESS: readonly (readonly [string, string])[] = [
  ["a loop", "while true do end"],
  ["a pattern match", "string.find(('a'):rep(5000), ('a-'):rep(30) .. 'b')"],
  ["sorts", "local t = {} while true do for i = 1, 20000 do t[i] = i * 7919 % 20011 end table.sort(t) end"],
  ["collections", "local t = {} for i = 1, 100000 do t[i] = {} end while true do collectgarbage() end"],
  ["long strings", "local s = ('x'):rep(2^20) while true do local t = s .. s end"],
];
const BUDGET = { maxSteps: 1_000_000_000_000, maxTime: 600_000_000_000, maxMemory: 512 * 2 ** 20 };

function since(begin: number): number {
  return performance.now() - begin;
}

/** How often a second something can be done, with so many at once. */
async function rate(inFlight: number, once: () => Promise<unknown>): Promise<number> {
  let done = 0;
  const begin = performance.now();
  const worker = async (): Promise<void> => {
    for (; since(begin) < DURATION; done++) await once();
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return (done * SECOND) / since(begin);
}

/** One at a time and many, the best of a few rounds. */
async function trips(once: () => Promise<unknown>): Promise<Trips> {
  let best: Trips = { one: 0, many: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    best = {
      one: Math.max(best.one, await rate(1, once)),
      many: Math.max(best.many, await rate(IN_FLIGHT, once)),
    };
  }
  return best;
}

/** The CPU time of lua5.4 for a program, without its start. */
function luaTime(program: string): number {
  const chunk = `local begin = os.clock() dofile(${JSON.stringify(program)}) print(os.clock() - begin)`;
  return Number(execFileSync("lua5.4", ["-e", chunk], { encoding: "utf8" })) * SECOND;
}

async function measurePrograms(lunatik: Lunatik): Promise<KernelFigures["programs"]> {
  const figures = [];
  for (const program of programs()) {
    const name = basename(program, ".lua");
    const code = readFileSync(program);
    let kernel = Infinity;
    let lua = Infinity;
    let section = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      tell(`${name}, round ${round} of ${ROUNDS}`);
      await lunatik.create(name, BUDGET);
      const { time } = await lunatik.execute(name, code, BUDGET);
      section = Math.max(section, Number((await lunatik.get(name)).sectionLongest) / NS_PER_MS);
      await lunatik.delete(name);
      kernel = Math.min(kernel, Number(time) / NS_PER_MS);
      lua = Math.min(lua, luaTime(program));
    }
    figures.push({ name, kernel, lua, section });
  }
  return figures;
}

async function measureCancellations(lunatik: Lunatik): Promise<KernelFigures["cancellations"]> {
  const figures = [];
  for (const [name, code] of ENDLESS) {
    tell(`cancelling ${name}`);
    await lunatik.create("endless", BUDGET);
    let time = 0;
    for (let round = 0; round < CANCELLATIONS; round++) {
      const ended = lunatik.execute("endless", code, BUDGET).then(
        () => "its own end",
        (error: unknown) => (error instanceof LunatikError ? error.code : String(error)),
      );
      while (!(await lunatik.get("endless")).busy);
      await setTimeout(10 * round);
      const begin = performance.now();
      await lunatik.cancel({ state: "endless" });
      const how = await ended;
      time = Math.max(time, since(begin));
      if (how !== "ERR_CANCELLED") throw new Error(`${name} was not cancelled: ${how}`);
    }
    await lunatik.delete("endless");
    figures.push({ name, time });
  }
  return figures;
}

async function measureTrips(lunatik: Lunatik): Promise<KernelFigures["roundTrips"]> {
  tell("round trips to nlctrl");
  const connection = await openConnection(
    netlinkTransport(() => undefined),
    IN_FLIGHT,
  );
  const nlctrl = await trips(() => resolveFamily(connection, "lunatik", 10_000));
  connection.close();
  tell("round trips of call");
  await lunatik.create("trips");
  await lunatik.execute("trips", "function id(a) return a end");
  const call = await trips(() => lunatik.call("trips", "id", [integer(1n)], { maxWait: 10_000_000_000 }));
  await lunatik.delete("trips");
  return { call, nlctrl };
}

async function inBatches(count: number, one: (index: number) => Promise<unknown>): Promise<void> {
  for (let first = 0; first < count; first += IN_FLIGHT) {
    const size = Math.min(IN_FLIGHT, count - first);
    await Promise.all(Array.from({ length: size }, (_, index) => one(first + index)));
  }
}

async function measureCrowd(lunatik: Lunatik, states: number): Promise<Crowd & { readonly bytes: number }> {
  tell(`${states} states`);
  const before = kernelMemory();
  await inBatches(states, (index) => lunatik.create(`state${index}`));
  const bytes = ((kernelMemory() - before) * 1024) / states;
  let at = 0;
  const { one: get } = await trips(() => {
    at = (at + 7919) % states;
    return lunatik.get(`state${at}`);
  });
  let list = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    await lunatik.list();
    list = Math.min(list, since(begin));
  }
  await inBatches(states, (index) => lunatik.delete(`state${index}`));
  return { states, get, list, bytes };
}

async function measureTwo(lunatik: Lunatik): Promise<{ readonly alone: number; readonly together: number }> {
  tell("two states on two CPUs");
  const loop = `local x = 0 for i = 1, ${quick ? 3_000_000 : 20_000_000} do x = x + i % 7 end`;
  const names = ["left", "right"];
  for (const name of names) await lunatik.create(name, BUDGET);
  let alone = Infinity;
  let together = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    let begin = performance.now();
    await lunatik.execute("left", loop, BUDGET);
    alone = Math.min(alone, since(begin));
    begin = performance.now();
    await Promise.all(names.map((name) => lunatik.execute(name, loop, BUDGET)));
    together = Math.min(together, since(begin));
  }
  for (const name of names) await lunatik.delete(name);
  return { alone, together };
}

const lunatik = await connect();
const roundTrips = await measureTrips(lunatik);
tell("creating and deleting");
const createDelete = await rate(1, async () => {
  await lunatik.create("short-lived");
  await lunatik.delete("short-lived");
});
const crowds = [];
for (const states of CROWDS) crowds.push(await measureCrowd(lunatik, states));
const two = await measureTwo(lunatik);
const figures: KernelFigures = {
  programs: await measurePrograms(lunatik),
  cancellations: await measureCancellations(lunatik),
  roundTrips,
  createDelete,
  stateMemory: crowds.at(-1)?.bytes ?? NaN,
  crowds,
  ...two,
};
lunatik.close();
answer(figures);
