// SPDX-License-Identifier: MIT

import { usage } from "./failure.ts";

export interface NetworkAddress {
  /** Undefined when the word is a port alone. */
  readonly host: string | undefined;
  readonly port: number;
}

const ADDRESS = /^(?:(?:\[([^\]]+)\]|([^:]+)):)?(\d{1,5})$/;
const PORT_MAX = 65_535;

/** "127.0.0.1:9001", "[::1]:9001", or "9001". Throws ERR_USAGE; `what` names the word. */
export function parseAddress(word: string, what: string): NetworkAddress {
  const [whole, v6, name, digits] = ADDRESS.exec(word) ?? [];
  const port = Number(digits);
  if (whole === undefined || port > PORT_MAX)
    throw usage(`${what}: ${JSON.stringify(word)} is not an address and port such as 127.0.0.1:9001`);
  return { host: v6 ?? name, port };
}

/** As parseAddress() takes it. */
export function formatAddress(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
