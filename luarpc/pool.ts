// SPDX-License-Identifier: MIT

import { Call, type CallLimits } from "./call.ts";
import { encodeRequest } from "./client_protocol.ts";
import { LuarpcError } from "./error.ts";
import type { Method } from "./interface.ts";
import type { Profile } from "./profile.ts";
import { type ConnectionHost, ProxyConnection } from "./proxy_connection.ts";
import { connect, type TlsOptions } from "./tcp.ts";
import type { Transport, TransportListener } from "./transport.ts";
import type { Value } from "./value.ts";

/*
 * The connections of one proxy, and the calls that wait for one.
 *
 *   call() ──▶ queue ──▶ a connection with room ──▶ settled
 *                ▲              │
 *                └──────────────┴─ failed, and may be repeated
 *
 * A connection is opened when a call needs it and none has room, up to a number. One found closed is not missed: the next
 * call opens another. A call whose request was written is not written again, unless its caller says that is safe.
 */

/** Opens a connection: tcp.ts, or a test's own. */
export type Connector = (
  listener: TransportListener,
  ready: (transport: Transport) => void,
) => { readonly destroy: () => void };

export interface PoolOptions {
  readonly profile: Profile;
  readonly lineMax: number;
  /** Connections at most. */
  readonly connections: number;
  /** Requests in flight on one connection. */
  readonly pipeline: number;
  /** Milliseconds to connect in. */
  readonly connectTimeout: number;
  /** Milliseconds before a repeated attempt; doubled each time. */
  readonly retryDelay: number;
  /** Calls that may wait. */
  readonly waiting: number;
}

export function tcpConnector(host: string, port: number, tls: TlsOptions | undefined): Connector {
  return (listener, ready) => connect({ host, port, tls }, listener, ready);
}

/**
 * How long a server may take to show what it does after the first reply of a method, in milliseconds: more than a scheduler's
 * slice, on a busy machine. After a proxy's first reply more, since whether it closes shows then, and is known from then on.
 */
const SETTLE = 20;
const FIRST_SETTLE = 60;

export class Pool implements ConnectionHost {
  readonly #options: PoolOptions;
  readonly #connector: Connector;
  /** For messages: "127.0.0.1:4711". */
  readonly #name: string;
  readonly #queue = new Set<Call>();
  readonly #connections = new Set<ProxyConnection>();
  /** Calls that wait for their next attempt. */
  readonly #later = new Map<Call, NodeJS.Timeout>();
  readonly #inFlight = new Set<Call>();
  readonly #settledMethods = new Set<string>();
  #closesAfterCall = false;
  #isClosed = false;
  #isDraining = false;
  #drained: (() => void) | undefined;

  constructor(name: string, connector: Connector, options: PoolOptions) {
    this.#name = name;
    this.#connector = connector;
    this.#options = options;
  }

  get profile(): Profile {
    return this.#options.profile;
  }

  get lineMax(): number {
    return this.#options.lineMax;
  }

  /** Calls in all their states, and open connections. */
  get load(): { readonly waiting: number; readonly inFlight: number; readonly connections: number } {
    return {
      waiting: this.#queue.size + this.#later.size,
      inFlight: this.#inFlight.size,
      connections: this.#connections.size,
    };
  }

  /** Calls a method. Whatever goes wrong rejects, with LuarpcError. */
  call(method: Method, given: readonly unknown[], limits: CallLimits): Promise<readonly Value[]> {
    return new Promise((resolve, reject) => {
      try {
        this.#admit(method, limits);
        const bytes = encodeRequest(method, given, this.profile, this.lineMax);
        const call: Call = new Call(
          method,
          bytes,
          limits,
          (values) => {
            this.#forget(call);
            resolve(values);
          },
          (error) => {
            this.#forget(call);
            reject(error);
          },
        );
        this.#queue.add(call);
        this.#dispatch();
      } catch (error) {
        reject(failureOf(error, limits));
      }
    });
  }

  /** Throws when no call is taken. */
  #admit({ name }: Method, { signal }: CallLimits): void {
    if (this.#isClosed || this.#isDraining)
      throw new LuarpcError("ERR_CLOSED", "the proxy is closed", { method: name });
    signal?.throwIfAborted();
    if (this.#queue.size >= this.#options.waiting)
      throw new LuarpcError("ERR_LIMIT", `${name}: too many calls are waiting`, { method: name });
  }

  #forget(call: Call): void {
    this.#queue.delete(call);
    this.#inFlight.delete(call);
    clearTimeout(this.#later.get(call));
    this.#later.delete(call);
    if (this.#queue.size + this.#inFlight.size + this.#later.size === 0) this.#drained?.();
  }

  #dispatch(): void {
    while (this.#queue.size > 0) {
      const connection = this.#withRoom();
      if (connection === undefined) {
        this.#open();
        return;
      }
      const [call] = this.#queue;
      if (call === undefined) return;
      this.#queue.delete(call);
      this.#inFlight.add(call);
      connection.send(call);
    }
  }

  /** The connection with the fewest calls. */
  #withRoom(): ProxyConnection | undefined {
    const depth = this.#closesAfterCall ? 1 : this.#options.pipeline;
    let best: ProxyConnection | undefined;
    for (const connection of this.#connections)
      if (
        connection.isReady &&
        connection.load < depth &&
        (best === undefined || connection.load < best.load)
      )
        best = connection;
    return best;
  }

  #open(): void {
    let connecting = 0;
    for (const connection of this.#connections) if (connection.isConnecting) connecting += 1;
    while (this.#connections.size < this.#options.connections && connecting < this.#queue.size) {
      connecting += 1;
      this.#connect();
    }
  }

  #connect(): void {
    const connection = new ProxyConnection(this);
    this.#connections.add(connection);
    let timer: NodeJS.Timeout | undefined;
    const socket = this.#connector(
      {
        data: (bytes) => {
          connection.data(bytes);
        },
        drained: () => {
          connection.drained();
        },
        ended: () => {
          connection.ended();
        },
        closed: (error) => {
          clearTimeout(timer);
          connection.closed(error);
        },
      },
      (transport) => {
        clearTimeout(timer);
        connection.opened(transport);
      },
    );
    timer = setTimeout(() => {
      connection.closed(new Error(`no connection within ${this.#options.connectTimeout} ms`));
      socket.destroy();
    }, this.#options.connectTimeout);
  }

