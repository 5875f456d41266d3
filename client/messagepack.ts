// SPDX-License-Identifier: MIT

import { isUtf8 } from "node:buffer";
import { LunatikError } from "./error.ts";
import { INTEGER_MAX, type LuaTableEntries, type LuaValue, sequence } from "./lua_value.ts";

/*
 * Lua values as MessagePack (github.com/msgpack/msgpack, spec.md), the shape in which they cross the wire:
 *
 *   nil, true, false       nil, true, false
 *   integer                the shortest int form; uint64 up to 2^63 - 1 is read too
 *   float                  float64; float32 is read too
 *   string                 str when the bytes are UTF-8, else bin
 *   table                  array when its keys are exactly 1 to n (an empty table is an empty array), else map
 *
 * Arguments and results are one array each.
 */

/** How deeply values may be nested here. The module allows 32; this bound keeps a hostile peer off our own stack. */
const DEPTH_MAX = 100;

/** The most bytes that stay with encodeValuesBriefly(). */
const SCRATCH_MAX = 65_536;

/** Encodes a list of values as one MessagePack array. Throws ERR_INVALID when a value is nested too deeply. */
export function encodeValues(values: readonly LuaValue[]): Uint8Array {
  const writer = new Writer();
  writer.list(values, 0);
  return writer.finish();
}

let scratch: Writer | undefined;

/**
 * The same, in memory that the next call uses again: for who copies the bytes at once. Throws ERR_INVALID when a value is
 * nested too deeply.
 */
export function encodeValuesBriefly(values: readonly LuaValue[]): Uint8Array {
  const writer = scratch ?? new Writer();
  scratch = undefined;
  writer.list(values, 0);
  const bytes = writer.finish();
  if (bytes.length <= SCRATCH_MAX) {
    writer.reset();
    scratch = writer;
  }
  return bytes;
}

/** Decodes one MessagePack array with nothing behind it. Throws ERR_PROTOCOL when the bytes are anything else. */
export function decodeValues(bytes: Uint8Array): readonly LuaValue[] {
  const reader = new Reader(bytes);
  const values = reader.list();
  reader.end();
  return values;
}

class Writer {
  #buffer = Buffer.allocUnsafe(256);
  #length = 0;

  finish(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Starts anew, in the same memory. */
  reset(): void {
    this.#length = 0;
  }

  /** Makes room for so many bytes and returns where they start. May replace the buffer: claim first, then name it. */
  #claim(size: number): number {
    const at = this.#length;
    if (at + size > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(at + size, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, at);
      this.#buffer = larger;
    }
    this.#length = at + size;
    return at;
  }

