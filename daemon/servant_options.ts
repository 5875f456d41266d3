// SPDX-License-Identifier: MIT

import { createSecureContext } from "node:tls";
import type { ServeRequest } from "../client/control_protocol.ts";
import { LunatikError } from "../client/error.ts";
import { networkList } from "../luarpc/networks.ts";
import type { ProfileName } from "../luarpc/profile.ts";
import type { ServantOptions } from "../luarpc/servant.ts";

/**
 * What luarpc's servant is told of a request to serve. Throws ERR_INVALID when a certificate, a key or a network is none,
 * before anything listens.
 */
export function servantOptions(request: ServeRequest): ServantOptions {
  const { host, port, profile, tls, allow, reflection, maxConnections, idle } = request;
  if (tls !== undefined)
    valid("tls", () =>
      createSecureContext({
        cert: tls.cert,
        key: tls.key,
        ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa }),
      }),
    );
  if (allow !== undefined) valid("allow", () => networkList(allow));
  return {
    host,
    port,
    // control_request.ts has looked it up.
    profile: profile as ProfileName | "auto",
    tls: tls === undefined ? undefined : { cert: tls.cert, key: tls.key, ca: tls.clientCa },
    allow,
    reflection,
    limits: {
      ...(maxConnections === undefined ? {} : { connections: maxConnections }),
      ...(idle === undefined ? {} : { idleTimeout: idle }),
    },
  };
}

function valid(field: string, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    throw new LunatikError(
      "ERR_INVALID",
      `${field}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
