// SPDX-License-Identifier: MIT

import type { ApplyReport, ApplyRequest, SaveReport, SaveRequest } from "./apply_report.ts";
import { ControlConnection, Lane } from "./control_connection.ts";
import { controlSockets } from "./control_path.ts";
import type { ServantAddress, ServantReport, ServeRequest } from "./control_protocol.ts";
import { DaemonError } from "./daemon_error.ts";
import { TIMEOUT } from "./defaults.ts";

/* A client of kluad's own: one method a request of the control socket. Its requests about states have a client in daemon_lunatik.ts. */

export interface DaemonOptions {
  /** The control socket; the first of controlSockets() at which a daemon answers unless given. */
  readonly path?: string | undefined;
  /** Milliseconds to wait for each answer: 30,000 unless given, and for that of apply() as long as it takes. */
  readonly timeout?: number | undefined;
}

const WIDTH = 64;

/** Connects to the daemon. Rejects with ERR_NO_DAEMON, ERR_PERMISSION, ERR_UNSAFE. */
export async function connectDaemon(options: DaemonOptions = {}): Promise<DaemonClient> {
  const paths = options.path === undefined ? controlSockets() : [options.path];
  return new DaemonClient(await firstOf(paths), options.timeout);
}

/** A connection to the first daemon that answers. Rejects with what is wrong at the first path when none does. */
async function firstOf(paths: readonly string[]): Promise<ControlConnection> {
  let failure: unknown;
  for (const path of paths) {
    try {
      return await ControlConnection.open(path);
    } catch (error) {
      // That somebody is there, and may not be asked, says more than that nobody is.
      const isAbsent = error instanceof DaemonError && error.code === "ERR_NO_DAEMON";
      if (failure === undefined || !isAbsent) failure = error;
    }
  }
  throw failure;
}

/** A connection to kluad; connectDaemon() makes it. */
export class DaemonClient {
  readonly #connection: ControlConnection;
  readonly #timeout: number | undefined;
  readonly #lane = new Lane(WIDTH);

  constructor(connection: ControlConnection, timeout: number | undefined) {
    this.#connection = connection;
    this.#timeout = timeout;
  }

  /**
   * Puts functions of a state on the network. Rejects with ERR_NO_STATE, ERR_PORT, ERR_INTERFACE, ERR_INVALID, and as every
   * method with ERR_NO_DAEMON (it is stopping), ERR_CLOSED (it went away), ERR_TIMEOUT, ERR_PROTOCOL, and what keeps the daemon from its states (ERR_NO_MODULE …).
   */
  async serve(request: ServeRequest): Promise<ServantReport> {
    return (await this.#request("serve", request)) as ServantReport;
  }

  /** Stops a servant: it listens no more, and resolves when the calls that have come are answered. Rejects with ERR_NO_SERVANT. */
  async unserve(address: ServantAddress): Promise<ServantReport> {
    return (await this.#request("unserve", address)) as ServantReport;
  }

  /** All servants, by port. */
  async servants(): Promise<readonly ServantReport[]> {
    return (await this.#request("servants", {})) as readonly ServantReport[];
  }

  /**
   * Makes states and servants what a manifest declares, and resolves with what was done: a step that failed is in the report.
   * Rejects with ERR_MANIFEST when the manifest is wrong; nothing has been done then.
   */
  async apply(request: ApplyRequest = {}): Promise<ApplyReport> {
    // Scripts take as long as their states' limits let them.
    return (await this.#request("apply", request, Number.POSITIVE_INFINITY)) as ApplyReport;
  }

  /** The manifest of what there is, with files' names relative to a folder. */
  async save(request: SaveRequest): Promise<SaveReport> {
    return (await this.#request("save", request)) as SaveReport;
  }

  close(): void {
    this.#connection.close();
  }

  #request(name: string, parameters: object, patience = TIMEOUT): Promise<unknown> {
    const timeout = this.#timeout ?? patience;
    const call = { name, parameters, operation: name, lane: this.#lane, timeout };
    return this.#connection.request(call);
  }
}
