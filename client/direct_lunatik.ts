// SPDX-License-Identifier: MIT

import { randomBytes } from "node:crypto";
import { Caller, CallerChannel } from "./caller.ts";
import {
  type Answer,
  type AnswerKind,
  type Connection,
  type ConnectionListener,
  openConnection,
} from "./connection.ts";
import { QUEUE_MAX, TIMEOUT, WINDOW } from "./defaults.ts";
import { aborted, LunatikError } from "./error.ts";
import { EventStream } from "./event_stream.ts";
import { awaitAnswers, type Family, findFamily, resolveFamily } from "./family.ts";
import type { LuaValue } from "./lua_value.ts";
import type {
  Backend,
  CancelTarget,
  ConnectOptions,
  CreateOptions,
  DeleteOptions,
  EventOptions,
  ExecuteOptions,
  LimitOptions,
  ListOptions,
  Lunatik,
  RequestOptions,
  RunOptions,
  StateList,
} from "./lunatik.ts";
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
import { decode, encode, required } from "./reply.ts";
import { outcome, type RunResult } from "./run.ts";
import { bitsOf, decodeState, type State } from "./state.ts";
import { encodeText } from "./text.ts";
import type { TransportOpener } from "./transport.ts";
import { Underway } from "./underway.ts";

/*
 * The client that talks to the module itself: one method an operation of kmod/lunatik.yaml. Requests of different kinds
 * go through sockets of their own, each opened when first needed: a cancel must not wait behind a full window of runs, a
 * dump occupies its socket, and events must not crowd out answers. Closing the socket of the runs ends the runs.
 *
 *   execute, call                          runs      window of 64
 *   create, delete, get, cancel, log, …    control   window of 64
 *   list, large results                    dumps     one at a time
 *   events                                 one socket a stream
 */

const RETRIES = 3;

/** The attribute cookie, of 64 bits. */
const COOKIE_BITS = 64;

type Role = "runs" | "control" | "dumps";

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

/** A connection of its own to the module; see Lunatik. */
export class DirectLunatik implements Lunatik {
  readonly backend: Backend;
  readonly daemon = undefined;
  readonly #opener: TransportOpener;
  readonly #timeout: number;
  readonly #window: number;
  readonly #mayLoad: boolean;
  readonly #connections = new Map<Role, Promise<Connection>>();
  readonly #streams = new Set<EventStream>();
  readonly #underway = new Underway();
  #family: Promise<Family> | undefined;
  #cookie = randomBytes(COOKIE_BITS / 8).readBigUInt64LE();

  private constructor(backend: Backend, opener: TransportOpener, options: ConnectOptions) {
    this.backend = backend;
    this.#opener = opener;
    this.#timeout = options.timeout ?? TIMEOUT;
    this.#window = options.window ?? WINDOW;
    this.#mayLoad = options.load !== false;
  }

  /** For connect(). */
  static async open(
    backend: Backend,
    opener: TransportOpener,
    options: ConnectOptions,
  ): Promise<DirectLunatik> {
    const lunatik = new DirectLunatik(backend, opener, options);
    try {
      await lunatik.#resolve(options.signal);
      return lunatik;
    } catch (error) {
      lunatik.close();
      throw error;
    }
  }

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

