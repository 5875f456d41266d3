// SPDX-License-Identifier: MIT

import { isUtf8 } from "node:buffer";
import { type LuaValue, sequence } from "./lua_value.ts";
import { decodeText } from "./text.ts";

/*
 * Lua values as Lua would print them. Numbers follow lua_Number2strx and tostringbuff() of Lua 5.4's lobject.c:
 * "%d" for integers, "%.14g" for floats, with ".0" behind a float that would read as an integer.
 */

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const RESERVED: ReadonlySet<string> = new Set(
  (
    "and break do else elseif end false for function goto if in local nil not or repeat return then true until " +
    "while"
  ).split(" "),
);

/**
 * The 14 significant digits of a finite number other than 0, and its decimal exponent, as C rounds them: to nearest, ties
 * to even. toExponential() rounds ties up, so a tie is looked for in digits enough to tell one (no double that is not
 * a tie comes closer to one than 34 digits).
 */
function significant(value: number): { readonly digits: string; readonly exponent: number } {
  const long = value.toExponential(60);
  const lead = `${long[0] ?? ""}${long.slice(2, 15)}`;
  const tie = /^50*$/.test(long.slice(15, long.indexOf("e"))) && "02468".includes(lead[13] ?? "");
  const rounded = tie ? long : value.toExponential(13);
  return {
    digits: tie ? lead : rounded.slice(0, rounded.indexOf("e")).replace(".", ""),
    exponent: Number(rounded.slice(rounded.indexOf("e") + 1)),
  };
}

/** C's "%.14g" of a finite number. */
function general(value: number): string {
  if (value < 0 || Object.is(value, -0)) return `-${general(-value)}`;
  if (value === 0) return "0";
  const { digits, exponent } = significant(value);
  const trimmed = digits.replace(/0+$/, "");
  if (exponent < -4 || exponent >= 14) {
    const fraction = trimmed.length > 1 ? `.${trimmed.slice(1)}` : "";
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${trimmed.slice(0, 1)}${fraction}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${trimmed}`;
  const whole = trimmed.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const fraction = trimmed.slice(exponent + 1);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** A float as Lua's tostring() writes it: "3.0", "1e+100", "-inf", "-nan". `negative` is the sign of a NaN. */
export function formatFloat(value: number, negative = false): string {
  if (Number.isNaN(value)) return negative ? "-nan" : "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  const text = general(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/**
 * A value as Lua's print() would write it, byte for byte: a string is its own bytes. A table, of which Lua would print
 * an address, is written as a table constructor (see formatLiteral()).
 */
export function formatPrint(value: LuaValue): Uint8Array {
  return value.kind === "string" ? value.value : Buffer.from(formatLiteral(value));
}

/**
 * A value as a Lua expression that gives it: `{1, 2, name = "x", [3.0] = true}`. Strings are quoted, with every
 * byte that is not printable text escaped. A float that "%.14g" would round, and infinities and NaN, are written as
 * tostring() writes them.
 */
export function formatLiteral(value: LuaValue): string {
  switch (value.kind) {
    case "nil":
      return "nil";
    case "boolean":
      return value.value ? "true" : "false";
    case "integer":
      return value.value.toString();
    case "float":
      return formatFloat(value.value, value.negative);
    case "string":
      return quote(value.value);
    case "table": {
      const items = sequence(value.entries);
      if (items !== undefined) return `{${items.map(formatLiteral).join(", ")}}`;
      return `{${value.entries.map(([key, item]) => `${formatKey(key)} = ${formatLiteral(item)}`).join(", ")}}`;
    }
  }
}

function formatKey(key: LuaValue): string {
  if (key.kind === "string" && isUtf8(key.value)) {
    const text = decodeText(key.value);
    if (IDENTIFIER.test(text) && !RESERVED.has(text)) return text;
  }
  return `[${formatLiteral(key)}]`;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

// Control characters, those of the upper half among them, would act on a terminal.
// biome-ignore-start lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const UNPRINTABLE = /["\\\u0000-\u001f\u007f-\u009f]/g;
const NOT_ASCII = /["\\\u0000-\u001f\u007f-\u00ff]/g;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: they are what is looked for.

/** A byte string as a Lua string literal in double quotes. Well-formed UTF-8 stays readable. */
function quote(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer)
    ? `"${buffer.toString("utf8").replace(UNPRINTABLE, escapeCharacter)}"`
    : `"${buffer.toString("latin1").replace(NOT_ASCII, escapeByte)}"`;
}

function escapeByte(byte: string): string {
  return ESCAPES.get(byte) ?? hexEscape(byte.charCodeAt(0));
}

function escapeCharacter(character: string): string {
  return ESCAPES.get(character) ?? [...Buffer.from(character, "utf8")].map(hexEscape).join("");
}

function hexEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}
