// SPDX-License-Identifier: MIT
// Generated from kmod/lunatik.yaml by npm run generate; edit that file instead.

import {
  join,
  lengthAt,
  putBytes,
  putNest,
  putPieces,
  putU32,
  putU64,
  putU8,
  sizeOf,
  sizeOfPieces,
  takeBytes,
  takeText,
  takeU32,
  takeU64,
  textPayload,
  typeAt,
} from "../../client/attributes.ts";
import type {
  Failure,
  ErrorRecord,
  CreateRequest,
  DeleteRequest,
  GetRequest,
  ExecuteRequest,
  CallRequest,
  CancelRequest,
  ResultRequest,
  ReleaseRequest,
  StateReply,
  CancelReply,
  ResultReply,
  InfoReply,
  EventMessage,
  RunReply,
} from "../../client/protocol_gen.ts";

/** Encodes the attributes, behind `headroom` zeros. Throws a RangeError for a number out of range. */
export function encodeFailure(message: Failure, headroom = 0): Buffer {
  const code = message.code === undefined ? undefined : textPayload(message.code);
  const count = message.count;
  let size = headroom;
  if (code !== undefined) size += sizeOf(code.length);
  if (count !== undefined) size += 12;
  const out = Buffer.allocUnsafe(size).fill(0, 0, headroom);
  let at = headroom;
  if (code !== undefined) at = putBytes(out, at, 1, code);
  if (count !== undefined) at = putU64(out, at, 3, count);
  return out;
}

/** Encodes the attributes, behind `headroom` zeros. Throws a RangeError for a number out of range. */
export function encodeErrorRecord(message: ErrorRecord, headroom = 0): Buffer {
  const errno = message.errno;
  const code = message.code === undefined ? undefined : textPayload(message.code);
  const messageValue = message.message;
  const time = message.time;
  let size = headroom;
  if (errno !== undefined) size += 8;
  if (code !== undefined) size += sizeOf(code.length);
  if (messageValue !== undefined) size += sizeOf(messageValue.length);
  if (time !== undefined) size += 12;
  const out = Buffer.allocUnsafe(size).fill(0, 0, headroom);
  let at = headroom;
  if (errno !== undefined) at = putU32(out, at, 1, errno);
  if (code !== undefined) at = putBytes(out, at, 2, code);
  if (messageValue !== undefined) at = putBytes(out, at, 3, messageValue);
  if (time !== undefined) at = putU64(out, at, 5, time);
  return out;
}

/** Decodes the attributes between `start` and `end`. Bytes are views of the message. Throws ERR_PROTOCOL. */
export function decodeCreateRequest(message: Buffer, start = 0, end = message.length): CreateRequest {
  let name: string | undefined;
  let description: string | undefined;
  let libraries: number | undefined;
  let maxMemory: bigint | undefined;
  let maxSteps: bigint | undefined;
  let maxTime: bigint | undefined;
  let createFlags: number | undefined;
  for (let at = start; at < end; ) {
    const length = lengthAt(message, at, end);
    switch (typeAt(message, at)) {
      case 1:
        name = takeText(message, at, length);
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
      case 9:
        createFlags = takeU32(message, at, length);
        break;
      default:
    }
    at += (length + 3) & ~3;
  }
  return {
    name: name,
    description: description,
    libraries: libraries,
    maxMemory: maxMemory,
    maxSteps: maxSteps,
    maxTime: maxTime,
    createFlags: createFlags,
  };
}

/** Decodes the attributes between `start` and `end`. Bytes are views of the message. Throws ERR_PROTOCOL. */
export function decodeDeleteRequest(message: Buffer, start = 0, end = message.length): DeleteRequest {
  let name: string | undefined;
  let deleteFlags: number | undefined;
  for (let at = start; at < end; ) {
    const length = lengthAt(message, at, end);
    switch (typeAt(message, at)) {
      case 1:
        name = takeText(message, at, length);
        break;
      case 10:
        deleteFlags = takeU32(message, at, length);
        break;
      default:
    }
    at += (length + 3) & ~3;
  }
  return {
    name: name,
    deleteFlags: deleteFlags,
  };
}