  execute(name: string, code: string | Uint8Array, options: ExecuteOptions = {}): Promise<RunResult> {
    const values = options.arguments ?? [];
    return this.#run("execute", options, (cookie, headroom) =>
      encodeExecuteRequest(
        {
          state: name,
          cookie,
          chunkName: options.chunkName,
          code: typeof code === "string" ? encodeText(code) : code,
          arguments: values.length === 0 ? undefined : encodeValues(values),
          ...limits(options),
          maxWait: long(options.maxWait),
        },
        headroom,
      ),
    );
  }

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

  async events(options: EventOptions = {}): Promise<EventStream> {
    this.#underway.check("events");
    return this.#withFamily(options.signal, (family) => this.#eventsOf(family, options));
  }

  async #eventsOf(family: Family, options: EventOptions): Promise<EventStream> {
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
      stream.end(aborted("events", options.signal?.reason));
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
      this.#underway.check("events");
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

  async drain(): Promise<void> {
    await this.#underway.drain();
    this.close();
  }

  close(): void {
    this.#underway.close();
    for (const stream of this.#streams) stream.close();
    for (const connection of this.#connections.values()) {
      connection.then(
        (open) => open.close(),
        () => undefined,
      );
    }
    this.#connections.clear();
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
      const family = this.#mayLoad
        ? await resolveFamily(connection, FAMILY_NAME, this.#timeout, signal)
        : await findFamily(connection, FAMILY_NAME, this.#timeout, signal);
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

  #forgetFamily(family: Promise<Family>): void {
    if (this.#family === family) this.#family = undefined;
  }

  /**
   * Does what needs the family. A module that was loaded anew has another number: what is refused because the old one is gone
   * was not carried out, and is done once more with the new one.
   */
  async #withFamily<T>(signal: AbortSignal | undefined, work: (family: Family) => Promise<T>): Promise<T> {
    for (let isRepeated = false; ; isRepeated = true) {
      const resolving = this.#resolve(signal);
      const family = await resolving;
      try {
        return await work(family);
      } catch (error) {
        if (!(error instanceof LunatikError) || error.code !== "ERR_NO_MODULE") throw error;
        this.#forgetFamily(resolving);
        if (isRepeated) throw error;
      }
    }
  }

  #request(operation: Operation): Promise<Answer> {
    return this.#underway.track(this.#send(operation));
  }

  async #send(operation: Operation): Promise<Answer> {
    const { name, options, isFollowUp } = operation;
    this.#underway.check(name, isFollowUp);
    const body = encode(name, () => operation.encode(HEADROOM));
    return this.#withFamily(options.signal, (family) => this.#sendTo(family, operation, body));
  }

  async #sendTo(family: Family, operation: Operation, body: Buffer): Promise<Answer> {
    const { name, role, kind, command, options, accepts, abandoned } = operation;
    // close() may have been called meanwhile; a socket opened now would outlive it.
    if (this.#underway.isClosed) this.#underway.check(name);
    let connection = await this.#connection(role);
    if (connection.isClosed) {
      // A dump that was given up closed it.
      this.#forget(role, this.#connections.get(role) ?? Promise.resolve(connection));
      connection = await this.#connection(role);
    }
    return connection.request({
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

  /**
   * What calls one function of a state again and again, at the least cost; see caller.ts. `limits` are those of each call.
   * Throws a RangeError for a limit that is no integer.
   */
  caller(name: string, functionName: string, limits: LimitOptions = {}): Caller {
    return new Caller(this.#callers, name, functionName, limits);
  }

  readonly #callers = new CallerChannel({
    runs: async (isAgain) => {
      const resolving = this.#resolve();
      const family = await resolving;
      if (this.#underway.isClosed) this.#underway.check("call");
      const connection = await this.#connection("runs");
      if (isAgain) await awaitAnswers(connection, this.#timeout);
      return { connection, family: family.id, forget: () => this.#forgetFamily(resolving) };
    },
    begin: () => {
      this.#underway.check("call");
      this.#underway.begin();
      return this.#nextCookie();
    },
    end: () => this.#underway.end(),
    cancel: (cookie) => this.#cancelAbandoned(cookie),
    complete: (reply) => this.#fetch("call", reply, {}),
  });

  /** Nobody waits for this one: the run may have ended meanwhile, and what else can go wrong has been told. */
  #cancelAbandoned(cookie: bigint): void {
    void this.#cancel({ cookie }, {}, true).catch(() => undefined);
  }

  async #run(
    name: "execute" | "call",
    options: RunOptions,
    encode: (cookie: bigint, headroom: number) => Buffer,
  ): Promise<RunResult> {
    const cookie = options.cookie ?? this.#nextCookie();
    let accepted: RunReply | undefined;
    await this.#request({
      name,
      role: "runs",
      kind: "run",
      command: Command[name],
      options,
      encode: (headroom) => encode(cookie, headroom),
      accepts: (attributes) => {
        accepted = decode(name, () => decodeRunReply(attributes));
        return accepted.cookie === cookie;
      },
      abandoned: () => this.#cancelAbandoned(cookie),
    });
    const reply = required(accepted, "reply");
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
