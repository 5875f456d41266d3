// SPDX-License-Identifier: MIT
// Generated from kmod/lunatik.yaml by npm run generate; edit that file instead.

import {
  join,
  lengthAt,
  putBytes,
  putPieces,
  putU32,
  putU64,
  sizeOf,
  sizeOfPieces,
  takeBytes,
  takeText,
  takeU32,
  takeU64,
  takeU8,
  textPayload,
  typeAt,
} from "./attributes.ts";

/** The family's name and version. */
export const FAMILY_NAME = "lunatik";
export const FAMILY_VERSION = 1;

/** Multicast groups. */
export const Group = {
  events: "events",
} as const;

/** Longest name of a state, in bytes. */
export const NAME_MAX = 63;

/** Longest description of a state, in bytes. */
export const DESCRIPTION_MAX = 255;

/** Longest name of a chunk, in bytes. */
export const CHUNK_NAME_MAX = 255;

/** Longest dotted name of a function, in bytes. */
export const FUNCTION_MAX = 255;

/** Longest chunk, and longest encoding of the arguments, in bytes. */
export const CHUNK_MAX = 1048576;

/**
 * Results and output of a run that together exceed this many bytes stay with the run; see the operation
 * result.
 */
export const INLINE_MAX = 32768;

/** Commands of the family. */
export const Command = {
  /** Create a state. Answers with the state, as get does. */
  create: 1,
  /** Delete a state. Its finalizers have run when the request is acknowledged. */
  delete: 2,
  /** One state, or all of them. A dump that a create or delete overlapped is marked NLM_F_DUMP_INTR. */
  get: 3,
  /**
   * Compile and run a chunk; the arguments are its varargs. The acknowledgement means queued; finished is
   * the reply.
   */
  execute: 4,
  /** Call a function of the state; nothing is compiled. Acknowledged and answered as execute is. */
  call: 5,
  /**
   * Cancel runs: the one with the id, or those with the cookie, or else all of the state, running and
   * waiting. At least one of the three is given; those given must all match. Answers with how many were
   * reached.
   */
  cancel: 6,
  /**
   * The results and output of a run that were too large for its reply, piece by piece. May be repeated until
   * release; kept as long as the socket that asked for the run, and at most 60 seconds.
   */
  result: 7,
  /** Forget the results and output kept for a run. */
  release: 8,
  /** List the states to the kernel log, as klua_liststates does. */
  log: 9,
  /** The module itself. Its version, its limits, and how much of them is in use. */
  info: 10,
  /** Something happened to a state or a run. */
  event: 11,
  /**
   * The reply to execute and call, sent when the run has ended: once for every request that is not refused,
   * to the socket that asked, with its sequence number and cookie. It may overtake the acknowledgement.
   * Several may come in one datagram, one behind the other.
   */
  finished: 12,
} as const;
export type Command = (typeof Command)[keyof typeof Command];

const stateAttributes = [
  "",
  "name",
  "pad",
  "id",
  "description",
  "libraries",
  "max-memory",
  "max-steps",
  "max-time",
  "create-flags",
  "delete-flags",
  "memory",
  "memory-peak",
  "busy",
  "dying",
  "run",
  "waiting",
  "runs",
  "failures",
  "steps",
  "time",
  "time-longest",
  "created",
  "creator-pid",
  "creator-uid",
  "creator-comm",
  "last-error",
  "section-longest",
  "stack-deepest",
] as const;

const runAttributes = [
  "",
  "state",
  "pad",
  "id",
  "cookie",
  "chunk-name",
  "code",
  "function",
  "arguments",
  "max-memory",
  "max-steps",
  "max-time",
  "max-wait",
  "errno",
  "error-code",
  "message",
  "traceback",
  "results",
  "output",
  "output-dropped",
  "steps",
  "time",
  "wait",
  "memory",
  "memory-peak",
  "results-size",
  "output-size",
  "count",
] as const;

const eventAttributes = [
  "",
  "sequence",
  "pad",
  "type",
  "state",
  "state-id",
  "run",
  "time",
  "errno",
  "error-code",
  "message",
  "output",
] as const;

const moduleAttributes = [
  "",
  "version",
  "pad",
  "lua-version",
  "backend",
  "states",
  "states-max",
  "memory",
  "memory-max",
  "default-memory",
  "default-steps",
  "default-time",
  "ceiling-memory",
  "ceiling-steps",
  "ceiling-time",
  "results-max",
  "output-max",
  "waiting-max",
  "runs",
  "runs-max",
  "event-sequence",
] as const;

/** The contract's names of the attributes of each command, by their numbers; for texts about a refusal. */
export const attributeNames: Readonly<Record<Command, readonly string[]>> = {
  1: stateAttributes, // create
  2: stateAttributes, // delete
  3: stateAttributes, // get
  4: runAttributes, // execute
  5: runAttributes, // call
  6: runAttributes, // cancel
  7: runAttributes, // result
  8: runAttributes, // release
  9: stateAttributes, // log
  10: moduleAttributes, // info
  11: eventAttributes, // event
  12: runAttributes, // finished
};

/** The libraries that a state may be given. The base library is always there. */
export const Library = {
  coroutine: 1,
  string: 2,
  table: 4,
  math: 8,
  utf8: 16,
  /** Only time, clock, date and difftime. */
  os: 32,
  /** Only traceback and getinfo. */
  debug: 64,
} as const;
export type Library = (typeof Library)[keyof typeof Library];

