// SPDX-License-Identifier: MIT

import { LunatikError } from "./error.ts";
import { decodeStateReply, Library, type StateReply } from "./protocol_gen.ts";
import { required } from "./reply.ts";
import { decodeText } from "./text.ts";

/** A library that a state may be given; the base library is always there. */
export type LibraryName = keyof typeof Library;

/** All of them, in the order of their bits. */
export const libraryNames = Object.keys(Library) as readonly LibraryName[];

/** The last error of a state. */
export interface StateError {
  /** A positive errno. */
  readonly errno: number;
  /** A code as LunatikError has it, "ERR_RUNTIME". */
  readonly code: string;
  readonly message: string;
  /** When, in nanoseconds since the epoch. */
  readonly time: bigint;
}

/** A state, as it was when the module answered. */
export interface State {
  readonly name: string;
  /** Never used twice while the module is loaded. */
  readonly id: bigint;
  readonly description: string;
  readonly libraries: readonly LibraryName[];
  /** Limit on memory, in bytes. */
  readonly maxMemory: bigint;
  /** Limit on the steps of one run. */
  readonly maxSteps: bigint;
  /** Limit on the time of one run, in nanoseconds. */
  readonly maxTime: bigint;
  /** In use, in bytes. */
  readonly memory: bigint;
  /** Highest ever, in bytes. */
  readonly memoryPeak: bigint;
  /** A run is in progress. */
  readonly busy: boolean;
  /** The state is being deleted. */
  readonly dying: boolean;
  /** The id of the run in progress. */
  readonly run: bigint | undefined;
  /** Runs that wait for the state. */
  readonly waiting: number;
  /** Runs that have ended, failed ones included. */
  readonly runs: bigint;
  /** How often runs failed, by code ("ERR_RUNTIME"). */
  readonly failures: ReadonlyMap<string, bigint>;
  /** Steps of all runs. */
  readonly steps: bigint;
  /** Time of all runs, in nanoseconds. */
  readonly time: bigint;
  /** Time of the longest run, in nanoseconds. */
  readonly timeLongest: bigint;
  /** The longest FPU section of a run, in nanoseconds: the kernel does not switch tasks on that CPU meanwhile. */
  readonly sectionLongest: bigint;
  /** The most bytes of a kernel stack (16 KiB) that a run has used. */
  readonly stackDeepest: number;
  /** When it was created, in nanoseconds since the epoch. */
  readonly created: bigint;
  /** The process that created it. */
  readonly creator: { readonly pid: number; readonly uid: number; readonly command: string };
  readonly lastError: StateError | undefined;
}

/** Decodes a state. Throws ERR_PROTOCOL when it is not one. */
export function decodeState(attributes: Buffer): State {
  const reply = decodeStateReply(attributes);
  return {
    name: required(reply.name, "name"),
    id: required(reply.id, "id"),
    description: reply.description ?? "",
    libraries: namesOf(required(reply.libraries, "libraries")),
    maxMemory: required(reply.maxMemory, "max-memory"),
    maxSteps: required(reply.maxSteps, "max-steps"),
    maxTime: required(reply.maxTime, "max-time"),
    memory: required(reply.memory, "memory"),
    memoryPeak: required(reply.memoryPeak, "memory-peak"),
    busy: required(reply.busy, "busy") !== 0,
    dying: required(reply.dying, "dying") !== 0,
    run: reply.run,
    waiting: required(reply.waiting, "waiting"),
    runs: required(reply.runs, "runs"),
    failures: new Map(
      reply.failures.map(({ code, count }) => [
        required(code, "failure code"),
        required(count, "failure count"),
      ]),
    ),
    steps: required(reply.steps, "steps"),
    time: required(reply.time, "time"),
    timeLongest: required(reply.timeLongest, "time-longest"),
    sectionLongest: required(reply.sectionLongest, "section-longest"),
    stackDeepest: required(reply.stackDeepest, "stack-deepest"),
    created: required(reply.created, "created"),
    creator: {
      pid: required(reply.creatorPid, "creator-pid"),
      uid: required(reply.creatorUid, "creator-uid"),
      command: required(reply.creatorComm, "creator-comm"),
    },
    lastError: decodeLastError(reply),
  };
}

function decodeLastError({ lastError }: StateReply): StateError | undefined {
  if (lastError === undefined) return undefined;
  return {
    errno: required(lastError.errno, "last error's errno"),
    code: required(lastError.code, "last error's code"),
    message: lastError.message === undefined ? "" : decodeText(lastError.message),
    time: required(lastError.time, "last error's time"),
  };
}

/** The bits of libraries by their names. Throws ERR_INVALID for a name that is none, which a JavaScript program may give. */
export function bitsOf(names: readonly LibraryName[]): number {
  return names.reduce((bits, name) => {
    if (!Object.hasOwn(Library, name)) throw new LunatikError("ERR_INVALID", `there is no library "${name}"`);
    return bits | Library[name];
  }, 0);
}

function namesOf(bits: number): readonly LibraryName[] {
  return libraryNames.filter((name) => (bits & Library[name]) !== 0);
}
