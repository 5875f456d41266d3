// SPDX-License-Identifier: MIT

import { textOf } from "./error.ts";
import type { Interface, Method } from "./interface.ts";
import type { Limits } from "./limits.ts";
import type { ObjectQueue, QueuedCall } from "./object_queue.ts";
import type { ProfileName } from "./profile.ts";
import { ServerProtocol } from "./server_protocol.ts";
import type { Transport, TransportListener } from "./transport.ts";
import type { Value } from "./value.ts";

/*
 * One client of a servant.
 *
 *   open ──▶ closing ──▶ gone
 *    │         our side is shut; what still comes is dropped, within bounds, until the client has shut its side too:
 *    │         closing at once, with bytes unread, would reset the connection and lose the last reply
 *    └─ requests are answered in their order. As many as the object has slots (one, as a rule) are waiting or running at
 *       once; what follows waits as bytes, and when too many wait the client is slowed down
 *
 * The servant looks after the time-outs: it calls check() now and then.
 */

/** What a call may know about its caller. */
export interface CallContext {
  /** The client's address. */
  readonly remote: string;
  /** Raised when the client's connection is lost; not when it only shuts its writing side. */
  readonly signal: AbortSignal;
}

/** What runs the methods. */
export interface Target {
  /** Two calls never run inside the same object at once. */
  readonly queue: ObjectQueue;
  /**
   * Runs a method. `values` has one entry per declared parameter, undefined for out. Returns, or resolves to, what
   * ServerProtocol.reply() takes. What it throws becomes the error's text.
   */
  call(method: Method, values: readonly (Value | undefined)[], context: CallContext): unknown;
}

export interface ConnectionOwner {
  readonly limits: Limits;
  readonly closeAfterCall: boolean;
  readonly target: Target;
  /** Whether calls are to be timed and reported. */
  readonly isTimed: boolean;
  /** The call is over, after so many milliseconds; `error` is absent when it succeeded. */
  called(method: Method, milliseconds: number, error: string | undefined): void;
  gone(connection: ServantConnection): void;
}

/** Requests that are answered before the event loop gets its turn. */
const REQUESTS_PER_TURN = 64;
/** How long a connection that drains takes requests while it still has some to answer, in milliseconds. */
const LAST_REQUESTS = 100;
/** How long `auto` waits for the line behind the first request. */
const DECIDE_AFTER = 20;

/** A request that was read and is not answered. Its reply waits for those of the requests before it. */
class PendingCall implements QueuedCall {
  readonly #connection: ServantConnection;
  readonly method: Method;
  readonly values: readonly (Value | undefined)[];
  /** By performance.now(), where calls are timed. */
  readonly begun: number;
  reply: string | undefined;

  constructor(
    connection: ServantConnection,
    method: Method,
    values: readonly (Value | undefined)[],
    begun: number,
  ) {
    this.#connection = connection;
    this.method = method;
    this.values = values;
    this.begun = begun;
  }

  /** For the queue: the turn of the call has come. */
  start(): unknown {
    return this.#connection.start(this);
  }

  /** For the queue: the call is over. */
  finish(ok: boolean, value: unknown): void {
    this.#connection.finish(this, ok, value);
  }
}

export class ServantConnection implements TransportListener, CallContext {
  readonly #owner: ConnectionOwner;
  readonly #transport: Transport;
  readonly #protocol: ServerProtocol;
  #phase: "open" | "closing" | "gone" = "open";
  /** The calls that wait or run, or are over before one that came earlier is. */
  readonly #calls: PendingCall[] = [];
  #isPaused = false;
  #isScheduled = false;
  #hasEnded = false;
  #isDraining = false;
  /** What comes later, by performance.now(), is dropped. */
  #deafFrom = Number.POSITIVE_INFINITY;
  #out = "";
  #dropped = 0;
  #abort: AbortController | undefined;
  /** A refusal that ends the connection, once the calls before it are answered. */
  #lastWord: string | undefined;
  #isEntering = false;
  #hasAnswered = false;
  #decideTimer: NodeJS.Timeout | undefined;
  /** Milliseconds of performance.now() when the phase, the present request, or the present silence began. */
  #since = performance.now();
  #stalledSince: number | undefined;

