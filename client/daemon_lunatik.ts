// SPDX-License-Identifier: MIT

import { realpath } from "node:fs/promises";
import { ControlConnection, Lane, TIMER_MAX } from "./control_connection.ts";
import { controlSockets } from "./control_path.ts";
import { DaemonError, fromFault } from "./daemon_error.ts";
import { QUEUE_MAX, TIMEOUT, WINDOW } from "./defaults.ts";
import { aborted, LunatikError } from "./error.ts";
import { EventQueue } from "./event_queue.ts";
import type { LuaValue } from "./lua_value.ts";
import type {
  Backend,
  CancelTarget,
  ConnectOptions,
  CreateOptions,
  DeleteOptions,
  EventOptions,
  ExecuteOptions,
  ListOptions,
  Lunatik,
  RequestOptions,
  RunOptions,
  StateList,
} from "./lunatik.ts";
import type { ModuleInfo } from "./module_info.ts";
import { decode, encode } from "./reply.ts";
import type { RunResult } from "./run.ts";
import type { Shape } from "./shape.ts";
import type { State } from "./state.ts";
import {
  type ControlRequest,
  type DaemonIdentity,
  notifications,
  PROTOCOL,
  requests,
  WINDOW_MAX,
} from "./state_protocol.ts";
import { encodeText } from "./text.ts";
import { defaultSocket } from "./transport_embedded.ts";
import { Underway } from "./underway.ts";

/*
 * The client that goes through the daemon: one request of the control socket an operation, which the daemon makes on sockets
 * that are this client's alone. Closing the connection closes them, which ends the runs.
 *
 *   execute, call   runs   window of 64
 *   the others      rest   64
 *
 * When the daemon is started anew, the next request finds it again; none is made twice.
 */

/** How long to wait for a daemon to say who it is, when the states can be reached without it too: milliseconds. */
const GREETING = 5000;

/** Where the daemon is that a client goes through. */
export interface DaemonPlace extends DaemonIdentity {
  /** The path of its control socket. */
  readonly control: string;
}

/**
 * A client by way of the first daemon that serves this backend. Rejects with ERR_NO_DAEMON when none does, with ERR_PERMISSION
 * when one may not be used, and with what keeps the daemon from its states, as connect() does.
 */
export async function connectThroughDaemon(
  backend: Backend,
  options: ConnectOptions,
): Promise<DaemonLunatik> {
  const paths = options.control === undefined ? controlSockets() : [options.control];
  let failure: unknown;
  for (const path of paths) {
    try {
      return await DaemonLunatik.open(path, backend, options);
    } catch (error) {
      // That somebody is there, and cannot help, says more than that nobody is.
      const isAbsent = error instanceof DaemonError && error.code === "ERR_NO_DAEMON";
      if (failure === undefined || !isAbsent) failure = error;
    }
  }
  throw failure;
}

export class DaemonLunatik implements Lunatik {
  readonly backend: Backend;
  readonly #path: string;
  readonly #options: ConnectOptions;
  readonly #timeout: number;
  readonly #runs: Lane;
  readonly #rest = new Lane(WINDOW);
  readonly #underway = new Underway();
  readonly #queues = new Map<number, EventQueue>();
  #connection: Promise<ControlConnection> | undefined;
  /** Runs that are waited for without a time-out, and the timer that asks meanwhile whether the daemon lives. */
  #patient = 0;
  #vigil: NodeJS.Timeout | undefined;
  #daemon: DaemonPlace | undefined;
  #subscription = 0;

  private constructor(path: string, backend: Backend, options: ConnectOptions) {
    this.backend = backend;
    this.#path = path;
    this.#options = options;
    this.#timeout = options.timeout ?? TIMEOUT;
    this.#runs = new Lane(Math.min(options.window ?? WINDOW, WINDOW_MAX));
  }

  /** For connectThroughDaemon(): by way of the daemon at a control socket. */
  static async open(path: string, backend: Backend, options: ConnectOptions): Promise<DaemonLunatik> {
    const lunatik = new DaemonLunatik(path, backend, options);
    try {
      await lunatik.#link(options.signal);
      return lunatik;
    } catch (error) {
      lunatik.close();
      throw error;
    }
  }

  get daemon(): DaemonPlace | undefined {
    return this.#daemon;
  }

