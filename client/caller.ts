// SPDX-License-Identifier: MIT

import {
  lengthAt,
  putPieces,
  putU64,
  sizeOf,
  sizeOfPieces,
  takeBytes,
  takeU32,
  takeU64,
  typeAt,
} from "./attributes.ts";
import type { Answer, AnswerSink, Connection, ConnectionRequest, Ticket } from "./connection.ts";
import { LunatikError } from "./error.ts";
import type { LuaValue } from "./lua_value.ts";
import type { LimitOptions } from "./lunatik.ts";
import { HEADROOM, padded } from "./message.ts";
import { decodeValues, encodeValuesBriefly } from "./messagepack.ts";
import {
  attributeNames,
  Command,
  decodeRunReply,
  encodeCallRequest,
  FAMILY_VERSION,
  type RunReply,
} from "./protocol_gen.ts";
import { decode } from "./reply.ts";
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
  /** What the function returned, and how many nanoseconds it ran. */
  succeeded(results: readonly LuaValue[], time: number): void;
  /** As Lunatik.call() rejects. `time` is 0 when it did not run. */
  failed(error: LunatikError, time: number): void;
}

/** A call underway. */
export interface UnderwayCall {
  /** Gives it up: it fails with ERR_ABORTED, and its run is cancelled. Nothing once it is over. */
  abort(reason: unknown): void;
}

/** What a caller has from its client. */
export interface CallerHost {
  /** The connection for runs, open, and the number of the family. Rejects as a request does. */
  runs(): Promise<{ readonly connection: Connection; readonly family: number }>;
  /** Throws ERR_CLOSED when no call may begin; else a call has begun. */
  begin(): bigint;
  /** A call that had begun is over. */
  end(): void;
  /** Cancels the run with this cookie. */
  cancel(cookie: bigint): void;
  /** The module is not there any more: what was known of it is forgotten. */
  forget(): void;
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

const attributeName = (type: number): string | undefined => names[type];

/** The way of all callers of a client: calls leave in the order in which they were made, whichever functions they call. */
export class CallerChannel {
  readonly host: CallerHost;
  #open: { readonly connection: Connection; readonly family: number } | undefined;
  /** Calls that wait until it is open. */
  #waiting: Call[] = [];

  constructor(host: CallerHost) {
    this.host = host;
  }

