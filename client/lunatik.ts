// SPDX-License-Identifier: MIT

import { DaemonError } from "./daemon_error.ts";
import { connectThroughDaemon, type DaemonPlace } from "./daemon_lunatik.ts";
import { DirectLunatik } from "./direct_lunatik.ts";
import { LunatikError } from "./error.ts";
import type { EventQueue } from "./event_queue.ts";
import type { LuaValue } from "./lua_value.ts";
import type { ModuleInfo } from "./module_info.ts";
import type { RunResult } from "./run.ts";
import type { LibraryName, State } from "./state.ts";
import type { TransportOpener } from "./transport.ts";
import { defaultSocket, embeddedTransport } from "./transport_embedded.ts";
import { netlinkTransport } from "./transport_netlink.ts";

/* What a client of the states can do, and how it gets there. */

/** Which Lua to talk to: the module in the kernel, or the embedded server. */
export type Backend = "kernel" | "embedded";

/**
 * How to get there: on sockets of one's own, by way of the daemon kluad, or ("auto") by way of a daemon that serves the same
 * backend when there is one that may be used, else directly.
 */
export type Way = "direct" | "daemon" | "auto";

export interface ConnectOptions {
  /** "kernel" unless given. "auto" is the kernel, or the embedded server when the module is not there. */
  readonly backend?: Backend | "auto" | undefined;
  /** Path of the embedded server's socket; see defaultSocket(). */
  readonly socket?: string | undefined;
  /** "direct" unless given. */
  readonly via?: Way | undefined;
  /** Path of the daemon's control socket; the ones of controlSockets() unless given. */
  readonly control?: string | undefined;
  /** Milliseconds to wait for an answer; for a run, for it to be queued. 30,000 unless given. */
  readonly timeout?: number | undefined;
  /** How many runs may be in flight at once; more wait in a queue. 64 unless given. */
  readonly window?: number | undefined;
  /** Whether the kernel may load the module for this when it is not there. It may unless this is false. */
  readonly load?: boolean | undefined;
  /** Told, in one sentence, what works less well than it should. A process warning unless given. */
  readonly onWarning?: ((text: string) => void) | undefined;
  /** Opens sockets instead of the backend: a fake kernel, in tests. */
  readonly transport?: TransportOpener | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RequestOptions {
  /** Milliseconds to wait for the answer. */
  readonly timeout?: number | undefined;
  /** Gives the request up, with ERR_ABORTED; a run is cancelled. */
  readonly signal?: AbortSignal | undefined;
}

/** Limits, each within those of the state, or of the module for create(). */
export interface LimitOptions {
  /** Bytes. */
  readonly maxMemory?: number | bigint | undefined;
  readonly maxSteps?: number | bigint | undefined;
  /** Nanoseconds. */
  readonly maxTime?: number | bigint | undefined;
}

export interface CreateOptions extends RequestOptions, LimitOptions {
  /** At most 255 bytes. */
  readonly description?: string | undefined;
  /** All of them unless given; the base library is always there. */
  readonly libraries?: readonly LibraryName[] | undefined;
  /** Delete a state of the same name first; it must not be busy. */
  readonly replace?: boolean | undefined;
  /** Succeed, and change nothing, when the name is taken. */
  readonly ifNotExists?: boolean | undefined;
}

export interface DeleteOptions extends RequestOptions {
  /** End the run in progress and the ones that wait. */
  readonly force?: boolean | undefined;
}

export interface ListOptions extends RequestOptions {
  /** How often to ask again when states were created or deleted meanwhile. 3 unless given. */
  readonly retries?: number | undefined;
}

export interface StateList {
  readonly states: readonly State[];
  /** States were created or deleted while the list was made: some may be missing. */
  readonly changed: boolean;
}

/**
 * `timeout` is for all of a run, from here to its end; without it a run is waited for as long as its limits let it
 * go on. A run that is given up is cancelled.
 */
export interface RunOptions extends RequestOptions, LimitOptions {
  /** How long to wait for a busy state, in nanoseconds; not at all unless given. */
  readonly maxWait?: number | bigint | undefined;
  /** The number by which cancel() finds the run; a random one unless given. Not 0. */
  readonly cookie?: bigint | undefined;
}

export interface ExecuteOptions extends RunOptions {
  /** The chunk's varargs. */
  readonly arguments?: readonly LuaValue[] | undefined;
  /** As luaL_loadbuffer takes it: "=name" or "@file". "=chunk" unless given. */
  readonly chunkName?: string | undefined;
}

/** Which runs to cancel: those that match all that is given. One at least is. */
export interface CancelTarget {
  /** The name of the state. */
  readonly state?: string | undefined;
  /** The id of the run. */
  readonly id?: bigint | undefined;
  readonly cookie?: bigint | undefined;
}

export interface EventOptions extends RequestOptions {
  /** How many events to keep for a reader that is behind. 10,000 unless given. */
  readonly queueMax?: number | undefined;
}

/** A connection to the states; connect() makes it. Its methods may be called at the same time. */
export interface Lunatik {
  /** What this is connected to. */
  readonly backend: Backend;
  /** The daemon between; undefined when there is none. */
  readonly daemon: DaemonPlace | undefined;

  /**
   * Creates a state and resolves with it. The name has 1 to 63 bytes and no control characters.
   *
   * Rejects with ERR_EXISTS, ERR_RANGE (a limit), ERR_TOO_MANY_STATES, ERR_TOTAL_MEMORY, ERR_MEMORY (the libraries do
   * not fit the limit), ERR_NO_MEMORY, ERR_BUSY (of the state to replace), ERR_INVALID, ERR_NAME_TOO_LONG, ERR_STALE,
   * and as every method with ERR_PERMISSION, ERR_NO_MODULE, ERR_TIMEOUT, ERR_ABORTED, ERR_CLOSED, ERR_PROTOCOL.
   */
  create(name: string, options?: CreateOptions): Promise<State>;

