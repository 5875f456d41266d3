// SPDX-License-Identifier: MIT

import type { ErrorCode as RemoteErrorCode } from "../../luarpc/error.ts";
import type { DaemonErrorCode } from "../daemon_error.ts";
import type { ErrorCode } from "../error.ts";
import { errors as moduleErrors } from "../protocol_gen.ts";

/*
 * What kluactl exits with: one number per kind of failure, so that a script can tell them apart without reading text.
 * The numbers are part of the interface and never change their meaning. --help and the manual page print this table.
 *
 * 1 and 2 are what every tool uses; 3 to 9: the way to the states; 10 to 29: the request; 30 to 49: the run; 50: doctor;
 * 60 to 79: the daemon and remote calls; 141 is what a shell reports for a tool that SIGPIPE ended.
 */

/** Failures that only kluactl has. */
export type ToolErrorCode = "ERR_INTERNAL" | "ERR_USAGE" | "ERR_FILE" | "ERR_CHECK" | "ERR_PIPE";

/** Every code that `error.code` of the JSON output may have. */
export type FailureCode = ErrorCode | ToolErrorCode | DaemonErrorCode | RemoteErrorCode;

const numbers: Readonly<Record<FailureCode, number>> = {
  ERR_INTERNAL: 1,
  ERR_USAGE: 2,
  ERR_NO_MODULE: 3,
  ERR_PERMISSION: 4,
  ERR_CONNECT: 5,
  ERR_CLOSED: 6,
  ERR_TIMEOUT: 7,
  ERR_OVERRUN: 8,
  ERR_PROTOCOL: 9,
  ERR_NO_STATE: 10,
  ERR_EXISTS: 11,
  ERR_BUSY: 12,
  ERR_STALE: 13,
  ERR_NO_RUN: 14,
  ERR_QUEUE_FULL: 15,
  ERR_INVALID: 16,
  ERR_NAME_TOO_LONG: 17,
  ERR_RANGE: 18,
  ERR_TOO_LARGE: 19,
  ERR_TOO_MANY_STATES: 20,
  ERR_TOTAL_MEMORY: 21,
  ERR_NO_MEMORY: 22,
  ERR_UNSUPPORTED: 23,
  ERR_SYSTEM: 24,
  ERR_FILE: 25,
  ERR_SYNTAX: 30,
  ERR_BYTECODE: 31,
  ERR_RUNTIME: 32,
  ERR_NO_FUNCTION: 33,
  ERR_MEMORY: 34,
  ERR_STEPS: 35,
  ERR_TIME: 36,
  ERR_CANCELLED: 37,
  ERR_ABORTED: 37,
  ERR_RESULT_SIZE: 40,
  ERR_RESULT_DEPTH: 41,
  ERR_RESULT_TYPE: 42,
  ERR_CHECK: 50,
  ERR_NO_DAEMON: 60,
  ERR_DAEMON_RUNNING: 61,
  ERR_UNSAFE: 62,
  ERR_DAEMON: 63,
  ERR_PORT: 64,
  ERR_NO_SERVANT: 65,
  ERR_INTERFACE: 66,
  ERR_METHOD: 67,
  ERR_TYPE: 68,
  ERR_LIMIT: 69,
  ERR_REMOTE: 70,
  ERR_MANIFEST: 71,
  ERR_BY_HAND: 72,
  ERR_PIPE: 141,
};

const ownMeanings: Readonly<Record<Exclude<FailureCode, keyof typeof moduleErrors>, string>> = {
  ERR_INTERNAL: "kluactl itself failed",
  ERR_USAGE: "the command line is wrong",
  ERR_NO_MODULE: "the module is not loaded",
  ERR_PERMISSION: "the capability CAP_NET_ADMIN is missing",
  ERR_CONNECT: "no connection: no embedded server, no netlink, no servant",
  ERR_CLOSED: "the connection was lost",
  ERR_TIMEOUT: "no answer within --timeout",
  ERR_OVERRUN: "messages were lost: the receive buffer overran",
  ERR_PROTOCOL: "the other side does not speak this protocol",
  ERR_SYSTEM: "the kernel refused for another reason, see the errno",
  ERR_FILE: "a file cannot be read or written",
  ERR_ABORTED: "the run was interrupted by Ctrl-C",
  ERR_CHECK: "doctor found a problem",
  ERR_NO_DAEMON: "no daemon answers",
  ERR_DAEMON_RUNNING: "there is a daemon already",
  ERR_UNSAFE: "others could replace the daemon's control socket",
  ERR_DAEMON: "the daemon itself failed, see its log",
  ERR_PORT: "the address and port cannot be listened on",
  ERR_NO_SERVANT: "no servant listens there",
  ERR_INTERFACE: "the interface file is wrong",
  ERR_MANIFEST: "the manifest is wrong; nothing was changed",
  ERR_BY_HAND: "something made by hand is where the manifest wants its own",
  ERR_METHOD: "the method is not in the interface",
  ERR_TYPE: "a value is not of its declared type",
  ERR_LIMIT: "a line is too long, or too many calls or requests wait",
  ERR_REMOTE: "the servant answered with an error",
  ERR_PIPE: "the reader of the output went away",
};

export interface ExitCode {
  readonly code: FailureCode;
  readonly exit: number;
  readonly meaning: string;
}

/** The table, in the order of the numbers. */
export const exitCodes: readonly ExitCode[] = (Object.keys(numbers) as FailureCode[])
  .map((code) => ({ code, exit: numbers[code], meaning: meaning(code) }))
  .toSorted((one, other) => one.exit - other.exit);

/** The number that kluactl exits with after this failure. */
export function exitCode(code: FailureCode): number {
  return numbers[code];
}

function meaning(code: FailureCode): string {
  if (!(code in moduleErrors)) return ownMeanings[code as keyof typeof ownMeanings];
  const text = moduleErrors[code as keyof typeof moduleErrors].text;
  return text.replace(/\.$/, "");
}
