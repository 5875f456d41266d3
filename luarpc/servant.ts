// SPDX-License-Identifier: MIT

import type { BlockList } from "node:net";
import { LuarpcError } from "./error.ts";
import { type Interface, interfaceText, type Method, makeMethod } from "./interface.ts";
import { type Limits, limitsOf } from "./limits.ts";
import { isAllowed, networkList } from "./networks.ts";
import { queueOf } from "./object_queue.ts";
import { type ProfileName, profileNamed } from "./profile.ts";
import {
  type CallContext,
  type ConnectionOwner,
  ServantConnection,
  type Target,
} from "./servant_connection.ts";
import { type Listener, listen, type Refusal, type TlsOptions } from "./tcp.ts";
import type { Transport } from "./transport.ts";
import { describe, type Value } from "./value.ts";

/*
 * A servant: one object, one interface, one port. Several servants may have one interface or one object; calls of one
 * object never run at once. Connections that come before the servant serves are accepted and wait.
 */

export interface ServantOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number | undefined;
  /** The address to listen on: the loopback one unless given. */
  readonly host?: string | undefined;
  /** A descriptor that is bound already, instead of both; it is closed with the servant. */
  readonly fd?: number | undefined;
  /** `plain` unless given. */
  readonly profile?: ProfileName | "auto" | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** Closes a connection after each call. */
  readonly closeAfterCall?: boolean | undefined;
  readonly tls?: TlsOptions | undefined;
  /** Addresses and networks that may connect ("10.0.0.0/8", "::1"); everybody unless given. */
  readonly allow?: readonly string[] | undefined;
  /** Answers `__interface` (its declarations) and `__health` ("ok") too, for clients that ask. */
  readonly reflection?: boolean | undefined;
  /** Told of each client that may not connect. Must not throw. */
  readonly onRefused?: ((refusal: Refusal) => void) | undefined;
  /** Told after each call; `error` is absent when it succeeded. Must not throw. */
  readonly onCall?: ((call: CallReport) => void) | undefined;
}

export interface CallReport {
  readonly method: string;
  /** From the request to its reply, waiting included. */
  readonly milliseconds: number;
  readonly error: string | undefined;
}

/** The methods of a servant's object: one positional parameter per declared argument, undefined for out. */
export type ServantMethod = (...values: never[]) => unknown;

/** How long a servant that drains takes those who have connected, in milliseconds. */
const LAST_CLIENTS = 100;

export const REFLECTION_INTERFACE = "__interface";
export const REFLECTION_HEALTH = "__health";

/** Opens a servant. Rejects with node's error when it cannot listen; throws RangeError, TypeError for its options. */
export async function openServant(
  target: Target,
  declared: Interface,
  options: ServantOptions = {},
): Promise<Servant> {
  const servant = new Servant(target, declared, options);
  await servant.listen();
  return servant;
}

export class Servant implements ConnectionOwner {
  readonly interface: Interface;
  readonly limits: Limits;
  readonly closeAfterCall: boolean;
  readonly target: Target;
  readonly #options: ServantOptions;
  readonly #served: Interface;
  readonly #profile: ProfileName | "auto";
  readonly #allowed: BlockList | undefined;
  readonly #connections = new Set<ServantConnection>();
  readonly #early = new Map<ServantConnection, Transport>();
  #listener: Listener | undefined;
  #sweep: NodeJS.Timeout | undefined;
  #isServing = false;
  /** Connections so far. */
  #accepted = 0;
  #closing: Promise<void> | undefined;
  #idle: (() => void) | undefined;
  #resolveClosed: () => void = () => undefined;
  /** Resolves when the servant has been closed. */
  readonly closed = new Promise<void>((resolve) => {
    this.#resolveClosed = resolve;
  });

