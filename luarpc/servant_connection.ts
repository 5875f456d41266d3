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
 *    └─ requests are answered one at a time, in their order; while one runs, what follows waits as bytes, and when too
 *       many wait the client is slowed down
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

export class ServantConnection implements TransportListener, QueuedCall, CallContext {
  readonly #owner: ConnectionOwner;
  readonly #transport: Transport;
  readonly #protocol: ServerProtocol;
  #phase: "open" | "closing" | "gone" = "open";
  /** A call is waiting or running. */
  #running = false;
  #isPaused = false;
  #isScheduled = false;
  #hasEnded = false;
  #isDraining = false;
  /** What comes later, by performance.now(), is dropped. */
  #deafFrom = Number.POSITIVE_INFINITY;
  #out = "";
  #dropped = 0;
  #abort: AbortController | undefined;
  /** The call that waits or runs. */
  #method: Method | undefined;
  #values: readonly (Value | undefined)[] = [];
  #begun = 0;
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
      this.#phase === "open" && !this.#running && !this.#protocol.isInRequest && this.#protocol.pending === 0
    );
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
    if (!this.#running && !this.#protocol.isInRequest) this.#since = performance.now();
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
  }

  closed(error: Error | undefined): void {
    clearTimeout(this.#decideTimer);
    this.#phase = "gone";
    if (error !== undefined || this.#running) this.#abort?.abort(error);
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
    } else if (this.#running || this.#phase === "gone") {
      // The call's own limits count.
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
    clearTimeout(this.#decideTimer);
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
    clearTimeout(this.#decideTimer);
    for (let requests = 0; this.#phase === "open" && !this.#running && !this.#isScheduled; requests += 1) {
      if (this.#transport.pendingBytes + this.#out.length > this.#owner.limits.pending) {
        this.#stalledSince ??= performance.now();
        break;
      }
      if (requests === REQUESTS_PER_TURN) {
        this.#isScheduled = true;
        setImmediate(() => {
          this.#isScheduled = false;
          this.#pump();
        });
        break;
      }
      const request = this.#protocol.next();
      if (request === undefined) {
        if (this.#hasEnded || this.#isDraining) this.close();
        else if (this.#protocol.isUndecided) this.#decideLater();
        break;
      }
      if (request.kind === "call") this.#call(request.method, request.values);
      else {
        this.#out += this.#protocol.failure(request.text);
        if (request.fatal) this.close();
        else this.#answered();
      }
    }
    if (this.#hasAnswered && this.#phase === "open") this.#since = performance.now();
    this.#hasAnswered = false;
    this.#flush();
    if (this.#protocol.pending <= this.#owner.limits.pending) this.#resume();
  }

  #call(method: Method, values: readonly (Value | undefined)[]): void {
    const { target, limits } = this.#owner;
    if (target.queue.waiting >= limits.waiting) {
      this.#out += this.#protocol.failure(`${method.name}: too many calls are waiting`);
      this.#answered();
      return;
    }
    this.#running = true;
    this.#method = method;
    this.#values = values;
    this.#begun = this.#owner.isTimed ? performance.now() : 0;
    this.#isEntering = true;
    target.queue.enter(this);
    this.#isEntering = false;
  }

  /** For the queue: the turn of the call has come. */
  start(): unknown {
    if (this.#phase === "gone" || this.#method === undefined) throw new Error("the client has gone");
    return this.#owner.target.call(this.#method, this.#values, this);
  }

  /** For the queue: the call is over. */
  finish(ok: boolean, value: unknown): void {
    const method = this.#method;
    if (method === undefined) return;
    this.#running = false;
    this.#method = undefined;
    this.#values = [];
    let failure: string | undefined;
    if (ok) {
      try {
        this.#out += this.#protocol.reply(method, value);
      } catch (error) {
        failure = textOf(error);
      }
    } else failure = textOf(value);
    if (failure !== undefined) this.#out += this.#protocol.failure(failure);
    if (this.#owner.isTimed) this.#owner.called(method, performance.now() - this.#begun, failure);
    this.#answered();
    // A call that finished at once is within the loop of #pump().
    if (!this.#isEntering) this.#pump();
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
    this.#decideTimer = setTimeout(() => {
      this.#protocol.decide();
      this.#pump();
    }, DECIDE_AFTER);
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
