// SPDX-License-Identifier: MIT

import { float, type LuaValue, nil, string } from "../client/lua_value.ts";
import { decodeValues, encodeValuesBriefly } from "../client/messagepack.ts";
import { decodeText } from "../client/text.ts";
import type { Method } from "../luarpc/interface.ts";
import type { Value } from "../luarpc/value.ts";

/*
 * The values of remote calls to and from MessagePack, the form in which they cross to the module:
 *
 *   declared      to Lua                 from Lua
 *   double        float                  number, or a string that reads as one
 *   string, char  string, byte by byte   string, number
 *   out           nil                    -
 *
 * Numbers and short ASCII strings, which is what most calls have, are written and read straight away; for
 * everything else the client's own codec does it.
 */

/** The marks of the specification (messagepack.ts) that are known here. */
const NIL = 0xc0;
const FLOAT64 = 0xcb;
const ARRAY = 0x90;
const ARRAY_MAX = 15;
const STRING = 0xa0;
const STRING_MAX = 31;

const scratch = Buffer.allocUnsafe(2 + (ARRAY_MAX + 1) * (STRING_MAX + 9));

/** Encodes the arguments of a call. What it returns is overwritten by the next call. */
export function encodeArguments(method: Method, values: readonly (Value | undefined)[]): Uint8Array {
  const count = method.parameters.length;
  if (count > ARRAY_MAX) return encodeAtLength(count, values);
  scratch[0] = ARRAY | count;
  let at = 1;
  for (let index = 0; index < count; index += 1) {
    const value = values[index];
    if (typeof value === "number" && !Number.isNaN(value)) {
      scratch[at] = FLOAT64;
      scratch.writeDoubleBE(value, at + 1);
      at += 9;
    } else if (value === undefined) {
      scratch[at] = NIL;
      at += 1;
    } else {
      const next = typeof value === "string" ? putAscii(value, at) : 0;
      if (next === 0) return encodeAtLength(count, values);
      at = next;
    }
  }
  return scratch.subarray(0, at);
}

/** Writes a short ASCII string and returns where it ends, or 0 when it is none. */
function putAscii(text: string, at: number): number {
  const { length } = text;
  if (length > STRING_MAX) return 0;
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return 0;
    scratch[at + 1 + index] = code;
  }
  scratch[at] = STRING | length;
  return at + 1 + length;
}

function encodeAtLength(count: number, values: readonly (Value | undefined)[]): Uint8Array {
  return encodeValuesBriefly(Array.from({ length: count }, (_, index) => toLua(values[index])));
}

function toLua(value: Value | undefined): LuaValue {
  if (value === undefined) return nil;
  return typeof value === "number" ? float(value) : string(value);
}

/**
 * Decodes what a function returned, from one offset to another, as ServerProtocol.reply() of luarpc takes it. Throws ERR_PROTOCOL
 * when it is not MessagePack.
 */
export function decodeResults(
  bytes: Buffer,
  start: number,
  end: number,
  { outputs }: Method,
): readonly unknown[] {
  const count = (bytes[start] ?? 0) - ARRAY;
  if (count < 0 || count > ARRAY_MAX) return decodeAtLength(bytes, start, end, outputs);
  const results: unknown[] = [];
  let at = start + 1;
  for (let index = 0; index < count; index += 1) {
    const mark = bytes[at] ?? NIL;
    if (mark <= 0x7f) {
      results.push(mark);
      at += 1;
    } else if (mark === FLOAT64 && at + 9 <= end) {
      results.push(bytes.readDoubleBE(at + 1));
      at += 9;
    } else if (mark >= STRING && mark <= STRING + STRING_MAX && isAscii(bytes, at + 1, mark - STRING)) {
      // An ASCII text is its own bytes.
      results.push(bytes.toString("latin1", at + 1, at + 1 + mark - STRING));
      at += 1 + mark - STRING;
    } else return decodeAtLength(bytes, start, end, outputs);
  }
  return at === end ? results : decodeAtLength(bytes, start, end, outputs);
}

function isAscii(bytes: Buffer, from: number, length: number): boolean {
  for (let at = from; at < from + length; at += 1) if ((bytes[at] ?? 0x80) > 0x7f) return false;
  return true;
}

function decodeAtLength(
  bytes: Buffer,
  start: number,
  end: number,
  outputs: Method["outputs"],
): readonly unknown[] {
  return decodeValues(bytes.subarray(start, end)).map((value, index) =>
    fromLua(value, outputs[index]?.type === "double"),
  );
}

/** As convert() of luarpc/value.ts takes it: text where a double is read, bytes where a string is. */
function fromLua(value: LuaValue, isDouble: boolean): unknown {
  switch (value.kind) {
    case "nil":
      return undefined;
    case "string":
      return isDouble ? decodeText(value.value) : value.value;
    case "table":
      return value;
    case "boolean":
    case "integer":
    case "float":
      return value.value;
  }
}