  #byte(value: number): void {
    const at = this.#claim(1);
    this.#buffer[at] = value;
  }

  /** A size behind the smallest of its marks: `small` + size below `smallMax`, or the 8-, 16- or 32-bit form. */
  #head(size: number, small: number, smallMax: number, mark8: number | undefined, mark16: number): void {
    if (size < smallMax) {
      this.#byte(small + size);
    } else if (mark8 !== undefined && size <= 0xff) {
      this.#byte(mark8);
      this.#byte(size);
    } else if (size <= 0xffff) {
      this.#byte(mark16);
      const at = this.#claim(2);
      this.#buffer.writeUInt16BE(size, at);
    } else {
      this.#byte(mark16 + 1);
      const at = this.#claim(4);
      this.#buffer.writeUInt32BE(size, at);
    }
  }

  list(values: readonly LuaValue[], depth: number): void {
    this.#head(values.length, 0x90, 16, undefined, 0xdc);
    for (const value of values) this.#value(value, depth);
  }

  #value(value: LuaValue, depth: number): void {
    switch (value.kind) {
      case "nil":
        this.#byte(0xc0);
        break;
      case "boolean":
        this.#byte(value.value ? 0xc3 : 0xc2);
        break;
      case "integer":
        this.#integer(value.value);
        break;
      case "float":
        this.#float(value.value, value.negative ?? false);
        break;
      case "string":
        this.#string(value.value);
        break;
      case "table":
        this.#table(value.entries, depth);
    }
  }

  #table(entries: LuaTableEntries, depth: number): void {
    if (depth >= DEPTH_MAX) throw new LunatikError("ERR_INVALID", "the value is nested too deeply");
    const items = sequence(entries);
    if (items !== undefined) {
      this.list(items, depth + 1);
      return;
    }
    this.#head(entries.length, 0x80, 16, undefined, 0xde);
    for (const [key, item] of entries) {
      this.#value(key, depth + 1);
      this.#value(item, depth + 1);
    }
  }

  #integer(value: bigint): void {
    if (value >= -32n && value < 128n) {
      this.#byte(Number(value) & 0xff);
    } else if (value >= -0x80n && value <= 0x7fn) {
      this.#byte(0xd0);
      const at = this.#claim(1);
      this.#buffer.writeInt8(Number(value), at);
    } else if (value >= -0x8000n && value <= 0x7fffn) {
      this.#byte(0xd1);
      const at = this.#claim(2);
      this.#buffer.writeInt16BE(Number(value), at);
    } else if (value >= -0x80000000n && value <= 0x7fffffffn) {
      this.#byte(0xd2);
      const at = this.#claim(4);
      this.#buffer.writeInt32BE(Number(value), at);
    } else {
      this.#byte(0xd3);
      const at = this.#claim(8);
      this.#buffer.writeBigInt64BE(value, at);
    }
  }

  #float(value: number, negative: boolean): void {
    this.#byte(0xcb);
    const at = this.#claim(8);
    if (Number.isNaN(value)) this.#buffer.writeUInt32BE(negative ? 0xfff80000 : 0x7ff80000, at);
    else this.#buffer.writeDoubleBE(value, at);
    if (Number.isNaN(value)) this.#buffer.writeUInt32BE(0, at + 4);
  }

  #string(bytes: Uint8Array): void {
    if (isUtf8(bytes)) this.#head(bytes.length, 0xa0, 32, 0xd9, 0xda);
    else this.#head(bytes.length, 0, 0, 0xc4, 0xc5);
    const at = this.#claim(bytes.length);
    this.#buffer.set(bytes, at);
  }
}

