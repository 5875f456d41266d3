// SPDX-License-Identifier: MIT
// The client of all that is measured, in a process of its own: luarpc_client.js PORT. Each line that it reads is an
// order, as JSON, and is answered by a line with what was measured.
import { createInterface } from "node:readline";
import { load } from "../luarpc/cli/bench.ts";
import { closeProxy, openProxy, type UntypedProxy } from "../luarpc/proxy.ts";
import { ANSWER, ARGUMENTS, declared, LINES, request } from "./luarpc_call.ts";

export interface Order {
  /** "proxy": the library's. "raw": a bare socket that writes requests and counts lines. */
  readonly client: "proxy" | "raw";
  /** Calls in flight. */
  readonly depth: number;
  /** How long, or else how many calls. */
  readonly milliseconds?: number;
  readonly calls?: number;
}

export interface Measured {
  readonly calls: number;
  readonly callsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Latencies that are kept: of the first so many calls. */
const KEPT = 1 << 20;

const port = Number(process.argv[2]);
const proxy = openProxy("127.0.0.1", port, declared, { pipeline: 64 }) as UntypedProxy;

async function byProxy({ depth, milliseconds, calls }: Order): Promise<Measured> {
  const foo = proxy["foo"];
  if (foo === undefined) throw new Error("the interface has no foo");
  const answer = JSON.stringify(await foo(...ARGUMENTS));
  if (answer !== ANSWER) throw new Error(`foo(3, 5) gave ${answer}`);
  const latencies = new Float64Array(KEPT);
  const most = calls ?? Number.POSITIVE_INFINITY;
  let begun = 0;
  let ended = 0;
  const begin = performance.now();
  const end = milliseconds === undefined ? Number.POSITIVE_INFINITY : begin + milliseconds;
  const caller = async (): Promise<void> => {
    for (let now = performance.now(); now < end && begun < most; ) {
      begun += 1;
      await foo(3, 5);
      const then = performance.now();
      if (ended < KEPT) latencies[ended] = then - now;
      ended += 1;
      now = then;
    }
  };
  await Promise.all(Array.from({ length: depth }, caller));
  const seconds = (performance.now() - begin) / 1000;
  const kept = latencies.subarray(0, Math.min(ended, KEPT)).toSorted();
  const at = (share: number) => kept[Math.min(kept.length - 1, Math.floor(kept.length * share))] ?? 0;
  return { calls: ended, callsPerSecond: ended / seconds, p50: at(0.5), p99: at(0.99) };
}

async function raw({ depth, milliseconds = 1000, calls }: Order): Promise<Measured> {
  const to = { host: "127.0.0.1", port };
  const probe = await load(to, request(), LINES, 500 * depth, depth);
  const number = calls ?? Math.max(100, Math.ceil((probe.callsPerSecond * milliseconds) / 1000));
  return { calls: number, ...(await load(to, request(), LINES, number, depth)) };
}

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as Order;
  const measured = await (order.client === "raw" ? raw(order) : byProxy(order));
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}
closeProxy(proxy);
