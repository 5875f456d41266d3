// SPDX-License-Identifier: MIT

import { type ErrorCode, isModuleErrorCode, LunatikError } from "./error.ts";
import type { LuaValue } from "./lua_value.ts";
import { decodeValues } from "./messagepack.ts";
import type { RunReply } from "./protocol_gen.ts";
import { required } from "./reply.ts";
import { decodeText } from "./text.ts";

/** What a run did, whether it succeeded or failed. */
export interface RunReport {
  /** The name of the state. */
  readonly state: string;
  /** Never used twice while the module is loaded. */
  readonly id: bigint;
  /** What it printed, bytes as print() wrote them. */
  readonly output: Uint8Array;
  /** Bytes printed beyond what a run may keep. */
  readonly outputDropped: bigint;
  readonly steps: bigint;
  /** Nanoseconds from start to end, waiting excluded. */
  readonly time: bigint;
  /** Nanoseconds spent waiting for the state. */
  readonly wait: bigint;
  /** The state's memory after the run, in bytes. */
  readonly memory: bigint;
  /** The state's highest memory during the run, in bytes. */
  readonly memoryPeak: bigint;
}

/** A run that succeeded. */
export interface RunResult extends RunReport {
  /** What the chunk or function returned. */
  readonly results: readonly LuaValue[];
}

const NO_RESULTS: readonly LuaValue[] = [];

/**
 * The outcome of a run. `reply` holds the results and output, however they came. Throws LunatikError with the module's
 * code, and the report in `run`, when the run failed; ERR_PROTOCOL when the reply is not one.
 */
export function outcome(operation: string, reply: RunReply): RunResult {
  const errno = required(reply.errno, "errno");
  // Written out at once: a copy of an object costs as much as all else here.
  const result: RunResult = {
    state: required(reply.state, "state"),
    id: required(reply.id, "id"),
    output: reply.output ?? new Uint8Array(),
    outputDropped: reply.outputDropped ?? 0n,
    steps: required(reply.steps, "steps"),
    time: required(reply.time, "time"),
    wait: required(reply.wait, "wait"),
    memory: required(reply.memory, "memory"),
    memoryPeak: required(reply.memoryPeak, "memory-peak"),
    results: errno === 0 ? decodeValues(required(reply.results, "results")) : NO_RESULTS,
  };
  if (errno === 0) return result;
  const { results: _, ...report } = result;
  throw failure(operation, errno, reply, report);
}

function failure(operation: string, errno: number, reply: RunReply, run: RunReport): LunatikError {
  const code = required(reply.errorCode, "error-code");
  // A newer module may have codes that this library has not heard of.
  const known: ErrorCode = isModuleErrorCode(code) ? code : "ERR_SYSTEM";
  const message = reply.message === undefined ? "" : decodeText(reply.message);
  return new LunatikError(known, message === "" ? code : message, {
    operation,
    errno,
    traceback: reply.traceback === undefined ? undefined : decodeText(reply.traceback),
    run,
  });
}
