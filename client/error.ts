// SPDX-License-Identifier: MIT

import { constants } from "node:os";
import { errors as moduleErrors } from "./protocol_gen.ts";
import type { RunReport } from "./run.ts";

/*
 * One class for everything that can go wrong. Programs key on `code`: errnos mean other things elsewhere (ENOENT is
 * also "no such family", ETIMEDOUT also "no answer").
 *
 * Three tiers: codes of the module (the enum `error` of kmod/lunatik.yaml, with its errnos), codes that stand for a
 * refusal by the kernel around it, and codes of this library, which have no errno.
 */

/** Codes that the module sends. */
export type ModuleErrorCode = keyof typeof moduleErrors;

/** Codes for what the kernel's own layers refuse, and for what fails on this side. */
export type LocalErrorCode =
  /** EPERM: the caller lacks CAP_NET_ADMIN in the initial namespaces. */
  | "ERR_PERMISSION"
  /** The family "lunatik" does not exist: the module is not loaded. */
  | "ERR_NO_MODULE"
  /** Another errno from the kernel; see `errno`. */
  | "ERR_SYSTEM"
  /** The socket cannot be opened: no embedded server, no netlink, no native add-on. */
  | "ERR_CONNECT"
  /** No answer within the caller's `timeout`. */
  | "ERR_TIMEOUT"
  /** The caller's AbortSignal was raised. */
  | "ERR_ABORTED"
  /** The socket's receive buffer overran: answers or events are lost. */
  | "ERR_OVERRUN"
  /** The other side sent something that is not the protocol, or speaks another version of it. */
  | "ERR_PROTOCOL"
  /** The connection was closed, by close() or by the other side. */
  | "ERR_CLOSED";

export type ErrorCode = ModuleErrorCode | LocalErrorCode;

/** What an error may know besides its code and text. */
export interface ErrorDetails {
  /** The operation that failed: "create", "execute", "connect" … */
  readonly operation?: string | undefined;
  /** A positive errno; absent for what this library found itself. */
  readonly errno?: number | undefined;
  /** The attribute of the request that was refused, by its name in kmod/lunatik.yaml: "name", "max-memory" … */
  readonly attribute?: string | undefined;
  /** Lua's traceback, for a run that failed. */
  readonly traceback?: string | undefined;
  /** What the run did before it failed: output, steps, time, memory. Absent when it was refused before it was queued. */
  readonly run?: RunReport | undefined;
  readonly cause?: unknown;
}

/** The one error class of this library. */
export class LunatikError extends Error {
  override readonly name = "LunatikError";
  /** The stable name of what went wrong. */
  readonly code: ErrorCode;
  readonly operation: string | undefined;
  readonly errno: number | undefined;
  readonly attribute: string | undefined;
  readonly traceback: string | undefined;
  readonly run: RunReport | undefined;

  /** `message` is the other side's own text where it gave one: for a Lua error, the message with chunk and line. */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.operation = details.operation;
    this.errno = details.errno;
    this.attribute = details.attribute;
    this.traceback = details.traceback;
    this.run = details.run;
  }

  /** The errno's name, "ENOENT"; undefined when there is no errno or the system has no name for it. */
  get errnoName(): string | undefined {
    return this.errno === undefined ? undefined : errnoName(this.errno);
  }

  /** The error as one flat object for JSON: code and message always, the rest where known. */
  toJSON(): Readonly<Record<string, string | number>> {
    const fields = {
      code: this.code,
      message: this.message,
      operation: this.operation,
      errno: this.errno,
      errnoName: this.errnoName,
      attribute: this.attribute,
      traceback: this.traceback,
    };
    return Object.fromEntries(
      Object.entries(fields).filter((field): field is [string, string | number] => field[1] !== undefined),
    );
  }
}

/** The error of a request that its caller's AbortSignal ended; `reason` is the signal's. */
export function aborted(operation: string, reason: unknown): LunatikError {
  return new LunatikError("ERR_ABORTED", "the request was aborted", { operation, cause: reason });
}

const errnoNames: ReadonlyMap<number, string> = new Map([
  ...Object.entries(constants.errno).map(([name, number]) => [number, name] as const),
  // node's table leaves some of Linux's out.
  ...Object.values(moduleErrors).map(({ errno, name }) => [errno, name] as const),
]);

/** The name of a positive errno, "EPERM". */
export function errnoName(errno: number): string | undefined {
  return errnoNames.get(errno);
}

/** Whether a text is a code that the module sends. */
export function isModuleErrorCode(code: string): code is ModuleErrorCode {
  return Object.hasOwn(moduleErrors, code);
}

const REFUSAL = /^(ERR_[A-Z_]+): (.*)$/s;

/**
 * The error for an errno and the text of its extended acknowledgement, if there was one. Our module's text starts with
 * its code ("ERR_NO_STATE: no state has this name"); a refusal without one comes from the kernel's own layers.
 */
export function refusal(errno: number, text: string | undefined, details: ErrorDetails = {}): LunatikError {
  const all = { ...details, errno };
  const [, code, rest] = REFUSAL.exec(text ?? "") ?? [];
  if (code !== undefined && rest !== undefined && isModuleErrorCode(code))
    return new LunatikError(code, rest, all);
  const name = errnoName(errno);
  const [generic, meaning] = (name === undefined ? undefined : generics[name]) ?? ["ERR_SYSTEM", undefined];
  return new LunatikError(generic, text ?? meaning ?? `the kernel answered ${name ?? `errno ${errno}`}`, all);
}

/** What an errno means when the kernel's own layers refuse a request with it. */
const generics: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  EPERM: ["ERR_PERMISSION", "the capability CAP_NET_ADMIN is missing"],
  ENOENT: ["ERR_NO_MODULE", "the kernel has no family lunatik: the module is not loaded"],
  EINVAL: ["ERR_INVALID", moduleErrors.ERR_INVALID.text],
  // An attribute that is too short or too long for its type.
  ERANGE: ["ERR_INVALID", moduleErrors.ERR_INVALID.text],
  EOPNOTSUPP: ["ERR_UNSUPPORTED", "the module does not know this operation"],
  ENOMEM: ["ERR_NO_MEMORY", moduleErrors.ERR_NO_MEMORY.text],
};
