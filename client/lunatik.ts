// SPDX-License-Identifier: MIT

import { randomBytes } from "node:crypto";
import {
  type Answer,
  type AnswerKind,
  type Connection,
  type ConnectionListener,
  openConnection,
} from "./connection.ts";
import { LunatikError } from "./error.ts";
import { EventStream } from "./event_stream.ts";
import { type Family, resolveFamily } from "./family.ts";
import type { LuaValue } from "./lua_value.ts";
import { HEADROOM } from "./message.ts";
import { encodeValues } from "./messagepack.ts";
import { decodeModuleInfo, type ModuleInfo } from "./module_info.ts";
import {
  attributeNames,
  Command,
  CreateFlag,
  DeleteFlag,
  decodeCancelReply,
  decodeResultReply,
  decodeRunReply,
  encodeCallRequest,
  encodeCancelRequest,
  encodeCreateRequest,
  encodeDeleteRequest,
  encodeExecuteRequest,
  encodeGetRequest,
  encodeReleaseRequest,
  encodeResultRequest,
  FAMILY_NAME,
  FAMILY_VERSION,
  Group,
  type RunReply,
} from "./protocol_gen.ts";
import { decode, required } from "./reply.ts";
import { outcome, type RunResult } from "./run.ts";
import { bitsOf, decodeState, type LibraryName, type State } from "./state.ts";
import type { TransportOpener } from "./transport.ts";
import { defaultSocket, embeddedTransport } from "./transport_embedded.ts";
import { netlinkTransport } from "./transport_netlink.ts";

/*
 * The client: one method an operation of kmod/lunatik.yaml. Requests of different kinds go through sockets of their own,
 * each opened when first needed: a cancel must not wait behind a full window of runs, a dump occupies its socket,
 * and events must not crowd out answers. Closing the socket of the runs ends the runs.
 *
 *   execute, call                          runs      window of 64
 *   create, delete, get, cancel, log, …    control   window of 64
 *   list, large results                    dumps     one at a time
 *   events                                 one socket a stream
 */

/** Which Lua to talk to: the module in the kernel, or the embedded server. */
export type Backend = "kernel" | "embedded";

