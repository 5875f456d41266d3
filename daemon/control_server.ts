// SPDX-License-Identifier: MIT

import { createServer, type Server, type Socket } from "node:net";
import type { Logger } from "pino";
import { checkPeer } from "./control_rights.ts";
import { type ControlHandlers, ControlSession } from "./control_session.ts";
import { listenOn, listenOnDescriptor } from "./control_socket.ts";

/* The control socket as a server: who is connected. */

/** What is made of a new client: the answers to its requests. */
export type Welcome = (session: ControlSession) => ControlHandlers;

/** More at once are not accepted: each may hold a few sockets to the module. */
const CLIENTS_MAX = 256;
/** How long a client may take to read the last answers, in milliseconds. */
const FAREWELL = 1000;

/** What may be asked for while the daemon waits for what is underway: to end that. */
const farewell: ReadonlySet<string> = new Set(["run.cancel"]);

export class ControlServer {
  readonly #path: string;
  readonly #server: Server;
  readonly #welcome: Welcome;
  readonly #log: Logger;
  readonly #sessions = new Set<ControlSession>();

  private constructor(path: string, welcome: Welcome, log: Logger) {
    this.#path = path;
    this.#welcome = welcome;
    this.#log = log;
    this.#server = createServer((socket) => void this.#accept(socket));
    this.#server.maxConnections = CLIENTS_MAX;
    this.#server.on("drop", () =>
      log.warn({ clients: CLIENTS_MAX }, "too many control clients: one was dropped"),
    );
  }

  /** Listens on a path, or on a descriptor that is bound already. Rejects as listenOn() does. */
  static async open(
    place: {
      readonly path: string;
      readonly group?: string | undefined;
      readonly fd?: number | undefined;
    },
    welcome: Welcome,
    log: Logger,
  ): Promise<ControlServer> {
    const control = new ControlServer(place.path, welcome, log);
    if (place.fd !== undefined) await listenOnDescriptor(control.#server, place.fd);
    else await listenOn(control.#server, place.path, place.group);
    control.#server.on("error", (error) => log.error({ err: error }, "the control socket failed"));
    return control;
  }

  /** Who is connected. */
  get clients(): number {
    return this.#sessions.size;
  }

  async #accept(socket: Socket): Promise<void> {
    const session = new ControlSession(socket, this.#log);
    this.#sessions.add(session);
    session.ended.addEventListener("abort", () => this.#sessions.delete(session), { once: true });
    try {
      const { pid, uid } = await checkPeer(socket, this.#path);
      this.#log.debug({ client: { pid, uid } }, "a control client came");
      session.start(this.#welcome(session));
    } catch (error) {
      session.refuse(error);
    }
  }

  /** Takes no more clients and requests, answers the requests underway, and closes. */
  async drain(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    await Promise.all([...this.#sessions].map((session) => session.drain(farewell, FAREWELL)));
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