  create(name: string, options: CreateOptions = {}): Promise<State> {
    const { description, libraries, replace, ifNotExists, maxMemory, maxSteps, maxTime } = options;
    return this.#request(requests.create, "create", options, {
      name,
      description,
      libraries,
      replace,
      ifNotExists,
      maxMemory,
      maxSteps,
      maxTime,
    });
  }

  delete(name: string, options: DeleteOptions = {}): Promise<void> {
    return this.#request(requests.delete, "delete", options, { name, force: options.force });
  }

  get(name: string, options: RequestOptions = {}): Promise<State> {
    return this.#request(requests.get, "get", options, { name });
  }

  list(options: ListOptions = {}): Promise<StateList> {
    return this.#request(requests.list, "list", options, { retries: options.retries });
  }

  execute(name: string, code: string | Uint8Array, options: ExecuteOptions = {}): Promise<RunResult> {
    return this.#run(requests.execute, "execute", options, {
      ...runParameters(name, options.arguments, options),
      code: typeof code === "string" ? encodeText(code) : code,
      chunkName: options.chunkName,
    });
  }

  call(
    name: string,
    functionName: string,
    values: readonly LuaValue[] = [],
    options: RunOptions = {},
  ): Promise<RunResult> {
    return this.#run(requests.call, "call", options, {
      ...runParameters(name, values, options),
      function: functionName,
    });
  }

  async cancel(target: CancelTarget, options: RequestOptions = {}): Promise<number> {
    const { state, id, cookie } = target;
    return (await this.#request(requests.cancel, "cancel", options, { state, id, cookie })).count;
  }

  log(options: RequestOptions = {}): Promise<void> {
    return this.#request(requests.log, "log", options, {});
  }

  info(options: RequestOptions = {}): Promise<ModuleInfo> {
    return this.#request(requests.info, "info", options, {});
  }

  async events(options: EventOptions = {}): Promise<EventQueue> {
    const { signal, queueMax } = options;
    this.#underway.check("events");
    const connection = await this.#link(signal);
    this.#subscription += 1;
    const subscription = this.#subscription;
    const release = connection.hold();
    const queue = new EventQueue(queueMax ?? QUEUE_MAX, () => {
      release();
      signal?.removeEventListener("abort", onAbort);
      // A stream that the daemon ended is not here any more.
      if (this.#queues.delete(subscription)) this.#unsubscribe(connection, subscription);
    });
    const onAbort = (): void => {
      queue.end(aborted("events", signal?.reason));
    };
    // Events may come before the answer does.
    this.#queues.set(subscription, queue);
    try {
      await this.#request(requests.subscribe, "events", options, { subscription, queueMax });
      if (signal?.aborted === true) onAbort();
      signal?.addEventListener("abort", onAbort, { once: true });
      return queue;
    } catch (error) {
      queue.close();
      throw error;
    }
  }

  async drain(): Promise<void> {
    await this.#underway.drain();
    this.close();
  }

  close(): void {
    this.#underway.close();
    for (const queue of this.#queues.values()) queue.close();
    this.#connection?.then(
      (connection) => connection.close(),
      () => undefined,
    );
    this.#connection = undefined;
  }

  #unsubscribe(connection: ControlConnection, subscription: number): void {
    if (connection.isClosed) return;
    const { name } = requests.unsubscribe;
    const parameters = { subscription };
    connection
      .request({ name, parameters, operation: "events", lane: this.#rest, timeout: this.#timeout })
      // Nobody waits for this one: the stream has ended for its reader.
      .catch(() => undefined);
  }

  /** A run without a time-out is waited for as long as its limits let it go on, and the daemon answers meanwhile. */
  #run<P>(
    request: ControlRequest<P, RunResult>,
    operation: string,
    options: RunOptions,
    parameters: P,
  ): Promise<RunResult> {
    const { signal, timeout = Number.POSITIVE_INFINITY } = options;
    const answer = this.#request(request, operation, { signal, timeout }, parameters, this.#runs);
    if (options.timeout === undefined) this.#watch(answer);
    return answer;
  }

  #watch(answer: Promise<unknown>): void {
    this.#patient += 1;
    this.#vigil ??= setInterval(() => void this.#ping(), Math.min(this.#timeout, TIMER_MAX)).unref();
    const done = (): void => {
      this.#patient -= 1;
      if (this.#patient > 0) return;
      clearInterval(this.#vigil);
      this.#vigil = undefined;
    };
    answer.then(done, done);
  }

  /** Gives up a daemon that does not say who it is. */
  async #ping(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    if (connection === undefined || connection.isClosed) return;
    try {
      await this.#ask(connection, requests.hello, {}, this.#timeout, undefined);
    } catch (error) {
      if (error instanceof LunatikError && error.code === "ERR_TIMEOUT")
        connection.abandon(`it does not answer within ${this.#timeout} ms`);
    }
  }

  #request<P, R>(
    request: ControlRequest<P, R>,
    operation: string,
    options: RequestOptions,
    parameters: P,
    lane = this.#rest,
  ): Promise<R> {
    return this.#underway.track(this.#send(request, operation, options, parameters, lane));
  }

  async #send<P, R>(
    { name, parameters: shape, result }: ControlRequest<P, R>,
    operation: string,
    { timeout = this.#timeout, signal }: RequestOptions,
    parameters: P,
    lane: Lane,
  ): Promise<R> {
    this.#underway.check(operation);
    const json = encode(operation, () => shape.toJson(parameters) as object);
    const connection = await this.#link(signal);
    // close() may have been called meanwhile.
    if (this.#underway.isClosed) this.#underway.check(operation);
    const answer = await connection.request({ name, parameters: json, operation, lane, timeout, signal });
    return decode(operation, () => result.fromJson(answer, "result"));
  }

  /** The connection, made when there is none, and made anew after it was lost. */
  async #link(signal: AbortSignal | undefined): Promise<ControlConnection> {
    const known = this.#connection;
    if (known !== undefined && (await known.catch(() => undefined))?.isClosed === false) return known;
    // Others may have waited for the same thing.
    if (this.#connection !== known && this.#connection !== undefined) return this.#connection;
    const opening = this.#connect(signal);
    this.#connection = opening;
    opening.catch(() => undefined);
    return opening;
  }

  async #connect(signal: AbortSignal | undefined): Promise<ControlConnection> {
    const connection = await ControlConnection.open(this.#path);
    try {
      connection.onNotification(notifications.events.name, (json) => this.#received(json));
      connection.onNotification(notifications.ended.name, (json) => this.#ended(json));
      connection.onLost((reason) => {
        for (const queue of this.#queues.values()) queue.end(reason);
      });
      this.#daemon = await this.#greet(connection, signal);
      const { timeout, window } = this.#options;
      await this.#ask(connection, requests.open, { timeout, window }, this.#timeout, signal);
      this.#underway.check("connect");
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Asks the daemon who it is. Rejects with ERR_NO_DAEMON when it serves something else. */
  async #greet(connection: ControlConnection, signal: AbortSignal | undefined): Promise<DaemonPlace> {
    const timeout = this.#options.via === "auto" ? Math.min(this.#timeout, GREETING) : this.#timeout;
    const identity = await this.#ask(connection, requests.hello, {}, timeout, signal);
    if (identity.protocol !== PROTOCOL) {
      const text = `the daemon at ${this.#path} speaks version ${identity.protocol} of the protocol, this library ${PROTOCOL}`;
      throw new LunatikError("ERR_PROTOCOL", text, { operation: "connect" });
    }
    const { backend, socket } = identity;
    const wanted = this.#options.socket ?? defaultSocket();
    if (backend !== this.backend || (socket !== undefined && (await real(socket)) !== (await real(wanted)))) {
      const served = backend === "kernel" ? "the module" : `the embedded server at ${socket ?? "?"}`;
      throw new DaemonError("ERR_NO_DAEMON", `the daemon at ${this.#path} serves something else: ${served}`);
    }
    return { ...identity, control: this.#path };
  }

  async #ask<P, R>(
    connection: ControlConnection,
    { name, parameters: shape, result }: ControlRequest<P, R>,
    parameters: P,
    timeout: number,
    signal: AbortSignal | undefined,
  ): Promise<R> {
    const json = encode("connect", () => shape.toJson(parameters) as object);
    const call = { name, parameters: json, operation: "connect", lane: this.#rest, timeout, signal } as const;
    const answer = await connection.request(call);
    return decode("connect", () => result.fromJson(answer, "result"));
  }

  #received(json: unknown): void {
    this.#told(notifications.events.parameters, json, ({ subscription, events }) => {
      for (const event of events) this.#queues.get(subscription)?.push(event);
    });
  }

  #ended(json: unknown): void {
    this.#told(notifications.ended.parameters, json, ({ subscription, error }) => {
      const queue = this.#queues.get(subscription);
      this.#queues.delete(subscription);
      if (error === undefined || error === null) queue?.end();
      else queue?.end(streamError(fromFault(error, "events")));
    });
  }

  /** Takes what the daemon tells unasked. When it is not the protocol, no stream can be trusted any more. */
  #told<T>(shape: Shape<T>, json: unknown, take: (told: T) => void): void {
    try {
      take(decode("events", () => shape.fromJson(json, "events")));
    } catch (error) {
      if (!(error instanceof LunatikError)) throw error;
      for (const queue of this.#queues.values()) queue.end(error);
    }
  }
}

function runParameters(state: string, values: readonly LuaValue[] | undefined, options: RunOptions) {
  const { maxMemory, maxSteps, maxTime, maxWait, cookie } = options;
  const given = values === undefined || values.length === 0 ? undefined : values;
  return { state, arguments: given, maxMemory, maxSteps, maxTime, maxWait, cookie };
}

function streamError(error: LunatikError | DaemonError): LunatikError {
  return error instanceof LunatikError
    ? error
    : new LunatikError("ERR_CLOSED", error.message, { operation: "events", cause: error });
}

/** Where a path leads; the path itself when it leads nowhere. */
function real(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
