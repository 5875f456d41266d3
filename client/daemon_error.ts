// SPDX-License-Identifier: MIT

import { isModuleErrorCode, type LocalErrorCode, LunatikError } from "./error.ts";

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
  readonly operation?: string | undefined;
  readonly errno?: number | undefined;
  readonly attribute?: string | undefined;
}

/** An error for the control socket. What is neither a LunatikError nor a DaemonError becomes ERR_DAEMON. */
export function toFault(error: unknown): Fault {
  if (error instanceof LunatikError) {
    const { code, message, operation, errno, attribute } = error;
    return { code, message, operation, errno, attribute };
  }
  if (error instanceof DaemonError) return { code: error.code, message: error.message };
  return { code: "ERR_DAEMON", message: error instanceof Error ? error.message : String(error) };
}

/** The error of a fault; ERR_PROTOCOL for something else, or for a code that this library has not heard of. */
export function fromFault(fault: unknown, operation: string): LunatikError | DaemonError {
  if (typeof fault === "object" && fault !== null && "code" in fault && "message" in fault) {
    const { code, message } = fault;
    if (typeof code === "string" && typeof message === "string") {
      const known = daemonErrorCodes.find((name) => name === code);
      if (known !== undefined) return new DaemonError(known, message);
      if (isModuleErrorCode(code) || localCodes.has(code)) {
        return new LunatikError(code as LunatikError["code"], message, detailsOf(fault));
      }
    }
  }
  return new LunatikError("ERR_PROTOCOL", "the daemon answered with an unknown error", { operation });
}

function detailsOf(fault: object): {
  readonly operation: string | undefined;
  readonly errno: number | undefined;
  readonly attribute: string | undefined;
} {
  const fields = fault as Readonly<Record<string, unknown>>;
  const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
  const errno = fields["errno"];
  return {
    operation: text(fields["operation"]),
    errno: typeof errno === "number" ? errno : undefined,
    attribute: text(fields["attribute"]),
  };
}