  constructor(
    owner: ConnectionOwner,
    transport: Transport,
    declared: Interface,
    profile: ProfileName | "auto",
  ) {
    this.#owner = owner;
    this.#transport = transport;
    this.#protocol = new ServerProtocol(declared, profile, owner.limits.line, owner.limits.pending);
  }

  /** Whether no request is being read, waits or runs. */
  get isIdle(): boolean {
    return (
      this.#phase === "open" &&
      !this.#isRunning &&
      !this.#protocol.isInRequest &&
      this.#protocol.pending === 0
    );
  }

  /** A call is waiting or running. */
  get #isRunning(): boolean {
    return this.#calls.length > 0;
  }

  /** Since when nothing has happened here. */
  get since(): number {
    return this.#since;
  }

  data(bytes: string): void {
    // A client that never stops asking must not keep the servant from ever closing.
    if (this.#phase === "open" && performance.now() > this.#deafFrom) return;
    if (this.#phase !== "open") {
      this.#dropped += bytes.length;
      if (this.#dropped > this.#owner.limits.pending) this.#transport.destroy();
      return;
    }
    if (!this.#isRunning && !this.#protocol.isInRequest) this.#since = performance.now();
    this.#protocol.feed(bytes);
    this.#pump();
    if (this.#protocol.pending > this.#owner.limits.pending) this.#pause();
  }

  drained(): void {
    this.#stalledSince = undefined;
    this.#pump();
  }

  ended(): void {
    this.#hasEnded = true;
    this.#protocol.end();
    if (this.#phase === "open") this.#pump();
    if (this.#isRunning) this.#transport.probe();
  }

  closed(error: Error | undefined): void {
    this.#stopDeciding();
    this.#phase = "gone";
    if (error !== undefined || this.#isRunning) this.#abort?.abort(error);
    this.#owner.gone(this);
  }

  /** Enforces the time-outs; `now` is performance.now(). */
  check(now: number): void {
    const { readTimeout, idleTimeout, linger } = this.#owner.limits;
    const quiet = now - this.#since;
    if (this.#phase === "closing") {
      if (quiet > linger) this.#transport.destroy();
    } else if (this.#stalledSince !== undefined) {
      if (readTimeout > 0 && now - this.#stalledSince > readTimeout) this.#transport.destroy();
    } else if (this.#isRunning || this.#phase === "gone") {
      // The call's own limits count.
      if (this.#hasEnded && this.#phase === "open") this.#transport.probe();
    } else if (this.#protocol.isInRequest) {
      if (readTimeout > 0 && quiet > readTimeout) this.#timeOut();
    } else if (idleTimeout > 0 && quiet > idleTimeout) this.close();
  }

  #timeOut(): void {
    const { methodName } = this.#protocol;
    const text = "the request did not come to its end in time";
    this.#out += this.#protocol.failure(methodName === undefined ? text : `${methodName}: ${text}`);
    this.close();
  }

  /** Answers the requests that have come, those that are just on their way included, then closes. */
  drain(): void {
    this.#isDraining = true;
    this.#deafFrom = performance.now() + LAST_REQUESTS;
    if (this.#protocol.isUndecided) this.#protocol.decide();
    this.#pump();
  }

  /** Shuts our side after what was written, and closes once the client has shut its own. */
  close(): void {
    if (this.#phase !== "open") return;
    this.#phase = "closing";
    this.#since = performance.now();
    this.#stopDeciding();
    this.#flush();
    this.#transport.end();
    this.#resume();
  }

  destroy(): void {
    this.#transport.destroy();
  }

  /** Says why, and closes. */
  refuse(text: string): void {
    this.#out += this.#protocol.failure(text);
    this.close();
  }

  #pump(): void {
    this.#stopDeciding();
    for (let requests = 0; this.#mayRead(); requests += 1) {
      if (this.#transport.pendingBytes + this.#out.length > this.#owner.limits.pending) {
        this.#stalledSince ??= performance.now();
        break;
      }
      if (requests === REQUESTS_PER_TURN) {
        this.#pumpLater(setImmediate);
        break;
      }
      const request = this.#protocol.next();
      if (request === undefined) {
        if (this.#isRunning) break;
        if (this.#hasEnded || this.#isDraining) this.close();
        else if (this.#protocol.isUndecided) this.#decideLater();
        break;
      }
      if (request.kind === "call") this.#call(request.method, request.values);
      else this.#refuse(this.#protocol.failure(request.text), request.fatal);
    }
    if (this.#hasAnswered && this.#phase === "open") this.#since = performance.now();
    this.#hasAnswered = false;
    this.#flush();
    if (this.#protocol.pending <= this.#owner.limits.pending) this.#resume();
  }

  /** Whether the next request may be looked at. */
  #mayRead(): boolean {
    if (this.#phase !== "open" || this.#isScheduled || this.#lastWord !== undefined) return false;
    const { closeAfterCall, target } = this.#owner;
    return this.#calls.length < (closeAfterCall ? 1 : target.queue.slots);
  }

  /** Has the requests looked at later: once, however often it is asked for. */
  #pumpLater(later: (callback: () => void) => void): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    later(() => {
      this.#isScheduled = false;
      this.#pump();
    });
  }

  #call(method: Method, values: readonly (Value | undefined)[]): void {
    const { target, limits, isTimed } = this.#owner;
    if (target.queue.waiting >= limits.waiting) {
      this.#refuse(this.#protocol.failure(`${method.name}: too many calls are waiting`), false);
      return;
    }
    const call = new PendingCall(this, method, values, isTimed ? performance.now() : 0);
    this.#calls.push(call);
    this.#isEntering = true;
    target.queue.enter(call);
    this.#isEntering = false;
  }

  /** Answers without a call. */
  #refuse(reply: string, fatal: boolean): void {
    const last = this.#calls.at(-1);
    if (last === undefined) {
      this.#out += reply;
      if (fatal) this.close();
      else this.#answered();
    } else if (fatal) this.#lastWord = reply;
    else {
      const refused = new PendingCall(this, last.method, [], 0);
      refused.reply = reply;
      this.#calls.push(refused);
    }
  }

  /** For a call: its turn has come. */
  start({ method, values }: PendingCall): unknown {
    if (this.#phase === "gone") throw new Error("the client has gone");
    return this.#owner.target.call(method, values, this);
  }

  /** For a call: it is over. */
  finish(call: PendingCall, ok: boolean, value: unknown): void {
    const { method } = call;
    let failure: string | undefined;
    if (ok) {
      try {
        call.reply = this.#protocol.reply(method, value);
      } catch (error) {
        failure = textOf(error);
      }
    } else failure = textOf(value);
    if (failure !== undefined) call.reply = this.#protocol.failure(failure);
    if (this.#owner.isTimed) this.#owner.called(method, performance.now() - call.begun, failure);
    this.#answerInOrder();
    // A call that finished at once is within the loop of #pump(); others may have finished with this one.
    if (!this.#isEntering)
      this.#pumpLater((callback) => {
        process.nextTick(callback);
      });
  }

  /** Writes the replies that are there, up to the first that is not. */
  #answerInOrder(): void {
    const calls = this.#calls;
    let next = calls[0]?.reply;
    if (next === undefined) return;
    while (next !== undefined) {
      this.#out += next;
      calls.shift();
      next = calls[0]?.reply;
    }
    this.#answered();
    if (this.#isRunning || this.#lastWord === undefined) return;
    this.#out += this.#lastWord;
    this.close();
  }

  get remote(): string {
    return this.#transport.remote;
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    return this.#abort.signal;
  }

  #answered(): void {
    this.#hasAnswered = true;
    if (this.#owner.closeAfterCall) this.close();
  }

  #decideLater(): void {
    const timer = setTimeout(() => {
      // On a busy machine a timer may come before what has long arrived: the sockets are looked at once more.
      setImmediate(() => {
        if (this.#decideTimer !== timer) return;
        this.#protocol.decide();
        this.#pump();
      });
    }, DECIDE_AFTER);
    this.#decideTimer = timer;
  }

  #stopDeciding(): void {
    clearTimeout(this.#decideTimer);
    this.#decideTimer = undefined;
  }

  #flush(): void {
    const bytes = this.#out;
    if (bytes === "") return;
    this.#out = "";
    if (this.#phase !== "gone") this.#transport.write(bytes);
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#transport.pause();
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#transport.resume();
  }
}
