// SPDX-License-Identifier: MIT

import type { Socket } from "node:net";
import type { Logger } from "pino";
import {
  type CancellationToken,
  createMessageConnection,
  ErrorCodes,
  type MessageConnection,
  ResponseError,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import { FAULT } from "../client/control_protocol.ts";
import { DaemonError, faultOf, faultToJson } from "../client/daemon_error.ts";
import { ControlReader } from "./control_reader.ts";

/*
 * One client of the control socket: its requests underway, and what is sent to it unasked. When it goes away, or takes a
 * request back ($/cancelRequest), the signal of what is underway is raised.
 */

/**
 * Answers a request with what becomes its JSON result, or throws what becomes its error. `signal` is raised when the client
 * takes the request back or goes away.
 */
export type ControlHandler = (parameters: unknown, signal: AbortSignal) => unknown;

/** What answers the requests of one client, by their names. */
export type ControlHandlers = Readonly<Record<string, ControlHandler>>;

/** How many requests of one client may be underway. */
const REQUESTS_MAX = 256;
/** A client with so many bytes to read is not listened to until it has read them. */
const UNREAD_PAUSE = 1024 * 1024;
/** A client with so many bytes to read is dropped. */
const UNREAD_MAX = 64 * 1024 * 1024;

export class ControlSession {
  /** Raised when the client is gone. */
  readonly ended: AbortSignal;
  readonly #socket: Socket;
  readonly #log: Logger;
  readonly #connection: MessageConnection;
  readonly #end = new AbortController();
  readonly #underway = new Map<AbortController, Promise<unknown>>();
  #handlers: ReadonlyMap<string, ControlHandler> = new Map();
  /** Names of the requests that are still taken while the daemon stops; undefined while it does not. */
  #farewell: ReadonlySet<string> | undefined;

  constructor(socket: Socket, log: Logger) {
    this.#socket = socket;
    this.#log = log;
    this.ended = this.#end.signal;
    socket.on("close", () => this.#gone());
    socket.on("error", (error) => log.debug({ err: error }, "a control client was lost"));
    socket.on("drain", () => socket.resume());
    this.#connection = createMessageConnection(new ControlReader(socket), new StreamMessageWriter(socket));
    this.#connection.onError(([error]) => {
      // Of the socket: told above.
      if ("syscall" in error) return;
      log.warn({ err: error }, "what a control client sent is not the protocol");
      socket.destroy();
    });
    this.#connection.onRequest((name: string, parameters: unknown, token: CancellationToken) =>
      this.#answer(name, parameters, token),
    );
  }

  /** Starts to answer. */
  start(handlers: ControlHandlers): void {
    this.#handlers = new Map(Object.entries(handlers));
    this.#connection.listen();
  }

  /** Tells the client something unasked. Resolves when it is written; does nothing when the client is gone. */
  async notify(name: string, parameters: unknown): Promise<void> {
    if (this.ended.aborted) return;
    try {
      await this.#connection.sendNotification(name, parameters);
    } catch (error) {
      if (!this.ended.aborted) this.#log.debug({ err: error, notification: name }, "not sent");
    }
  }

  /** Refuses requests from now on, except those of these names, and resolves when none is underway. */
  async drain(farewell: ReadonlySet<string>): Promise<void> {
    this.#farewell = farewell;
    while (this.#underway.size > 0) await Promise.allSettled(this.#underway.values());
    // The answers are written behind the handlers' promises.
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Closes the connection once what was written has been read. */
  close(): void {
    this.#socket.end();
  }

  /** Drops the client. */
  destroy(): void {
    this.#socket.destroy();
  }

  #gone(): void {
    this.#connection.dispose();
    this.#end.abort();
    for (const controller of this.#underway.keys()) controller.abort();
  }

  async #answer(name: string, parameters: unknown, token: CancellationToken): Promise<unknown> {
    const handler = this.#handlers.get(name);
    if (handler === undefined)
      return new ResponseError(ErrorCodes.MethodNotFound, `there is no request ${JSON.stringify(name)}`);
    const controller = new AbortController();
    token.onCancellationRequested(() => {
      controller.abort();
    });
    try {
      if (this.#farewell?.has(name) === false)
        throw new DaemonError("ERR_NO_DAEMON", "the daemon is stopping");
      if (this.#underway.size >= REQUESTS_MAX)
        throw new DaemonError("ERR_LIMIT", `more than ${REQUESTS_MAX} requests of one client at once`);
      const answer = Promise.resolve(handler(parameters, controller.signal));
      this.#underway.set(controller, answer);
      return await answer;
    } catch (error) {
      return this.#failure(name, error);
    } finally {
      this.#underway.delete(controller);
      this.#restrain();
    }
  }

  #failure(name: string, error: unknown): ResponseError<unknown> {
    const fault = faultOf(error);
    if (fault.code === "ERR_DAEMON") this.#log.error({ err: error, request: name }, "a request failed");
    else this.#log.info({ request: name, code: fault.code }, fault.message);
    return new ResponseError(FAULT, fault.message, faultToJson(fault));
  }

  /** Keeps a client that does not read its answers from filling the memory. */
  #restrain(): void {
    const unread = this.#socket.writableLength;
    if (unread > UNREAD_MAX) {
      this.#log.warn({ unread }, "a control client does not read its answers: dropped");
      this.#socket.destroy();
    } else if (unread > UNREAD_PAUSE) this.#socket.pause();
  }
}