class Reader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Moves past so many bytes and returns where they start. */
  #take(size: number): number {
    const at = this.#at;
    if (size > this.#buffer.length - at) throw garbage("a value is cut short");
    this.#at = at + size;
    return at;
  }

  #size(width: 1 | 2 | 4): number {
    return this.#buffer.readUIntBE(this.#take(width), width);
  }

  end(): void {
    if (this.#at !== this.#buffer.length) throw garbage("bytes follow the values");
  }

  list(): readonly LuaValue[] {
    const mark = this.#size(1);
    if (mark >= 0x90 && mark <= 0x9f) return this.#items(mark & 0x0f, 0);
    if (mark === 0xdc) return this.#items(this.#size(2), 0);
    if (mark === 0xdd) return this.#items(this.#size(4), 0);
    throw garbage("the values are not an array");
  }

  #items(count: number, depth: number): readonly LuaValue[] {
    this.#expect(count);
    const items: LuaValue[] = [];
    for (let index = 0; index < count; index++) items.push(this.#value(depth));
    return items;
  }

  /** Every value takes a byte at least: refuses a count that the rest cannot hold before memory is spent on it. */
  #expect(count: number): void {
    if (count > this.#buffer.length - this.#at) throw garbage("a value is cut short");
  }

  #array(count: number, depth: number): LuaValue {
    const entries: [LuaValue, LuaValue][] = [];
    let index = 1n;
    for (const value of this.#items(count, this.#deeper(depth))) {
      if (value.kind !== "nil") entries.push([{ kind: "integer", value: index }, value]);
      index += 1n;
    }
    return { kind: "table", entries };
  }

  #map(count: number, depth: number): LuaValue {
    this.#expect(count * 2);
    const inner = this.#deeper(depth);
    const entries: [LuaValue, LuaValue][] = [];
    for (let index = 0; index < count; index++) {
      const key = this.#value(inner);
      const value = this.#value(inner);
      if (key.kind === "nil" || (key.kind === "float" && Number.isNaN(key.value))) {
        throw garbage("a table key is nil or NaN");
      }
      if (value.kind !== "nil") entries.push([key, value]);
    }
    return { kind: "table", entries };
  }

  #deeper(depth: number): number {
    if (depth >= DEPTH_MAX) throw garbage("a value is nested too deeply");
    return depth + 1;
  }

  #string(size: number): LuaValue {
    const at = this.#take(size);
    return { kind: "string", value: this.#buffer.subarray(at, at + size) };
  }

  #integer(value: bigint | number): LuaValue {
    const exact = BigInt(value);
    if (exact > INTEGER_MAX) throw garbage("an integer is over 2^63 - 1");
    return { kind: "integer", value: exact };
  }

  #float64(): LuaValue {
    const at = this.#take(8);
    const value = this.#buffer.readDoubleBE(at);
    return Number.isNaN(value)
      ? { kind: "float", value, negative: this.#buffer.readUInt8(at) > 0x7f }
      : { kind: "float", value };
  }

  #float32(): LuaValue {
    const at = this.#take(4);
    const value = this.#buffer.readFloatBE(at);
    return Number.isNaN(value)
      ? { kind: "float", value, negative: this.#buffer.readUInt8(at) > 0x7f }
      : { kind: "float", value };
  }

  #value(depth: number): LuaValue {
    const mark = this.#size(1);
    if (mark <= 0x7f) return this.#integer(mark);
    if (mark <= 0x8f) return this.#map(mark & 0x0f, depth);
    if (mark <= 0x9f) return this.#array(mark & 0x0f, depth);
    if (mark <= 0xbf) return this.#string(mark & 0x1f);
    if (mark >= 0xe0) return this.#integer(mark - 0x100);
    switch (mark) {
      case 0xc0:
        return { kind: "nil" };
      case 0xc2:
      case 0xc3:
        return { kind: "boolean", value: mark === 0xc3 };
      case 0xc4:
      case 0xd9:
        return this.#string(this.#size(1));
      case 0xc5:
      case 0xda:
        return this.#string(this.#size(2));
      case 0xc6:
      case 0xdb:
        return this.#string(this.#size(4));
      case 0xca:
        return this.#float32();
      case 0xcb:
        return this.#float64();
      case 0xcc:
        return this.#integer(this.#size(1));
      case 0xcd:
        return this.#integer(this.#size(2));
      case 0xce:
        return this.#integer(this.#size(4));
      case 0xcf:
        return this.#integer(this.#buffer.readBigUInt64BE(this.#take(8)));
      case 0xd0:
        return this.#integer(this.#buffer.readInt8(this.#take(1)));
      case 0xd1:
        return this.#integer(this.#buffer.readInt16BE(this.#take(2)));
      case 0xd2:
        return this.#integer(this.#buffer.readInt32BE(this.#take(4)));
      case 0xd3:
        return this.#integer(this.#buffer.readBigInt64BE(this.#take(8)));
      case 0xdc:
        return this.#array(this.#size(2), depth);
      case 0xdd:
        return this.#array(this.#size(4), depth);
      case 0xde:
        return this.#map(this.#size(2), depth);
      case 0xdf:
        return this.#map(this.#size(4), depth);
      default:
        throw garbage(`0x${mark.toString(16)} starts no value`);
    }
  }
}

function garbage(what: string): LunatikError {
  return new LunatikError("ERR_PROTOCOL", `malformed MessagePack: ${what}`);
}
