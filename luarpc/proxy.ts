// SPDX-License-Identifier: MIT

import type { CallLimits } from "./call.ts";
import { LuarpcError } from "./error.ts";
import type { Interface } from "./interface.ts";
import { defaultLimits } from "./limits.ts";
import { Pool, tcpConnector } from "./pool.ts";
import { type ProfileName, profileNamed } from "./profile.ts";
import type { TlsOptions } from "./tcp.ts";
import { describe, type Value } from "./value.ts";

/*
 * A proxy: an object whose methods are those of an interface, and whose calls go to a servant. All that is not a method
 * of the interface is done by functions beside it (withOptions, closeProxy …), so that a method may have any name:
 * `constructor`, `__index`, even `then`.
 */

export interface CallOptions {
  /** Milliseconds to wait for the reply, connecting and queueing included; 30,000 unless given, 0 waits for ever. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How often a failed call is repeated: 0 unless given. What may have been executed is not repeated. */
  readonly attempts?: number | undefined;
  /** The method may be executed twice: a call is repeated even when it may have been executed. */
  readonly idempotent?: boolean | undefined;
}

export interface ProxyOptions extends CallOptions {
  /** `plain` unless given. */
  readonly profile?: ProfileName | undefined;
  /** How many connections at most: 1 unless given. */
  readonly connections?: number | undefined;
  /** How many requests may be in flight on one connection: 1 unless given. */
  readonly pipeline?: number | undefined;
  /** Milliseconds to connect in: 10,000 unless given. */
  readonly connectTimeout?: number | undefined;
  /** Milliseconds before the first repetition, doubled for each further one: 100 unless given. */
  readonly retryDelay?: number | undefined;
  /** The longest line, both ways: 1 MiB unless given. */
  readonly lineMax?: number | undefined;
  readonly tls?: TlsOptions | undefined;
}

export type RemoteMethod = (...values: readonly unknown[]) => Promise<readonly Value[]>;

/** A proxy whose interface has no TypeScript declarations; `luarpc types` makes some. */
export type UntypedProxy = Readonly<Record<string, RemoteMethod>>;

interface ProxyState {
  readonly interface: Interface;
  readonly pool: Pool;
  readonly defaults: CallLimits;
}

const states = new WeakMap<object, ProxyState>();

// Asked of any value by the language or by tools, and no method unless the interface has it.
const NEVER_REMOTE: ReadonlySet<string> = new Set([
  "then",
  "toJSON",
  "inspect",
  "asymmetricMatch",
  "nodeType",
]);

/** Makes a proxy. Connects when it is first called. Throws TypeError, RangeError for its options. */
export function openProxy(
  host: string,
  port: number | string,
  declared: Interface,
  options: ProxyOptions = {},
): object {
  // Without one node would take the loopback address, and call whoever listens there.
  if (typeof host !== "string" || host === "") throw new TypeError(`${describe(host)} is no address`);
  const portNumber = Number(port);
  if (!Number.isInteger(portNumber) || portNumber < 1 || portNumber > 65535)
    throw new RangeError(`'${port}' is no port`);
  const pool = new Pool(`${host}:${portNumber}`, tcpConnector(host, portNumber, options.tls), {
    profile: profileNamed(options.profile ?? "plain"),
    lineMax: positive(options.lineMax ?? defaultLimits.line, "lineMax"),
    connections: positive(options.connections ?? 1, "connections"),
    pipeline: positive(options.pipeline ?? 1, "pipeline"),
    connectTimeout: positive(options.connectTimeout ?? 10_000, "connectTimeout"),
    retryDelay: options.retryDelay ?? 100,
    waiting: 65_536,
  });
  const defaults: CallLimits = { timeout: 30_000, signal: undefined, attempts: 0, idempotent: false };
  return makeProxy({ interface: declared, pool, defaults: limitsWith(defaults, options) });
}

function positive(value: number, name: string): number {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new RangeError(`${name} must be a whole number above 0`);
  return value;
}

