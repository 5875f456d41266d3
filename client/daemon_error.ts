// SPDX-License-Identifier: MIT

import { isModuleErrorCode, type LocalErrorCode, LunatikError } from "./error.ts";
import type { RunReport } from "./run.ts";
import { object, optional, type Shape, ShapeError, text, whole } from "./shape.ts";
import { runReport } from "./state_protocol.ts";

/*
 * What can go wrong with the daemon kluad, and how errors cross its control socket. An error of the states stays the
 * LunatikError that it would have been without the daemon between.
 *
 *   ERR_NO_DAEMON       no daemon answers, or it is stopping
 *   ERR_DAEMON_RUNNING  there is a daemon on this control socket already
 *   ERR_UNSAFE          others could replace the control socket
 *   ERR_PORT            the address and port cannot be listened on
 *   ERR_NO_SERVANT      no servant listens there
 *   ERR_INTERFACE       the interface file is wrong
 *   ERR_LIMIT           too many requests of one client at once
 *   ERR_MANIFEST        the manifest is wrong; nothing has been changed
 *   ERR_BY_HAND         something made by hand is where the manifest wants its own
 *   ERR_DAEMON          the daemon itself failed; its log has more
 */

export const daemonErrorCodes = [
  "ERR_NO_DAEMON",
  "ERR_DAEMON_RUNNING",
  "ERR_UNSAFE",
  "ERR_PORT",
  "ERR_NO_SERVANT",
  "ERR_INTERFACE",
  "ERR_LIMIT",
  "ERR_MANIFEST",
  "ERR_BY_HAND",
  "ERR_DAEMON",
] as const;
export type DaemonErrorCode = (typeof daemonErrorCodes)[number];

export class DaemonError extends Error {
  override readonly name = "DaemonError";
  /** The stable name of what went wrong. */
  readonly code: DaemonErrorCode;

  constructor(code: DaemonErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

const localCodes: ReadonlySet<string> = new Set([
  "ERR_PERMISSION",
  "ERR_NO_MODULE",
  "ERR_SYSTEM",
  "ERR_CONNECT",
  "ERR_TIMEOUT",
  "ERR_ABORTED",
  "ERR_OVERRUN",
  "ERR_PROTOCOL",
  "ERR_CLOSED",
] satisfies readonly LocalErrorCode[]);

/** `data` of a JSON-RPC error. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly operation: string | undefined;
  readonly errno: number | undefined;
  readonly attribute: string | undefined;
  /** Lua's traceback, and what the run did: of a run that failed. */
  readonly traceback: string | undefined;
  readonly run: RunReport | undefined;
}

const fault: Shape<Fault> = object<Fault>({
  code: text,
  message: text,
  operation: optional(text),
  errno: optional(whole),
  attribute: optional(text),
  traceback: optional(text),
  run: optional(runReport),
});

/** The code and message of an error for the control socket. What is none of ours becomes ERR_DAEMON. */
export function faultOf(error: unknown): Fault {
  const none = {
    operation: undefined,
    errno: undefined,
    attribute: undefined,
    traceback: undefined,
    run: undefined,
  } as const;
  if (error instanceof LunatikError) {
    const { code, message, operation, errno, attribute, traceback, run } = error;
    return { code, message, operation, errno, attribute, traceback, run };
  }
  if (error instanceof ShapeError) return { ...none, code: "ERR_INVALID", message: error.message };
  if (error instanceof DaemonError) return { ...none, code: error.code, message: error.message };
  return { ...none, code: "ERR_DAEMON", message: error instanceof Error ? error.message : String(error) };
}

/** A fault as JSON. */
export const faultToJson = fault.toJson;

/** The error of a fault in JSON; ERR_PROTOCOL for something else, or for a code that this library has not heard of. */
export function fromFault(json: unknown, operation: string): LunatikError | DaemonError {
  const cause = decoded(json);
  if (cause instanceof ShapeError)
    return new LunatikError("ERR_PROTOCOL", `the daemon answered with no error of ours: ${cause.message}`, {
      operation,
      cause,
    });
  const { code, message, ...details } = cause;
  const own = daemonErrorCodes.find((name) => name === code);
  if (own !== undefined) return new DaemonError(own, message);
  if (isModuleErrorCode(code) || localCodes.has(code))
    return new LunatikError(code as LunatikError["code"], message, details);
  return new LunatikError("ERR_PROTOCOL", `the daemon answered with the unknown error ${code}: ${message}`, {
    operation,
  });
}

function decoded(json: unknown): Fault | ShapeError {
  try {
    return fault.fromJson(json, "error");
  } catch (error) {
    if (error instanceof ShapeError) return error;
    throw error;
  }
}
