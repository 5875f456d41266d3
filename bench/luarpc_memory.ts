// SPDX-License-Identifier: MIT

import { Client } from "./luarpc_rounds.ts";
import type { Target } from "./luarpc_target.ts";
import type { Aim, Context, Table } from "./section.ts";

/* Whether memory stays where it is while calls go on: of the processes behind a servant, and of its state. */

/** Bytes by who has them, after so many calls. */
export interface MemorySample {
  readonly calls: number;
  readonly memory: Readonly<Record<string, number>>;
}

/** Samples of a run. */
const SAMPLES = 20;
/** A process may have grown so much from the first quarter of the calls to the last. */
const GROWTH = 1.1;

/** Makes so many calls, 64 in flight, or as many as there is time for, and samples the memory. */
export async function sampleMemory(
  target: Target,
  calls: number,
  seconds: number,
  progress: Context["progress"],
): Promise<readonly MemorySample[]> {
  const client = new Client(target);
  const samples: MemorySample[] = [];
  const end = performance.now() + seconds * 1000;
  try {
    for (let made = 0; made < calls && performance.now() < end; ) {
      const { calls: more } = await client.measure({
        client: "proxy",
        depth: 64,
        calls: calls / SAMPLES,
        milliseconds: (seconds * 1000) / SAMPLES,
      });
      made += more;
      samples.push({ calls: made, memory: await target.memory() });
      if (samples.length % 5 === 0) progress(`memory after ${made} calls`);
    }
  } finally {
    await client.stop();
  }
  return samples;
}

/** The samples as a table, about five rows of them. */
export function memoryTable(title: string, samples: readonly MemorySample[], where?: string): Table {
  const names = Object.keys(samples[0]?.memory ?? {});
  const step = Math.max(1, Math.floor(samples.length / 5));
  return {
    title,
    where,
    columns: names.map((name) => ({ key: name, label: `${name}, KiB`, digits: 0 })),
    rows: samples
      .filter((_, index) => (index + 1) % step === 0)
      .map(({ calls, memory }) => ({
        label: `${calls} calls`,
        values: Object.fromEntries(names.map((name) => [name, (memory[name] ?? Number.NaN) / 1024])),
      })),
  };
}

/** The most of the last quarter of the samples against the most of the second: what collectors leave varies. */
export function memoryAims(letter: string, samples: readonly MemorySample[]): readonly Aim[] {
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const most = (part: readonly MemorySample[], name: string): number =>
    Math.max(...part.map(({ memory }) => memory[name] ?? Number.NaN));
  return Object.keys(samples[0]?.memory ?? {}).map((name) => ({
    about: `${letter}, memory of ${name}: last quarter of ${samples.at(-1)?.calls ?? 0} calls / second quarter`,
    value: most(samples.slice(-quarter), name) / most(samples.slice(quarter, 2 * quarter), name),
    bound: GROWTH,
    direction: "at most",
  }));
}
