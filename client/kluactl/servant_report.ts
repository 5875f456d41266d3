// SPDX-License-Identifier: MIT

import type { ServantReport } from "../control_protocol.ts";
import { LunatikError } from "../error.ts";
import type { Json } from "./json.ts";
import { formatAddress } from "./network_address.ts";
import { visible } from "./terminal.ts";

/* What serve, unserve and servants share. */

export function servantJson(servant: ServantReport): Json {
  return {
    host: servant.host,
    port: servant.port,
    state: servant.state,
    object: servant.object,
    interface: servant.interface,
    profile: servant.profile,
    methods: servant.methods,
    connections: servant.connections,
    calls: servant.calls,
    failed: servant.failed,
    refused: servant.refused,
    tls: servant.tls,
    allow: servant.allow,
    reflection: servant.reflection,
    max_connections: servant.maxConnections,
    idle_ms: servant.idle,
    problem: servant.problem,
  };
}

/** "127.0.0.1:9001". */
export function servantPlace({ host, port }: ServantReport): string {
  return formatAddress(host, port);
}

/** "p1.myobj1", or "p1" when the functions are global. */
export function servedObject({ state, object }: ServantReport): string {
  return visible(object === undefined ? state : `${state}.${object}`);
}

/** A 64-bit quantity as the control socket's JSON carries it. Throws ERR_RANGE beyond 2^53. */
export function exactNumber(value: bigint, option: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new LunatikError("ERR_RANGE", `--${option}: too large`);
  return number;
}