export const CreateFlag = {
  /** Delete a state of the same name first, if there is one; it must not be busy. */
  replace: 1,
  /** Succeed, and change nothing, if a state has the name already. */
  ifNotExists: 2,
} as const;
export type CreateFlag = (typeof CreateFlag)[keyof typeof CreateFlag];

export const DeleteFlag = {
  /** End the run in progress and the ones that wait, then delete. */
  force: 1,
} as const;
export type DeleteFlag = (typeof DeleteFlag)[keyof typeof DeleteFlag];

export const EventType = {
  created: 1,
  deleted: 2,
  /** A run ended with an error that is not a spent limit. */
  failed: 3,
  /** A run ended because a limit on steps, time or memory was spent. */
  limit: 4,
  /** A run printed. */
  print: 5,
} as const;
export type EventType = (typeof EventType)[keyof typeof EventType];
/** The names of EventType by number; undefined for a number of a newer module. */
export const eventTypeNames: Readonly<Record<number, keyof typeof EventType | undefined>> = {
  1: "created",
  2: "deleted",
  3: "failed",
  4: "limit",
  5: "print",
};

/** Every error of the module by its code: errno, the errno's name, and what it means. */
export const errors = {
  ERR_INVALID: { errno: 22, name: "EINVAL", text: "the request is malformed" },
  ERR_UNSUPPORTED: { errno: 95, name: "EOPNOTSUPP", text: "the request has an unknown attribute or flag" },
  ERR_NO_STATE: { errno: 2, name: "ENOENT", text: "no state has this name" },
  ERR_NO_RUN: { errno: 2, name: "ENOENT", text: "no run matches" },
  ERR_NAME_TOO_LONG: { errno: 36, name: "ENAMETOOLONG", text: "the name is longer than 63 bytes" },
  ERR_STALE: { errno: 116, name: "ESTALE", text: "the state is being deleted" },
  ERR_EXISTS: { errno: 17, name: "EEXIST", text: "a state has this name already" },
  ERR_RANGE: { errno: 34, name: "ERANGE", text: "a limit is out of range" },
  ERR_TOO_MANY_STATES: { errno: 28, name: "ENOSPC", text: "there are as many states as allowed" },
  ERR_TOTAL_MEMORY: { errno: 122, name: "EDQUOT", text: "the memory for all states is used up" },
  ERR_NO_MEMORY: { errno: 12, name: "ENOMEM", text: "the kernel has no memory" },
  ERR_BUSY: { errno: 16, name: "EBUSY", text: "a run is in progress" },
  ERR_QUEUE_FULL: { errno: 105, name: "ENOBUFS", text: "too many runs are waiting" },
  ERR_SYNTAX: { errno: 8, name: "ENOEXEC", text: "the chunk does not compile" },
  ERR_BYTECODE: { errno: 8, name: "ENOEXEC", text: "the chunk is byte code; only text is accepted" },
  ERR_TOO_LARGE: { errno: 7, name: "E2BIG", text: "the chunk or the arguments are larger than allowed" },
  ERR_RUNTIME: { errno: 5, name: "EIO", text: "a Lua run-time error, stack overflow included" },
  ERR_NO_FUNCTION: { errno: 38, name: "ENOSYS", text: "no function has this name" },
  ERR_MEMORY: { errno: 122, name: "EDQUOT", text: "the state's memory limit is reached" },
  ERR_STEPS: { errno: 62, name: "ETIME", text: "the step budget is spent" },
  ERR_TIME: { errno: 110, name: "ETIMEDOUT", text: "the deadline has passed" },
  ERR_CANCELLED: { errno: 125, name: "ECANCELED", text: "the run was cancelled" },
  ERR_RESULT_SIZE: { errno: 90, name: "EMSGSIZE", text: "the results are larger than allowed" },
  ERR_RESULT_DEPTH: {
    errno: 40,
    name: "ELOOP",
    text: "the results are nested too deeply, or contain themselves",
  },
  ERR_RESULT_TYPE: {
    errno: 91,
    name: "EPROTOTYPE",
    text: "a result is of a type that cannot leave the state",
  },
} as const;

/** How often the runs of a state failed in one way. */
export interface Failure {
  /** An error code, "ERR_RUNTIME". */
  readonly code: string | undefined;
  readonly count: bigint | undefined;
}

/** Decodes the attributes between `start` and `end`. Bytes are views of the message. Throws ERR_PROTOCOL. */
export function decodeFailure(message: Buffer, start = 0, end = message.length): Failure {
  let code: string | undefined;
  let count: bigint | undefined;
  for (let at = start; at < end; ) {
    const length = lengthAt(message, at, end);
    switch (typeAt(message, at)) {
      case 1:
        code = takeText(message, at, length);
        break;
      case 3:
        count = takeU64(message, at, length);
        break;
      default:
    }
    at += (length + 3) & ~3;
  }
  return {
    code: code,
    count: count,
  };
}

/** The last error of a state. */
export interface ErrorRecord {
  /** A positive errno. */
  readonly errno: number | undefined;
  readonly code: string | undefined;
  readonly message: Uint8Array | undefined;
  /** When, in nanoseconds since the epoch. */
  readonly time: bigint | undefined;
}

