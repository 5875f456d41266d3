// SPDX-License-Identifier: MIT

import { decodeText, encodeText } from "./text.ts";

/*
 * Netlink attributes (struct nlattr of linux/netlink.h): u16 length with these 4 bytes of header, u16 type, payload,
 * zeros up to the next multiple of 4. protocol_gen.ts is made of calls to what is here. The machine is little-endian.
 */

/** Most bytes that an attribute's payload can have: its length has 16 bits and counts the header. */
export const PAYLOAD_MAX = 65531;

const HEADER = 4;
/** nla_type without NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
const TYPE_MASK = 0x3fff;
/** NLA_F_NESTED. */
const NESTED = 0x8000;

/** What the other side sent is not made of attributes as the contract has them. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly code = "ERR_PROTOCOL";
}

// Two 32-bit words seen as one 64-bit number: several times as fast as Buffer's own methods.
const words = new Uint32Array(2);
const long = new BigUint64Array(words.buffer);

/** Bytes that a payload takes as one attribute, padding included. */
export function sizeOf(payload: number): number {
  return (payload + HEADER + 3) & ~3;
}

/** Bytes that a payload takes when it is cut over as many attributes as it needs; one at least. */
export function sizeOfPieces(payload: number): number {
  const whole = Math.floor(payload / PAYLOAD_MAX);
  const rest = payload - whole * PAYLOAD_MAX;
  return whole * sizeOf(PAYLOAD_MAX) + (rest > 0 || whole === 0 ? sizeOf(rest) : 0);
}

/**
 * The payload of a string attribute: the text and a final NUL, which the kernel's own check of an empty one wants and
 * the module takes off. What is over PAYLOAD_MAX bytes is cut there: every string of the contract has a limit far
 * below, and it is the module that refuses what exceeds it, with the error that belongs to it.
 */
export function textPayload(text: string): Uint8Array {
  const bytes = encodeText(`${text}\0`);
  return bytes.length > PAYLOAD_MAX ? bytes.subarray(0, PAYLOAD_MAX) : bytes;
}

function putHeader(out: Buffer, at: number, type: number, payload: number): void {
  const length = payload + HEADER;
  out[at] = length & 0xff;
  out[at + 1] = length >> 8;
  out[at + 2] = type & 0xff;
  out[at + 3] = type >> 8;
}

// Every put function writes one attribute at `at` and returns where the next one starts.

/** Writes a u8. Throws a RangeError when the value is not one. */
export function putU8(out: Buffer, at: number, type: number, value: number): number {
  putHeader(out, at, type, 1);
  out.writeUInt8(value, at + 4);
  out[at + 5] = 0;
  out[at + 6] = 0;
  out[at + 7] = 0;
  return at + 8;
}

/** Writes a u32. Throws a RangeError when the value is not one. */
export function putU32(out: Buffer, at: number, type: number, value: number): number {
  putHeader(out, at, type, 4);
  out.writeUInt32LE(value, at + 4);
  return at + 8;
}

/** Writes a u64. Throws a RangeError when the value is not one. */
export function putU64(out: Buffer, at: number, type: number, value: bigint): number {
  long[0] = value;
  if (long[0] !== value) throw new RangeError(`${value} does not fit 64 bits without a sign`);
  putHeader(out, at, type, 8);
  out.writeUInt32LE(words[0] ?? 0, at + 4);
  out.writeUInt32LE(words[1] ?? 0, at + 8);
  return at + 12;
}

/** Writes a payload of at most PAYLOAD_MAX bytes. Throws a RangeError when it is longer. */
export function putBytes(out: Buffer, at: number, type: number, bytes: Uint8Array): number {
  if (bytes.length > PAYLOAD_MAX) throw new RangeError(`${bytes.length} bytes do not fit one attribute`);
  putHeader(out, at, type, bytes.length);
  out.set(bytes, at + HEADER);
  const next = at + sizeOf(bytes.length);
  for (let end = at + HEADER + bytes.length; end < next; end++) out[end] = 0;
  return next;
}

/** Writes a payload of any size, cut over several attributes where it must be. */
export function putPieces(out: Buffer, at: number, type: number, bytes: Uint8Array): number {
  if (bytes.length <= PAYLOAD_MAX) return putBytes(out, at, type, bytes);
  let next = at;
  for (let from = 0; from < bytes.length; from += PAYLOAD_MAX) {
    next = putBytes(out, next, type, bytes.subarray(from, from + PAYLOAD_MAX));
  }
  return next;
}

/** Writes a nest, its attributes encoded already. */
export function putNest(out: Buffer, at: number, type: number, bytes: Uint8Array): number {
  return putBytes(out, at, type | NESTED, bytes);
}

// Every take function reads the attribute of `length` bytes at `at`, whose bounds lengthAt() has checked.

/** The length of the attribute at `at`, header included. Throws ERR_PROTOCOL when it does not end before `end`. */
export function lengthAt(message: Buffer, at: number, end: number): number {
  if (end - at < HEADER) throw new ProtocolError(`${end - at} bytes where an attribute should start`);
  const length = (message[at] ?? 0) | ((message[at + 1] ?? 0) << 8);
  if (length < HEADER || length > end - at) {
    throw new ProtocolError(`an attribute claims ${length} bytes where there are ${end - at}`);
  }
  return length;
}

/** The type of the attribute at `at`, without flags. */
export function typeAt(message: Buffer, at: number): number {
  return ((message[at + 2] ?? 0) | ((message[at + 3] ?? 0) << 8)) & TYPE_MASK;
}

function wrongLength(length: number, expected: string): ProtocolError {
  return new ProtocolError(`an attribute of ${length - HEADER} bytes should be ${expected}`);
}

/** Reads a u8. */
export function takeU8(message: Buffer, at: number, length: number): number {
  if (length !== 5) throw wrongLength(length, "a u8");
  return message[at + 4] ?? 0;
}

/** Reads a u32. */
export function takeU32(message: Buffer, at: number, length: number): number {
  if (length !== 8) throw wrongLength(length, "a u32");
  return message.readUInt32LE(at + 4);
}

/** Reads a u64. */
export function takeU64(message: Buffer, at: number, length: number): bigint {
  if (length !== 12) throw wrongLength(length, "a u64");
  words[0] = message.readUInt32LE(at + 4);
  words[1] = message.readUInt32LE(at + 8);
  return long[0] ?? 0n;
}

/** Reads text, with or without a final NUL. */
export function takeText(message: Buffer, at: number, length: number): string {
  let end = at + length;
  if (length > HEADER && message[end - 1] === 0) end--;
  for (let i = at + HEADER; i < end; i++) {
    if ((message[i] ?? 0) >= 0x80) return decodeText(message.subarray(at + HEADER, end));
  }
  return message.toString("latin1", at + HEADER, end);
}

/** Reads bytes. What is returned is a view of the message. */
export function takeBytes(message: Buffer, at: number, length: number): Uint8Array {
  return message.subarray(at + HEADER, at + length);
}

/** Puts the pieces of one value together; a single piece stays a view of the message. */
export function join(pieces: readonly Uint8Array[] | undefined): Uint8Array | undefined {
  if (pieces === undefined || pieces.length <= 1) return pieces?.[0];
  return Buffer.concat(pieces);
}
