// SPDX-License-Identifier: MIT

import { putBytes, putU32, sizeOf } from "../../client/attributes.ts";
import {
  HEADER_SIZE,
  HEADROOM,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLMSG_DONE,
  NLMSG_ERROR,
  padded,
} from "../../client/message.ts";
import type { RunReply, StateReply } from "../../client/protocol_gen.ts";
import { Command, FAMILY_VERSION } from "../../client/protocol_gen.ts";
import type { Transport, TransportListener, TransportOpener } from "../../client/transport.ts";
import { encodeRunReply } from "./kernel_protocol_gen.ts";

/*
 * A kernel for tests: a transport whose other side is a function. It answers nlctrl itself; everything else goes to
 * `handle`, which answers through the socket, now, later or never, rightly or wrongly.
 */

export const FAMILY_ID = 0x1c;
export const GROUP_ID = 7;
const NLCTRL = 16;
const NLM_F_MULTI = 2;

export interface FakeRequest {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly command: number;
  readonly attributes: Buffer;
  readonly bytes: Buffer;
}

/** A whole netlink message. */
export function netlinkMessage(
  type: number,
  flags: number,
  sequence: number,
  port: number,
  payload: Uint8Array,
): Buffer {
  const message = Buffer.alloc(padded(HEADER_SIZE + payload.length));
  message.writeUInt32LE(HEADER_SIZE + payload.length, 0);
  message.writeUInt16LE(type, 4);
  message.writeUInt16LE(flags, 6);
  message.writeUInt32LE(sequence, 8);
  message.writeUInt32LE(port, 12);
  message.set(payload, HEADER_SIZE);
  return message;
}

function generic(command: number, attributes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(command, FAMILY_VERSION, 0, 0), attributes]);
}

function attribute(type: number, value: Uint8Array): Buffer {
  const out = Buffer.alloc(sizeOf(value.length));
  putBytes(out, 0, type, value);
  return out;
}

function attributeU32(type: number, value: number): Buffer {
  const out = Buffer.alloc(8);
  putU32(out, 0, type, value);
  return out;
}

/** nlctrl's answer about our family. */
export function familyAttributes(version: number = FAMILY_VERSION, id: number = FAMILY_ID): Buffer {
  const number = Buffer.alloc(2);
  number.writeUInt16LE(id);
  const group = Buffer.concat([attribute(1, Buffer.from("events\0")), attributeU32(2, GROUP_ID)]);
  return Buffer.concat([
    attribute(1, number),
    attribute(2, Buffer.from("lunatik\0")),
    attributeU32(3, version),
    attribute(7 | 0x8000, attribute(1 | 0x8000, group)),
  ]);
}

function requestOf(bytes: Buffer): FakeRequest {
  return {
    type: bytes.readUInt16LE(4),
    flags: bytes.readUInt16LE(6),
    sequence: bytes.readUInt32LE(8),
    command: bytes.readUInt8(HEADER_SIZE),
    attributes: bytes.subarray(HEADROOM),
    bytes,
  };
}

export class FakeSocket implements Transport {
  readonly port: number;
  readonly messageMax: number;
  readonly inFlightMax = Number.POSITIVE_INFINITY;
  readonly listener: TransportListener;
  readonly requests: FakeRequest[] = [];
  /** The same, by how they came. */
  readonly sends: (readonly FakeRequest[])[] = [];
  readonly groups: number[] = [];
  /** As a netlink socket is; a request is not handled in send() for all that. */
  isSynchronous = false;
  alive = true;
  closed = false;
  readonly #kernel: FakeKernel;

  constructor(kernel: FakeKernel, listener: TransportListener, port: number) {
    this.#kernel = kernel;
    this.listener = listener;
    this.port = port;
    this.messageMax = kernel.messageMax;
  }

  /** What is sent in one turn may come together: each message is a request of its own. */
  send(message: Uint8Array, done: (error?: Error) => void): void {
    const bytes = Buffer.from(message);
    const requests: FakeRequest[] = [];
    for (let at = 0; at < bytes.length; at += padded(bytes.readUInt32LE(at)))
      requests.push(requestOf(bytes.subarray(at, at + bytes.readUInt32LE(at))));
    this.requests.push(...requests);
    this.sends.push(requests);
    const error = this.#kernel.sendError;
    queueMicrotask(() => {
      done(error);
      for (const request of requests)
        if (error === undefined && !this.closed) this.#kernel.take(request, this);
    });
  }

