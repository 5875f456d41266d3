// SPDX-License-Identifier: MIT

/*
 * One class for everything that can go wrong with a remote call. Programs key on `code`:
 *
 *   ERR_REMOTE     the servant answered with an error: its method failed, or it does not know the method
 *   ERR_METHOD     the method is not in the interface; nothing was sent
 *   ERR_TYPE       a value is not of its declared type, on its way out or in
 *   ERR_LIMIT      a line, a queue or a number of connections is over its limit
 *   ERR_CONNECT    no connection, or it was lost before the reply was complete
 *   ERR_TIMEOUT    no reply within the caller's patience
 *   ERR_PROTOCOL   what came is not the protocol
 *   ERR_ABORTED    the caller's AbortSignal was raised
 *   ERR_CLOSED     the proxy or the servant was closed
 *   ERR_INTERFACE  the interface file is wrong; see InterfaceError
 */

export type ErrorCode =
  | "ERR_REMOTE"
  | "ERR_METHOD"
  | "ERR_TYPE"
  | "ERR_LIMIT"
  | "ERR_CONNECT"
  | "ERR_TIMEOUT"
  | "ERR_PROTOCOL"
  | "ERR_ABORTED"
  | "ERR_CLOSED"
  | "ERR_INTERFACE";

export interface ErrorDetails {
  /** The method that was called. */
  readonly method?: string | undefined;
  /** Whether bytes of the request were written: if so, the method may have been executed. False unless given. */
  readonly sent?: boolean | undefined;
  readonly cause?: unknown;
}

/** The one error class of this library. */
export class LuarpcError extends Error {
  override readonly name: string = "LuarpcError";
  /** The stable name of what went wrong. */
  readonly code: ErrorCode;
  readonly method: string | undefined;
  /** Whether the method may have been executed. A call with `sent` false is safe to repeat. */
  readonly sent: boolean;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.method = details.method;
    this.sent = details.sent ?? false;
  }

  /** The code as one word: "remote", "timeout", "connect", "protocol", "type", "limit" … */
  get kind(): string {
    return this.code.slice("ERR_".length).toLowerCase();
  }

  /** The error as one flat object for JSON. */
  toJSON(): Readonly<Record<string, string | boolean>> {
    const { code, message, method, sent } = this;
    return method === undefined ? { code, message, sent } : { code, message, method, sent };
  }
}

/** An interface file that is wrong, and where. Lines and columns count from 1. */
export class InterfaceError extends LuarpcError {
  override readonly name = "InterfaceError";
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** What is wrong, without the place. */
  readonly reason: string;

  constructor(
    reason: string,
    place: { readonly file: string; readonly line: number; readonly column: number },
  ) {
    super("ERR_INTERFACE", `${place.file}:${place.line}:${place.column}: ${reason}`);
    this.reason = reason;
    this.file = place.file;
    this.line = place.line;
    this.column = place.column;
  }
}

/** The text of anything that was thrown. */
export function textOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message === "" ? thrown.name : thrown.message;
  return String(thrown);
}
