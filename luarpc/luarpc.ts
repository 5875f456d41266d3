// SPDX-License-Identifier: MIT

import type { Interface } from "./interface.ts";
import { loadInterface, parseInterface } from "./interface_parser.ts";
import { callMethod, closeProxy, openProxy, type ProxyOptions, type UntypedProxy } from "./proxy.ts";
import {
  objectTarget,
  openServant,
  REFLECTION_INTERFACE,
  type Servant,
  type ServantOptions,
} from "./servant.ts";
import { describe } from "./value.ts";

/*
 * Remote calls between programs in Lua and TypeScript, as in the assignment:
 *
 *   import * as luarpc from "lunatik/luarpc";
 *   const s1 = await luarpc.createServant(myobj1, "minhaInt.lua", { port: 0 });    // { ip, port, close() }
 *   luarpc.waitIncoming();                                                       // serves until stopped
 *   const p1 = await luarpc.createProxy<MinhaInt>(s1.ip, s1.port, "minhaInt.lua");
 *   const [r, s] = await p1.foo(3, 5);
 */

const servants = new Set<Servant>();
let incoming: Promise<void> | undefined;

/** Reads an interface: the path of its file, or one that was parsed already. */
async function interfaceFrom(source: string | Interface): Promise<Interface> {
  if (typeof source !== "string" && !(source?.methods instanceof Map))
    throw new TypeError(`an interface is the path of its file, or a parsed one, not ${describe(source)}`);
  return typeof source === "string" ? await loadInterface(source) : source;
}

/**
 * Makes a servant of an object, whose methods get one positional parameter per declared argument (undefined for out) and
 * return the result and then the out and inout values: several as an array. They may return promises.
 *
 * It listens at once, and answers calls from waitIncoming() on. Rejects with InterfaceError, with node's error when the
 * file cannot be read or the port not be had, with TypeError or RangeError for its options.
 */
export async function createServant(
  object: object,
  source: string | Interface,
  options: ServantOptions = {},
): Promise<Servant> {
  const servant = await openServant(objectTarget(object), await interfaceFrom(source), options);
  servants.add(servant);
  void servant.closed.then(() => servants.delete(servant));
  if (incoming !== undefined) servant.serve();
  return servant;
}

/**
 * Serves every servant, those created later too. Resolves when all have been closed; the signal drains them: calls that
 * have come are answered first.
 */
export function waitIncoming(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
  for (const servant of servants) servant.serve();
  options.signal?.addEventListener("abort", drainAll, { once: true });
  if (options.signal?.aborted === true) drainAll();
  incoming ??= allClosed();
  return incoming;
}

function drainAll(): void {
  for (const servant of servants) void servant.drain();
}

async function allClosed(): Promise<void> {
  while (servants.size > 0) await Promise.all([...servants].map(({ closed }) => closed));
  incoming = undefined;
}

/**
 * Makes a proxy of a servant, whose methods return promises of arrays: the result unless void, then the out and inout
 * values. It connects when first called. Rejects with InterfaceError, with node's error when the file cannot be read, with
 * TypeError or RangeError for its options.
 */
export async function createProxy<T extends object = UntypedProxy>(
  ip: string,
  port: number | string,
  source: string | Interface,
  options: ProxyOptions = {},
): Promise<T> {
  return openProxy(ip, port, await interfaceFrom(source), options) as T;
}

/** The assignment's other spelling. */
export const createproxy = createProxy;

/** Asks a servant with `reflection` for its interface. Rejects as a call does. */
export async function reflect(
  ip: string,
  port: number | string,
  options: ProxyOptions = {},
): Promise<Interface> {
  const asked = parseInterface(
    `interface { methods = { ${REFLECTION_INTERFACE} = { resulttype = "string" } } }`,
  );
  const proxy = openProxy(ip, port, asked, options);
  try {
    const [text] = await callMethod(proxy, REFLECTION_INTERFACE, []);
    return parseInterface(String(text), `${ip}:${port}`);
  } finally {
    closeProxy(proxy);
  }
}
