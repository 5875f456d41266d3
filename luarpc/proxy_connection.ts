// SPDX-License-Identifier: MIT

import type { Call } from "./call.ts";
import { ClientProtocol, type Reply } from "./client_protocol.ts";
import { LuarpcError } from "./error.ts";
import type { Profile } from "./profile.ts";
import type { Transport, TransportListener } from "./transport.ts";

/*
 * A client's connection.
 *
 *   connecting ──▶ open ──▶ retired ──▶ gone
 *                   │         takes no new call; those in flight are still answered
 *                   └─ settling: a moment after the first reply of each method, in which a server shows whether it
 *                      closes after each call, or sends more than it should
 */

export interface ConnectionHost {
  readonly profile: Profile;
  readonly lineMax: number;
  /** The connection has room for another call. */
  available(connection: ProxyConnection): void;
  /** It could not be made. */
  failed(connection: ProxyConnection, error: Error): void;
  /** It takes no more calls. */
  retired(connection: ProxyConnection): void;
  /** A call was written, and its connection was lost before its reply. */
  lost(call: Call, error: Error | undefined): void;
  /** Milliseconds to wait after the reply of this method before the connection is used again; 0 for none. */
  settleTime(method: string): number;
  /** The moment is over: the server keeps its connections. */
  settled(method: string): void;
  /** The server closes its connections after a call. */
  closesAfterCall(): void;
}

/** How long the text of an error may take behind its first line. */
const TEXT_DELAY = 100;
/** How long a retired connection waits for the server to close its side. */
const LINGER = 1000;

function flush(connection: ProxyConnection): void {
  connection.flush();
}

