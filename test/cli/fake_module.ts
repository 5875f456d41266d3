// SPDX-License-Identifier: MIT

import type { LuaValue } from "../../client/lua_value.ts";
import { encodeValues } from "../../client/messagepack.ts";
import {
  Command,
  type EventMessage,
  errors,
  type RunReply,
  type StateReply,
} from "../../client/protocol_gen.ts";
import { FakeKernel, type FakeRequest, type FakeSocket, runReply, stateReply } from "../unit/fake_kernel.ts";
import {
  decodeCallRequest,
  decodeCancelRequest,
  decodeCreateRequest,
  decodeDeleteRequest,
  decodeExecuteRequest,
  decodeGetRequest,
  encodeCancelReply,
  encodeEventMessage,
  encodeInfoReply,
  encodeStateReply,
} from "../unit/kernel_protocol_gen.ts";

/** The request of a run, whether by execute or call. */
export interface FakeRun {
  readonly state: string;
  readonly cookie: bigint;
  readonly code: string;
  readonly chunkName: string | undefined;
  readonly function: string | undefined;
  readonly arguments: Uint8Array | undefined;
  readonly maxMemory: bigint | undefined;
  readonly maxSteps: bigint | undefined;
  readonly maxTime: bigint | undefined;
  readonly maxWait: bigint | undefined;
}

/** Results as the reply of a run carries them. */
export function results(...values: readonly LuaValue[]): Partial<RunReply> {
  return { results: encodeValues(values) };
}

/**
 * A module for tests: it keeps states by name and refuses as the real one does. A run is what `onRun` says: the outcome, or
 * undefined for one that goes on until it is cancelled.
 */
export class FakeModule {
  readonly kernel = new FakeKernel();
  readonly states = new Map<string, StateReply>();
  /** The decoded requests to create a state. */
  readonly created: ReturnType<typeof decodeCreateRequest>[] = [];
  readonly runs: FakeRun[] = [];
  readonly cancels: ReturnType<typeof decodeCancelRequest>[] = [];
  logged = 0;
  eventSequence = 0n;
  onRun: (run: FakeRun) => Partial<RunReply> | undefined = () => ({});
  #unfinished: { readonly run: FakeRun; readonly request: FakeRequest; readonly socket: FakeSocket }[] = [];

  constructor() {
    this.kernel.handle = (request, socket) => {
      this.#handle(request, socket);
    };
  }

  /** A state that is there already. */
  add(name: string, changes: Partial<StateReply> = {}): void {
    this.states.set(name, stateReply(name, changes));
  }

  /** Sends an event to every socket that joined the group. */
  emit(event: Omit<EventMessage, "sequence">): void {
    this.eventSequence += 1n;
    const attributes = encodeEventMessage({ ...event, sequence: this.eventSequence });
    for (const socket of this.kernel.sockets)
      if (socket.groups.length > 0 && !socket.closed) socket.event(attributes);
  }

  get listeners(): number {
    return this.kernel.sockets.filter((socket) => socket.groups.length > 0 && !socket.closed).length;
  }