export interface ConnectOptions {
  /** "kernel" unless given. "auto" is the kernel, or the embedded server when the module is not there. */
  readonly backend?: Backend | "auto" | undefined;
  /** Path of the embedded server's socket; see defaultSocket(). */
  readonly socket?: string | undefined;
  /** Milliseconds to wait for an answer; for a run, for it to be queued. 30,000 unless given. */
  readonly timeout?: number | undefined;
  /** How many runs may be in flight at once; more wait in a queue. 64 unless given. */
  readonly window?: number | undefined;
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

const TIMEOUT = 30_000;
const WINDOW = 64;
const RETRIES = 3;
const QUEUE_MAX = 10_000;

/** The attribute cookie, of 64 bits. */
const COOKIE_BITS = 64;

type Role = "runs" | "control" | "dumps";

/**
 * Connects to the module or the embedded server.
 *
 * Rejects with ERR_NO_MODULE when the module is not loaded and cannot be, ERR_CONNECT when no socket can be opened,
 * ERR_PROTOCOL when the module speaks another version, ERR_TIMEOUT, ERR_ABORTED. The right to use the module is
 * checked by each operation, not here.
 */
export async function connect(options: ConnectOptions = {}): Promise<Lunatik> {
  const { backend = "kernel", transport } = options;
  const socket = options.socket ?? defaultSocket();
  if (transport !== undefined)
    return Lunatik.open(backend === "auto" ? "kernel" : backend, transport, options);
  if (backend === "embedded") return Lunatik.open(backend, embeddedTransport(socket), options);
  try {
    return await Lunatik.open("kernel", netlinkTransport(warner(options)), options);
  } catch (error) {
    const absent =
      error instanceof LunatikError && (error.code === "ERR_NO_MODULE" || error.code === "ERR_CONNECT");
    if (backend !== "auto" || !absent) throw error;
  }
  return Lunatik.open("embedded", embeddedTransport(socket), options);
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

/** What a method needs to say to have a request made. */
interface Operation {
  readonly name: string;
  readonly role: Role;
  readonly kind: AnswerKind;
  readonly command: Command;
  /** Encodes the attributes behind `headroom` zeros. */
  readonly encode: (headroom: number) => Buffer;
  readonly options: RequestOptions;
  readonly accepts?: (attributes: Buffer) => boolean;
  readonly abandoned?: () => void;
  /** Belongs to a request underway: made even while draining. */
  readonly isFollowUp?: boolean;
}

/** A connection to the module; connect() makes it. Its methods may be called at the same time. */
export class Lunatik {
  /** What this is connected to. */
  readonly backend: Backend;
  readonly #opener: TransportOpener;
  readonly #timeout: number;
  readonly #window: number;
  readonly #connections = new Map<Role, Promise<Connection>>();
  readonly #streams = new Set<EventStream>();
  readonly #underway = new Set<Promise<unknown>>();
  #family: Promise<Family> | undefined;
  #cookie = randomBytes(COOKIE_BITS / 8).readBigUInt64LE();
  #phase: "open" | "draining" | "closed" = "open";

  private constructor(backend: Backend, opener: TransportOpener, options: ConnectOptions) {
    this.backend = backend;
    this.#opener = opener;
    this.#timeout = options.timeout ?? TIMEOUT;
    this.#window = options.window ?? WINDOW;
  }

  /** For connect(). */
  static async open(backend: Backend, opener: TransportOpener, options: ConnectOptions): Promise<Lunatik> {
    const lunatik = new Lunatik(backend, opener, options);
    try {
      await lunatik.#resolve(options.signal);
      return lunatik;
    } catch (error) {
      lunatik.close();
      throw error;
    }
  }

  /**
   * Creates a state and resolves with it. The name has 1 to 63 bytes and no control characters.
   *
   * Rejects with ERR_EXISTS, ERR_RANGE (a limit), ERR_TOO_MANY_STATES, ERR_TOTAL_MEMORY, ERR_MEMORY (the libraries do
   * not fit the limit), ERR_NO_MEMORY, ERR_BUSY (of the state to replace), ERR_INVALID, ERR_NAME_TOO_LONG, ERR_STALE,
   * and as every method with ERR_PERMISSION, ERR_NO_MODULE, ERR_TIMEOUT, ERR_ABORTED, ERR_CLOSED, ERR_PROTOCOL.
   */
  async create(name: string, options: CreateOptions = {}): Promise<State> {
    const flags =
      (options.replace === true ? CreateFlag.replace : 0) |
      (options.ifNotExists === true ? CreateFlag.ifNotExists : 0);
    const { replies } = await this.#request({
      name: "create",
      role: "control",
      kind: "reply",
      command: Command.create,
      options,
      encode: (headroom) =>
        encodeCreateRequest(
          {
            name: name,
            description: options.description,
            libraries: options.libraries === undefined ? undefined : bitsOf(options.libraries),
            ...limits(options),
            createFlags: flags === 0 ? undefined : flags,
          },
          headroom,
        ),
    });
    return decode("create", () => decodeState(only(replies)));
  }

