// SPDX-License-Identifier: MIT

import { createServer, type Server, type Socket } from "node:net";
import type { Logger } from "pino";
import {
  createMessageConnection,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import { FAULT, MESSAGE_MAX } from "../client/control_protocol.ts";
import { DaemonError, toFault } from "../client/daemon_error.ts";
import { listenOn } from "./control_socket.ts";

/* The control socket as a server: who is connected, and which requests are underway. */

/** What answers the requests, by their names. What a handler throws is the request's error. */
export type ControlHandlers = Readonly<Record<string, (parameters: unknown) => unknown>>;

/** How long a client may take to read the last answers, in milliseconds. */
const FAREWELL = 1000;

export class ControlServer {
  readonly #server: Server;
  readonly #handlers: ControlHandlers;
  readonly #log: Logger;
  readonly #sockets = new Set<Socket>();
  readonly #underway = new Set<Promise<unknown>>();
  #isDraining = false;

  private constructor(handlers: ControlHandlers, log: Logger) {
    this.#handlers = handlers;
    this.#log = log;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Listens on a path. Rejects as listenOn() does. */
  static async open(
    { path, group }: { readonly path: string; readonly group?: string | undefined },
    handlers: ControlHandlers,
    log: Logger,
  ): Promise<ControlServer> {
    const control = new ControlServer(handlers, log);
    await listenOn(control.#server, path, group);
    control.#server.on("error", (error) => log.error({ err: error }, "the control socket failed"));
    return control;
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    let received = 0;
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", (error) => this.#log.debug({ err: error }, "a control client was lost"));
    socket.on("data", (bytes) => {
      received += bytes.length;
      if (received > MESSAGE_MAX) socket.destroy();
    });
    const connection = createMessageConnection(
      new StreamMessageReader(socket),
      new StreamMessageWriter(socket),
    );
    connection.onError(([error]) => {
      this.#log.warn({ err: error }, "what a control client sent is not the protocol");
      socket.destroy();
    });
    connection.onClose(() => connection.dispose());
    for (const [name, handler] of Object.entries(this.#handlers)) {
      connection.onRequest(name, (parameters: unknown) => {
        received = 0;
        return this.#answer(name, handler, parameters);
      });
    }
    connection.listen();
  }

  async #answer(
    name: string,
    handler: (parameters: unknown) => unknown,
    parameters: unknown,
  ): Promise<unknown> {
    try {
      if (this.#isDraining) throw new DaemonError("ERR_NO_DAEMON", "the daemon is stopping");
      const answer = Promise.resolve(handler(parameters));
      this.#underway.add(answer);
      try {
        return await answer;
      } finally {
        this.#underway.delete(answer);
      }
    } catch (error) {
      const fault = toFault(error);
      if (fault.code === "ERR_DAEMON") this.#log.error({ err: error, request: name }, "a request failed");
      else this.#log.info({ request: name, code: fault.code }, fault.message);
      return new ResponseError(FAULT, fault.message, fault);
    }
  }

  /** Takes no more clients and requests, answers the requests underway, and closes. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    await Promise.allSettled(this.#underway);
    // The answers are written behind the handlers' promises.
    await new Promise((resolve) => setImmediate(resolve));
    for (const socket of this.#sockets) socket.end();
    const farewell = setTimeout(() => this.destroy(), FAREWELL);
    await closed;
    clearTimeout(farewell);
  }

  /** Drops all clients at once. */
  destroy(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