  #refuse(request: FakeRequest, socket: FakeSocket, code: keyof typeof errors): void {
    socket.refuse(request, errors[code].errno, `${code}: ${errors[code].text}`);
  }

  #handle(request: FakeRequest, socket: FakeSocket): void {
    switch (request.command) {
      case Command.create: {
        const asked = decodeCreateRequest(request.attributes);
        this.created.push(asked);
        const name = asked.name ?? "";
        if (this.states.has(name) && (asked.createFlags ?? 0) === 0) {
          this.#refuse(request, socket, "ERR_EXISTS");
          return;
        }
        this.add(name, { description: asked.description, libraries: asked.libraries ?? 127 });
        this.#tell(request, socket, name);
        return;
      }
      case Command.delete: {
        const { name = "" } = decodeDeleteRequest(request.attributes);
        if (this.states.delete(name)) socket.acknowledge(request);
        else this.#refuse(request, socket, "ERR_NO_STATE");
        return;
      }
      case Command.get:
        if (request.attributes.length === 0) this.#list(request, socket);
        else this.#tell(request, socket, decodeGetRequest(request.attributes).name ?? "");
        return;
      case Command.execute:
      case Command.call:
        this.#run(request, socket);
        return;
      case Command.cancel:
        this.#cancel(request, socket);
        return;
      case Command.log:
        this.logged += 1;
        socket.acknowledge(request);
        return;
      case Command.info:
        socket.reply(request, this.#info());
        return;
      default:
        this.#refuse(request, socket, "ERR_UNSUPPORTED");
    }
  }

  #tell(request: FakeRequest, socket: FakeSocket, name: string): void {
    const state = this.states.get(name);
    if (state === undefined) this.#refuse(request, socket, "ERR_NO_STATE");
    else socket.reply(request, encodeStateReply(state));
  }

  #list(request: FakeRequest, socket: FakeSocket): void {
    for (const state of this.states.values()) socket.part(request, encodeStateReply(state));
    socket.done(request);
  }

  #run(request: FakeRequest, socket: FakeSocket): void {
    const run: FakeRun =
      request.command === Command.execute
        ? { ...executeRun(decodeExecuteRequest(request.attributes)) }
        : callRun(decodeCallRequest(request.attributes));
    this.runs.push(run);
    if (!this.states.has(run.state)) {
      this.#refuse(request, socket, "ERR_NO_STATE");
      return;
    }
    socket.acknowledge(request);
    const outcome = this.onRun(run);
    if (outcome === undefined) this.#unfinished.push({ run, request, socket });
    else socket.finish(request, runReply(run.cookie, { state: run.state, ...outcome }));
  }

  #cancel(request: FakeRequest, socket: FakeSocket): void {
    const target = decodeCancelRequest(request.attributes);
    this.cancels.push(target);
    const hit = this.#unfinished.filter(
      ({ run }) =>
        (target.state === undefined || run.state === target.state) &&
        (target.cookie === undefined || run.cookie === target.cookie),
    );
    this.#unfinished = this.#unfinished.filter((run) => !hit.includes(run));
    if (hit.length === 0 && target.cookie !== undefined) {
      this.#refuse(request, socket, "ERR_NO_RUN");
      return;
    }
    socket.reply(request, encodeCancelReply({ count: hit.length }));
    for (const { run, request: asked, socket: asker } of hit) {
      asker.finish(
        asked,
        runReply(run.cookie, { state: run.state, ...failed("ERR_CANCELLED", "x:1: cancelled") }),
      );
    }
  }

  #info(): Buffer {
    return encodeInfoReply({
      version: "0.9",
      luaVersion: "Lua 5.4.8",
      backend: "kernel",
      states: this.states.size,
      statesMax: 16384,
      memory: 4096n,
      memoryMax: 2n ** 63n,
      defaultMemory: 33554432n,
      defaultSteps: 1000000000n,
      defaultTime: 10000000000n,
      ceilingMemory: 2n ** 40n,
      ceilingSteps: 10n ** 15n,
      ceilingTime: 3600000000000n,
      resultsMax: 1048576n,
      outputMax: 65536n,
      waitingMax: 64,
      runs: 0,
      runsMax: 4096,
      eventSequence: this.eventSequence,
    });
  }
}

/** A run's reply that tells of a failure. */
export function failed(
  code: keyof typeof errors,
  message: string,
  more: Partial<RunReply> = {},
): Partial<RunReply> {
  return {
    errno: errors[code].errno,
    errorCode: code,
    message: Buffer.from(message),
    results: undefined,
    ...more,
  };
}

function executeRun(asked: ReturnType<typeof decodeExecuteRequest>): FakeRun {
  return {
    ...callRun({ ...asked, function: undefined }),
    code: Buffer.from(asked.code ?? []).toString("latin1"),
    chunkName: asked.chunkName,
  };
}

function callRun(asked: ReturnType<typeof decodeCallRequest>): FakeRun {
  return {
    state: asked.state ?? "",
    cookie: asked.cookie ?? 0n,
    code: "",
    chunkName: undefined,
    function: asked.function,
    arguments: asked.arguments,
    maxMemory: asked.maxMemory,
    maxSteps: asked.maxSteps,
    maxTime: asked.maxTime,
    maxWait: asked.maxWait,
  };
}