  /** For a caller. */
  send(call: Call): void {
    if (this.#open !== undefined && !this.#open.connection.isClosed) {
      call.start(this.#open.connection, this.#open.family);
      return;
    }
    this.#waiting.push(call);
    if (this.#waiting.length === 1) void this.#connect();
  }

  /** The family has another number, or is gone. */
  forget(): void {
    this.#open = undefined;
    this.host.forget();
  }

  async #connect(): Promise<void> {
    try {
      const open = await this.host.runs();
      this.#open = open;
      for (const call of this.#taken()) call.start(open.connection, open.family);
    } catch (error) {
      for (const call of this.#taken()) call.fail(asLunatikError(error), 0);
    }
  }

  #taken(): readonly Call[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
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

  /** Calls the function. `maxWait` is how long it may wait for a busy state, in nanoseconds. */
  call(values: readonly LuaValue[], maxWait: number, sink: CallSink): UnderwayCall {
    const call = new Call(this.#channel, sink);
    try {
      call.cookie = this.#channel.host.begin();
    } catch (error) {
      sink.failed(asLunatikError(error), 0);
      return call;
    }
    call.isUnderway = true;
    try {
      call.body = this.#encode(call.cookie, values, maxWait);
    } catch (error) {
      call.fail(asLunatikError(error), 0);
      return call;
    }
    this.#channel.send(call);
    return call;
  }

  #encode(cookie: bigint, values: readonly LuaValue[], maxWait: number): Buffer {
    const shared = this.#shared;
    const bytes = values.length === 0 ? undefined : encodeValuesBriefly(values);
    const size = shared.length + 2 * NUMBER_SIZE + (bytes === undefined ? 0 : sizeOfPieces(bytes.length));
    const out = Buffer.allocUnsafe(size);
    out.set(shared, 0);
    let at = putU64(out, shared.length, COOKIE, cookie);
    at = putU64(out, at, MAX_WAIT, BigInt(Math.round(maxWait)));
    if (bytes !== undefined) putPieces(out, at, ARGUMENTS, bytes);
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
  readonly #channel: CallerChannel;
  readonly #sink: CallSink;
  #abort: LunatikError | undefined;
  #started: { readonly connection: Connection; readonly ticket: Ticket } | undefined;

  constructor(channel: CallerChannel, sink: CallSink) {
    this.#channel = channel;
    this.#sink = sink;
  }

  /** Sends it, unless it was given up. */
  start(connection: Connection, family: number): void {
    this.type = family;
    if (this.#abort !== undefined) {
      this.fail(this.#abort, 0);
      return;
    }
    this.#started = { connection, ticket: connection.start(this, this) };
  }

  abort(reason: unknown): void {
    if (!this.isUnderway) return;
    this.#abort = new LunatikError("ERR_ABORTED", "the request was aborted", {
      operation: OPERATION,
      cause: reason,
    });
    this.#started?.connection.giveUp(this.#started.ticket, this.#abort);
  }

  // For the connection.

  accepts(attributes: Buffer): boolean {
    return decode(OPERATION, () => cookieOf(attributes)) === this.cookie;
  }

  abandoned(): void {
    this.#channel.host.cancel(this.cookie);
  }

  answered({ replies }: Answer): void {
    const [reply] = replies;
    try {
      if (reply === undefined) throw new LunatikError("ERR_PROTOCOL", "the answer has no reply");
      const found = decode(OPERATION, () => brief(reply));
      if (found === undefined) void this.#answeredAtLength(reply);
      else this.#succeed(found.results, found.time);
    } catch (error) {
      this.fail(asLunatikError(error), 0);
    }
  }

  refused(error: LunatikError): void {
    if (error.code === "ERR_NO_MODULE") this.#channel.forget();
    this.fail(error, 0);
  }

  /** What is no plain success: an error, or results that are to be read apart. */
  async #answeredAtLength(attributes: Buffer): Promise<void> {
    let time = 0;
    try {
      const reply = decode(OPERATION, () => decodeRunReply(attributes));
      time = Number(reply.time ?? 0n);
      const whole = reply.resultsSize === undefined ? reply : await this.#channel.host.complete(reply);
      this.#succeed(outcome(OPERATION, whole).results, time);
    } catch (error) {
      this.fail(asLunatikError(error), time);
    }
  }

  #succeed(results: readonly LuaValue[], time: number): void {
    if (!this.isUnderway) return;
    this.isUnderway = false;
    this.#channel.host.end();
    this.#sink.succeeded(results, time);
  }

  /** It is over. */
  fail(error: LunatikError, time: number): void {
    if (!this.isUnderway) return;
    this.isUnderway = false;
    this.#channel.host.end();
    this.#sink.failed(error, time);
  }
}

function cookieOf(attributes: Buffer): bigint | undefined {
  for (let at = 0; at < attributes.length; ) {
    const length = lengthAt(attributes, at, attributes.length);
    if (typeAt(attributes, at) === COOKIE) return takeU64(attributes, at, length);
    at += padded(length);
  }
  return undefined;
}

/** The results and the time of a reply that is a success and complete; undefined for any other. */
function brief(
  attributes: Buffer,
): { readonly results: readonly LuaValue[]; readonly time: number } | undefined {
  let results: Uint8Array | undefined;
  let time = 0;
  for (let at = 0; at < attributes.length; ) {
    const length = lengthAt(attributes, at, attributes.length);
    switch (typeAt(attributes, at)) {
      case ERRNO:
        if (takeU32(attributes, at, length) !== 0) return undefined;
        break;
      case RESULTS:
        // More than one piece is put together elsewhere.
        if (results !== undefined) return undefined;
        results = takeBytes(attributes, at, length);
        break;
      case TIME:
        time = Number(takeU64(attributes, at, length));
        break;
      case RESULTS_SIZE:
        return undefined;
      default:
    }
    at += padded(length);
  }
  return results === undefined ? undefined : { results: decodeValues(results), time };
}

function asLunatikError(error: unknown): LunatikError {
  if (error instanceof LunatikError) return error;
  const code = error instanceof RangeError ? "ERR_RANGE" : "ERR_PROTOCOL";
  const text = error instanceof Error ? error.message : String(error);
  return new LunatikError(code, text, { operation: OPERATION, cause: error });
}
