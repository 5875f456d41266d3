// SPDX-License-Identifier: MIT

import { isUtf8 } from "node:buffer";
import { ProtocolError } from "./attributes.ts";
import type { LuaValue } from "./lua_value.ts";
import { decodeValues, encodeValues } from "./messagepack.ts";

/*
 * How values cross the control socket as JSON, both ways, without losing anything, and checked on arrival. JSON's numbers
 * are doubles to most readers and its strings are text, so:
 *
 *   64-bit number   a string of decimal digits; a number will do on the way in, up to 2^53 - 1
 *   bytes           a string when they are UTF-8 without odd control characters, else {"$bytes": base64}
 *   Lua values      base64 of the MessagePack array that the module itself takes and gives
 *   absent          the field is left out; null will do on the way in
 */

/** What a value of one type looks like in JSON. */
export interface Shape<T> {
  /** What JSON.stringify() takes. Throws a RangeError for a number that does not fit. */
  readonly toJson: (value: T) => unknown;
  /** The value of what JSON.parse() gave. Throws ShapeError; `place` says where in the message it was: "run.steps". */
  readonly fromJson: (json: unknown, place: string) => T;
}

/** A message that does not look as it must. */
export class ShapeError extends ProtocolError {
  constructor(place: string, wanted: string) {
    super(`${place} must be ${wanted}`);
  }
}

const LONG_MAX = 2n ** 64n - 1n;

/** A number of 64 bits without sign. */
export const long: Shape<bigint> = {
  toJson(value) {
    if (value < 0n || value > LONG_MAX) throw new RangeError(`${value} does not fit 64 bits without a sign`);
    return value.toString();
  },
  fromJson(json, place) {
    if (typeof json === "number" && Number.isSafeInteger(json) && json >= 0) return BigInt(json);
    const exact = typeof json === "string" && /^\d{1,20}$/.test(json) ? BigInt(json) : undefined;
    if (exact === undefined || exact > LONG_MAX)
      throw new ShapeError(place, "a whole number of 64 bits, in a string");
    return exact;
  },
};

/** The same where callers may give a number. */
export const quantity: Shape<number | bigint> = {
  toJson: (value) => long.toJson(BigInt(value)),
  fromJson: long.fromJson,
};

/** A whole number that a double holds. */
export const whole: Shape<number> = {
  toJson: (value) => value,
  fromJson(json, place) {
    if (typeof json !== "number" || !Number.isSafeInteger(json) || json < 0)
      throw new ShapeError(place, `a whole number up to ${Number.MAX_SAFE_INTEGER}`);
    return json;
  },
};

/** A text; bytes that are not UTF-8 are in it as client/text.ts says. */
export const text: Shape<string> = {
  toJson: (value) => value,
  fromJson(json, place) {
    if (typeof json !== "string") throw new ShapeError(place, "a string");
    return json;
  },
};

export const flag: Shape<boolean> = {
  toJson: (value) => value,
  fromJson(json, place) {
    if (typeof json !== "boolean") throw new ShapeError(place, "true or false");
    return json;
  },
};

/** A control character that JSON would blow up to six bytes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const ODD = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

export const bytes: Shape<Uint8Array> = {
  toJson(value) {
    const buffer = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    const plain = isUtf8(buffer) ? buffer.toString("utf8") : undefined;
    return plain === undefined || ODD.test(plain) ? { $bytes: buffer.toString("base64") } : plain;
  },
  fromJson(json, place) {
    if (typeof json === "string") return Buffer.from(json, "utf8");
    const coded = typeof json === "object" && json !== null && "$bytes" in json ? json.$bytes : undefined;
    if (typeof coded !== "string" || !BASE64.test(coded))
      throw new ShapeError(place, 'a string, or {"$bytes": base64}');
    return Buffer.from(coded, "base64");
  },
};

/** Lua values, as arguments and results are. */
export const values: Shape<readonly LuaValue[]> = {
  toJson(list) {
    const packed = encodeValues(list);
    return Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength).toString("base64");
  },
  fromJson(json, place) {
    const wanted = "base64 of a MessagePack array";
    if (typeof json !== "string" || !BASE64.test(json)) throw new ShapeError(place, wanted);
    try {
      return decodeValues(Buffer.from(json, "base64"));
    } catch {
      throw new ShapeError(place, wanted);
    }
  },
};

/** Nothing: what a request answers that has nothing to say. */
export const nothing: Shape<void> = {
  toJson: () => null,
  fromJson: () => undefined,
};

/** One of these texts. */
export function choice<const T extends string>(...choices: readonly T[]): Shape<T> {
  return {
    toJson: (value) => value,
    fromJson(json, place) {
      const found = choices.find((one) => one === json);
      if (found === undefined) throw new ShapeError(place, `one of ${choices.join(", ")}`);
      return found;
    },
  };
}

/** What may be absent. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return {
    toJson: (value) => (value === undefined ? undefined : shape.toJson(value)),
    fromJson: (json, place) =>
      json === undefined || json === null ? undefined : shape.fromJson(json, place),
  };
}

export function list<T>(shape: Shape<T>): Shape<readonly T[]> {
  return {
    toJson: (items) => items.map((item) => shape.toJson(item)),
    fromJson(json, place) {
      if (!Array.isArray(json)) throw new ShapeError(place, "an array");
      return json.map((item, index) => shape.fromJson(item, `${place}[${index}]`));
    },
  };
}

/** A map from texts, as a JSON object. */
export function map<T>(shape: Shape<T>): Shape<ReadonlyMap<string, T>> {
  return {
    toJson: (items) => Object.fromEntries([...items].map(([key, item]) => [key, shape.toJson(item)])),
    fromJson: (json, place) =>
      new Map(
        Object.entries(fieldsOf(json, place)).map(([key, item]) => [
          key,
          shape.fromJson(item, within(place, key)),
        ]),
      ),
  };
}

/** An object with these fields; others are not looked at, so that later versions may have more. */
export function object<T extends object>(fields: { readonly [K in keyof T]-?: Shape<T[K]> }): Shape<T> {
  // The compiler has checked each shape against its field; from here on they are one list.
  const entries = Object.entries(fields) as unknown as readonly (readonly [string, Shape<unknown>])[];
  return {
    toJson: (value) =>
      Object.fromEntries(
        entries.map(([key, shape]) => [key, shape.toJson((value as Readonly<Record<string, unknown>>)[key])]),
      ),
    fromJson(json, place) {
      const given = fieldsOf(json, place);
      const made = entries.map(([key, shape]) => [key, shape.fromJson(given[key], within(place, key))]);
      return Object.fromEntries(made) as T;
    },
  };
}

function within(place: string, key: string): string {
  return place === "" ? key : `${place}.${key}`;
}

function fieldsOf(json: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw new ShapeError(place === "" ? "the message" : place, "an object");
  return json as Readonly<Record<string, unknown>>;
}
