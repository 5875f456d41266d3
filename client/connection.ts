// SPDX-License-Identifier: MIT

import { randomInt } from "node:crypto";
import { aborted, LunatikError, refusal } from "./error.ts";
import {
  attributeAt,
  attributesOf,
  commandOf,
  encodeRequest,
  HEADROOM,
  type Message,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_OVERRUN,
  padded,
  parseAcknowledgement,
  parseMessages,
} from "./message.ts";
import type { Transport, TransportListener, TransportOpener } from "./transport.ts";

/*
 * One socket's requests and their answers: a core without I/O over an injected transport.
 *
 *   request() ──▶ queue ──▶ in flight (at most `window`) ──▶ settled
 *                  │              │
 *                  │              ├─ acknowledgement   ends "acknowledgement"; a "run" is queued in the kernel now, as it is
 *                  │              │                    once it was sent where that is synchronous (transport.ts)
 *                  │              ├─ refusal           ends all
 *                  │              ├─ reply             ends "reply" and "run" (which may overtake its acknowledgement)
 *                  │              ├─ part, part, done  end "dump"
 *                  └──────────────┴─ time-out, abort, overrun, close
 *
 * Answers are matched by sequence number and port, runs by their cookie too. What matches nothing is an answer that
 * came too late, and is dropped. A sequence starts anywhere, so that a socket that got the port of an earlier one does not
 * take its answers for its own.
 *
 * Whatever arrives, nothing here throws into the transport: bytes that are not netlink end the connection with
 * ERR_PROTOCOL.
 */

/** How an answer ends: see the drawing above. */
export type AnswerKind = "acknowledgement" | "reply" | "run" | "dump";

export interface ConnectionRequest {
  /** The operation's name, for errors. */
  readonly operation: string;
  readonly kind: AnswerKind;
  /** The number of the family. */
  readonly type: number;
  readonly command: number;
  readonly version: number;
  /** The encoded attributes, behind HEADROOM zeros for the headers. Must not change until the answer is there. */
  readonly body: Buffer;
  /** The name of an attribute of the request by its type, for errors. */
  readonly attributeName?: ((type: number) => string | undefined) | undefined;
  /** Whether a reply, given as its encoded attributes, answers this request. All do unless given. */
  readonly accepts?: ((attributes: Buffer) => boolean) | undefined;
  /** Milliseconds to wait for the answer. Infinity waits for ever. */
  readonly timeout: number;
  /** For a run: milliseconds to wait for its reply, counted anew once it is queued. */
  readonly runTimeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called when a request that was sent is given up, by a time-out or the signal. Must not throw. */
  readonly abandoned?: (() => void) | undefined;
  /**
   * Reads a reply's encoded attributes in place, between two offsets of what was received. False when they do not answer this
   * request; else it is over, and its sink hears no more of it. Instead of `accepts`.
   */
  readonly reads?: ((bytes: Buffer, start: number, end: number) => boolean) | undefined;
  /** For a run: whether the other side is to say that it is queued. It is unless told otherwise. */
  readonly isAcknowledged?: boolean | undefined;
}

/** Told the one outcome of a request. Neither may throw. */
export interface AnswerSink {
  answered(answer: Answer): void;
  refused(error: LunatikError): void;
}

/** A request underway, for giveUp(). */
export interface Ticket {
  readonly request: ConnectionRequest;
}

export interface Answer {
  /** The encoded attributes of the replies: one for "reply" and "run", any number for "dump". */
  readonly replies: readonly Buffer[];
  /** The thing dumped changed during the dump. */
  readonly interrupted: boolean;
}

/** What a connection tells its owner besides answers. None may throw. */
export interface ConnectionListener {
  /** A generic netlink message that is no answer: its command and encoded attributes. */
  event?(type: number, command: number, attributes: Buffer): void;
  /** Messages were lost; the requests in flight have been given up. */
  overrun?(): void;
  /** The connection is gone; every request has been given up. */
  closed?(reason: LunatikError): void;
}

interface Pending extends Ticket {
  readonly sequence: number;
  readonly message: Buffer;
  readonly replies: Buffer[];
  interrupted: boolean;
  timer: NodeJS.Timeout | undefined;
  onAbort: (() => void) | undefined;
  readonly sink: AnswerSink;
}

/** setTimeout() takes no more. */
const TIMER_MAX = 2 ** 31 - 1;

/** Messages that are sent in one turn leave together, as long as they have no more bytes than this. */
const BATCH_MAX = 32_768;

