// SPDX-License-Identifier: MIT

import { createServer, type Server, type Socket } from "node:net";
import type { Logger } from "pino";
import { type ControlHandlers, ControlSession } from "./control_session.ts";
import { listenOn, listenOnDescriptor } from "./control_socket.ts";

/* The control socket as a server: who is connected. */

/** What is made of a new client: the answers to its requests. */
export type Welcome = (session: ControlSession) => ControlHandlers;

/** How long a client may take to read the last answers, in milliseconds. */
const FAREWELL = 1000;

/** What may be asked for while the daemon waits for what is underway: to end that. */
const farewell: ReadonlySet<string> = new Set(["run.cancel"]);

export class ControlServer {
  readonly #server: Server;
  readonly #welcome: Welcome;
  readonly #log: Logger;
  readonly #sessions = new Set<ControlSession>();

  private constructor(welcome: Welcome, log: Logger) {
    this.#welcome = welcome;
    this.#log = log;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Listens on a path, or on a descriptor that is bound already. Rejects as listenOn() does. */
  static async open(
    place: { readonly path: string; readonly group?: string | undefined } | { readonly fd: number },
    welcome: Welcome,
    log: Logger,
  ): Promise<ControlServer> {
    const control = new ControlServer(welcome, log);
    if ("fd" in place) await listenOnDescriptor(control.#server, place.fd);
    else await listenOn(control.#server, place.path, place.group);
    control.#server.on("error", (error) => log.error({ err: error }, "the control socket failed"));
    return control;
  }

  /** Who is connected. */
  get clients(): number {
    return this.#sessions.size;
  }

  #accept(socket: Socket): void {
    const session = new ControlSession(socket, this.#log);
    this.#sessions.add(session);
    session.ended.addEventListener("abort", () => this.#sessions.delete(session), { once: true });
    session.start(this.#welcome(session));
  }

  /** Takes no more clients and requests, answers the requests underway, and closes. */
  async drain(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    await Promise.all([...this.#sessions].map((session) => session.drain(farewell)));
    for (const session of this.#sessions) session.close();
    const late = setTimeout(() => this.destroy(), FAREWELL);
    await closed;
    clearTimeout(late);
  }

  /** Drops all clients at once. */
  destroy(): void {
    this.#server.close();
    for (const session of this.#sessions) session.destroy();
  }
}