/** Decodes the attributes between `start` and `end`. Bytes are views of the message. Throws ERR_PROTOCOL. */
export function decodeErrorRecord(message: Buffer, start = 0, end = message.length): ErrorRecord {
  let errno: number | undefined;
  let code: string | undefined;
  let messageValue: Uint8Array | undefined;
  let time: bigint | undefined;
  for (let at = start; at < end; ) {
    const length = lengthAt(message, at, end);
    switch (typeAt(message, at)) {
      case 1:
        errno = takeU32(message, at, length);
        break;
      case 2:
        code = takeText(message, at, length);
        break;
      case 3:
        messageValue = takeBytes(message, at, length);
        break;
      case 5:
        time = takeU64(message, at, length);
        break;
      default:
    }
    at += (length + 3) & ~3;
  }
  return {
    errno: errno,
    code: code,
    message: messageValue,
    time: time,
  };
}

/** What create asks. */
export interface CreateRequest {
  /** 1 to 63 bytes without control characters. */
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** All of them unless given. Bits of Library. */
  readonly libraries?: number | undefined;
  /** Limit on memory, in bytes. */
  readonly maxMemory?: bigint | undefined;
  /** Limit on the steps of one run. */
  readonly maxSteps?: bigint | undefined;
  /** Limit on the time of one run, in nanoseconds. */
  readonly maxTime?: bigint | undefined;
  /** Bits of CreateFlag. */
  readonly createFlags?: number | undefined;
}

/** Encodes the attributes, behind `headroom` zeros. Throws a RangeError for a number out of range. */
export function encodeCreateRequest(message: CreateRequest, headroom = 0): Buffer {
  const name = message.name === undefined ? undefined : textPayload(message.name);
  const description = message.description === undefined ? undefined : textPayload(message.description);
  const libraries = message.libraries;
  const maxMemory = message.maxMemory;
  const maxSteps = message.maxSteps;
  const maxTime = message.maxTime;
  const createFlags = message.createFlags;
  let size = headroom;
  if (name !== undefined) size += sizeOf(name.length);
  if (description !== undefined) size += sizeOf(description.length);
  if (libraries !== undefined) size += 8;
  if (maxMemory !== undefined) size += 12;
  if (maxSteps !== undefined) size += 12;
  if (maxTime !== undefined) size += 12;
  if (createFlags !== undefined) size += 8;
  const out = Buffer.allocUnsafe(size).fill(0, 0, headroom);
  let at = headroom;
  if (name !== undefined) at = putBytes(out, at, 1, name);
  if (description !== undefined) at = putBytes(out, at, 4, description);
  if (libraries !== undefined) at = putU32(out, at, 5, libraries);
  if (maxMemory !== undefined) at = putU64(out, at, 6, maxMemory);
  if (maxSteps !== undefined) at = putU64(out, at, 7, maxSteps);
  if (maxTime !== undefined) at = putU64(out, at, 8, maxTime);
  if (createFlags !== undefined) at = putU32(out, at, 9, createFlags);
  return out;
}

/** What delete asks. */
export interface DeleteRequest {
  /** 1 to 63 bytes without control characters. */
  readonly name?: string | undefined;
  /** Bits of DeleteFlag. */
  readonly deleteFlags?: number | undefined;
}

/** Encodes the attributes, behind `headroom` zeros. Throws a RangeError for a number out of range. */
export function encodeDeleteRequest(message: DeleteRequest, headroom = 0): Buffer {
  const name = message.name === undefined ? undefined : textPayload(message.name);
  const deleteFlags = message.deleteFlags;
  let size = headroom;
  if (name !== undefined) size += sizeOf(name.length);
  if (deleteFlags !== undefined) size += 8;
  const out = Buffer.allocUnsafe(size).fill(0, 0, headroom);
  let at = headroom;
  if (name !== undefined) at = putBytes(out, at, 1, name);
  if (deleteFlags !== undefined) at = putU32(out, at, 10, deleteFlags);
  return out;
}

/** What get asks. */
export interface GetRequest {
  /** 1 to 63 bytes without control characters. */
  readonly name?: string | undefined;
}

/** Encodes the attributes, behind `headroom` zeros. Throws a RangeError for a number out of range. */
export function encodeGetRequest(message: GetRequest, headroom = 0): Buffer {
  const name = message.name === undefined ? undefined : textPayload(message.name);
  let size = headroom;
  if (name !== undefined) size += sizeOf(name.length);
  const out = Buffer.allocUnsafe(size).fill(0, 0, headroom);
  let at = headroom;
  if (name !== undefined) at = putBytes(out, at, 1, name);
  return out;
}

/** What execute asks. */
export interface ExecuteRequest {
  /** The name of the state. */
  readonly state?: string | undefined;
  /** Chosen by the client, echoed in the reply; cancel finds the run by it. */
  readonly cookie?: bigint | undefined;
  /** As luaL_loadbuffer takes it; "=chunk" unless given. */
  readonly chunkName?: string | undefined;
  /** The text of the chunk. */
  readonly code?: Uint8Array | undefined;
  /** A MessagePack array. */
  readonly arguments?: Uint8Array | undefined;
  /** Bytes; at most the state's own limit. This and the next two are the state's own unless given. */
  readonly maxMemory?: bigint | undefined;
  readonly maxSteps?: bigint | undefined;
  /** Nanoseconds. */
  readonly maxTime?: bigint | undefined;
  /** How long to wait for a busy state, in nanoseconds; 0 (not at all) unless given. */
  readonly maxWait?: bigint | undefined;
}

