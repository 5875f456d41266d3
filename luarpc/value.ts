// SPDX-License-Identifier: MIT

import { bytesOf, latin1, textOfBytes } from "./bytes.ts";
import { LuarpcError } from "./error.ts";
import type { Slot, ValueType } from "./interface.ts";
import { formatDouble, parseDouble } from "./number.ts";

/*
 * Values as programs see them, and as the protocol's core carries them.
 *
 *   declared   a program gives                                   the core carries    a program gets
 *   double     number, bigint, a string that is a number         number              number
 *   string     string, Uint8Array, number, bigint                byte string         string
 *   char       the same, of exactly one byte                     byte string         string
 */

/** What programs get. */
export type Value = number | string;
/** What the core carries: a double, or a byte string. */
export type WireValue = number | string;

/** What a missing argument is filled with. */
export const defaults: Readonly<Record<ValueType, WireValue>> = { double: 0, string: "", char: " " };

/** Converts a program's value to its declared type. Throws ERR_TYPE, whose text names the method and the slot. */
export function convert(given: unknown, slot: Slot, method: string): WireValue {
  switch (slot.type) {
    case "double": {
      if (typeof given === "number") return given;
      if (typeof given === "bigint") return Number(given);
      const double = typeof given === "string" ? parseDouble(bytesOf(given)) : undefined;
      if (double === undefined) throw mismatch(given, slot, method);
      return double;
    }
    case "string":
    case "char": {
      const bytes = stringBytes(given);
      if (bytes === undefined || (slot.type === "char" && bytes.length !== 1))
        throw mismatch(given, slot, method);
      return bytes;
    }
  }
}

/** Converts what the core carries, read without knowing its type, to a declared type. Throws ERR_TYPE. */
export function convertWire(given: WireValue, slot: Slot, method: string): WireValue {
  const isBytes = typeof given === "string" && slot.type !== "double";
  return convert(isBytes ? Buffer.from(given, "latin1") : given, slot, method);
}

function stringBytes(given: unknown): string | undefined {
  if (typeof given === "string") return bytesOf(given);
  if (typeof given === "number") return formatDouble(given);
  if (typeof given === "bigint") return given.toString();
  return given instanceof Uint8Array ? latin1(given) : undefined;
}

/** The value as a program gets it. */
export function present(value: WireValue): Value {
  return typeof value === "number" ? value : textOfBytes(value);
}

/** The error for a value that is not of its declared type. */
export function mismatch(given: unknown, slot: Slot, method: string): LuarpcError {
  const wanted = slot.type === "char" ? "char (exactly one byte)" : slot.type;
  return new LuarpcError("ERR_TYPE", `${method}: ${slot.label} must be a ${wanted}, not ${describe(given)}`, {
    method,
  });
}

const SHOWN_MAX = 40;

/** A short description of any value, on one line. */
export function describe(given: unknown): string {
  if (given === undefined || given === null) return "nil";
  if (typeof given === "string") {
    const shown = given.length > SHOWN_MAX ? `${given.slice(0, SHOWN_MAX)}…` : given;
    return JSON.stringify(shown.toWellFormed());
  }
  if (typeof given === "number") return formatDouble(given);
  if (typeof given === "bigint" || typeof given === "boolean") return String(given);
  if (Array.isArray(given)) return "an array";
  return typeof given === "function" ? "a function" : `a value of type ${typeof given}`;
}