  /**
   * Deletes a state. Its finalizers have run when this resolves. Rejects with ERR_NO_STATE, ERR_BUSY (unless forced),
   * ERR_STALE (it is being deleted already), ERR_INVALID, ERR_NAME_TOO_LONG.
   */
  delete(name: string, options?: DeleteOptions): Promise<void>;

  /** One state. Rejects with ERR_NO_STATE, ERR_INVALID, ERR_NAME_TOO_LONG. */
  get(name: string, options?: RequestOptions): Promise<State>;

  /** All states. Asks again when states were created or deleted meanwhile, and says so when they still were at last. */
  list(options?: ListOptions): Promise<StateList>;

  /**
   * Compiles and runs a chunk, text as a string or bytes, of 1 MiB at most, and resolves with what it returned.
   *
   * Rejects with ERR_NO_STATE, ERR_BUSY, ERR_QUEUE_FULL, ERR_SYNTAX, ERR_BYTECODE, ERR_TOO_LARGE, ERR_RUNTIME, ERR_MEMORY, ERR_STEPS,
   * ERR_TIME, ERR_CANCELLED, ERR_STALE, ERR_RESULT_SIZE, ERR_RESULT_DEPTH, ERR_RESULT_TYPE, ERR_TOTAL_MEMORY, ERR_NO_MEMORY, ERR_RANGE,
   * ERR_INVALID. The error of a run that started has its report in `run`.
   */
  execute(name: string, code: string | Uint8Array, options?: ExecuteOptions): Promise<RunResult>;

  /**
   * Calls a function of a state by its name, dotted when it lies in tables ("geo.area"). Nothing is compiled. Rejects
   * as execute() does, with ERR_NO_FUNCTION when there is no such function.
   */
  call(
    name: string,
    functionName: string,
    values?: readonly LuaValue[],
    options?: RunOptions,
  ): Promise<RunResult>;

  /** Cancels runs, in progress or waiting, and resolves with how many. Rejects with ERR_NO_RUN, ERR_NO_STATE, ERR_INVALID. */
  cancel(target: CancelTarget, options?: RequestOptions): Promise<number>;

  /** Has the module write its list of states to the kernel log. */
  log(options?: RequestOptions): Promise<void>;

  /** The module itself: its version, its limits, and how much of them is in use. */
  info(options?: RequestOptions): Promise<ModuleInfo>;

  /**
   * Listens to the module's events. Resolves once nothing that happens from now on is missed without a "lost" item saying
   * so; iterate over it with `for await`. The iteration rejects when the connection breaks. Rejects with ERR_PERMISSION.
   */
  events(options?: EventOptions): Promise<EventQueue>;

  /** Waits until the requests underway have their answers, then closes. New requests are refused meanwhile. */
  drain(): Promise<void>;

  /** Closes the connection at once: requests underway reject with ERR_CLOSED, and the module ends the runs. */
  close(): void;
}

/**
 * Connects to the module or the embedded server.
 *
 * Rejects with ERR_NO_MODULE when the module is not loaded and cannot be, ERR_CONNECT when no socket can be opened,
 * ERR_PROTOCOL when the module speaks another version, ERR_TIMEOUT, ERR_ABORTED, and with a DaemonError (ERR_NO_DAEMON) or
 * ERR_PERMISSION when only a daemon will do and none will have us. The right to use the module is checked by each operation,
 * not here.
 */
export async function connect(options: ConnectOptions = {}): Promise<Lunatik> {
  const { backend = "kernel", via = "direct", transport } = options;
  if (transport !== undefined)
    return DirectLunatik.open(backend === "auto" ? "kernel" : backend, transport, options);
  if (via === "direct") return connectDirectly(options);
  try {
    return await connectThroughDaemon(backend === "auto" ? "kernel" : backend, options);
  } catch (error) {
    if (via === "daemon" || options.signal?.aborted === true) throw error;
    // Nothing has been asked of the states yet.
    const lunatik = await connectDirectly(options);
    const reason = trouble(error);
    if (reason !== undefined) warner(options)(`going on without the daemon: ${reason}`);
    return lunatik;
  }
}

/** What is wrong with a daemon that should have been there for us; undefined when there is none, or none for us. */
function trouble(error: unknown): string | undefined {
  const known = error instanceof LunatikError || error instanceof DaemonError;
  if (known && (error.code === "ERR_NO_DAEMON" || error.code === "ERR_PERMISSION")) return undefined;
  return error instanceof Error ? error.message : String(error);
}

/** As connect(), and never through a daemon. */
export async function connectDirectly(options: ConnectOptions): Promise<DirectLunatik> {
  const { backend = "kernel" } = options;
  const socket = options.socket ?? defaultSocket();
  if (backend === "embedded") return DirectLunatik.open(backend, embeddedTransport(socket), options);
  try {
    return await DirectLunatik.open("kernel", netlinkTransport(warner(options)), options);
  } catch (error) {
    const absent =
      error instanceof LunatikError && (error.code === "ERR_NO_MODULE" || error.code === "ERR_CONNECT");
    if (backend !== "auto" || !absent) throw error;
  }
  return DirectLunatik.open("embedded", embeddedTransport(socket), options);
}

/** Passes each warning on once: every socket of a client would give the same one. */
function warner(options: ConnectOptions): (text: string) => void {
  const given = new Set<string>();
  const warn = options.onWarning ?? ((text) => process.emitWarning(text, { code: "LUNATIK_DEGRADED" }));
  return (text) => {
    if (given.has(text)) return;
    given.add(text);
    warn(text);
  };
}