/** Encodes the attributes, behind `headroom` zeros. Throws a RangeError for a number out of range. */
export function encodeExecuteRequest(message: ExecuteRequest, headroom = 0): Buffer {
  const state = message.state === undefined ? undefined : textPayload(message.state);
  const cookie = message.cookie;
  const chunkName = message.chunkName === undefined ? undefined : textPayload(message.chunkName);
  const code = message.code;
  const argumentsValue = message.arguments;
  const maxMemory = message.maxMemory;
  const maxSteps = message.maxSteps;
  const maxTime = message.maxTime;
  const maxWait = message.maxWait;
  let size = headroom;
  if (state !== undefined) size += sizeOf(state.length);
  if (cookie !== undefined) size += 12;
  if (chunkName !== undefined) size += sizeOf(chunkName.length);
  if (code !== undefined) size += sizeOfPieces(code.length);
  if (argumentsValue !== undefined) size += sizeOfPieces(argumentsValue.length);
  if (maxMemory !== undefined) size += 12;
  if (maxSteps !== undefined) size += 12;
  if (maxTime !== undefined) size += 12;
  if (maxWait !== undefined) size += 12;
  const out = Buffer.allocUnsafe(size).fill(0, 0, headroom);
  let at = headroom;
  if (state !== undefined) at = putBytes(out, at, 1, state);
  if (cookie !== undefined) at = putU64(out, at, 4, cookie);
  if (chunkName !== undefined) at = putBytes(out, at, 5, chunkName);
  if (code !== undefined) at = putPieces(out, at, 6, code);
  if (argumentsValue !== undefined) at = putPieces(out, at, 8, argumentsValue);
  if (maxMemory !== undefined) at = putU64(out, at, 9, maxMemory);
  if (maxSteps !== undefined) at = putU64(out, at, 10, maxSteps);
  if (maxTime !== undefined) at = putU64(out, at, 11, maxTime);
  if (maxWait !== undefined) at = putU64(out, at, 12, maxWait);
  return out;
}

/** What call asks. */
export interface CallRequest {
  /** The name of the state. */
  readonly state?: string | undefined;
  /** Chosen by the client, echoed in the reply; cancel finds the run by it. */
  readonly cookie?: bigint | undefined;
  /** A function's name, dotted when it lies in tables, "geo.area". */
  readonly function?: string | undefined;
  /** A MessagePack array. */
  readonly arguments?: Uint8Array | undefined;
  /** Bytes; at most the state's own limit. This and the next two are the state's own unless given. */
  readonly maxMemory?: bigint | undefined;
  readonly maxSteps?: bigint | undefined;
  /** Nanoseconds. */
  readonly maxTime?: bigint | undefined;
  /** How long to wait for a busy state, in nanoseconds; 0 (not at all) unless given. */
  readonly maxWait?: bigint | undefined;
}

/** Encodes the attributes, behind `headroom` zeros. Throws a RangeError for a number out of range. */
export function encodeCallRequest(message: CallRequest, headroom = 0): Buffer {
  const state = message.state === undefined ? undefined : textPayload(message.state);
  const cookie = message.cookie;
  const functionValue = message.function === undefined ? undefined : textPayload(message.function);
  const argumentsValue = message.arguments;
  const maxMemory = message.maxMemory;
  const maxSteps = message.maxSteps;
  const maxTime = message.maxTime;
  const maxWait = message.maxWait;
  let size = headroom;
  if (state !== undefined) size += sizeOf(state.length);
  if (cookie !== undefined) size += 12;
  if (functionValue !== undefined) size += sizeOf(functionValue.length);
  if (argumentsValue !== undefined) size += sizeOfPieces(argumentsValue.length);
  if (maxMemory !== undefined) size += 12;
  if (maxSteps !== undefined) size += 12;
  if (maxTime !== undefined) size += 12;
  if (maxWait !== undefined) size += 12;
  const out = Buffer.allocUnsafe(size).fill(0, 0, headroom);
  let at = headroom;
  if (state !== undefined) at = putBytes(out, at, 1, state);
  if (cookie !== undefined) at = putU64(out, at, 4, cookie);
  if (functionValue !== undefined) at = putBytes(out, at, 7, functionValue);
  if (argumentsValue !== undefined) at = putPieces(out, at, 8, argumentsValue);
  if (maxMemory !== undefined) at = putU64(out, at, 9, maxMemory);
  if (maxSteps !== undefined) at = putU64(out, at, 10, maxSteps);
  if (maxTime !== undefined) at = putU64(out, at, 11, maxTime);
  if (maxWait !== undefined) at = putU64(out, at, 12, maxWait);
  return out;
}

/** What cancel asks. */
export interface CancelRequest {
  /** The name of the state. */
  readonly state?: string | undefined;
  /** Never used twice while the module is loaded. */
  readonly id?: bigint | undefined;
  /** Chosen by the client, echoed in the reply; cancel finds the run by it. */
  readonly cookie?: bigint | undefined;
}

