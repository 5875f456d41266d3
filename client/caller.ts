// SPDX-License-Identifier: MIT

import { lengthAt, putPieces, putU64, sizeOf, sizeOfPieces, takeU32, takeU64, typeAt } from "./attributes.ts";
import type { AnswerSink, Connection, ConnectionRequest, Ticket } from "./connection.ts";
import { LunatikError } from "./error.ts";
import type { LimitOptions } from "./lunatik.ts";
import { HEADROOM, padded } from "./message.ts";
import {
  attributeNames,
  Command,
  decodeRunReply,
  encodeCallRequest,
  FAMILY_VERSION,
  type RunReply,
} from "./protocol_gen.ts";
import { decode, required } from "./reply.ts";
import { outcome } from "./run.ts";

/*
 * Calls one function of one state again and again, at the least cost: what all its calls share is encoded once, of a
 * reply only what a caller needs is read, and no promise is made. What a call means is what it means for
 * Lunatik.call(), and so are its errors; that it was queued is not acknowledged.
 *
 *   call() ──▶ a message of the shared bytes, cookie, wait and arguments ──▶ Connection ──▶ the sink's one outcome
 */

/** Told the one outcome of a call, which may come before call() returns. Must not throw. */
export interface CallSink {
  /**
   * What the function returned, as one MessagePack array (messagepack.ts) between two offsets, and how many nanoseconds it
   * ran. May throw what decodeValues() throws, and failed() is called then.
   */
  succeeded(bytes: Buffer, start: number, end: number, time: number): void;
  /** As Lunatik.call() rejects. `time` is 0 when it did not run. */
  failed(error: LunatikError, time: number): void;
}

/** A call underway. */
export interface UnderwayCall {
  /** Gives it up: it fails with ERR_ABORTED, and its run is cancelled. Nothing once it is over. */
  abort(reason: unknown): void;
}

/** The way to the module, while the module is not loaded anew. */
export interface OpenRuns {
  readonly connection: Connection;
  /** The number of the family. */
  readonly family: number;
  /** That number is no more the family's: it is forgotten. */
  forget(): void;
}

/** What a caller has from its client. */
export interface CallerHost {
  /**
   * The connection for runs, open, and the number of the family. With `isAgain` no refusal of an earlier call is still to come
   * on it. Rejects as a request does.
   */
  runs(isAgain: boolean): Promise<OpenRuns>;
  /** Throws ERR_CLOSED when no call may begin; else a call has begun. */
  begin(): bigint;
  /** A call that had begun is over. */
  end(): void;
  /** Cancels the run with this cookie. */
  cancel(cookie: bigint): void;
  /** Reads results that were too large for the reply. */
  complete(reply: RunReply): Promise<RunReply>;
}

const OPERATION = "call";
const names = attributeNames[Command.call];

/** The number of an attribute of a run. */
function numberOf(name: string): number {
  const found = names.indexOf(name);
  if (found < 0) throw new Error(`a run has no attribute ${name}`);
  return found;
}

const COOKIE = numberOf("cookie");
const ARGUMENTS = numberOf("arguments");
const MAX_WAIT = numberOf("max-wait");
const ERRNO = numberOf("errno");
const RESULTS = numberOf("results");
const TIME = numberOf("time");
const RESULTS_SIZE = numberOf("results-size");

const NUMBER_SIZE = sizeOf(8);
const NOTHING = Buffer.alloc(0);
/** struct nlattr. */
const ATTRIBUTE_HEADER = 4;

const attributeName = (type: number): string | undefined => names[type];

/**
 * The way of all callers of a client: calls leave in the order in which they were made, whichever functions they call.
 *
 * Of a module that was loaded anew nobody tells a client, and its family has another number then. The calls that went to
 * the old one are refused without having run, so that each is sent once more. That is when all of them are back, in their order, in
 * front of those that were made since.
 */
export class CallerChannel {
  readonly host: CallerHost;
  #open: OpenRuns | undefined;
  /** Calls that wait until it is open. */
  #waiting: Call[] = [];
  #calls = 0;
  /** Whether the family had another number before. */
  #isAgain = false;

  constructor(host: CallerHost) {
    this.host = host;
  }