/** Decodes the attributes between `start` and `end`. Bytes are views of the message. Throws ERR_PROTOCOL. */
export function decodeGetRequest(message: Buffer, start = 0, end = message.length): GetRequest {
  let name: string | undefined;
  for (let at = start; at < end; ) {
    const length = lengthAt(message, at, end);
    switch (typeAt(message, at)) {
      case 1:
        name = takeText(message, at, length);
        break;
      default:
    }
    at += (length + 3) & ~3;
  }
  return {
    name: name,
  };
}

/** Decodes the attributes between `start` and `end`. Bytes are views of the message. Throws ERR_PROTOCOL. */
export function decodeExecuteRequest(message: Buffer, start = 0, end = message.length): ExecuteRequest {
  let state: string | undefined;
  let cookie: bigint | undefined;
  let chunkName: string | undefined;
  let code: Uint8Array[] | undefined;
  let argumentsValue: Uint8Array[] | undefined;
  let maxMemory: bigint | undefined;
  let maxSteps: bigint | undefined;
  let maxTime: bigint | undefined;
  let maxWait: bigint | undefined;
  for (let at = start; at < end; ) {
    const length = lengthAt(message, at, end);
    switch (typeAt(message, at)) {
      case 1:
        state = takeText(message, at, length);
        break;
      case 4:
        cookie = takeU64(message, at, length);
        break;
      case 5:
        chunkName = takeText(message, at, length);
        break;
      case 6:
        if (code === undefined) code = [takeBytes(message, at, length)];
        else code.push(takeBytes(message, at, length));
        break;
      case 8:
        if (argumentsValue === undefined) argumentsValue = [takeBytes(message, at, length)];
        else argumentsValue.push(takeBytes(message, at, length));
        break;
      case 9:
        maxMemory = takeU64(message, at, length);
        break;
      case 10:
        maxSteps = takeU64(message, at, length);
        break;
      case 11:
        maxTime = takeU64(message, at, length);
        break;
      case 12:
        maxWait = takeU64(message, at, length);
        break;
      default:
    }
    at += (length + 3) & ~3;
  }
  return {
    state: state,
    cookie: cookie,
    chunkName: chunkName,
    code: join(code),
    arguments: join(argumentsValue),
    maxMemory: maxMemory,
    maxSteps: maxSteps,
    maxTime: maxTime,
    maxWait: maxWait,
  };
}

/** Decodes the attributes between `start` and `end`. Bytes are views of the message. Throws ERR_PROTOCOL. */
export function decodeCallRequest(message: Buffer, start = 0, end = message.length): CallRequest {
  let state: string | undefined;
  let cookie: bigint | undefined;
  let functionValue: string | undefined;
  let argumentsValue: Uint8Array[] | undefined;
  let maxMemory: bigint | undefined;
  let maxSteps: bigint | undefined;
  let maxTime: bigint | undefined;
  let maxWait: bigint | undefined;
  for (let at = start; at < end; ) {
    const length = lengthAt(message, at, end);
    switch (typeAt(message, at)) {
      case 1:
        state = takeText(message, at, length);
        break;
      case 4:
        cookie = takeU64(message, at, length);
        break;
      case 7:
        functionValue = takeText(message, at, length);
        break;
      case 8:
        if (argumentsValue === undefined) argumentsValue = [takeBytes(message, at, length)];
        else argumentsValue.push(takeBytes(message, at, length));
        break;
      case 9:
        maxMemory = takeU64(message, at, length);
        break;
      case 10:
        maxSteps = takeU64(message, at, length);
        break;
      case 11:
        maxTime = takeU64(message, at, length);
        break;
      case 12:
        maxWait = takeU64(message, at, length);
        break;
      default:
    }
    at += (length + 3) & ~3;
  }
  return {
    state: state,
    cookie: cookie,
    function: functionValue,
    arguments: join(argumentsValue),
    maxMemory: maxMemory,
    maxSteps: maxSteps,
    maxTime: maxTime,
    maxWait: maxWait,
  };
}