/** Encodes the attributes, behind `headroom` zeros. Throws a RangeError for a number out of range. */
export function encodeCancelRequest(message: CancelRequest, headroom = 0): Buffer {
  const state = message.state === undefined ? undefined : textPayload(message.state);
  const id = message.id;
  const cookie = message.cookie;
  let size = headroom;
  if (state !== undefined) size += sizeOf(state.length);
  if (id !== undefined) size += 12;
  if (cookie !== undefined) size += 12;
  const out = Buffer.allocUnsafe(size).fill(0, 0, headroom);
  let at = headroom;
  if (state !== undefined) at = putBytes(out, at, 1, state);
  if (id !== undefined) at = putU64(out, at, 3, id);
  if (cookie !== undefined) at = putU64(out, at, 4, cookie);
  return out;
}

/** What result asks. */
export interface ResultRequest {
  /** Never used twice while the module is loaded. */
  readonly id?: bigint | undefined;
  /** Chosen by the client, echoed in the reply; cancel finds the run by it. */
  readonly cookie?: bigint | undefined;
}

/** Encodes the attributes, behind `headroom` zeros. Throws a RangeError for a number out of range. */
export function encodeResultRequest(message: ResultRequest, headroom = 0): Buffer {
  const id = message.id;
  const cookie = message.cookie;
  let size = headroom;
  if (id !== undefined) size += 12;
  if (cookie !== undefined) size += 12;
  const out = Buffer.allocUnsafe(size).fill(0, 0, headroom);
  let at = headroom;
  if (id !== undefined) at = putU64(out, at, 3, id);
  if (cookie !== undefined) at = putU64(out, at, 4, cookie);
  return out;
}

/** What release asks. */
export interface ReleaseRequest {
  /** Never used twice while the module is loaded. */
  readonly id?: bigint | undefined;
  /** Chosen by the client, echoed in the reply; cancel finds the run by it. */
  readonly cookie?: bigint | undefined;
}

/** Encodes the attributes, behind `headroom` zeros. Throws a RangeError for a number out of range. */
export function encodeReleaseRequest(message: ReleaseRequest, headroom = 0): Buffer {
  const id = message.id;
  const cookie = message.cookie;
  let size = headroom;
  if (id !== undefined) size += 12;
  if (cookie !== undefined) size += 12;
  const out = Buffer.allocUnsafe(size).fill(0, 0, headroom);
  let at = headroom;
  if (id !== undefined) at = putU64(out, at, 3, id);
  if (cookie !== undefined) at = putU64(out, at, 4, cookie);
  return out;
}

/** What create and get answer. */
export interface StateReply {
  /** 1 to 63 bytes without control characters. */
  readonly name: string | undefined;
  /** Never used twice while the module is loaded. */
  readonly id: bigint | undefined;
  readonly description: string | undefined;
  /** All of them unless given. Bits of Library. */
  readonly libraries: number | undefined;
  /** Limit on memory, in bytes. */
  readonly maxMemory: bigint | undefined;
  /** Limit on the steps of one run. */
  readonly maxSteps: bigint | undefined;
  /** Limit on the time of one run, in nanoseconds. */
  readonly maxTime: bigint | undefined;
  /** In use now, in bytes. */
  readonly memory: bigint | undefined;
  readonly memoryPeak: bigint | undefined;
  /** 1 while a run is in progress. */
  readonly busy: number | undefined;
  /** 1 while the state is being deleted. */
  readonly dying: number | undefined;
  /** The id of the run in progress; absent when there is none. */
  readonly run: bigint | undefined;
  /** Runs that wait for the state. */
  readonly waiting: number | undefined;
  /** Runs that have ended, failed ones included. */
  readonly runs: bigint | undefined;
  readonly failures: readonly Failure[];
  /** Steps of all runs. */
  readonly steps: bigint | undefined;
  /** Time of all runs, in nanoseconds. */
  readonly time: bigint | undefined;
  /** Time of the longest run, in nanoseconds. */
  readonly timeLongest: bigint | undefined;
  /** When, in nanoseconds since the epoch. */
  readonly created: bigint | undefined;
  readonly creatorPid: number | undefined;
  readonly creatorUid: number | undefined;
  readonly creatorComm: string | undefined;
  readonly lastError: ErrorRecord | undefined;
  /** The longest FPU section of a run, in nanoseconds. Preemption is off in it. */
  readonly sectionLongest: bigint | undefined;
  /** The most bytes of a kernel stack that a run has used. */
  readonly stackDeepest: number | undefined;
}