  join(group: number): Promise<void> {
    if (this.#kernel.joinError !== undefined) return Promise.reject(this.#kernel.joinError);
    this.groups.push(group);
    return Promise.resolve();
  }

  keepAlive(alive: boolean): void {
    this.alive = alive;
  }

  close(): void {
    this.closed = true;
  }

  /** Hands bytes to the client as they are. */
  raw(...messages: readonly Uint8Array[]): void {
    this.listener.message(Buffer.concat(messages));
  }

  reply(request: FakeRequest, attributes: Uint8Array, port = this.port): void {
    this.raw(netlinkMessage(request.type, 0, request.sequence, port, generic(request.command, attributes)));
  }

  /** The outcome of a run, a command of its own. */
  finish(request: FakeRequest, reply: RunReply, port = this.port): void {
    const payload = generic(Command.finished, encodeRunReply(reply));
    this.raw(netlinkMessage(request.type, 0, request.sequence, port, payload));
  }

  /** One part of a dump. */
  part(request: FakeRequest, attributes: Uint8Array, flags = 0): void {
    const payload = generic(request.command, attributes);
    this.raw(netlinkMessage(request.type, NLM_F_MULTI | flags, request.sequence, this.port, payload));
  }

  /** The end of a dump. */
  done(request: FakeRequest, flags = 0, errno = 0): void {
    const status = Buffer.alloc(4);
    status.writeInt32LE(-errno);
    this.raw(netlinkMessage(NLMSG_DONE, NLM_F_MULTI | flags, request.sequence, this.port, status));
  }

  acknowledge(request: FakeRequest): void {
    this.refuse(request, 0);
  }

  /** An NLMSG_ERROR with the extended acknowledgement, as a socket with EXT_ACK and CAP_ACK gets it. */
  refuse(request: FakeRequest, errno: number, text?: string, offset?: number): void {
    const payload = Buffer.alloc(4 + HEADER_SIZE);
    payload.writeInt32LE(-errno, 0);
    request.bytes.copy(payload, 4, 0, HEADER_SIZE);
    const parts: Buffer[] = [payload];
    if (text !== undefined) parts.push(attribute(1, Buffer.from(`${text}\0`)));
    if (offset !== undefined) parts.push(attributeU32(2, offset));
    const flags = NLM_F_CAPPED | (parts.length > 1 ? NLM_F_ACK_TLVS : 0);
    this.raw(netlinkMessage(NLMSG_ERROR, flags, request.sequence, this.port, Buffer.concat(parts)));
  }

  /** A multicast of the family. */
  event(attributes: Uint8Array): void {
    this.raw(netlinkMessage(FAMILY_ID, 0, 0, 0, generic(11, attributes)));
  }
}

export class FakeKernel {
  readonly sockets: FakeSocket[] = [];
  messageMax = 8 * 1024 * 1024;
  familyVersion: number = FAMILY_VERSION;
  /** The number of the family: it gets another one whenever it is loaded anew. */
  familyId = FAMILY_ID;
  loaded = true;
  openError: Error | undefined;
  joinError: Error | undefined;
  sendError: Error | undefined;
  /** Answers a request for the family. */
  handle: (request: FakeRequest, socket: FakeSocket) => void = () => undefined;

  readonly opener: TransportOpener = (listener) => {
    if (this.openError !== undefined) return Promise.reject(this.openError);
    const socket = new FakeSocket(this, listener, 1000 + this.sockets.length);
    this.sockets.push(socket);
    return Promise.resolve(socket);
  };

  take(request: FakeRequest, socket: FakeSocket): void {
    const isThere = this.loaded && (request.type === NLCTRL || request.type === this.familyId);
    if (!isThere) socket.refuse(request, 2);
    else if (request.type === NLCTRL)
      socket.reply(request, familyAttributes(this.familyVersion, this.familyId));
    else this.handle(request, socket);
  }

  /** The requests that all sockets got for the family's command, whichever number they were for. */
  requests(command: number): readonly FakeRequest[] {
    return this.sockets.flatMap((socket) =>
      socket.requests.filter((request) => request.type !== NLCTRL && request.command === command),
    );
  }
}

/** A state as the module would tell it. */
export function stateReply(name: string, changes: Partial<StateReply> = {}): StateReply {
  return {
    name,
    id: 1n,
    description: undefined,
    libraries: 127,
    maxMemory: 33554432n,
    maxSteps: 1000000000n,
    maxTime: 10000000000n,
    memory: 20000n,
    memoryPeak: 30000n,
    busy: 0,
    dying: 0,
    run: undefined,
    waiting: 0,
    runs: 0n,
    failures: [],
    steps: 0n,
    time: 0n,
    timeLongest: 0n,
    created: 1700000000000000000n,
    creatorPid: 1,
    creatorUid: 0,
    creatorComm: "test",
    lastError: undefined,
    sectionLongest: 0n,
    stackDeepest: 0,
    ...changes,
  };
}

/** The reply of a run that succeeded with no results, as the module would give it. */
export function runReply(cookie: bigint, changes: Partial<RunReply> = {}): RunReply {
  return {
    state: "s",
    id: 9n,
    cookie,
    errno: 0,
    errorCode: undefined,
    message: undefined,
    traceback: undefined,
    results: Uint8Array.of(0x90),
    output: undefined,
    outputDropped: undefined,
    steps: 1n,
    time: 2n,
    wait: 3n,
    memory: 4n,
    memoryPeak: 5n,
    resultsSize: undefined,
    outputSize: undefined,
    ...changes,
  };
}

/** Lets everything that is due on the event loop happen. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
}
