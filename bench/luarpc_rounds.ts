// SPDX-License-Identifier: MIT

import { join } from "node:path";
import type { Measured, Order } from "./luarpc_client.ts";
import type { Target } from "./luarpc_target.ts";
import { Program } from "./program.ts";
import type { Context, Row, Table } from "./section.ts";

/*
 * Targets are measured in turns, several rounds of each: what else the machine does meanwhile hits all of them. A figure is
 * the median of its rounds; a ratio is the median of the rounds' ratios.
 */

export type Depth = 1 | 64;
export const DEPTHS: readonly Depth[] = [1, 64];

export interface RoundOptions {
  readonly rounds: number;
  /** Of each measurement, in milliseconds. */
  readonly duration: number;
  readonly warmUp: number;
  readonly clients: readonly Order["client"][];
}

type Key = `${Target["key"]} ${Order["client"]} ${Depth}`;

/** What was measured, round by round; JSON can carry it. */
export interface RoundFigures {
  readonly targets: readonly { readonly key: Target["key"]; readonly label: string }[];
  readonly measured: Readonly<Partial<Record<Key, readonly Measured[]>>>;
}

/** What they say. */
export class Rounds {
  readonly #figures: RoundFigures;

  constructor(figures: RoundFigures) {
    this.#figures = figures;
  }

  #rounds(target: Target["key"], client: Order["client"], depth: Depth): readonly Measured[] {
    return this.#figures.measured[`${target} ${client} ${depth}`] ?? [];
  }

  /** Calls per second of one target over those of another, by the library's client. */
  ratio(over: Target["key"], under: Target["key"], depth: Depth): number {
    const below = this.#rounds(under, "proxy", depth);
    return median(
      this.#rounds(over, "proxy", depth).map(
        ({ callsPerSecond }, round) => callsPerSecond / (below[round]?.callsPerSecond ?? Number.NaN),
      ),
    );
  }

  /** The table of one kind of client. */
  table(title: string, client: Order["client"], where?: string): Table {
    const rows: Row[] = this.#figures.targets.map(({ key, label }) => ({
      label: `${key}  ${label}`,
      values: Object.assign({}, ...DEPTHS.map((depth) => this.#values(key, client, depth))) as Row["values"],
    }));
    return {
      title,
      where,
      rows,
      plot: { columns: DEPTHS.map((depth) => `rate${depth}`), axis: "calls per second" },
      columns: DEPTHS.flatMap((depth) => {
        const how = depth === 1 ? "one at a time" : `${depth} in flight`;
        return [
          { key: `rate${depth}`, label: `${how}: calls/s`, digits: 0 },
          { key: `p50${depth}`, label: "p50, ms", digits: 3 },
          { key: `p99${depth}`, label: "p99, ms", digits: 3 },
        ];
      }),
    };
  }

  #values(target: Target["key"], client: Order["client"], depth: Depth): Readonly<Record<string, number>> {
    const rounds = this.#rounds(target, client, depth);
    if (rounds.length === 0) return {};
    return {
      [`rate${depth}`]: median(rounds.map(({ callsPerSecond }) => callsPerSecond)),
      [`p50${depth}`]: median(rounds.map(({ p50 }) => p50)),
      [`p99${depth}`]: median(rounds.map(({ p99 }) => p99)),
    };
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** A client process of a target. */
export class Client {
  readonly #program: Program;

  constructor(target: Target) {
    this.#program = new Program(`the client of ${target.label}`, process.execPath, [
      join(import.meta.dirname, "luarpc_client.js"),
      String(target.port),
    ]);
  }

  async measure(order: Order): Promise<Measured> {
    this.#program.tell(JSON.stringify(order));
    return JSON.parse(await this.#program.line()) as Measured;
  }

  stop(): Promise<void> {
    return this.#program.stop();
  }
}

/** Measures targets, in turns. */
export async function measureRounds(
  targets: readonly Target[],
  { rounds, duration, warmUp, clients }: RoundOptions,
  progress: Context["progress"],
): Promise<RoundFigures> {
  const measured: Partial<Record<Key, readonly Measured[]>> = {};
  const pairs = targets.map((target) => ({ target, client: new Client(target) }));
  try {
    for (const { client } of pairs)
      for (const depth of DEPTHS)
        for (const kind of clients) await client.measure({ client: kind, depth, milliseconds: warmUp });
    for (let round = 1; round <= rounds; round += 1) {
      for (const kind of clients)
        for (const depth of DEPTHS)
          for (const { target, client } of pairs) {
            const one = await client.measure({ client: kind, depth, milliseconds: duration });
            const key: Key = `${target.key} ${kind} ${depth}`;
            measured[key] = [...(measured[key] ?? []), one];
          }
      progress(`round ${round} of ${rounds}`);
    }
    return { targets: targets.map(({ key, label }) => ({ key, label })), measured };
  } finally {
    await Promise.all(pairs.map(({ client }) => client.stop()));
  }
}