/** Decodes the attributes between `start` and `end`. Bytes are views of the message. Throws ERR_PROTOCOL. */
export function decodeStateReply(message: Buffer, start = 0, end = message.length): StateReply {
  let name: string | undefined;
  let id: bigint | undefined;
  let description: string | undefined;
  let libraries: number | undefined;
  let maxMemory: bigint | undefined;
  let maxSteps: bigint | undefined;
  let maxTime: bigint | undefined;
  let memory: bigint | undefined;
  let memoryPeak: bigint | undefined;
  let busy: number | undefined;
  let dying: number | undefined;
  let run: bigint | undefined;
  let waiting: number | undefined;
  let runs: bigint | undefined;
  const failures: Failure[] = [];
  let steps: bigint | undefined;
  let time: bigint | undefined;
  let timeLongest: bigint | undefined;
  let created: bigint | undefined;
  let creatorPid: number | undefined;
  let creatorUid: number | undefined;
  let creatorComm: string | undefined;
  let lastError: ErrorRecord | undefined;
  let sectionLongest: bigint | undefined;
  let stackDeepest: number | undefined;
  for (let at = start; at < end; ) {
    const length = lengthAt(message, at, end);
    switch (typeAt(message, at)) {
      case 1:
        name = takeText(message, at, length);
        break;
      case 3:
        id = takeU64(message, at, length);
        break;
      case 4:
        description = takeText(message, at, length);
        break;
      case 5:
        libraries = takeU32(message, at, length);
        break;
      case 6:
        maxMemory = takeU64(message, at, length);
        break;
      case 7:
        maxSteps = takeU64(message, at, length);
        break;
      case 8:
        maxTime = takeU64(message, at, length);
        break;
      case 11:
        memory = takeU64(message, at, length);
        break;
      case 12:
        memoryPeak = takeU64(message, at, length);
        break;
      case 13:
        busy = takeU8(message, at, length);
        break;
      case 14:
        dying = takeU8(message, at, length);
        break;
      case 15:
        run = takeU64(message, at, length);
        break;
      case 16:
        waiting = takeU32(message, at, length);
        break;
      case 17:
        runs = takeU64(message, at, length);
        break;
      case 18:
        failures.push(decodeFailure(message, at + 4, at + length));
        break;
      case 19:
        steps = takeU64(message, at, length);
        break;
      case 20:
        time = takeU64(message, at, length);
        break;
      case 21:
        timeLongest = takeU64(message, at, length);
        break;
      case 22:
        created = takeU64(message, at, length);
        break;
      case 23:
        creatorPid = takeU32(message, at, length);
        break;
      case 24:
        creatorUid = takeU32(message, at, length);
        break;
      case 25:
        creatorComm = takeText(message, at, length);
        break;
      case 26:
        lastError = decodeErrorRecord(message, at + 4, at + length);
        break;
      case 27:
        sectionLongest = takeU64(message, at, length);
        break;
      case 28:
        stackDeepest = takeU32(message, at, length);
        break;
      default:
    }
    at += (length + 3) & ~3;
  }
  return {
    name: name,
    id: id,
    description: description,
    libraries: libraries,
    maxMemory: maxMemory,
    maxSteps: maxSteps,
    maxTime: maxTime,
    memory: memory,
    memoryPeak: memoryPeak,
    busy: busy,
    dying: dying,
    run: run,
    waiting: waiting,
    runs: runs,
    failures: failures,
    steps: steps,
    time: time,
    timeLongest: timeLongest,
    created: created,
    creatorPid: creatorPid,
    creatorUid: creatorUid,
    creatorComm: creatorComm,
    lastError: lastError,
    sectionLongest: sectionLongest,
    stackDeepest: stackDeepest,
  };
}

/** What cancel answers. */
export interface CancelReply {
  /** Runs that cancel reached. */
  readonly count: number | undefined;
}

/** Decodes the attributes between `start` and `end`. Bytes are views of the message. Throws ERR_PROTOCOL. */
export function decodeCancelReply(message: Buffer, start = 0, end = message.length): CancelReply {
  let count: number | undefined;
  for (let at = start; at < end; ) {
    const length = lengthAt(message, at, end);
    switch (typeAt(message, at)) {
      case 27:
        count = takeU32(message, at, length);
        break;
      default:
    }
    at += (length + 3) & ~3;
  }
  return {
    count: count,
  };
}

/** What result answers. */
export interface ResultReply {
  /** Never used twice while the module is loaded. */
  readonly id: bigint | undefined;
  /** A MessagePack array. */
  readonly results: Uint8Array | undefined;
  /** What the run printed. */
  readonly output: Uint8Array | undefined;
}

/** Decodes the attributes between `start` and `end`. Bytes are views of the message. Throws ERR_PROTOCOL. */
export function decodeResultReply(message: Buffer, start = 0, end = message.length): ResultReply {
  let id: bigint | undefined;
  let results: Uint8Array[] | undefined;
  let output: Uint8Array[] | undefined;
  for (let at = start; at < end; ) {
    const length = lengthAt(message, at, end);
    switch (typeAt(message, at)) {
      case 3:
        id = takeU64(message, at, length);
        break;
      case 17:
        if (results === undefined) results = [takeBytes(message, at, length)];
        else results.push(takeBytes(message, at, length));
        break;
      case 18:
        if (output === undefined) output = [takeBytes(message, at, length)];
        else output.push(takeBytes(message, at, length));
        break;
      default:
    }
    at += (length + 3) & ~3;
  }
  return {
    id: id,
    results: join(results),
    output: join(output),
  };
}