  /** For openServant(). */
  constructor(target: Target, declared: Interface, options: ServantOptions) {
    this.interface = declared;
    this.#options = options;
    this.#profile = options.profile ?? "plain";
    if (this.#profile !== "auto") profileNamed(this.#profile);
    this.limits = limitsOf(options.limits);
    this.closeAfterCall = options.closeAfterCall ?? false;
    this.#allowed = options.allow === undefined ? undefined : networkList(options.allow);
    const reflection = options.reflection === true;
    this.#served = reflection ? withReflection(declared) : declared;
    this.target = reflection ? reflectingTarget(target, declared) : target;
  }

  /** For openServant(). */
  async listen(): Promise<void> {
    const allowed = this.#allowed;
    this.#listener = await listen({
      // LuaSocket's way to say every address.
      host: this.#options.host === "*" ? "0.0.0.0" : (this.#options.host ?? "127.0.0.1"),
      port: this.#options.port ?? 0,
      fd: this.#options.fd,
      tls: this.#options.tls,
      allows: (address) => allowed === undefined || isAllowed(allowed, address),
      refused: (refusal) => this.#options.onRefused?.(refusal),
      accept: (transport) => this.#accept(transport),
    });
    // Until somebody waits for calls, the servant alone keeps no process alive.
    this.#listener.keepAlive(false);
  }

  /** The address that it listens on. */
  get ip(): string {
    return this.#address().address;
  }

  get port(): number {
    return this.#address().port;
  }

  /** Open connections. */
  get connections(): number {
    return this.#connections.size;
  }

  #address(): Listener["address"] {
    if (this.#listener === undefined) throw new LuarpcError("ERR_CLOSED", "the servant does not listen");
    return this.#listener.address;
  }

  /** Starts to serve; waitIncoming() does. */
  serve(): void {
    if (this.#isServing || this.#closing !== undefined) return;
    this.#isServing = true;
    this.#listener?.keepAlive(true);
    const { readTimeout, idleTimeout, linger } = this.limits;
    const shortest = Math.min(...[readTimeout, idleTimeout, linger].filter((time) => time > 0), 4000);
    this.#sweep = setInterval(
      () => {
        const now = performance.now();
        for (const connection of this.#connections) connection.check(now);
      },
      Math.max(10, shortest / 4),
    );
    this.#sweep.unref();
    for (const transport of this.#early.values()) {
      transport.keepAlive(true);
      transport.resume();
    }
    this.#early.clear();
  }

  #accept(transport: Transport): ServantConnection {
    const connection = new ServantConnection(this, transport, this.#served, this.#profile);
    this.#connections.add(connection);
    this.#accepted += 1;
    if (!this.#isServing) {
      this.#early.set(connection, transport);
      transport.pause();
      transport.keepAlive(false);
    }
    if (this.#connections.size > this.limits.connections) this.#makeRoom(connection);
    return connection;
  }

  /** The connection that has been idle for longest makes room; its client, if it lives, opens another for its next call. */
  #makeRoom(newest: ServantConnection): void {
    let longest: ServantConnection | undefined;
    for (const connection of this.#connections)
      if (
        connection !== newest &&
        connection.isIdle &&
        (longest === undefined || connection.since < longest.since)
      )
        longest = connection;
    if (longest !== undefined) {
      longest.close();
      return;
    }
    this.#options.onRefused?.({ remote: newest.remote, reason: "connections", text: "too many connections" });
    if (this.#connections.size <= 2 * this.limits.connections) newest.refuse("too many connections");
    else newest.destroy();
  }

  get isTimed(): boolean {
    return this.#options.onCall !== undefined;
  }

  called(method: Method, milliseconds: number, error: string | undefined): void {
    this.#options.onCall?.({ method: method.name, milliseconds, error });
  }

  gone(connection: ServantConnection): void {
    this.#connections.delete(connection);
    this.#early.delete(connection);
    if (this.#connections.size === 0) this.#idle?.();
  }

  /** Stops at once: running calls are not waited for, and their clients see the connection end. */
  async close(): Promise<void> {
    this.#stop();
    for (const connection of this.#connections) connection.destroy();
    await this.#finish();
  }

  /** Takes no new connections, answers every request that has come, then closes. */
  async drain(): Promise<void> {
    await this.#acceptWhoHasCome();
    this.#stop();
    // What has arrived and was not read yet has come too.
    await readWhatHasCome();
    for (const connection of this.#connections) connection.drain();
    await this.#finish();
  }

  /** Clients that have connected and were not accepted yet, which may take a turn each, would be reset. */
  async #acceptWhoHasCome(): Promise<void> {
    const end = performance.now() + LAST_CLIENTS;
    for (let seen = -1; seen !== this.#accepted && performance.now() < end; ) {
      seen = this.#accepted;
      await readWhatHasCome();
    }
  }

  #stop(): void {
    this.serve();
    this.#closing ??= this.#listener?.close() ?? Promise.resolve();
  }

  async #finish(): Promise<void> {
    if (this.#connections.size > 0)
      await new Promise<void>((resolve) => {
        const before = this.#idle;
        this.#idle = () => {
          before?.();
          resolve();
        };
      });
    await this.#closing;
    clearInterval(this.#sweep);
    this.#resolveClosed();
  }
}

/** Lets the event loop look at every socket once. */
async function readWhatHasCome(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** The object's own method of that name, or one of its class; what every object has (`constructor`, `toString`) is none. */
function methodOf(object: object, name: string): ServantMethod | undefined {
  for (let holder: object | null = object; holder !== null && holder !== Object.prototype; ) {
    const found = Object.getOwnPropertyDescriptor(holder, name);
    if (found !== undefined) {
      if (name === "constructor" && holder !== object) return undefined;
      const value: unknown = found.get === undefined ? found.value : Reflect.get(holder, name, object);
      return typeof value === "function" ? (value as ServantMethod) : undefined;
    }
    holder = Object.getPrototypeOf(holder) as object | null;
  }
  return undefined;
}

/** An object as a target: each method is looked up when it is called. Throws TypeError when it is none. */
export function objectTarget(object: object): Target {
  if ((typeof object !== "object" && typeof object !== "function") || object === null)
    throw new TypeError(`a servant's methods are those of an object, not of ${describe(object)}`);
  return {
    queue: queueOf(object),
    call(method, values) {
      const found = methodOf(object, method.name);
      if (found === undefined) throw new Error(`${method.name}: the servant's object has no such method`);
      return Reflect.apply(found, object, values) as unknown;
    },
  };
}

function withReflection(declared: Interface): Interface {
  const methods = new Map(declared.methods);
  for (const name of [REFLECTION_INTERFACE, REFLECTION_HEALTH])
    if (!methods.has(name)) methods.set(name, makeMethod(name, "string", []));
  return { name: declared.name, methods };
}

function reflectingTarget(target: Target, declared: Interface): Target {
  return {
    queue: target.queue,
    call(method: Method, values: readonly (Value | undefined)[], context: CallContext): unknown {
      if (declared.methods.has(method.name)) return target.call(method, values, context);
      return method.name === REFLECTION_INTERFACE ? interfaceText(declared) : "ok";
    },
  };
}