  available(connection: ProxyConnection): void {
    if (this.#closesAfterCall && connection.load === 0 && this.#used.has(connection)) connection.retire();
    else if (this.#isDraining && this.#queue.size === 0 && connection.load === 0) connection.retire();
    else {
      this.#used.add(connection);
      this.#dispatch();
    }
  }
  /** Connections that have been available before: what becomes available again has been used. */
  readonly #used = new WeakSet<ProxyConnection>();

  retired(connection: ProxyConnection): void {
    this.#connections.delete(connection);
    if (!this.#isClosed) this.#dispatch();
  }

  failed(connection: ProxyConnection, error: Error): void {
    this.#connections.delete(connection);
    // Others may still serve the calls that wait.
    if (this.#connections.size > 0) return;
    const waiting = Array.from(this.#queue);
    for (const call of waiting) {
      this.#queue.delete(call);
      this.#retryOr(call, () => {
        const method = call.method.name;
        return new LuarpcError(
          "ERR_CONNECT",
          `${method}: no connection to ${this.#name}: ${textOfConnect(error)}`,
          {
            method,
            sent: call.isSent,
            cause: error,
          },
        );
      });
    }
  }

  lost(call: Call, error: Error | undefined): void {
    this.#inFlight.delete(call);
    const method = call.method.name;
    const failure = () =>
      new LuarpcError(
        this.#isClosed ? "ERR_CLOSED" : "ERR_CONNECT",
        `${method}: the connection to ${this.#name} was lost before the reply${error === undefined ? "" : ` (${error.message})`}`,
        { method, sent: true, cause: error },
      );
    if (call.limits.idempotent) this.#retryOr(call, failure);
    else call.reject(failure());
  }

  /** Sends the call again after a while, or fails it. */
  #retryOr(call: Call, failure: () => LuarpcError): void {
    if (call.repeats <= 0 || this.#isClosed || call.isSettled) {
      call.reject(failure());
      return;
    }
    const delay = this.#options.retryDelay * 2 ** (call.limits.attempts - call.repeats);
    call.repeats -= 1;
    call.requeued();
    this.#later.set(
      call,
      setTimeout(() => {
        this.#later.delete(call);
        this.#queue.add(call);
        this.#dispatch();
      }, delay),
    );
  }

  settleTime(method: string): number {
    if (this.#options.pipeline > 1 || this.#closesAfterCall || this.#settledMethods.has(method)) return 0;
    return this.#settledMethods.size === 0 ? FIRST_SETTLE : SETTLE;
  }

  settled(method: string): void {
    this.#settledMethods.add(method);
  }

  closesAfterCall(): void {
    this.#closesAfterCall = true;
  }

  /** Opens a connection if there is none. Rejects with ERR_CONNECT. */
  async probe(): Promise<void> {
    if ([...this.#connections].some((connection) => connection.isReady)) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        socket.destroy();
        reject(
          new LuarpcError(
            "ERR_TIMEOUT",
            `no connection to ${this.#name} within ${this.#options.connectTimeout} ms`,
          ),
        );
      }, this.#options.connectTimeout);
      const socket = this.#connector(
        {
          data: () => undefined,
          drained: () => undefined,
          ended: () => undefined,
          closed: (error) => {
            clearTimeout(timer);
            reject(
              new LuarpcError(
                "ERR_CONNECT",
                `no connection to ${this.#name}: ${error === undefined ? "closed" : textOfConnect(error)}`,
                {
                  cause: error,
                },
              ),
            );
          },
        },
        (transport) => {
          clearTimeout(timer);
          transport.destroy();
          resolve();
        },
      );
    });
  }

  /** Gives up every call with ERR_CLOSED, and closes the connections. */
  close(): void {
    this.#isClosed = true;
    for (const call of [...this.#queue, ...this.#later.keys()])
      call.reject(
        new LuarpcError("ERR_CLOSED", `${call.method.name}: the proxy was closed`, {
          method: call.method.name,
          sent: call.isSent,
        }),
      );
    const connections = Array.from(this.#connections);
    for (const connection of connections) {
      if (connection.load === 0) connection.retire();
      else connection.destroy();
    }
  }

  /** Takes no more calls, waits for those that are there, and closes. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    if (this.#queue.size + this.#inFlight.size + this.#later.size > 0)
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    this.close();
  }
}

/** What a call that could not be begun rejects with. */
function failureOf(error: unknown, { signal }: CallLimits): LuarpcError {
  if (error instanceof LuarpcError) return error;
  const code = signal?.aborted === true ? "ERR_ABORTED" : "ERR_PROTOCOL";
  return new LuarpcError(code, String(error), { cause: error });
}

function textOfConnect(error: Error): string {
  // node tries several addresses, and puts their errors in one without a text.
  if (error instanceof AggregateError && error.message === "")
    return error.errors
      .map((inner: unknown) => (inner instanceof Error ? inner.message : String(inner)))
      .join(", ");
  return error.message;
}
