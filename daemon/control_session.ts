// SPDX-License-Identifier: MIT

import type { Socket } from "node:net";
import type { Logger } from "pino";
import {
  type CancellationToken,
  createMessageConnection,
  ErrorCodes,
  Message,
  type MessageConnection,
  ResponseError,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import { FAULT, MESSAGE_MAX } from "../client/control_protocol.ts";
import { ControlReader } from "../client/control_reader.ts";
import { DaemonError, faultOf, faultToJson } from "../client/daemon_error.ts";

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
/** A client that has about so many bytes to read is not listened to until it has read them. */
const UNREAD_PAUSE = 1024 * 1024;
/** A client that has about so many bytes to read is dropped. */
const UNREAD_MAX = 64 * 1024 * 1024;

export class ControlSession {
  /** Raised when the client is gone. */
  readonly ended: AbortSignal;
  readonly #socket: Socket;
  readonly #log: Logger;
  readonly #reader: ControlReader;
  readonly #connection: MessageConnection;
  readonly #end = new AbortController();
  readonly #underway = new Set<AbortController>();
  /** Requests whose answers have not been written yet. */
  #owed = 0;
  /** Called when fewer are underway or owed than before. */
  #onProgress: (() => void) | undefined;
  #refusal: { readonly error: unknown } | undefined;
  #handlers: ReadonlyMap<string, ControlHandler> = new Map();
  /** Names of the requests that are still taken while the daemon stops; undefined while it does not. */
  #farewell: ReadonlySet<string> | undefined;

  constructor(socket: Socket, log: Logger) {
    this.#socket = socket;
    this.#log = log;
    this.ended = this.#end.signal;
    socket.on("close", () => this.#gone());
    socket.on("error", (error) => log.debug({ err: error }, "a control client was lost"));
    this.#reader = new ControlReader(socket, MESSAGE_MAX);
    this.#connection = createMessageConnection(
      this.#reader,
      new WatchedWriter(socket, {
        answered: () => this.#answered(),
        unread: (bytes) => this.#restrain(bytes),
      }),
    );
    this.#connection.onError(([error]) => {
      // Of the socket: the client is gone, or on its way.
      if ("code" in error) return;
      log.warn({ err: error }, "what a control client sent is not the protocol");
      socket.destroy();
    });
    this.#connection.onRequest((name: string, parameters: unknown, token: CancellationToken) =>
      this.#answer(name, parameters, token),
    );
  }

  /** Starts to answer; does nothing when the client is gone. */
  start(handlers: ControlHandlers): void {
    if (this.ended.aborted) return;
    this.#handlers = new Map(Object.entries(handlers));
    this.#connection.listen();
  }

  /** Answers every request with an error, and closes the connection after the first; does nothing when the client is gone. */
  refuse(error: unknown): void {
    if (this.ended.aborted) return;
    this.#refusal = { error };
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

  /**
   * Refuses requests from now on, except those of these names, and resolves when every one that came has its answer. A
   * client that does not read its answers is waited for `patience` milliseconds.
   */
  async drain(farewell: ReadonlySet<string>, patience: number): Promise<void> {
    this.#farewell = farewell;
    await this.#until(() => this.#underway.size === 0);
    const late = setTimeout(() => this.destroy(), patience);
    await this.#until(() => this.#owed === 0);
    clearTimeout(late);
  }

  async #until(isDone: () => boolean): Promise<void> {
    while (!isDone() && !this.ended.aborted)
      await new Promise<void>((resolve) => {
        this.#onProgress = resolve;
      });
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
    for (const controller of this.#underway) controller.abort();
    this.#onProgress?.();
  }

  async #answer(name: string, parameters: unknown, token: CancellationToken): Promise<unknown> {
    this.#owed += 1;
    if (this.#refusal !== undefined) return this.#failure(name, this.#refusal.error);
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
      this.#underway.add(controller);
      return await handler(parameters, controller.signal);
    } catch (error) {
      return this.#failure(name, error);
    } finally {
      this.#underway.delete(controller);
      this.#onProgress?.();
    }
  }

  #answered(): void {
    this.#owed -= 1;
    if (this.#refusal !== undefined) this.close();
    this.#onProgress?.();
  }

  /** Keeps a client that does not read from filling the memory. `unread` is about how many bytes wait for it. */
  #restrain(unread: number): void {
    if (unread > UNREAD_MAX) {
      if (!this.#socket.destroyed)
        this.#log.warn({ unread }, "a control client does not read what it is sent: dropped");
      this.#socket.destroy();
    } else this.#reader.restrain(unread > UNREAD_PAUSE);
  }

  #failure(name: string, error: unknown): ResponseError<unknown> {
    const fault = faultOf(error);
    if (fault.code === "ERR_DAEMON") this.#log.error({ err: error, request: name }, "a request failed");
    else this.#log.info({ request: name, code: fault.code }, fault.message);
    return new ResponseError(FAULT, fault.message, faultToJson(fault));
  }
}

/** What a session is told of what it writes. */
interface WriteListener {
  /** An answer is written, or could not be. */
  readonly answered: () => void;
  /** About so many bytes wait to be read. */
  readonly unread: (bytes: number) => void;
}

/** The library's writer, which writes one message after the other, with an eye on those that wait. */
class WatchedWriter extends StreamMessageWriter {
  readonly #listener: WriteListener;
  #unread = 0;

  constructor(socket: Socket, listener: WriteListener) {
    super(socket);
    this.#listener = listener;
  }

  override async write(message: Message): Promise<void> {
    const size = weight(message);
    this.#unread += size;
    this.#listener.unread(this.#unread);
    try {
      await super.write(message);
    } finally {
      this.#unread -= size;
      this.#listener.unread(this.#unread);
      if (Message.isResponse(message)) this.#listener.answered();
    }
  }
}

/** About how many bytes JSON has in text. */
function weight(json: unknown): number {
  if (typeof json === "string") return json.length;
  if (typeof json !== "object" || json === null) return 8;
  let sum = 8;
  for (const item of Object.values(json)) sum += 8 + weight(item);
  return sum;
}
