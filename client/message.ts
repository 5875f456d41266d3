// SPDX-License-Identifier: MIT

import { LunatikError } from "./error.ts";
import { decodeText } from "./text.ts";

/*
 * Netlink messages: struct nlmsghdr and struct genlmsghdr (linux/netlink.h, linux/genetlink.h), the payloads of
 * NLMSG_ERROR and NLMSG_DONE, and the acknowledgement's extended attributes. Netlink uses the machine's byte order;
 * this library runs where node's prebuilt add-ons do, which is little-endian only.
 */

/** struct nlmsghdr: u32 length, u16 type, u16 flags, u32 sequence, u32 port. */
export const HEADER_SIZE = 16;
/** struct genlmsghdr: u8 command, u8 version, u16 reserved. */
export const GENERIC_HEADER_SIZE = 4;

export const NLMSG_NOOP = 1;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const NLMSG_OVERRUN = 4;

export const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_DUMP = 0x300;
export const NLM_F_CAPPED = 0x100;
export const NLM_F_ACK_TLVS = 0x200;

const NLMSGERR_ATTR_MSG = 1;
const NLMSGERR_ATTR_OFFS = 2;
const NLMSGERR_ATTR_MISS_TYPE = 5;

/** nla_type without NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
const ATTRIBUTE_TYPE_MASK = 0x3fff;

/** One message of the other side, still encoded inside: a view into what was received. */
export class Message {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly port: number;
  /** What was received, and where in it this message lies. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;

  /** The message that lies between two offsets of what was received; its header is whole. */
  constructor(bytes: Buffer, start: number, end: number) {
    this.type = bytes.readUInt16LE(start + 4);
    this.flags = bytes.readUInt16LE(start + 6);
    this.sequence = bytes.readUInt32LE(start + 8);
    this.port = bytes.readUInt32LE(start + 12);
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  /** What follows struct nlmsghdr. */
  get payload(): Buffer {
    return this.bytes.subarray(this.start + HEADER_SIZE, this.end);
  }

  /** What follows the generic header, which is whole. */
  get attributes(): Buffer {
    return this.bytes.subarray(this.start + HEADROOM, this.end);
  }

  /** Whether there is a generic header. */
  get hasGenericHeader(): boolean {
    return this.end - this.start >= HEADROOM;
  }
}

/** A length rounded up to the next multiple of 4, as everything in a netlink message is. */
export function padded(size: number): number {
  return (size + 3) & ~3;
}

/** nlmsg_len of the message that starts at an offset; 4 bytes must be there. */
export function messageSize(bytes: Buffer, at = 0): number {
  return bytes.readUInt32LE(at);
}

/** The parts of a generic netlink request. */
export interface Request {
  /** nlmsg_type: the family's number. */
  readonly type: number;
  readonly command: number;
  readonly version: number;
  /** The encoded attributes, behind HEADROOM zeros. */
  readonly body: Buffer;
}

/** What comes before the attributes of a generic netlink message. */
export const HEADROOM = HEADER_SIZE + GENERIC_HEADER_SIZE;

/**
 * Writes a request's headers in front of its attributes, and returns the whole message: `body` itself. `flags` are those
 * besides NLM_F_REQUEST.
 */
export function encodeRequest(request: Request, flags: number, sequence: number): Buffer {
  const message = request.body;
  // nlmsg_pid stays 0: the socket is bound.
  message.writeUInt32LE(message.length, 0);
  message.writeUInt16LE(request.type, 4);
  message.writeUInt16LE(flags | NLM_F_REQUEST, 6);
  message.writeUInt32LE(sequence, 8);
  message.writeUInt8(request.command, HEADER_SIZE);
  message.writeUInt8(request.version, HEADER_SIZE + 1);
  return message;
}

/** Splits what was received into messages. Throws ERR_PROTOCOL when the bytes are not whole messages. */
export function parseMessages(bytes: Uint8Array): readonly Message[] {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const messages: Message[] = [];
  for (let at = 0; at < buffer.length; ) {
    if (buffer.length - at < HEADER_SIZE) throw garbage("a message is shorter than its header");
    const size = buffer.readUInt32LE(at);
    if (size < HEADER_SIZE || size > buffer.length - at) throw garbage(`a message claims ${size} bytes`);
    messages.push(new Message(buffer, at, at + size));
    at += padded(size);
  }
  return messages;
}

/** The command of a generic netlink message. Throws ERR_PROTOCOL when it has no generic header. */
export function commandOf(message: Message): number {
  if (!message.hasGenericHeader) throw garbage("a message has no generic header");
  return message.payload.readUInt8(0);
}

/** The encoded attributes of a generic netlink message. Throws ERR_PROTOCOL when it has no generic header. */
export function attributesOf(message: Message): Buffer {
  if (!message.hasGenericHeader) throw garbage("a message has no generic header");
  return message.attributes;
}

/** What an acknowledgement or the end of a dump says. */
export interface Acknowledgement {
  /** A positive errno, or 0 when all is well. */
  readonly errno: number;
  /** The text of the extended acknowledgement. */
  readonly text: string | undefined;
  /** Where in the request the offending attribute starts, in bytes from the request's header. */
  readonly offset: number | undefined;
  /** The type of an attribute that the request lacks. */
  readonly missing: number | undefined;
}

/** Reads an NLMSG_ERROR or NLMSG_DONE. Throws ERR_PROTOCOL when it is cut short. */
export function parseAcknowledgement(message: Message): Acknowledgement {
  const { payload } = message;
  if (payload.length < 4) {
    // A dump may end without a status.
    if (message.type === NLMSG_DONE)
      return { errno: 0, text: undefined, offset: undefined, missing: undefined };
    throw garbage("an acknowledgement is cut short");
  }
  const status = payload.readInt32LE(0);
  if (status > 0) throw garbage("an acknowledgement has a positive status");
  const extended = (message.flags & NLM_F_ACK_TLVS) !== 0;
  return {
    errno: -status,
    ...parseExtended(extended ? payload.subarray(extendedStart(message)) : Buffer.alloc(0)),
  };
}

/** Where the extended attributes start in the payload of an NLMSG_ERROR or NLMSG_DONE. */
function extendedStart(message: Message): number {
  if (message.type === NLMSG_DONE) return 4;
  const { payload } = message;
  if (payload.length < 4 + HEADER_SIZE) throw garbage("an acknowledgement is cut short");
  // struct nlmsgerr holds the request's header, and the request behind it unless capped.
  const requestSize = (message.flags & NLM_F_CAPPED) !== 0 ? HEADER_SIZE : payload.readUInt32LE(4);
  return Math.min(4 + padded(Math.max(requestSize, HEADER_SIZE)), payload.length);
}

function parseExtended(bytes: Buffer): Omit<Acknowledgement, "errno"> {
  let text: string | undefined;
  let offset: number | undefined;
  let missing: number | undefined;
  for (const { type, value } of attributes(bytes)) {
    if (type === NLMSGERR_ATTR_MSG) text = textValue(value);
    else if (type === NLMSGERR_ATTR_OFFS && value.length === 4) offset = value.readUInt32LE(0);
    else if (type === NLMSGERR_ATTR_MISS_TYPE && value.length === 4) missing = value.readUInt32LE(0);
  }
  return { text, offset, missing };
}

/** One attribute, its value still encoded. */
export interface RawAttribute {
  readonly type: number;
  readonly value: Buffer;
}

/** Splits a run of attributes. Throws ERR_PROTOCOL when the bytes are not whole attributes. */
export function attributes(bytes: Buffer): readonly RawAttribute[] {
  const found: RawAttribute[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const size = bytes.readUInt16LE(at);
    if (size < 4 || size > bytes.length - at) throw garbage(`an attribute claims ${size} bytes`);
    found.push({
      type: bytes.readUInt16LE(at + 2) & ATTRIBUTE_TYPE_MASK,
      value: bytes.subarray(at + 4, at + size),
    });
    at += padded(size);
  }
  return found;
}

/** The text of a string attribute, with or without its final NUL. */
export function textValue(value: Buffer): string {
  return decodeText(value.at(-1) === 0 ? value.subarray(0, -1) : value);
}

/** The type of the attribute that starts at an offset of an encoded request; undefined when none can. */
export function attributeAt(request: Buffer, offset: number): number | undefined {
  if (offset < HEADROOM || offset + 4 > request.length) return undefined;
  return request.readUInt16LE(offset + 2) & ATTRIBUTE_TYPE_MASK;
}

function garbage(what: string): LunatikError {
  return new LunatikError("ERR_PROTOCOL", `malformed netlink message: ${what}`);
}