/** What info answers. */
export interface InfoReply {
  /** The module's version. */
  readonly version: string | undefined;
  /** "Lua 5.4.8". */
  readonly luaVersion: string | undefined;
  /** "kernel" or "embedded". */
  readonly backend: string | undefined;
  readonly states: number | undefined;
  readonly statesMax: number | undefined;
  /** On the account of memory, in bytes. The pages of all states, and what runs were given, return and print. */
  readonly memory: bigint | undefined;
  readonly memoryMax: bigint | undefined;
  /** Limit on memory of a state created without one, in bytes. */
  readonly defaultMemory: bigint | undefined;
  readonly defaultSteps: bigint | undefined;
  /** Nanoseconds. */
  readonly defaultTime: bigint | undefined;
  /** The highest limit on memory that create accepts, in bytes. */
  readonly ceilingMemory: bigint | undefined;
  readonly ceilingSteps: bigint | undefined;
  /** Nanoseconds. */
  readonly ceilingTime: bigint | undefined;
  /** The most bytes of results a run may have. */
  readonly resultsMax: bigint | undefined;
  /** The most bytes of output a run keeps. */
  readonly outputMax: bigint | undefined;
  /** The most runs that wait for one state. */
  readonly waitingMax: number | undefined;
  /** Runs queued, waiting or in progress now, in all states. */
  readonly runs: number | undefined;
  readonly runsMax: number | undefined;
  /** The sequence number of the last event. */
  readonly eventSequence: bigint | undefined;
}

/** Decodes the attributes between `start` and `end`. Bytes are views of the message. Throws ERR_PROTOCOL. */
export function decodeInfoReply(message: Buffer, start = 0, end = message.length): InfoReply {
  let version: string | undefined;
  let luaVersion: string | undefined;
  let backend: string | undefined;
  let states: number | undefined;
  let statesMax: number | undefined;
  let memory: bigint | undefined;
  let memoryMax: bigint | undefined;
  let defaultMemory: bigint | undefined;
  let defaultSteps: bigint | undefined;
  let defaultTime: bigint | undefined;
  let ceilingMemory: bigint | undefined;
  let ceilingSteps: bigint | undefined;
  let ceilingTime: bigint | undefined;
  let resultsMax: bigint | undefined;
  let outputMax: bigint | undefined;
  let waitingMax: number | undefined;
  let runs: number | undefined;
  let runsMax: number | undefined;
  let eventSequence: bigint | undefined;
  for (let at = start; at < end; ) {
    const length = lengthAt(message, at, end);
    switch (typeAt(message, at)) {
      case 1:
        version = takeText(message, at, length);
        break;
      case 3:
        luaVersion = takeText(message, at, length);
        break;
      case 4:
        backend = takeText(message, at, length);
        break;
      case 5:
        states = takeU32(message, at, length);
        break;
      case 6:
        statesMax = takeU32(message, at, length);
        break;
      case 7:
        memory = takeU64(message, at, length);
        break;
      case 8:
        memoryMax = takeU64(message, at, length);
        break;
      case 9:
        defaultMemory = takeU64(message, at, length);
        break;
      case 10:
        defaultSteps = takeU64(message, at, length);
        break;
      case 11:
        defaultTime = takeU64(message, at, length);
        break;
      case 12:
        ceilingMemory = takeU64(message, at, length);
        break;
      case 13:
        ceilingSteps = takeU64(message, at, length);
        break;
      case 14:
        ceilingTime = takeU64(message, at, length);
        break;
      case 15:
        resultsMax = takeU64(message, at, length);
        break;
      case 16:
        outputMax = takeU64(message, at, length);
        break;
      case 17:
        waitingMax = takeU32(message, at, length);
        break;
      case 18:
        runs = takeU32(message, at, length);
        break;
      case 19:
        runsMax = takeU32(message, at, length);
        break;
      case 20:
        eventSequence = takeU64(message, at, length);
        break;
      default:
    }
    at += (length + 3) & ~3;
  }
  return {
    version: version,
    luaVersion: luaVersion,
    backend: backend,
    states: states,
    statesMax: statesMax,
    memory: memory,
    memoryMax: memoryMax,
    defaultMemory: defaultMemory,
    defaultSteps: defaultSteps,
    defaultTime: defaultTime,
    ceilingMemory: ceilingMemory,
    ceilingSteps: ceilingSteps,
    ceilingTime: ceilingTime,
    resultsMax: resultsMax,
    outputMax: outputMax,
    waitingMax: waitingMax,
    runs: runs,
    runsMax: runsMax,
    eventSequence: eventSequence,
  };
}

/** Something happened to a state or a run. */
export interface EventMessage {
  /** One more than that of the event before; a gap means a loss. */
  readonly sequence: bigint | undefined;
  /** One of EventType. */
  readonly type: number | undefined;
  readonly state: string | undefined;
  readonly stateId: bigint | undefined;
  /** The id of the run, for failed, limit and print. */
  readonly run: bigint | undefined;
  /** When, in nanoseconds since the epoch. */
  readonly time: bigint | undefined;
  readonly errno: number | undefined;
  readonly errorCode: string | undefined;
  readonly message: Uint8Array | undefined;
  /** What was printed, for print; at most 4096 bytes an event. */
  readonly output: Uint8Array | undefined;
}