  /**
   * Deletes a state. Its finalizers have run when this resolves. Rejects with ERR_NO_STATE, ERR_BUSY (unless forced),
   * ERR_STALE (it is being deleted already), ERR_INVALID, ERR_NAME_TOO_LONG.
   */
  async delete(name: string, options: DeleteOptions = {}): Promise<void> {
    await this.#request({
      name: "delete",
      role: "control",
      kind: "acknowledgement",
      command: Command.delete,
      options,
      encode: (headroom) =>
        encodeDeleteRequest(
          { name: name, deleteFlags: options.force === true ? DeleteFlag.force : undefined },
          headroom,
        ),
    });
  }

  /** One state. Rejects with ERR_NO_STATE, ERR_INVALID, ERR_NAME_TOO_LONG. */
  async get(name: string, options: RequestOptions = {}): Promise<State> {
    const { replies } = await this.#request({
      name: "get",
      role: "control",
      kind: "reply",
      command: Command.get,
      options,
      encode: (headroom) => encodeGetRequest({ name: name }, headroom),
    });
    return decode("get", () => decodeState(only(replies)));
  }

  /** All states. Asks again when states were created or deleted meanwhile, and says so when they still were at last. */
  async list(options: ListOptions = {}): Promise<StateList> {
    for (let retries = options.retries ?? RETRIES; ; retries--) {
      const { replies, interrupted } = await this.#request({
        name: "list",
        role: "dumps",
        kind: "dump",
        command: Command.get,
        options,
        encode: (headroom) => Buffer.alloc(headroom),
      });
      if (interrupted && retries > 0) continue;
      return decode("list", () => ({ states: replies.map(decodeState), changed: interrupted }));
    }
  }

  /**
   * Compiles and runs a chunk, text as a string or bytes, of 1 MiB at most, and resolves with what it returned.
   *
   * Rejects with ERR_NO_STATE, ERR_BUSY, ERR_QUEUE_FULL, ERR_SYNTAX, ERR_BYTECODE, ERR_TOO_LARGE, ERR_RUNTIME, ERR_MEMORY, ERR_STEPS,
   * ERR_TIME, ERR_CANCELLED, ERR_STALE, ERR_RESULT_SIZE, ERR_RESULT_DEPTH, ERR_RESULT_TYPE, ERR_TOTAL_MEMORY, ERR_NO_MEMORY, ERR_RANGE,
   * ERR_INVALID. The error of a run that started has its report in `run`.
   */
  execute(name: string, code: string | Uint8Array, options: ExecuteOptions = {}): Promise<RunResult> {
    const values = options.arguments ?? [];
    return this.#run("execute", options, (cookie, headroom) =>
      encodeExecuteRequest(
        {
          state: name,
          cookie,
          chunkName: options.chunkName,
          code: typeof code === "string" ? Buffer.from(code, "utf8") : code,
          arguments: values.length === 0 ? undefined : encodeValues(values),
          ...limits(options),
          maxWait: long(options.maxWait),
        },
        headroom,
      ),
    );
  }

  /**
   * Calls a function of a state by its name, dotted when it lies in tables ("geo.area"). Nothing is compiled. Rejects
   * as execute() does, with ERR_NO_FUNCTION when there is no such function.
   */
  call(
    name: string,
    functionName: string,
    values: readonly LuaValue[] = [],
    options: RunOptions = {},
  ): Promise<RunResult> {
    return this.#run("call", options, (cookie, headroom) =>
      encodeCallRequest(
        {
          state: name,
          cookie,
          function: functionName,
          arguments: values.length === 0 ? undefined : encodeValues(values),
          ...limits(options),
          maxWait: long(options.maxWait),
        },
        headroom,
      ),
    );
  }

  /** Cancels runs, in progress or waiting, and resolves with how many. Rejects with ERR_NO_RUN, ERR_NO_STATE, ERR_INVALID. */
  cancel(target: CancelTarget, options: RequestOptions = {}): Promise<number> {
    return this.#cancel(target, options, false);
  }

  async #cancel(target: CancelTarget, options: RequestOptions, isFollowUp: boolean): Promise<number> {
    const { replies } = await this.#request({
      name: "cancel",
      role: "control",
      kind: "reply",
      command: Command.cancel,
      options,
      isFollowUp,
      encode: (headroom) => encodeCancelRequest(target, headroom),
    });
    return decode("cancel", () => required(decodeCancelReply(only(replies)).count, "count"));
  }

  /** Has the module write its list of states to the kernel log. */
  async log(options: RequestOptions = {}): Promise<void> {
    await this.#request({
      name: "log",
      role: "control",
      kind: "acknowledgement",
      command: Command.log,
      options,
      encode: (headroom) => Buffer.alloc(headroom),
    });
  }

  /** The module itself: its version, its limits, and how much of them is in use. */
  async info(options: RequestOptions = {}): Promise<ModuleInfo> {
    const { replies } = await this.#request({
      name: "info",
      role: "control",
      kind: "reply",
      command: Command.info,
      options,
      encode: (headroom) => Buffer.alloc(headroom),
    });
    return decode("info", () => decodeModuleInfo(only(replies)));
  }

  /**
   * Listens to the module's events. Resolves once nothing that happens from now on is missed without a "lost" item saying
   * so; iterate over it with `for await`. The iteration rejects when the connection breaks. Rejects with ERR_PERMISSION.
   */
  async events(options: EventOptions = {}): Promise<EventStream> {
    this.#checkOpen("events");
    const family = await this.#resolve(options.signal);
    const group = family.groups.get(Group.events);
    if (group === undefined) {
      throw new LunatikError("ERR_PROTOCOL", "the module has no group for events", { operation: "events" });
    }
    let connection: Connection | undefined;
    const stream = new EventStream(options.queueMax ?? QUEUE_MAX, () => {
      connection?.close();
      this.#streams.delete(stream);
      options.signal?.removeEventListener("abort", onAbort);
    });
    const onAbort = (): void => {
      stream.end(
        new LunatikError("ERR_ABORTED", "the request was aborted", {
          operation: "events",
          cause: options.signal?.reason,
        }),
      );
    };
    const listener: ConnectionListener = {
      event: (type, command, attributes) => {
        if (type === family.id && command === Command.event) stream.received(attributes);
      },
      closed: (reason) => stream.end(reason),
    };
    const opened = await openConnection(this.#opener, 1, listener);
    connection = opened;
    this.#streams.add(stream);
    try {
      this.#checkOpen("events");
      await opened.join(group);
      const last = (): Promise<bigint> => this.#lastEvent(opened, family, options);
      // The answer also shows that the membership, which came first, is in force.
      stream.start(await last(), last);
      if (options.signal?.aborted === true) onAbort();
      options.signal?.addEventListener("abort", onAbort, { once: true });
      return stream;
    } catch (error) {
      stream.close();
      throw error;
    }
  }

  /** Waits until the requests underway have their answers, then closes. New requests are refused meanwhile. */
  async drain(): Promise<void> {
    if (this.#phase === "open") this.#phase = "draining";
    while (this.#underway.size > 0) await Promise.allSettled(this.#underway);
    this.close();
  }

  /** Closes all sockets at once: requests underway reject with ERR_CLOSED, and the module ends the runs. */
  close(): void {
    this.#phase = "closed";
    for (const stream of this.#streams) stream.close();
    for (const connection of this.#connections.values()) {
      connection.then(
        (open) => open.close(),
        () => undefined,
      );
    }
    this.#connections.clear();
  }

  #checkOpen(operation: string, isFollowUp = false): void {
    const isOpen = this.#phase === "open" || (this.#phase === "draining" && isFollowUp);
    if (!isOpen) throw new LunatikError("ERR_CLOSED", "the connection was closed", { operation });
  }

  #connection(role: Role): Promise<Connection> {
    const known = this.#connections.get(role);
    if (known !== undefined) return known;
    const window = role === "dumps" ? 1 : role === "runs" ? this.#window : WINDOW;
    const opening = openConnection(this.#opener, window, { closed: () => this.#forget(role, opening) });
    this.#connections.set(role, opening);
    opening.catch(() => this.#forget(role, opening));
    return opening;
  }

  #forget(role: Role, connection: Promise<Connection>): void {
    if (this.#connections.get(role) === connection) this.#connections.delete(role);
  }

  /** The family, asked for once, and again after the module was gone. */
  #resolve(signal?: AbortSignal): Promise<Family> {
    if (this.#family !== undefined) return this.#family;
    const asking = this.#connection("control").then(async (connection) => {
      const family = await resolveFamily(connection, FAMILY_NAME, this.#timeout, signal);
      if (family.version !== FAMILY_VERSION) {
        const text = `the module speaks version ${family.version} of the protocol, this library ${FAMILY_VERSION}`;
        throw new LunatikError("ERR_PROTOCOL", text, { operation: "connect" });
      }
      return family;
    });
    this.#family = asking;
    asking.catch(() => {
      if (this.#family === asking) this.#family = undefined;
    });
    return asking;
  }

  #request(operation: Operation): Promise<Answer> {
    const answer = this.#send(operation);
    this.#underway.add(answer);
    const done = (): void => {
      this.#underway.delete(answer);
    };
    answer.then(done, done);
    return answer;
  }

  async #send(operation: Operation): Promise<Answer> {
    const { name, role, kind, command, encode, options, accepts, abandoned, isFollowUp } = operation;
    this.#checkOpen(name, isFollowUp);
    const body = encoded(name, encode);
    const family = await this.#resolve(options.signal);
    // close() may have been called meanwhile; a socket opened now would outlive it.
    if (this.#phase === "closed") this.#checkOpen(name);
    let connection = await this.#connection(role);
    if (connection.isClosed) {
      // A dump that was given up closed it.
      this.#forget(role, this.#connections.get(role) ?? Promise.resolve(connection));
      connection = await this.#connection(role);
    }
    try {
      return await connection.request({
        operation: name,
        kind,
        type: family.id,
        command,
        version: FAMILY_VERSION,
        body,
        attributeName: (type) => attributeNames[command][type],
        accepts,
        abandoned,
        timeout: options.timeout ?? this.#timeout,
        runTimeout: options.timeout === undefined ? Number.POSITIVE_INFINITY : undefined,
        signal: options.signal,
      });
    } catch (error) {
      // The module was unloaded; it may be loaded again under another number.
      if (error instanceof LunatikError && error.code === "ERR_NO_MODULE") this.#family = undefined;
      throw error;
    }
  }

  async #lastEvent(connection: Connection, family: Family, options: RequestOptions): Promise<bigint> {
    const { replies } = await connection.request({
      operation: "events",
      kind: "reply",
      type: family.id,
      command: Command.info,
      version: FAMILY_VERSION,
      body: Buffer.alloc(HEADROOM),
      timeout: options.timeout ?? this.#timeout,
    });
    return decode("events", () => decodeModuleInfo(only(replies)).eventSequence);
  }

  async #run(
    name: "execute" | "call",
    options: RunOptions,
    encode: (cookie: bigint, headroom: number) => Buffer,
  ): Promise<RunResult> {
    const cookie = options.cookie ?? this.#nextCookie();
    const { replies } = await this.#request({
      name,
      role: "runs",
      kind: "run",
      command: Command[name],
      options,
      encode: (headroom) => encode(cookie, headroom),
      accepts: (attributes) => decode(name, () => decodeRunReply(attributes).cookie === cookie),
      // Nobody waits for this one: the run may have ended meanwhile, and what else can go wrong has been told.
      abandoned: () => void this.#cancel({ cookie }, {}, true).catch(() => undefined),
    });
    const reply = decode(name, () => decodeRunReply(only(replies)));
    const whole =
      reply.resultsSize === undefined && reply.outputSize === undefined
        ? reply
        : await this.#fetch(name, reply, options);
    return decode(name, () => outcome(name, whole));
  }

  /** Reads results and output that were too large for the reply, and has the module forget them. */
  async #fetch(operation: string, reply: RunReply, options: RequestOptions): Promise<RunReply> {
    const { id, cookie } = reply;
    const { replies } = await this.#request({
      name: operation,
      role: "dumps",
      kind: "dump",
      command: Command.result,
      options,
      isFollowUp: true,
      encode: (headroom) => encodeResultRequest({ id, cookie }, headroom),
    });
    const pieces = decode(operation, () => replies.map((piece) => decodeResultReply(piece)));
    const results = joined(pieces.map((piece) => piece.results));
    const output = joined(pieces.map((piece) => piece.output));
    const complete =
      results.length === Number(reply.resultsSize ?? 0n) && output.length === Number(reply.outputSize ?? 0n);
    if (!complete) throw new LunatikError("ERR_PROTOCOL", "the stored results are incomplete", { operation });
    await this.#request({
      name: operation,
      role: "control",
      kind: "acknowledgement",
      command: Command.release,
      options,
      isFollowUp: true,
      encode: (headroom) => encodeReleaseRequest({ id, cookie }, headroom),
    });
    return {
      ...reply,
      results: reply.resultsSize === undefined ? reply.results : results,
      output: reply.outputSize === undefined ? reply.output : output,
    };
  }

  #nextCookie(): bigint {
    do {
      this.#cookie = BigInt.asUintN(COOKIE_BITS, this.#cookie + 1n);
    } while (this.#cookie === 0n);
    return this.#cookie;
  }
}

/** The one reply that an answer of kind "reply" or "run" has. */
function only(replies: readonly Buffer[]): Buffer {
  return required(replies[0], "reply");
}

function joined(pieces: readonly (Uint8Array | undefined)[]): Uint8Array {
  return Buffer.concat(pieces.filter((piece) => piece !== undefined));
}

/** A number out of range becomes ERR_INVALID here, as it would be there. */
function encoded(operation: string, encode: (headroom: number) => Buffer): Buffer {
  try {
    return encode(HEADROOM);
  } catch (cause) {
    if (cause instanceof RangeError) throw new LunatikError("ERR_RANGE", cause.message, { operation, cause });
    throw cause;
  }
}

function limits(options: LimitOptions): {
  readonly maxMemory: bigint | undefined;
  readonly maxSteps: bigint | undefined;
  readonly maxTime: bigint | undefined;
} {
  return {
    maxMemory: long(options.maxMemory),
    maxSteps: long(options.maxSteps),
    maxTime: long(options.maxTime),
  };
}

/** Throws a RangeError for a number that is not an integer. */
function long(value: number | bigint | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value);
}
