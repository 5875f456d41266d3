// SPDX-License-Identifier: MIT

import type { LunatikEvent } from "../event.ts";
import type { LuaValue } from "../lua_value.ts";
import type { ModuleInfo } from "../module_info.ts";
import type { RunReport } from "../run.ts";
import type { State } from "../state.ts";
import { bytesToJson, type Json, luaToJson } from "./json.ts";
import { formatInstant } from "./quantity.ts";

/*
 * The client library's objects as JSON: the schema of docs/json.md, independent of the library's own names. Sizes are in
 * bytes, durations in nanoseconds, times ISO 8601 in UTC.
 */

export function stateJson(state: State): Json {
  return {
    name: state.name,
    id: state.id,
    description: state.description,
    libraries: state.libraries,
    busy: state.busy,
    dying: state.dying,
    run: state.run,
    waiting: state.waiting,
    memory: state.memory,
    memory_peak: state.memoryPeak,
    max_memory: state.maxMemory,
    max_steps: state.maxSteps,
    max_time_ns: state.maxTime,
    runs: state.runs,
    failed: failedRuns(state),
    failures: Object.fromEntries(state.failures),
    steps: state.steps,
    time_ns: state.time,
    longest_ns: state.timeLongest,
    section_longest_ns: state.sectionLongest,
    stack_deepest: state.stackDeepest,
    created: formatInstant(state.created),
    creator: { pid: state.creator.pid, uid: state.creator.uid, command: state.creator.command },
    last_error:
      state.lastError === undefined
        ? undefined
        : {
            code: state.lastError.code,
            errno: state.lastError.errno,
            message: state.lastError.message,
            time: formatInstant(state.lastError.time),
          },
  };
}

/** How many runs of a state failed, in whatever way. */
export function failedRuns(state: State): bigint {
  return [...state.failures.values()].reduce((sum, count) => sum + count, 0n);
}

/** What a run did, without what it printed. */
export function runJson(run: RunReport): Json {
  return {
    id: run.id,
    state: run.state,
    steps: run.steps,
    time_ns: run.time,
    wait_ns: run.wait,
    memory: run.memory,
    memory_peak: run.memoryPeak,
  };
}

/** What a run printed. */
export function outputJson(run: RunReport): { readonly [key: string]: Json | undefined } {
  return {
    output: bytesToJson(run.output),
    output_dropped: run.outputDropped === 0n ? undefined : run.outputDropped,
  };
}

export function resultsJson(results: readonly LuaValue[]): Json {
  return results.map(luaToJson);
}

export function eventJson(event: LunatikEvent): Json {
  if (event.type === "lost") return { event: "lost", count: event.count };
  const base = {
    event: event.type,
    sequence: event.sequence,
    time: formatInstant(event.time),
    state: event.state,
    state_id: event.stateId,
  };
  switch (event.type) {
    case "created":
    case "deleted":
      return base;
    case "failed":
    case "limit":
      return {
        ...base,
        run: event.run,
        error: { code: event.code, errno: event.errno, message: event.message },
      };
    case "print":
      return { ...base, run: event.run, output: bytesToJson(event.output) };
  }
}

export function moduleJson(info: ModuleInfo): Json {
  return {
    version: info.version,
    lua_version: info.luaVersion,
    backend: info.backend,
    states: info.states,
    max_states: info.statesMax,
    memory: info.memory,
    max_memory: info.memoryMax,
    runs: info.runs,
    max_runs: info.runsMax,
    max_waiting: info.waitingMax,
    max_results: info.resultsMax,
    max_output: info.outputMax,
    default: limitsJson(info.defaults),
    ceiling: limitsJson(info.ceilings),
    event_sequence: info.eventSequence,
  };
}

function limitsJson({ memory, steps, time }: ModuleInfo["defaults"]): Json {
  return { memory, steps, time_ns: time };
}