/** Decodes the attributes between `start` and `end`. Bytes are views of the message. Throws ERR_PROTOCOL. */
export function decodeCancelRequest(message: Buffer, start = 0, end = message.length): CancelRequest {
  let state: string | undefined;
  let id: bigint | undefined;
  let cookie: bigint | undefined;
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
      default:
    }
    at += (length + 3) & ~3;
  }
  return {
    state: state,
    id: id,
    cookie: cookie,
  };
}

/** Decodes the attributes between `start` and `end`. Bytes are views of the message. Throws ERR_PROTOCOL. */
export function decodeResultRequest(message: Buffer, start = 0, end = message.length): ResultRequest {
  let id: bigint | undefined;
  let cookie: bigint | undefined;
  for (let at = start; at < end; ) {
    const length = lengthAt(message, at, end);
    switch (typeAt(message, at)) {
      case 3:
        id = takeU64(message, at, length);
        break;
      case 4:
        cookie = takeU64(message, at, length);
        break;
      default:
    }
    at += (length + 3) & ~3;
  }
  return {
    id: id,
    cookie: cookie,
  };
}

/** Decodes the attributes between `start` and `end`. Bytes are views of the message. Throws ERR_PROTOCOL. */
export function decodeReleaseRequest(message: Buffer, start = 0, end = message.length): ReleaseRequest {
  let id: bigint | undefined;
  let cookie: bigint | undefined;
  for (let at = start; at < end; ) {
    const length = lengthAt(message, at, end);
    switch (typeAt(message, at)) {
      case 3:
        id = takeU64(message, at, length);
        break;
      case 4:
        cookie = takeU64(message, at, length);
        break;
      default:
    }
    at += (length + 3) & ~3;
  }
  return {
    id: id,
    cookie: cookie,
  };
}

/** Encodes the attributes, behind `headroom` zeros. Throws a RangeError for a number out of range. */
export function encodeStateReply(message: StateReply, headroom = 0): Buffer {
  const name = message.name === undefined ? undefined : textPayload(message.name);
  const id = message.id;
  const description = message.description === undefined ? undefined : textPayload(message.description);
  const libraries = message.libraries;
  const maxMemory = message.maxMemory;
  const maxSteps = message.maxSteps;
  const maxTime = message.maxTime;
  const memory = message.memory;
  const memoryPeak = message.memoryPeak;
  const busy = message.busy;
  const dying = message.dying;
  const run = message.run;
  const waiting = message.waiting;
  const runs = message.runs;
  const failures = message.failures.map((nest) => encodeFailure(nest));
  const steps = message.steps;
  const time = message.time;
  const timeLongest = message.timeLongest;
  const created = message.created;
  const creatorPid = message.creatorPid;
  const creatorUid = message.creatorUid;
  const creatorComm = message.creatorComm === undefined ? undefined : textPayload(message.creatorComm);
  const lastError = message.lastError === undefined ? undefined : encodeErrorRecord(message.lastError);
  const sectionLongest = message.sectionLongest;
  const stackDeepest = message.stackDeepest;
  let size = headroom;
  if (name !== undefined) size += sizeOf(name.length);
  if (id !== undefined) size += 12;
  if (description !== undefined) size += sizeOf(description.length);
  if (libraries !== undefined) size += 8;
  if (maxMemory !== undefined) size += 12;
  if (maxSteps !== undefined) size += 12;
  if (maxTime !== undefined) size += 12;
  if (memory !== undefined) size += 12;
  if (memoryPeak !== undefined) size += 12;
  if (busy !== undefined) size += 8;
  if (dying !== undefined) size += 8;
  if (run !== undefined) size += 12;
  if (waiting !== undefined) size += 8;
  if (runs !== undefined) size += 12;
  for (const nest of failures) size += sizeOf(nest.length);
  if (steps !== undefined) size += 12;
  if (time !== undefined) size += 12;
  if (timeLongest !== undefined) size += 12;
  if (created !== undefined) size += 12;
  if (creatorPid !== undefined) size += 8;
  if (creatorUid !== undefined) size += 8;
  if (creatorComm !== undefined) size += sizeOf(creatorComm.length);
  if (lastError !== undefined) size += sizeOf(lastError.length);
  if (sectionLongest !== undefined) size += 12;
  if (stackDeepest !== undefined) size += 8;
  const out = Buffer.allocUnsafe(size).fill(0, 0, headroom);
  let at = headroom;
  if (name !== undefined) at = putBytes(out, at, 1, name);
  if (id !== undefined) at = putU64(out, at, 3, id);
  if (description !== undefined) at = putBytes(out, at, 4, description);
  if (libraries !== undefined) at = putU32(out, at, 5, libraries);
  if (maxMemory !== undefined) at = putU64(out, at, 6, maxMemory);
  if (maxSteps !== undefined) at = putU64(out, at, 7, maxSteps);
  if (maxTime !== undefined) at = putU64(out, at, 8, maxTime);
  if (memory !== undefined) at = putU64(out, at, 11, memory);
  if (memoryPeak !== undefined) at = putU64(out, at, 12, memoryPeak);
  if (busy !== undefined) at = putU8(out, at, 13, busy);
  if (dying !== undefined) at = putU8(out, at, 14, dying);
  if (run !== undefined) at = putU64(out, at, 15, run);
  if (waiting !== undefined) at = putU32(out, at, 16, waiting);
  if (runs !== undefined) at = putU64(out, at, 17, runs);
  for (const nest of failures) at = putNest(out, at, 18, nest);
  if (steps !== undefined) at = putU64(out, at, 19, steps);
  if (time !== undefined) at = putU64(out, at, 20, time);
  if (timeLongest !== undefined) at = putU64(out, at, 21, timeLongest);
  if (created !== undefined) at = putU64(out, at, 22, created);
  if (creatorPid !== undefined) at = putU32(out, at, 23, creatorPid);
  if (creatorUid !== undefined) at = putU32(out, at, 24, creatorUid);
  if (creatorComm !== undefined) at = putBytes(out, at, 25, creatorComm);
  if (lastError !== undefined) at = putNest(out, at, 26, lastError);
  if (sectionLongest !== undefined) at = putU64(out, at, 27, sectionLongest);
  if (stackDeepest !== undefined) at = putU32(out, at, 28, stackDeepest);
  return out;
}

