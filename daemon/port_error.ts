// SPDX-License-Identifier: MIT

import { DaemonError } from "../client/daemon_error.ts";
import { formatAddress } from "../client/kluactl/network_address.ts";

/* A port that cannot be had, whoever wants it. */

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is taken",
  EADDRNOTAVAIL: "this machine does not have the address",
  EACCES: "the daemon may not listen on this port",
  ENOTFOUND: "the name has no address",
};

/** Node's error of a port that cannot be had, as ERR_PORT; others as they are. */
export function portError(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  const reason = code === undefined ? undefined : reasons[code];
  if (reason === undefined) return error;
  return new DaemonError("ERR_PORT", `cannot listen on ${formatAddress(host, port)}: ${reason}`, error);
}