  /** For a caller: the place of the next call. */
  next(): number {
    this.#calls += 1;
    return this.#calls;
  }

  /** For a call. */
  send(call: Call): void {
    if (this.#open !== undefined && !this.#open.connection.isClosed) {
      call.start(this.#open);
      return;
    }
    this.#waiting.push(call);
    if (this.#waiting.length === 1) void this.#connect();
  }

  /** The family had this number, and has another one, or is gone. */
  forget(open: OpenRuns): void {
    open.forget();
    if (this.#open !== open) return;
    this.#open = undefined;
    this.#isAgain = true;
  }

  async #connect(): Promise<void> {
    try {
      const open = await this.host.runs(this.#isAgain);
      this.#isAgain = false;
      this.#open = open;
      for (const call of this.#taken()) call.start(open);
    } catch (error) {
      for (const call of this.#taken()) call.fail(asLunatikError(error), 0);
    }
  }

  #taken(): readonly Call[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting.toSorted((one, other) => one.place - other.place);
  }
}

export class Caller {
  readonly #channel: CallerChannel;
  /** State, function and limits, behind the headroom. */
  readonly #shared: Buffer;

  /** For DirectLunatik.caller(). Throws a RangeError for a limit that is no integer of 64 bits. */
  constructor(channel: CallerChannel, state: string, functionName: string, limits: LimitOptions) {
    this.#channel = channel;
    this.#shared = encodeCallRequest(
      {
        state,
        function: functionName,
        maxMemory: limits.maxMemory === undefined ? undefined : BigInt(limits.maxMemory),
        maxSteps: limits.maxSteps === undefined ? undefined : BigInt(limits.maxSteps),
        maxTime: limits.maxTime === undefined ? undefined : BigInt(limits.maxTime),
      },
      HEADROOM,
    );
  }

  /**
   * Calls the function. `values` is one MessagePack array (messagepack.ts), which is copied; `maxWait` is how long it may wait
   * for a busy state, in nanoseconds.
   */
  call(values: Uint8Array, maxWait: number, sink: CallSink): UnderwayCall {
    const call = new Call(this.#channel, sink, this.#channel.next());
    try {
      call.cookie = this.#channel.host.begin();
    } catch (error) {
      sink.failed(asLunatikError(error), 0);
      return call;
    }
    call.isUnderway = true;
    call.body = this.#encode(call.cookie, values, maxWait);
    this.#channel.send(call);
    return call;
  }

  #encode(cookie: bigint, values: Uint8Array, maxWait: number): Buffer {
    const shared = this.#shared;
    const out = Buffer.allocUnsafe(shared.length + 2 * NUMBER_SIZE + sizeOfPieces(values.length));
    out.set(shared, 0);
    let at = putU64(out, shared.length, COOKIE, cookie);
    at = putU64(out, at, MAX_WAIT, BigInt(Math.round(maxWait)));
    putPieces(out, at, ARGUMENTS, values);
    return out;
  }
}

/** One call: its request, what takes the answer, and what its caller holds. */
class Call implements UnderwayCall, ConnectionRequest, AnswerSink {
  readonly operation = OPERATION;
  readonly kind = "run";
  readonly isAcknowledged = false;
  readonly command = Command.call;
  readonly version = FAMILY_VERSION;
  readonly attributeName = attributeName;
  readonly timeout = Number.POSITIVE_INFINITY;
  type = 0;
  body: Buffer = NOTHING;
  cookie = 0n;
  isUnderway = false;
  /** Of all calls of its channel, in the order in which they were made. */
  readonly place: number;
  readonly #channel: CallerChannel;
  readonly #sink: CallSink;
  #abort: LunatikError | undefined;
  #open: OpenRuns | undefined;
  #ticket: Ticket | undefined;
  #isRepeated = false;

  constructor(channel: CallerChannel, sink: CallSink, place: number) {
    this.#channel = channel;
    this.#sink = sink;
    this.place = place;
  }

  /** Sends it, unless it was given up. */
  start(open: OpenRuns): void {
    this.type = open.family;
    if (this.#abort !== undefined) {
      this.fail(this.#abort, 0);
      return;
    }
    this.#open = open;
    this.#ticket = open.connection.start(this, this);
  }

  abort(reason: unknown): void {
    if (!this.isUnderway) return;
    this.#abort = new LunatikError("ERR_ABORTED", "the request was aborted", {
      operation: OPERATION,
      cause: reason,
    });
    if (this.#ticket !== undefined) this.#open?.connection.giveUp(this.#ticket, this.#abort);
  }

  // For the connection.

  /** A reply, read in place. A short success is over with this; anything else is read at length. */
  reads(bytes: Buffer, start: number, end: number): boolean {
    const found = decode(OPERATION, () => brief(bytes, start, end));
    if (found.cookie !== this.cookie) return false;
    if (found.isPlain) this.#succeed(bytes, found.from, found.to, found.time);
    else void this.#answeredAtLength(Buffer.from(bytes.subarray(start, end)));
    return true;
  }

  abandoned(): void {
    this.#channel.host.cancel(this.cookie);
  }

  answered(): void {
    // Every reply has been read in place.
  }

  refused(error: LunatikError): void {
    const open = this.#open;
    if (error.code === "ERR_NO_MODULE" && open !== undefined) {
      this.#channel.forget(open);
      if (!this.#isRepeated && this.isUnderway) {
        this.#isRepeated = true;
        this.#ticket = undefined;
        this.#channel.send(this);
        return;
      }
    }
    this.fail(error, 0);
  }

  /** What is no plain success: an error, or results that are to be read apart. */
  async #answeredAtLength(attributes: Buffer): Promise<void> {
    let time = 0;
    try {
      const reply = decode(OPERATION, () => decodeRunReply(attributes));
      time = Number(reply.time ?? 0n);
      const whole = reply.resultsSize === undefined ? reply : await this.#channel.host.complete(reply);
      // Throws the run's error, if it failed.
      outcome(OPERATION, whole);
      const bytes = Buffer.from(required(whole.results, "results"));
      this.#succeed(bytes, 0, bytes.length, time);
    } catch (error) {
      this.fail(asLunatikError(error), time);
    }
  }

  #succeed(bytes: Buffer, start: number, end: number, time: number): void {
    if (!this.isUnderway) return;
    this.isUnderway = false;
    this.#channel.host.end();
    try {
      this.#sink.succeeded(bytes, start, end, time);
    } catch (error) {
      this.#sink.failed(asLunatikError(error), time);
    }
  }

  /** It is over. */
  fail(error: LunatikError, time: number): void {
    if (!this.isUnderway) return;
    this.isUnderway = false;
    this.#channel.host.end();
    this.#sink.failed(error, time);
  }
}

/** What brief() found: one for all, since it is looked at at once. */
const seen = { cookie: 0n, isPlain: false, from: 0, to: 0, time: 0 };

/** The cookie of a reply, and where its results are when it is a success and complete. */
function brief(bytes: Buffer, start: number, end: number): Readonly<typeof seen> {
  let pieces = 0;
  let isWhole = true;
  seen.cookie = 0n;
  seen.time = 0;
  for (let at = start; at < end; ) {
    const length = lengthAt(bytes, at, end);
    switch (typeAt(bytes, at)) {
      case COOKIE:
        seen.cookie = takeU64(bytes, at, length);
        break;
      case ERRNO:
        isWhole &&= takeU32(bytes, at, length) === 0;
        break;
      case RESULTS:
        pieces += 1;
        seen.from = at + ATTRIBUTE_HEADER;
        seen.to = at + length;
        break;
      case TIME:
        seen.time = Number(takeU64(bytes, at, length));
        break;
      case RESULTS_SIZE:
        isWhole = false;
        break;
      default:
    }
    at += padded(length);
  }
  seen.isPlain = isWhole && pieces === 1;
  return seen;
}

function asLunatikError(error: unknown): LunatikError {
  if (error instanceof LunatikError) return error;
  const code = error instanceof RangeError ? "ERR_RANGE" : "ERR_PROTOCOL";
  const text = error instanceof Error ? error.message : String(error);
  return new LunatikError(code, text, { operation: OPERATION, cause: error });
}