/** Opens a connection. `window` is how many requests may be in flight. Rejects as the opener does. */
export async function openConnection(
  opener: TransportOpener,
  window: number,
  listener: ConnectionListener = {},
): Promise<Connection> {
  const connection = new Connection(window, listener);
  connection.attach(await opener(connection));
  return connection;
}

export class Connection implements TransportListener {
  readonly #listener: ConnectionListener;
  #window: number;
  #transport: Transport | undefined;
  #port: number | undefined;
  #sequence = randomInt(2 ** 32);
  readonly #queue = new Set<Pending>();
  readonly #inFlight = new Map<number, Pending>();
  /** Those of them that leave with the end of this turn. */
  #leaving: Pending[] = [];
  #closedWith: LunatikError | undefined;
  #kept = true;
  /** Keeps the process alive without a request, for events. */
  #pinned = false;

  /** For openConnection(). */
  constructor(window: number, listener: ConnectionListener) {
    this.#window = window;
    this.#listener = listener;
  }

  /** For openConnection(). */
  attach(transport: Transport): void {
    this.#transport = transport;
    this.#port = transport.port;
    this.#window = Math.max(1, Math.min(this.#window, transport.inFlightMax));
    this.#keepAlive();
  }

  get isClosed(): boolean {
    return this.#closedWith !== undefined;
  }

