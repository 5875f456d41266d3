// SPDX-License-Identifier: MIT

import type { Logger } from "pino";
import { type Backend, connect, type Lunatik } from "../client/lunatik.ts";
import { servantAddress, serveRequest } from "./control_request.ts";
import { ControlServer } from "./control_server.ts";
import { StateServants } from "./state_servants.ts";

/*
 * kluad without the process around it: the control socket in front, the servants, and the way to the states behind them.
 */

export interface DaemonOptions {
  readonly backend: Backend;
  /** Path of the embedded server's socket. */
  readonly embeddedSocket?: string | undefined;
  /** Path of the control socket. */
  readonly control: string;
  /** The group that may use it, by name or number; the daemon's own unless given. */
  readonly group?: string | undefined;
  readonly log: Logger;
}

/**
 * Starts a daemon. Rejects as connect() of the client does when the states cannot be reached, and with ERR_DAEMON_RUNNING,
 * ERR_UNSAFE, or node's error when the control socket cannot be made.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { backend, embeddedSocket, control, group, log } = options;
  const open = (): Promise<Lunatik> =>
    connect({ backend, socket: embeddedSocket, onWarning: (text) => log.warn(text) });
  // To learn now, and not at the first request, that there is nothing to serve.
  const lunatik = await open();
  lunatik.close();
  const servants = new StateServants(open, log);
  const server = await ControlServer.open(
    { path: control, group },
    () => ({
      serve: (parameters) => servants.serve(serveRequest(parameters)),
      unserve: (parameters) => servants.unserve(servantAddress(parameters)),
      servants: () => servants.list(),
    }),
    log,
  );
  log.info({ control, backend }, "ready");
  return new Daemon(server, servants);
}

export class Daemon {
  readonly #server: ControlServer;
  readonly #servants: StateServants;
  #draining: Promise<void> | undefined;

  /** For startDaemon(). */
  constructor(server: ControlServer, servants: StateServants) {
    this.#server = server;
    this.#servants = servants;
  }

  /** Stops: takes nothing new, and resolves when every call and request that has come is answered. */
  drain(): Promise<void> {
    this.#draining ??= this.#drain();
    return this.#draining;
  }

  async #drain(): Promise<void> {
    // A request to serve that is underway may still add a servant: they are drained once more behind it.
    await Promise.all([this.#server.drain(), this.#servants.drain()]);
    await this.#servants.drain();
  }
}
