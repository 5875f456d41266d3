// SPDX-License-Identifier: MIT

import { decodeInfoReply } from "./protocol_gen.ts";
import { required } from "./reply.ts";

/** The module: its version, its limits, and how much of them is in use. */
export interface ModuleInfo {
  readonly version: string;
  /** "Lua 5.4.8". */
  readonly luaVersion: string;
  /** "kernel" or "embedded". */
  readonly backend: string;
  readonly states: number;
  readonly statesMax: number;
  /** Memory of all states, in bytes, as taken from the kernel in whole pages. */
  readonly memory: bigint;
  readonly memoryMax: bigint;
  /** The limits of a state created without its own: bytes, steps, nanoseconds. */
  readonly defaults: Limits;
  /** The highest limits that create() accepts. */
  readonly ceilings: Limits;
  /** The most bytes of results that a run may have. */
  readonly resultsMax: bigint;
  /** The most bytes of output that a run keeps. */
  readonly outputMax: bigint;
  /** The most runs that wait for one state. */
  readonly waitingMax: number;
  /** Runs queued, waiting or in progress, in all states. */
  readonly runs: number;
  readonly runsMax: number;
  /** The sequence number of the last event. */
  readonly eventSequence: bigint;
}

export interface Limits {
  /** Bytes. */
  readonly memory: bigint;
  readonly steps: bigint;
  /** Nanoseconds. */
  readonly time: bigint;
}

/** Decodes the module's answer to info. Throws ERR_PROTOCOL when it is not one. */
export function decodeModuleInfo(attributes: Buffer): ModuleInfo {
  const reply = decodeInfoReply(attributes);
  return {
    version: required(reply.version, "version"),
    luaVersion: required(reply.luaVersion, "lua-version"),
    backend: required(reply.backend, "backend"),
    states: required(reply.states, "states"),
    statesMax: required(reply.statesMax, "states-max"),
    memory: required(reply.memory, "memory"),
    memoryMax: required(reply.memoryMax, "memory-max"),
    defaults: {
      memory: required(reply.defaultMemory, "default-memory"),
      steps: required(reply.defaultSteps, "default-steps"),
      time: required(reply.defaultTime, "default-time"),
    },
    ceilings: {
      memory: required(reply.ceilingMemory, "ceiling-memory"),
      steps: required(reply.ceilingSteps, "ceiling-steps"),
      time: required(reply.ceilingTime, "ceiling-time"),
    },
    resultsMax: required(reply.resultsMax, "results-max"),
    outputMax: required(reply.outputMax, "output-max"),
    waitingMax: required(reply.waitingMax, "waiting-max"),
    runs: required(reply.runs, "runs"),
    runsMax: required(reply.runsMax, "runs-max"),
    eventSequence: required(reply.eventSequence, "event-sequence"),
  };
}