function limitsWith(limits: CallLimits, options: CallOptions): CallLimits {
  return {
    timeout: options.timeout ?? limits.timeout,
    signal: options.signal ?? limits.signal,
    attempts: options.attempts ?? limits.attempts,
    idempotent: options.idempotent ?? limits.idempotent,
  };
}

function makeProxy(state: ProxyState): object {
  const methods = new Map<string, RemoteMethod>();
  const target: object = Object.create(null) as object;
  let isResolving = false;
  for (const [name, method] of state.interface.methods) {
    const remote: RemoteMethod = (...values) => state.pool.call(method, values, state.defaults);
    methods.set(name, name === "then" ? thenable(remote) : remote);
    // So that the methods can be listed.
    Object.defineProperty(target, name, { enumerable: true, configurable: true, value: methods.get(name) });
  }

  /**
   * `await` and Promise.resolve() ask for `then` and call it with two functions, which no remote call takes. They are
   * given the proxy itself, and do not find `then` when they look again.
   */
  function thenable(remote: RemoteMethod): RemoteMethod {
    return (...values) => {
      const [resolve] = values;
      if (typeof resolve !== "function") return remote(...values);
      isResolving = true;
      try {
        (resolve as (value: object) => void)(proxy);
      } finally {
        isResolving = false;
      }
      return Promise.resolve([]);
    };
  }

  const proxy = new Proxy(target, {
    get(_, name) {
      if (typeof name === "symbol" || (name === "then" && isResolving)) return undefined;
      return methods.get(name) ?? (NEVER_REMOTE.has(name) ? undefined : unknownMethod(state, name));
    },
    has: (_, name) => typeof name === "string" && methods.has(name),
    set: () => false,
    deleteProperty: () => false,
    defineProperty: () => false,
  });
  states.set(proxy, state);
  return proxy;
}

function unknownMethod(state: ProxyState, name: string): RemoteMethod {
  const { name: interfaceName } = state.interface;
  const where = interfaceName === undefined ? "" : ` ${interfaceName}`;
  return () =>
    Promise.reject(
      new LuarpcError("ERR_METHOD", `no method '${name}' in the interface${where}`, { method: name }),
    );
}

function stateOf(proxy: object): ProxyState {
  const state = states.get(proxy);
  if (state === undefined) throw new TypeError("this is no luarpc proxy");
  return state;
}

/** The same proxy, with other options for its calls: `withOptions(p, { timeout: 500, signal }).foo(3, 5)`. */
export function withOptions<T extends object>(proxy: T, options: CallOptions): T {
  const state = stateOf(proxy);
  return makeProxy({ ...state, defaults: limitsWith(state.defaults, options) }) as T;
}

/** Calls a method by its name. Rejects as the proxy's methods do. */
export function callMethod(
  proxy: object,
  name: string,
  values: readonly unknown[],
  options: CallOptions = {},
): Promise<readonly Value[]> {
  const state = stateOf(proxy);
  const method = state.interface.methods.get(name);
  if (method === undefined) return unknownMethod(state, name)();
  return state.pool.call(method, values, limitsWith(state.defaults, options));
}

/** The interface of a proxy. */
export function interfaceOf(proxy: object): Interface {
  return stateOf(proxy).interface;
}

/** What a proxy is doing. */
export function loadOf(proxy: object): Pool["load"] {
  return stateOf(proxy).pool.load;
}

/** Whether the servant can be reached: milliseconds to connect. Sends nothing. Rejects with ERR_CONNECT, ERR_TIMEOUT. */
export async function health(proxy: object): Promise<number> {
  const begun = performance.now();
  await stateOf(proxy).pool.probe();
  return performance.now() - begun;
}

/** Gives up the calls in flight with ERR_CLOSED, and closes the proxy's connections. */
export function closeProxy(proxy: object): void {
  stateOf(proxy).pool.close();
}

/** Takes no more calls, waits for those in flight, and closes. */
export function drainProxy(proxy: object): Promise<void> {
  return stateOf(proxy).pool.drain();
}