/** Encodes the attributes, behind `headroom` zeros. Throws a RangeError for a number out of range. */
export function encodeCancelReply(message: CancelReply, headroom = 0): Buffer {
  const count = message.count;
  let size = headroom;
  if (count !== undefined) size += 8;
  const out = Buffer.allocUnsafe(size).fill(0, 0, headroom);
  let at = headroom;
  if (count !== undefined) at = putU32(out, at, 27, count);
  return out;
}

/** Encodes the attributes, behind `headroom` zeros. Throws a RangeError for a number out of range. */
export function encodeResultReply(message: ResultReply, headroom = 0): Buffer {
  const id = message.id;
  const results = message.results;
  const output = message.output;
  let size = headroom;
  if (id !== undefined) size += 12;
  if (results !== undefined) size += sizeOfPieces(results.length);
  if (output !== undefined) size += sizeOfPieces(output.length);
  const out = Buffer.allocUnsafe(size).fill(0, 0, headroom);
  let at = headroom;
  if (id !== undefined) at = putU64(out, at, 3, id);
  if (results !== undefined) at = putPieces(out, at, 17, results);
  if (output !== undefined) at = putPieces(out, at, 18, output);
  return out;
}

/** Encodes the attributes, behind `headroom` zeros. Throws a RangeError for a number out of range. */
export function encodeInfoReply(message: InfoReply, headroom = 0): Buffer {
  const version = message.version === undefined ? undefined : textPayload(message.version);
  const luaVersion = message.luaVersion === undefined ? undefined : textPayload(message.luaVersion);
  const backend = message.backend === undefined ? undefined : textPayload(message.backend);
  const states = message.states;
  const statesMax = message.statesMax;
  const memory = message.memory;
  const memoryMax = message.memoryMax;
  const defaultMemory = message.defaultMemory;
  const defaultSteps = message.defaultSteps;
  const defaultTime = message.defaultTime;
  const ceilingMemory = message.ceilingMemory;
  const ceilingSteps = message.ceilingSteps;
  const ceilingTime = message.ceilingTime;
  const resultsMax = message.resultsMax;
  const outputMax = message.outputMax;
  const waitingMax = message.waitingMax;
  const runs = message.runs;
  const runsMax = message.runsMax;
  const eventSequence = message.eventSequence;
  let size = headroom;
  if (version !== undefined) size += sizeOf(version.length);
  if (luaVersion !== undefined) size += sizeOf(luaVersion.length);
  if (backend !== undefined) size += sizeOf(backend.length);
  if (states !== undefined) size += 8;
  if (statesMax !== undefined) size += 8;
  if (memory !== undefined) size += 12;
  if (memoryMax !== undefined) size += 12;
  if (defaultMemory !== undefined) size += 12;
  if (defaultSteps !== undefined) size += 12;
  if (defaultTime !== undefined) size += 12;
  if (ceilingMemory !== undefined) size += 12;
  if (ceilingSteps !== undefined) size += 12;
  if (ceilingTime !== undefined) size += 12;
  if (resultsMax !== undefined) size += 12;
  if (outputMax !== undefined) size += 12;
  if (waitingMax !== undefined) size += 8;
  if (runs !== undefined) size += 8;
  if (runsMax !== undefined) size += 8;
  if (eventSequence !== undefined) size += 12;
  const out = Buffer.allocUnsafe(size).fill(0, 0, headroom);
  let at = headroom;
  if (version !== undefined) at = putBytes(out, at, 1, version);
  if (luaVersion !== undefined) at = putBytes(out, at, 3, luaVersion);
  if (backend !== undefined) at = putBytes(out, at, 4, backend);
  if (states !== undefined) at = putU32(out, at, 5, states);
  if (statesMax !== undefined) at = putU32(out, at, 6, statesMax);
  if (memory !== undefined) at = putU64(out, at, 7, memory);
  if (memoryMax !== undefined) at = putU64(out, at, 8, memoryMax);
  if (defaultMemory !== undefined) at = putU64(out, at, 9, defaultMemory);
  if (defaultSteps !== undefined) at = putU64(out, at, 10, defaultSteps);
  if (defaultTime !== undefined) at = putU64(out, at, 11, defaultTime);
  if (ceilingMemory !== undefined) at = putU64(out, at, 12, ceilingMemory);
  if (ceilingSteps !== undefined) at = putU64(out, at, 13, ceilingSteps);
  if (ceilingTime !== undefined) at = putU64(out, at, 14, ceilingTime);
  if (resultsMax !== undefined) at = putU64(out, at, 15, resultsMax);
  if (outputMax !== undefined) at = putU64(out, at, 16, outputMax);
  if (waitingMax !== undefined) at = putU32(out, at, 17, waitingMax);
  if (runs !== undefined) at = putU32(out, at, 18, runs);
  if (runsMax !== undefined) at = putU32(out, at, 19, runsMax);
  if (eventSequence !== undefined) at = putU64(out, at, 20, eventSequence);
  return out;
}