export class ProxyConnection implements TransportListener {
  readonly #host: ConnectionHost;
  readonly #protocol: ClientProtocol;
  #transport: Transport | undefined;
  #phase: "connecting" | "open" | "retired" | "gone" = "connecting";
  /** Calls whose replies are due, in order; settled ones (timed out, aborted) keep their place. */
  #inFlight: Call[] = [];
  #live = 0;
  /** Replies so far. */
  #answered = 0;
  /** Whether anything has come since the last reply. */
  #hasBytes = false;
  /** Requests that leave with the next write. */
  #out = "";
  #settling: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(host: ConnectionHost) {
    this.#host = host;
    this.#protocol = new ClientProtocol(host.profile, host.lineMax);
  }

  /** The transport is ready. */
  opened(transport: Transport): void {
    if (this.#phase !== "connecting") {
      transport.destroy();
      return;
    }
    this.#transport = transport;
    this.#phase = "open";
    transport.keepAlive(false);
    this.#host.available(this);
  }

  /** Calls in flight, those that were given up included. */
  get load(): number {
    return this.#inFlight.length;
  }

  get isReady(): boolean {
    return this.#phase === "open" && this.#settling === undefined;
  }

  get isConnecting(): boolean {
    return this.#phase === "connecting";
  }

  /** Writes a call's request, in one go with those that are sent before the caller's turn is over. */
  send(call: Call): void {
    if (this.#inFlight.length === 0) this.#transport?.keepAlive(true);
    this.#inFlight.push(call);
    this.#live += 1;
    this.#protocol.sent(call.method);
    call.written(this);
    if (this.#out === "") process.nextTick(flush, this);
    this.#out += call.bytes;
  }

  /** Writes what was sent. */
  flush(): void {
    const bytes = this.#out;
    this.#out = "";
    if (this.#phase !== "gone" && bytes !== "") this.#transport?.write(bytes);
  }

  /** A call in flight was given up: the connection is not used again. */
  abandoned(): void {
    this.#live -= 1;
    this.retire();
  }

  data(bytes: string): void {
    if (this.#phase !== "open" && this.#live === 0) return;
    this.#hasBytes = true;
    this.#protocol.feed(bytes);
    this.#take();
  }

  drained(): void {
    // One request at a time, or a bounded number of them: nothing waits for this.
  }

  ended(): void {
    if (this.#settling !== undefined) this.#host.closesAfterCall();
    this.#protocol.end();
    this.#take();
    this.retire();
    this.#loseAll(undefined);
    this.flush();
    this.#transport?.end();
  }

  closed(error: Error | undefined): void {
    const before = this.#phase;
    this.#phase = "gone";
    clearTimeout(this.#timer);
    this.#stopSettling();
    if (before === "connecting") this.#host.failed(this, error ?? new Error("the connection was closed"));
    else if (before === "open") this.#host.retired(this);
    this.#loseAll(error);
  }

  /** Takes no more calls, and closes when those in flight are answered. */
  retire(): void {
    if (this.#phase === "gone" || this.#phase === "retired") {
      this.#finish();
      return;
    }
    this.#phase = "retired";
    this.#stopSettling();
    this.#host.retired(this);
    this.#finish();
  }

  /** Gives up at once. The calls in flight are lost. */
  destroy(): void {
    if (this.#transport === undefined) this.#phase = "gone";
    this.#transport?.destroy();
  }

  #take(): void {
    clearTimeout(this.#timer);
    for (;;) {
      const reply = this.#protocol.next();
      if (reply === undefined) break;
      if (!this.#took(reply)) return;
    }
    if (this.#protocol.isTextDue)
      this.#timer = setTimeout(() => {
        const reply = this.#protocol.settle();
        if (reply !== undefined) this.#took(reply);
      }, TEXT_DELAY);
  }

  /** Gives a reply to its call. False when the stream cannot be read any further. */
  #took(reply: Reply): boolean {
    if (reply.kind === "surplus") {
      this.retire();
      return false;
    }
    const call = this.#inFlight.shift();
    if (call === undefined) return false;
    this.#answered += 1;
    this.#hasBytes = false;
    const isLive = !call.isSettled;
    if (isLive) this.#live -= 1;
    const name = call.method.name;
    // First the connection, then the call: what the caller does next must find it ready, or retired.
    if (reply.kind !== "values") this.retire();
    else if (this.#phase === "open") this.#free(name);
    else this.#finish();
    if (isLive) {
      if (reply.kind === "values") call.resolve(reply.values);
      else if (reply.kind === "error")
        call.reject(
          new LuarpcError("ERR_REMOTE", reply.text === "" ? "the servant gave no reason" : reply.text, {
            method: name,
            sent: true,
          }),
        );
      else call.reject(new LuarpcError(reply.code, reply.text, { method: name, sent: true }));
    }
    if (reply.kind === "invalid") {
      // What follows cannot be told apart from what was wrong.
      this.#loseAll(undefined);
      this.#finish();
      return false;
    }
    return true;
  }

  #free(method: string): void {
    if (this.#inFlight.length === 0) this.#transport?.keepAlive(false);
    const time = this.#host.settleTime(method);
    if (time === 0) {
      this.#host.available(this);
      return;
    }
    const settling = setTimeout(() => {
      // On a busy machine a timer may come before what has long arrived: the sockets are looked at once more.
      setImmediate(() => {
        if (this.#settling !== settling) return;
        this.#settling = undefined;
        this.#host.settled(method);
        this.#host.available(this);
      });
    }, time);
    this.#settling = settling;
  }

  #stopSettling(): void {
    clearTimeout(this.#settling);
    this.#settling = undefined;
  }

  #loseAll(error: Error | undefined): void {
    const lost = this.#inFlight.filter((call) => !call.isSettled);
    // One reply and not a byte more: a server that closes after each call, and took its time to.
    if (lost.length > 0 && this.#answered === 1 && !this.#hasBytes) this.#host.closesAfterCall();
    this.#inFlight = [];
    this.#live = 0;
    for (const call of lost) this.#host.lost(call, error);
  }

  /** Closes a retired connection that has nothing left to wait for. */
  #finish(): void {
    if (this.#phase !== "retired" || this.#live > 0) return;
    clearTimeout(this.#timer);
    this.flush();
    const transport = this.#transport;
    transport?.end();
    transport?.keepAlive(false);
    this.#timer = setTimeout(() => {
      transport?.destroy();
    }, LINGER);
    this.#timer.unref();
  }
}