  /** Requests that wait to be sent, and requests that wait for an answer. */
  get load(): { readonly queued: number; readonly inFlight: number } {
    return { queued: this.#queue.size, inFlight: this.#inFlight.size };
  }

  /**
   * Sends a request, as soon as the window has room, and resolves with its answer.
   *
   * Rejects with the other side's refusal, or with ERR_TIMEOUT, ERR_ABORTED, ERR_OVERRUN, ERR_PROTOCOL, ERR_CLOSED,
   * or ERR_TOO_LARGE when the message is longer than the socket takes.
   */
  request(request: ConnectionRequest): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.start(request, { answered: resolve, refused: reject });
    });
  }

  /** The same, for who is told of the outcome by a sink: it costs no promise. The outcome may come before this returns. */
  start(request: ConnectionRequest, sink: AnswerSink): Ticket {
    const { operation, signal, kind } = request;
    const isBare = kind === "reply" || (kind === "run" && !this.#isAcknowledged(request));
    const flags = kind === "dump" ? NLM_F_DUMP : isBare ? 0 : NLM_F_ACK;
    const pending: Pending = {
      request,
      sequence: this.#nextSequence(),
      message: request.body,
      replies: [],
      interrupted: false,
      timer: undefined,
      onAbort: undefined,
      sink,
    };
    const refusal = this.#refusal(request);
    if (refusal !== undefined) {
      sink.refused(refusal);
      return pending;
    }
    encodeRequest(request, flags, pending.sequence);
    if (signal !== undefined) {
      pending.onAbort = () => this.#abandon(pending, aborted(operation, signal?.reason));
      signal.addEventListener("abort", pending.onAbort, { once: true });
    }
    this.#queue.add(pending);
    this.#pump();
    if (!this.#isSentAtOnce(pending)) this.#arm(pending, request.timeout, "no answer");
    return pending;
  }

  /** Whether a run leaves with this turn and is queued with that: no timer is needed for the time before its own begins. */
  #isSentAtOnce({ request: { kind, runTimeout }, sequence }: Pending): boolean {
    return (
      kind === "run" &&
      runTimeout !== undefined &&
      this.#transport?.isSynchronous === true &&
      this.#inFlight.has(sequence)
    );
  }

  /** Whether the other side is asked to say that a run is queued: a message and a wake-up more. */
  #isAcknowledged({ isAcknowledged }: ConnectionRequest): boolean {
    return isAcknowledged !== false && this.#transport?.isSynchronous !== true;
  }

  /** Why a request is not taken at all. */
  #refusal({ operation, signal, body }: ConnectionRequest): LunatikError | undefined {
    if (this.#closedWith !== undefined) return this.#closedWith;
    if (signal?.aborted === true) return aborted(operation, signal?.reason);
    const most = this.#transport?.messageMax ?? 0;
    if (body.length <= most) return undefined;
    return new LunatikError("ERR_TOO_LARGE", `the request has ${body.length} bytes, over ${most}`, {
      operation,
    });
  }

  /** Ends a request with an error, as its signal would. Nothing when it is over. */
  giveUp(ticket: Ticket, error: LunatikError): void {
    this.#abandon(ticket as Pending, error);
  }

  /** Joins a multicast group by its number. Rejects with ERR_PERMISSION or ERR_SYSTEM. */
  async join(group: number): Promise<void> {
    this.#pinned = true;
    this.#keepAlive();
    await this.#transport?.join(group);
  }

  /** Closes the socket; every request is rejected with ERR_CLOSED. May be called twice. */
  close(): void {
    this.#end(new LunatikError("ERR_CLOSED", "the connection was closed"), false);
  }

  #nextSequence(): number {
    do {
      this.#sequence = (this.#sequence + 1) >>> 0;
      // 0 is what events carry.
    } while (this.#sequence === 0 || this.#inFlight.has(this.#sequence));
    return this.#sequence;
  }

  #arm(pending: Pending, timeout: number, what: string): void {
    clearTimeout(pending.timer);
    pending.timer = undefined;
    if (timeout === Number.POSITIVE_INFINITY) return;
    pending.timer = setTimeout(
      () => {
        const { operation } = pending.request;
        this.#abandon(
          pending,
          new LunatikError("ERR_TIMEOUT", `${what} within ${timeout} ms`, { operation }),
        );
      },
      Math.min(Math.max(timeout, 0), TIMER_MAX),
    );
  }

  #pump(): void {
    for (const pending of this.#queue) {
      if (this.#inFlight.size >= this.#window) break;
      // One signal may end several requests; this one's turn is about to come.
      if (pending.request.signal?.aborted === true) continue;
      this.#queue.delete(pending);
      this.#inFlight.set(pending.sequence, pending);
      if (this.#leaving.length === 0) process.nextTick(flush, this);
      this.#leaving.push(pending);
    }
    this.#keepAlive();
  }

  /** Sends what was queued in this turn: small messages together. */
  flush(): void {
    const leaving = this.#leaving;
    this.#leaving = [];
    let batch: Pending[] = [];
    let size = 0;
    for (const pending of leaving) {
      // Given up meanwhile: it must not overtake the cancel that ends it.
      if (this.#inFlight.get(pending.sequence) !== pending) continue;
      const length = padded(pending.message.length);
      if (size > 0 && size + length > BATCH_MAX) {
        this.#sendBatch(batch, size);
        batch = [];
        size = 0;
      }
      batch.push(pending);
      size += length;
    }
    this.#sendBatch(batch, size);
  }

  #sendBatch(batch: readonly Pending[], size: number): void {
    const [first] = batch;
    if (first === undefined) return;
    const bytes = batch.length === 1 ? first.message : joined(batch, size);
    this.#transport?.send(bytes, (error) => {
      if (error !== undefined) for (const pending of batch) this.#notSent(pending, error);
      else if (this.#transport?.isSynchronous === true) for (const pending of batch) this.#queued(pending);
    });
  }

  #notSent(pending: Pending, cause: Error): void {
    const { operation } = pending.request;
    const { errno } = cause as NodeJS.ErrnoException;
    this.#settle(pending)?.sink.refused(
      cause instanceof LunatikError
        ? cause
        : new LunatikError("ERR_SYSTEM", `the request was not sent: ${cause.message}`, {
            operation,
            errno: errno === undefined ? undefined : Math.abs(errno),
            cause,
          }),
    );
  }

  #keepAlive(): void {
    const alive = this.#pinned || this.#inFlight.size > 0;
    if (alive === this.#kept || this.#transport === undefined) return;
    this.#kept = alive;
    this.#transport.keepAlive(alive);
  }

  /** Takes a request out of the books. Returns it, or undefined when it was out already. */
  #settle(pending: Pending): Pending | undefined {
    const known = this.#queue.delete(pending) || this.#inFlight.get(pending.sequence) === pending;
    if (!known) return undefined;
    this.#inFlight.delete(pending.sequence);
    if (pending.timer !== undefined) clearTimeout(pending.timer);
    if (pending.onAbort !== undefined) pending.request.signal?.removeEventListener("abort", pending.onAbort);
    if (this.#closedWith === undefined) this.#pump();
    return pending;
  }

  #abandon(pending: Pending, error: LunatikError): void {
    const sent = this.#inFlight.get(pending.sequence) === pending;
    if (this.#settle(pending) === undefined) return;
    pending.sink.refused(error);
    if (sent) pending.request.abandoned?.();
    // The kernel goes on with a dump, and refuses another on this socket until it is through.
    if (sent && pending.request.kind === "dump") this.close();
  }

  // What the transport tells.

  message(bytes: Uint8Array): void {
    try {
      for (const message of parseMessages(bytes)) this.#receive(message);
    } catch (cause) {
      const error =
        cause instanceof LunatikError ? cause : new LunatikError("ERR_PROTOCOL", String(cause), { cause });
      this.#end(error, true);
    }
  }

  overrun(): void {
    for (const pending of Array.from(this.#inFlight.values())) {
      const { operation } = pending.request;
      const text = "the socket's receive buffer overran; the answer may be lost";
      this.#settle(pending)?.sink.refused(new LunatikError("ERR_OVERRUN", text, { operation }));
    }
    this.#listener.overrun?.();
  }

  closed(reason: Error): void {
    const error =
      reason instanceof LunatikError
        ? reason
        : new LunatikError("ERR_CLOSED", reason.message, { cause: reason });
    this.#end(error, true);
  }

  #end(error: LunatikError, tell: boolean): void {
    if (this.#closedWith !== undefined) return;
    this.#closedWith = error;
    this.#transport?.close();
    for (const pending of [...this.#inFlight.values(), ...this.#queue])
      this.#settle(pending)?.sink.refused(error);
    if (tell) this.#listener.closed?.(error);
  }

  #receive(message: Message): void {
    if (this.#closedWith !== undefined) return;
    if (message.type === NLMSG_OVERRUN) {
      this.overrun();
      return;
    }
    const pending = this.#inFlight.get(message.sequence);
    if (pending === undefined || (this.#port !== undefined && message.port !== this.#port)) {
      // Events have neither sequence nor port. Anything else answers a request that was given up.
      if (message.sequence === 0 && message.type >= 16) {
        this.#listener.event?.(message.type, commandOf(message), attributesOf(message));
      }
      return;
    }
    // An embedded server tells a connection's port with its first answer.
    this.#port ??= message.port;
    if (message.type === NLMSG_ERROR) this.#acknowledged(pending, message);
    else if (message.type === NLMSG_DONE) this.#done(pending, message);
    else if (message.type === pending.request.type) this.#replied(pending, message);
  }

  #acknowledged(pending: Pending, message: Message): void {
    const { errno, text, offset, missing } = parseAcknowledgement(message);
    if (errno !== 0) {
      this.#refuse(pending, errno, text, offset, missing);
    } else if (pending.request.kind === "run") {
      this.#queued(pending);
    } else if (pending.request.kind === "acknowledgement") {
      this.#settle(pending)?.sink.answered({ replies: pending.replies, interrupted: false });
    }
  }

  /** The other side has taken the request; if it is a run that was not over before that, it has another time from here on. */
  #queued(pending: Pending): void {
    const { kind, runTimeout } = pending.request;
    if (kind !== "run" || runTimeout === undefined) return;
    if (this.#inFlight.get(pending.sequence) === pending)
      this.#arm(pending, runTimeout, "the run has not ended");
  }

  #done(pending: Pending, message: Message): void {
    if (pending.request.kind !== "dump") return;
    pending.interrupted ||= (message.flags & NLM_F_DUMP_INTR) !== 0;
    const { errno, text, offset, missing } = parseAcknowledgement(message);
    if (errno !== 0) this.#refuse(pending, errno, text, offset, missing);
    else this.#settle(pending)?.sink.answered({ replies: pending.replies, interrupted: pending.interrupted });
  }

  #refuse(
    pending: Pending,
    errno: number,
    text: string | undefined,
    offset: number | undefined,
    missing: number | undefined,
  ): void {
    const { operation, attributeName } = pending.request;
    const type = missing ?? (offset === undefined ? undefined : attributeAt(pending.message, offset));
    const attribute = type === undefined ? undefined : (attributeName?.(type) ?? `attribute ${type}`);
    this.#settle(pending)?.sink.refused(refusal(errno, text, { operation, attribute }));
  }

  #replied(pending: Pending, message: Message): void {
    const { request } = pending;
    if (request.reads !== undefined) {
      const { bytes, start, end } = message;
      if (!message.hasGenericHeader) throw new LunatikError("ERR_PROTOCOL", "a reply has no generic header");
      if (request.reads(bytes, start + HEADROOM, end)) this.#settle(pending);
      return;
    }
    const attributes = attributesOf(message);
    if (pending.request.accepts?.(attributes) === false) return;
    pending.interrupted ||= (message.flags & NLM_F_DUMP_INTR) !== 0;
    pending.replies.push(attributes);
    if (pending.request.kind === "reply" || pending.request.kind === "run") {
      this.#settle(pending)?.sink.answered({ replies: pending.replies, interrupted: false });
    }
  }
}

function flush(connection: Connection): void {
  connection.flush();
}

/** Messages back to back, each padded to 4 bytes; so many bytes in all. */
function joined(batch: readonly { readonly message: Buffer }[], size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const { message } of batch) {
    bytes.set(message, at);
    at += message.length;
    for (const end = padded(at); at < end; at += 1) bytes[at] = 0;
  }
  return bytes;
}