/** Decodes the attributes between `start` and `end`. Bytes are views of the message. Throws ERR_PROTOCOL. */
export function decodeEventMessage(message: Buffer, start = 0, end = message.length): EventMessage {
  let sequence: bigint | undefined;
  let type: number | undefined;
  let state: string | undefined;
  let stateId: bigint | undefined;
  let run: bigint | undefined;
  let time: bigint | undefined;
  let errno: number | undefined;
  let errorCode: string | undefined;
  let messageValue: Uint8Array | undefined;
  let output: Uint8Array | undefined;
  for (let at = start; at < end; ) {
    const length = lengthAt(message, at, end);
    switch (typeAt(message, at)) {
      case 1:
        sequence = takeU64(message, at, length);
        break;
      case 3:
        type = takeU32(message, at, length);
        break;
      case 4:
        state = takeText(message, at, length);
        break;
      case 5:
        stateId = takeU64(message, at, length);
        break;
      case 6:
        run = takeU64(message, at, length);
        break;
      case 7:
        time = takeU64(message, at, length);
        break;
      case 8:
        errno = takeU32(message, at, length);
        break;
      case 9:
        errorCode = takeText(message, at, length);
        break;
      case 10:
        messageValue = takeBytes(message, at, length);
        break;
      case 11:
        output = takeBytes(message, at, length);
        break;
      default:
    }
    at += (length + 3) & ~3;
  }
  return {
    sequence: sequence,
    type: type,
    state: state,
    stateId: stateId,
    run: run,
    time: time,
    errno: errno,
    errorCode: errorCode,
    message: messageValue,
    output: output,
  };
}

/**
 * The reply to execute and call, sent when the run has ended: once for every request that is not refused, to
 * the socket that asked, with its sequence number and cookie. It may overtake the acknowledgement. Several
 * may come in one datagram, one behind the other.
 */
export interface RunReply {
  /** The name of the state. */
  readonly state: string | undefined;
  /** Never used twice while the module is loaded. */
  readonly id: bigint | undefined;
  /** Chosen by the client, echoed in the reply; cancel finds the run by it. */
  readonly cookie: bigint | undefined;
  /** 0 when the run succeeded, else a positive errno. */
  readonly errno: number | undefined;
  readonly errorCode: string | undefined;
  /** The error's message, with chunk name and line where Lua gives them. */
  readonly message: Uint8Array | undefined;
  readonly traceback: Uint8Array | undefined;
  /** A MessagePack array. */
  readonly results: Uint8Array | undefined;
  /** What the run printed. */
  readonly output: Uint8Array | undefined;
  /** Bytes printed beyond what a run may keep; absent when none. */
  readonly outputDropped: bigint | undefined;
  readonly steps: bigint | undefined;
  /** Nanoseconds from start to end, waiting excluded. */
  readonly time: bigint | undefined;
  /** Nanoseconds spent waiting for the state. */
  readonly wait: bigint | undefined;
  /** The state's memory after the run, in bytes. */
  readonly memory: bigint | undefined;
  /** The state's highest memory during the run, in bytes. */
  readonly memoryPeak: bigint | undefined;
  /** In a reply without results, how many bytes of them the operation result gives. */
  readonly resultsSize: bigint | undefined;
  readonly outputSize: bigint | undefined;
}

/** Decodes the attributes between `start` and `end`. Bytes are views of the message. Throws ERR_PROTOCOL. */
export function decodeRunReply(message: Buffer, start = 0, end = message.length): RunReply {
  let state: string | undefined;
  let id: bigint | undefined;
  let cookie: bigint | undefined;
  let errno: number | undefined;
  let errorCode: string | undefined;
  let messageValue: Uint8Array | undefined;
  let traceback: Uint8Array | undefined;
  let results: Uint8Array[] | undefined;
  let output: Uint8Array[] | undefined;
  let outputDropped: bigint | undefined;
  let steps: bigint | undefined;
  let time: bigint | undefined;
  let wait: bigint | undefined;
  let memory: bigint | undefined;
  let memoryPeak: bigint | undefined;
  let resultsSize: bigint | undefined;
  let outputSize: bigint | undefined;
  for (let at = start; at < end; ) {
    const length = lengthAt(message, at, end);
    switch (typeAt(message, at)) {
      case 1:
        state = takeText(message, at, length);
        break;
      case 3:
        id = takeU64(message, at, length);
        break;
      case 4:
        cookie = takeU64(message, at, length);
        break;
      case 13:
        errno = takeU32(message, at, length);
        break;
      case 14:
        errorCode = takeText(message, at, length);
        break;
      case 15:
        messageValue = takeBytes(message, at, length);
        break;
      case 16:
        traceback = takeBytes(message, at, length);
        break;
      case 17:
        if (results === undefined) results = [takeBytes(message, at, length)];
        else results.push(takeBytes(message, at, length));
        break;
      case 18:
        if (output === undefined) output = [takeBytes(message, at, length)];
        else output.push(takeBytes(message, at, length));
        break;
      case 19:
        outputDropped = takeU64(message, at, length);
        break;
      case 20:
        steps = takeU64(message, at, length);
        break;
      case 21:
        time = takeU64(message, at, length);
        break;
      case 22:
        wait = takeU64(message, at, length);
        break;
      case 23:
        memory = takeU64(message, at, length);
        break;
      case 24:
        memoryPeak = takeU64(message, at, length);
        break;
      case 25:
        resultsSize = takeU64(message, at, length);
        break;
      case 26:
        outputSize = takeU64(message, at, length);
        break;
      default:
    }
    at += (length + 3) & ~3;
  }
  return {
    state: state,
    id: id,
    cookie: cookie,
    errno: errno,
    errorCode: errorCode,
    message: messageValue,
    traceback: traceback,
    results: join(results),
    output: join(output),
    outputDropped: outputDropped,
    steps: steps,
    time: time,
    wait: wait,
    memory: memory,
    memoryPeak: memoryPeak,
    resultsSize: resultsSize,
    outputSize: outputSize,
  };
}
