// SPDX-License-Identifier: MIT

import { Counter, Gauge, Registry } from "prom-client";
import type { ModuleInfo } from "../client/module_info.ts";
import type { State } from "../client/state.ts";

/*
 * What the module says of itself and its states, for Prometheus. Only so many states have series of their own, those that
 * use the most memory: there may be tens of thousands, and whoever creates them chooses their names.
 */

export const STATES_MAX = 200;

type Kind = "gauge" | "counter";

/** A metric and where its value comes from: bytes and counts as they are, nanoseconds as seconds. */
type Reading<T> = readonly [kind: Kind, name: string, help: string, read: (from: T) => number | bigint];

const ofModule: readonly Reading<ModuleInfo>[] = [
  ["gauge", "lunatik_states", "States.", ({ states }) => states],
  ["gauge", "lunatik_states_max", "The most states that there may be.", ({ statesMax }) => statesMax],
  ["gauge", "lunatik_memory_bytes", "Memory of all states.", ({ memory }) => memory],
  ["gauge", "lunatik_memory_max_bytes", "The most memory of all states.", ({ memoryMax }) => memoryMax],
  ["gauge", "lunatik_runs", "Runs queued, waiting or in progress.", ({ runs }) => runs],
  ["gauge", "lunatik_runs_max", "The most of them that there may be.", ({ runsMax }) => runsMax],
  [
    "counter",
    "lunatik_events_total",
    "Events that the module has sent.",
    ({ eventSequence }) => eventSequence,
  ],
];

const ofState: readonly Reading<State>[] = [
  ["gauge", "lunatik_state_memory_bytes", "Memory in use.", ({ memory }) => memory],
  [
    "gauge",
    "lunatik_state_memory_peak_bytes",
    "The most memory ever in use.",
    ({ memoryPeak }) => memoryPeak,
  ],
  ["gauge", "lunatik_state_memory_max_bytes", "The limit on memory.", ({ maxMemory }) => maxMemory],
  ["gauge", "lunatik_state_busy", "Whether a run is in progress.", ({ busy }) => Number(busy)],
  ["gauge", "lunatik_state_waiting", "Runs that wait.", ({ waiting }) => waiting],
  ["counter", "lunatik_state_runs_total", "Runs that have ended, failed ones included.", ({ runs }) => runs],
  ["counter", "lunatik_state_steps_total", "Steps of all runs.", ({ steps }) => steps],
  ["counter", "lunatik_state_run_seconds_total", "Time of all runs.", ({ time }) => Number(time) / 1e9],
];

interface Series {
  readonly reset: () => void;
  readonly set: (labels: Readonly<Record<string, string>>, value: number | bigint) => void;
}

export class StateMetrics {
  readonly #registry = new Registry();
  readonly #build = this.#series("gauge", "lunatik_build_info", "1.", ["version", "backend", "lua"]);
  readonly #module = ofModule.map(
    ([kind, name, help, read]) => [this.#series(kind, name, help, []), read] as const,
  );
  readonly #states = ofState.map(
    ([kind, name, help, read]) => [this.#series(kind, name, help, ["state"]), read] as const,
  );
  readonly #failures = this.#series("counter", "lunatik_state_failures_total", "Runs that failed, by code.", [
    "state",
    "code",
  ]);
  readonly #unlisted = this.#series(
    "gauge",
    "lunatik_states_unlisted",
    `States without series of their own: the ${STATES_MAX} with the most memory have them.`,
    [],
  );

  /** The exposition text of what the module has answered. */
  text(info: ModuleInfo, states: readonly State[]): Promise<string> {
    this.#build.reset();
    this.#build.set({ version: info.version, backend: info.backend, lua: info.luaVersion }, 1);
    for (const [series, read] of this.#module) {
      series.reset();
      series.set({}, read(info));
    }
    const listed = states.toSorted((one, other) => Number(other.memory - one.memory)).slice(0, STATES_MAX);
    for (const [series, read] of this.#states) {
      series.reset();
      for (const state of listed) series.set({ state: state.name }, read(state));
    }
    this.#failures.reset();
    for (const { name, failures } of listed)
      for (const [code, count] of failures) this.#failures.set({ state: name, code }, count);
    this.#unlisted.reset();
    this.#unlisted.set({}, states.length - listed.length);
    return this.#registry.metrics();
  }

  #series(kind: Kind, name: string, help: string, labelNames: readonly string[]): Series {
    const options = { name, help, labelNames, registers: [this.#registry] };
    if (kind === "gauge") {
      const gauge = new Gauge(options);
      return {
        reset: () => {
          gauge.reset();
        },
        set: (labels, value) => {
          gauge.set(labels, Number(value));
        },
      };
    }
    const counter = new Counter(options);
    return {
      reset: () => {
        counter.reset();
      },
      set: (labels, value) => {
        counter.inc(labels, Number(value));
      },
    };
  }
}
