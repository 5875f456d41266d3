// SPDX-License-Identifier: MIT

import { createConnection, type Socket } from "node:net";
import { dirname } from "node:path";
import {
  createMessageConnection,
  type MessageConnection,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import { builtInControlSocket, checkFolder, defaultControlSocket } from "./control_path.ts";
import type { ServantAddress, ServantReport, ServeRequest } from "./control_protocol.ts";
import { DaemonError, fromFault } from "./daemon_error.ts";
import { LunatikError } from "./error.ts";

/* A client of kluad: one method a request of the control socket. */

export interface DaemonOptions {
  /** The control socket; see defaultControlSocket(). */
  readonly path?: string | undefined;
  /** Milliseconds to wait for each answer: 30,000 unless given. */
  readonly timeout?: number | undefined;
}

const TIMEOUT = 30_000;

/** Connects to the daemon. Rejects with ERR_NO_DAEMON, ERR_PERMISSION, ERR_UNSAFE. */
export async function connectDaemon(options: DaemonOptions = {}): Promise<DaemonClient> {
  const path = options.path ?? defaultControlSocket();
  const socket = await connect(path);
  return new DaemonClient(socket, options.timeout ?? TIMEOUT);
}

async function connect(path: string): Promise<Socket> {
  try {
    // A path that was given is the giver's own business; a group may share a daemon that way.
    if (path === builtInControlSocket()) await checkFolder(dirname(path));
    return await new Promise((resolve, reject) => {
      const socket = createConnection({ path });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(socket);
      });
    });
  } catch (cause) {
    if (cause instanceof DaemonError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === "EACCES")
      throw new LunatikError("ERR_PERMISSION", `the control socket ${path} may not be used`, {
        operation: "connect",
        cause,
      });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DaemonError("ERR_NO_DAEMON", `no daemon answers at ${path} (${reason})`, cause);
  }
}

/** A connection to kluad; connectDaemon() makes it. */
export class DaemonClient {
  readonly #socket: Socket;
  readonly #connection: MessageConnection;
  readonly #timeout: number;
  #isClosed = false;

  constructor(socket: Socket, timeout: number) {
    this.#socket = socket;
    this.#timeout = timeout;
    this.#connection = createMessageConnection(
      new StreamMessageReader(socket),
      new StreamMessageWriter(socket),
    );
    // The requests that are underway reject when the connection is disposed of, and not before.
    this.#connection.onClose(() => this.close());
    this.#connection.onError(() => this.close());
    this.#connection.listen();
  }

  /**
   * Puts functions of a state on the network. Rejects with ERR_NO_STATE, ERR_PORT, ERR_INTERFACE, ERR_INVALID, and as every
   * method with ERR_NO_DAEMON, ERR_TIMEOUT, ERR_PROTOCOL, and what keeps the daemon from its states (ERR_NO_MODULE …).
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

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.dispose();
    this.#socket.destroy();
  }

  async #request(method: string, parameters: object): Promise<unknown> {
    if (this.#isClosed) throw lost();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const text = `the daemon did not answer within ${this.#timeout} ms`;
        reject(new LunatikError("ERR_TIMEOUT", text, { operation: method }));
      }, this.#timeout);
    });
    try {
      return await Promise.race([this.#connection.sendRequest(method, parameters), late]);
    } catch (error) {
      if (error instanceof LunatikError) throw error;
      if (this.#isClosed) throw lost(error);
      throw fromFault(error instanceof ResponseError ? error.data : undefined, method);
    } finally {
      clearTimeout(timer);
    }
  }
}

function lost(cause?: unknown): DaemonError {
  return new DaemonError("ERR_NO_DAEMON", "the connection to the daemon was lost", cause);
}
