// SPDX-License-Identifier: MIT

import { isUtf8 } from "node:buffer";
import { LunatikError } from "./error.ts";
import { decodeText, encodeText } from "./text.ts";

/*
 * A Lua value exactly as Lua has it. JavaScript's own values cannot say it: 3 and 3.0 are one number there, an
 * integer of 64 bits is not a number at all, a string is not bytes, and an object's key is never a table.
 * fromJs() and toJs() go to and from the nearest JavaScript value.
 */

export type LuaTableEntries = readonly (readonly [key: LuaValue, value: LuaValue])[];

export type LuaValue =
  | { readonly kind: "nil" }
  | { readonly kind: "boolean"; readonly value: boolean }
  /** -2^63 to 2^63 - 1. */
  | { readonly kind: "integer"; readonly value: bigint }
  /** `negative` is the sign of a NaN, which JavaScript has but does not promise to keep; absent otherwise. */
  | { readonly kind: "float"; readonly value: number; readonly negative?: boolean }
  /** Bytes: a Lua string need not be text. */
  | { readonly kind: "string"; readonly value: Uint8Array }
  /** In the order in which they came. No key is nil or NaN, no key is there twice. */
  | { readonly kind: "table"; readonly entries: LuaTableEntries };

/** What toJs() makes and fromJs() takes. */
export type JsValue =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly JsValue[]
  | ReadonlyMap<JsValue, JsValue>
  | { readonly [key: string]: JsValue };

export const nil: LuaValue = { kind: "nil" };

/** How deeply fromJs() follows a value before it takes it for endless. The module's own limit is lower. */
const DEPTH_MAX = 128;

export const INTEGER_MIN = -(2n ** 63n);
export const INTEGER_MAX = 2n ** 63n - 1n;

/** A Lua integer. Takes -2^63 to 2^63 - 1; throws ERR_INVALID beyond. */
export function integer(value: bigint | number): LuaValue {
  const exact = BigInt(value);
  if (exact < INTEGER_MIN || exact > INTEGER_MAX) {
    throw new LunatikError("ERR_INVALID", `${exact} is not a 64-bit integer`);
  }
  return { kind: "integer", value: exact };
}

/** A Lua float, 3.0 for 3. */
export function float(value: number): LuaValue {
  return { kind: "float", value };
}

/** A Lua string of a text or of bytes. */
export function string(value: string | Uint8Array): LuaValue {
  return { kind: "string", value: typeof value === "string" ? encodeText(value) : value };
}

/** A Lua table of its entries. */
export function table(entries: LuaTableEntries): LuaValue {
  return { kind: "table", entries };
}

/**
 * The Lua value nearest to a JavaScript value.
 *
 * null and undefined become nil; a number that is an integer within 2^53 becomes an integer, any other a float
 * (-0 too); a bigint an integer; a string or Uint8Array a string; an array, Map or plain object a table, without
 * the entries whose value is nil. Throws ERR_INVALID for a function, a symbol, an object of another class, a bigint
 * over 64 bits, a nil or NaN key, and a value that contains itself.
 */
export function fromJs(value: JsValue): LuaValue {
  return nested(value, 0);
}

function nested(value: JsValue, depth: number): LuaValue {
  switch (typeof value) {
    case "undefined":
      return nil;
    case "boolean":
      return { kind: "boolean", value };
    case "number":
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? integer(value) : float(value);
    case "bigint":
      return integer(value);
    case "string":
      return string(value);
    case "object":
      return value === null ? nil : fromObject(value, depth);
    default:
      throw new LunatikError("ERR_INVALID", `a ${typeof value} is not a Lua value`);
  }
}

function fromObject(value: object, depth: number): LuaValue {
  if (value instanceof Uint8Array) return { kind: "string", value };
  if (depth >= DEPTH_MAX)
    throw new LunatikError("ERR_INVALID", "the value is nested too deeply, or contains itself");
  let pairs: Iterable<readonly [JsValue, JsValue]>;
  if (Array.isArray(value)) {
    pairs = (value as readonly JsValue[]).map((item, index) => [index + 1, item] as const);
  } else if (value instanceof Map) {
    pairs = value as ReadonlyMap<JsValue, JsValue>;
  } else {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      throw new LunatikError(
        "ERR_INVALID",
        "an object that is neither plain, an array nor a Map is not a Lua value",
      );
    }
    pairs = Object.entries(value as { readonly [key: string]: JsValue });
  }
  const entries: [LuaValue, LuaValue][] = [];
  for (const [key, item] of pairs) {
    const luaItem = nested(item, depth + 1);
    if (luaItem.kind === "nil") continue;
    const luaKey = nested(key, depth + 1);
    if (luaKey.kind === "nil" || (luaKey.kind === "float" && Number.isNaN(luaKey.value))) {
      throw new LunatikError("ERR_INVALID", "a table key is neither nil nor NaN");
    }
    entries.push([luaKey, luaItem]);
  }
  return table(entries);
}

/**
 * The JavaScript value nearest to a Lua value.
 *
 * nil becomes null; an integer within 2^53 a number, any other a bigint; a float a number (so 3.0 and 3 become the
 * same); a string that is UTF-8 a string, any other a Uint8Array; a table an array when its keys are 1 to n, n >= 0, a
 * plain object when they are all UTF-8 strings, else a Map.
 */
export function toJs(value: LuaValue): JsValue {
  switch (value.kind) {
    case "nil":
      return null;
    case "boolean":
    case "float":
      return value.value;
    case "integer": {
      const number = Number(value.value);
      return Number.isSafeInteger(number) ? number : value.value;
    }
    case "string":
      return isUtf8(value.value) ? decodeText(value.value) : value.value;
    case "table":
      return toJsTable(value.entries);
  }
}

function toJsTable(entries: LuaTableEntries): JsValue {
  const items = sequence(entries);
  if (items !== undefined) return items.map(toJs);
  if (entries.every(([key]) => key.kind === "string" && isUtf8(key.value))) {
    // This makes a key of "__proto__" too, as an assignment would not.
    return Object.fromEntries(
      entries.map(([key, item]) => [key.kind === "string" ? decodeText(key.value) : "", toJs(item)]),
    );
  }
  return new Map(entries.map(([key, item]) => [toJs(key), toJs(item)]));
}

/** The values of a table in order when its keys are exactly the integers 1 to n, n >= 0; else undefined. */
export function sequence(entries: LuaTableEntries): readonly LuaValue[] | undefined {
  const items = new Array<LuaValue | undefined>(entries.length).fill(undefined);
  for (const [key, item] of entries) {
    if (key.kind !== "integer" || key.value < 1n || key.value > BigInt(entries.length)) return undefined;
    items[Number(key.value) - 1] = item;
  }
  return items.every((item) => item !== undefined) ? items : undefined;
}