/** Encodes the attributes, behind `headroom` zeros. Throws a RangeError for a number out of range. */
export function encodeEventMessage(message: EventMessage, headroom = 0): Buffer {
  const sequence = message.sequence;
  const type = message.type;
  const state = message.state === undefined ? undefined : textPayload(message.state);
  const stateId = message.stateId;
  const run = message.run;
  const time = message.time;
  const errno = message.errno;
  const errorCode = message.errorCode === undefined ? undefined : textPayload(message.errorCode);
  const messageValue = message.message;
  const output = message.output;
  let size = headroom;
  if (sequence !== undefined) size += 12;
  if (type !== undefined) size += 8;
  if (state !== undefined) size += sizeOf(state.length);
  if (stateId !== undefined) size += 12;
  if (run !== undefined) size += 12;
  if (time !== undefined) size += 12;
  if (errno !== undefined) size += 8;
  if (errorCode !== undefined) size += sizeOf(errorCode.length);
  if (messageValue !== undefined) size += sizeOf(messageValue.length);
  if (output !== undefined) size += sizeOf(output.length);
  const out = Buffer.allocUnsafe(size).fill(0, 0, headroom);
  let at = headroom;
  if (sequence !== undefined) at = putU64(out, at, 1, sequence);
  if (type !== undefined) at = putU32(out, at, 3, type);
  if (state !== undefined) at = putBytes(out, at, 4, state);
  if (stateId !== undefined) at = putU64(out, at, 5, stateId);
  if (run !== undefined) at = putU64(out, at, 6, run);
  if (time !== undefined) at = putU64(out, at, 7, time);
  if (errno !== undefined) at = putU32(out, at, 8, errno);
  if (errorCode !== undefined) at = putBytes(out, at, 9, errorCode);
  if (messageValue !== undefined) at = putBytes(out, at, 10, messageValue);
  if (output !== undefined) at = putBytes(out, at, 11, output);
  return out;
}

/** Encodes the attributes, behind `headroom` zeros. Throws a RangeError for a number out of range. */
export function encodeRunReply(message: RunReply, headroom = 0): Buffer {
  const state = message.state === undefined ? undefined : textPayload(message.state);
  const id = message.id;
  const cookie = message.cookie;
  const errno = message.errno;
  const errorCode = message.errorCode === undefined ? undefined : textPayload(message.errorCode);
  const messageValue = message.message;
  const traceback = message.traceback;
  const results = message.results;
  const output = message.output;
  const outputDropped = message.outputDropped;
  const steps = message.steps;
  const time = message.time;
  const wait = message.wait;
  const memory = message.memory;
  const memoryPeak = message.memoryPeak;
  const resultsSize = message.resultsSize;
  const outputSize = message.outputSize;
  let size = headroom;
  if (state !== undefined) size += sizeOf(state.length);
  if (id !== undefined) size += 12;
  if (cookie !== undefined) size += 12;
  if (errno !== undefined) size += 8;
  if (errorCode !== undefined) size += sizeOf(errorCode.length);
  if (messageValue !== undefined) size += sizeOf(messageValue.length);
  if (traceback !== undefined) size += sizeOf(traceback.length);
  if (results !== undefined) size += sizeOfPieces(results.length);
  if (output !== undefined) size += sizeOfPieces(output.length);
  if (outputDropped !== undefined) size += 12;
  if (steps !== undefined) size += 12;
  if (time !== undefined) size += 12;
  if (wait !== undefined) size += 12;
  if (memory !== undefined) size += 12;
  if (memoryPeak !== undefined) size += 12;
  if (resultsSize !== undefined) size += 12;
  if (outputSize !== undefined) size += 12;
  const out = Buffer.allocUnsafe(size).fill(0, 0, headroom);
  let at = headroom;
  if (state !== undefined) at = putBytes(out, at, 1, state);
  if (id !== undefined) at = putU64(out, at, 3, id);
  if (cookie !== undefined) at = putU64(out, at, 4, cookie);
  if (errno !== undefined) at = putU32(out, at, 13, errno);
  if (errorCode !== undefined) at = putBytes(out, at, 14, errorCode);
  if (messageValue !== undefined) at = putBytes(out, at, 15, messageValue);
  if (traceback !== undefined) at = putBytes(out, at, 16, traceback);
  if (results !== undefined) at = putPieces(out, at, 17, results);
  if (output !== undefined) at = putPieces(out, at, 18, output);
  if (outputDropped !== undefined) at = putU64(out, at, 19, outputDropped);
  if (steps !== undefined) at = putU64(out, at, 20, steps);
  if (time !== undefined) at = putU64(out, at, 21, time);
  if (wait !== undefined) at = putU64(out, at, 22, wait);
  if (memory !== undefined) at = putU64(out, at, 23, memory);
  if (memoryPeak !== undefined) at = putU64(out, at, 24, memoryPeak);
  if (resultsSize !== undefined) at = putU64(out, at, 25, resultsSize);
  if (outputSize !== undefined) at = putU64(out, at, 26, outputSize);
  return out;
}
