// SPDX-License-Identifier: MIT

import { isUtf8 } from "node:buffer";
import { formatFloat } from "../lua_format.ts";
import { INTEGER_MAX, INTEGER_MIN, type LuaValue, nil, sequence, string, table } from "../lua_value.ts";
import { decodeText } from "../text.ts";
import { usage } from "./failure.ts";

/*
 * JSON, out and in. JSON's own numbers and strings cannot say every Lua value, so what they cannot say is an object with
 * one key that starts with "$"; docs/json.md has the rules. Both directions lose nothing: jsonToLua(luaToJson(v)) is v.
 */

/** A number with its own spelling: 3.0 must not become 3. */
class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What writeJson() takes. A bigint is written as a number; a field that is undefined is left out. */
export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | JsonNumber
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

/** JSON on one line, in ASCII but for what is printable text. */
export function writeJson(json: Json): string {
  if (json === null || typeof json === "boolean" || typeof json === "number") return JSON.stringify(json);
  if (typeof json === "bigint") return json.toString();
  // C1 control characters are valid in JSON, and act on a terminal.
  if (typeof json === "string") return JSON.stringify(json).replace(/[\u007f-\u009f]/g, escapeUnit);
  if (json instanceof JsonNumber) return json.text;
  if (Array.isArray(json)) return `[${(json as readonly Json[]).map(writeJson).join(",")}]`;
  const fields = Object.entries(json as { readonly [key: string]: Json | undefined })
    .filter((field): field is [string, Json] => field[1] !== undefined)
    .map(([key, value]) => `${writeJson(key)}:${writeJson(value)}`);
  return `{${fields.join(",")}}`;
}

function escapeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Bytes as a JSON string when they are UTF-8, else as {"$bytes": base64}. */
export function bytesToJson(bytes: Uint8Array): Json {
  if (isUtf8(bytes)) return decodeText(bytes);
  return { $bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64") };
}

/** A Lua value as JSON, by the rules of docs/json.md. */
export function luaToJson(value: LuaValue): Json {
  switch (value.kind) {
    case "nil":
      return null;
    case "boolean":
      return value.value;
    case "integer":
      // Beyond 2^53 a reader that keeps numbers as doubles would change the value without a word.
      return Number.isSafeInteger(Number(value.value)) ? value.value : { $integer: value.value.toString() };
    case "float":
      return floatToJson(value.value, value.negative);
    case "string":
      return bytesToJson(value.value);
    case "table":
      return tableToJson(value.entries);
  }
}

function floatToJson(value: number, negative = false): Json {
  if (!Number.isFinite(value)) return { $float: formatFloat(value, negative) };
  const text = Object.is(value, -0) ? "-0" : String(value);
  return new JsonNumber(/[.e]/.test(text) ? text : `${text}.0`);
}

function tableToJson(entries: readonly (readonly [LuaValue, LuaValue])[]): Json {
  const items = sequence(entries);
  if (items !== undefined) return items.map(luaToJson);
  const fields: [string, Json][] = [];
  for (const [key, item] of entries) {
    const name = key.kind === "string" && isUtf8(key.value) ? decodeText(key.value) : undefined;
    if (name === undefined || name.startsWith("$")) {
      return { $table: entries.map((entry) => entry.map(luaToJson)) };
    }
    fields.push([name, luaToJson(item)]);
  }
  return Object.fromEntries(fields);
}

/** How deeply a JSON text may be nested; the module's own limit on arguments is lower. */
const DEPTH_MAX = 128;

/** Any string or number of a JSON text that is known to be valid. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * The Lua value of a JSON text, by the rules of docs/json.md: a number with ".", "e" or "E" is a float, any other an
 * integer. Throws ERR_USAGE, with `what` in the message, for a text that is not JSON or not a Lua value.
 */
export function jsonToLua(text: string, what: string): LuaValue {
  let tree: unknown;
  try {
    JSON.parse(text);
    // JSON.parse() forgets how a number was spelt. So every number becomes a string behind "n", every string one behind "s".
    tree = JSON.parse(
      text.replace(TOKEN, (token) => (token.startsWith('"') ? `"s${token.slice(1)}` : `"n${token}"`)),
    );
  } catch (error) {
    throw usage(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return fromTree(tree, what, 0);
}

function fromTree(tree: unknown, what: string, depth: number): LuaValue {
  if (depth > DEPTH_MAX) throw usage(`${what}: nested too deeply`);
  if (tree === null) return nil;
  if (typeof tree === "boolean") return { kind: "boolean", value: tree };
  if (typeof tree === "string")
    return tree.startsWith("n") ? fromNumber(tree.slice(1), what) : string(tree.slice(1));
  if (Array.isArray(tree)) {
    const entries = tree.map((item, index): [LuaValue, LuaValue] => [
      { kind: "integer", value: BigInt(index + 1) },
      fromTree(item, what, depth + 1),
    ]);
    return table(entries.filter(([, item]) => item.kind !== "nil"));
  }
  const fields = Object.entries(tree as object).map(([key, item]): [string, unknown] => [key.slice(1), item]);
  if (fields.some(([key]) => key.startsWith("$"))) return fromTagged(fields, what, depth);
  const entries = fields.map(([key, item]): [LuaValue, LuaValue] => [
    string(key),
    fromTree(item, what, depth + 1),
  ]);
  return table(entries.filter(([, item]) => item.kind !== "nil"));
}

function fromNumber(text: string, what: string): LuaValue {
  if (/[.eE]/.test(text)) return { kind: "float", value: Number(text) };
  if (text === "-0") return { kind: "integer", value: 0n };
  return checkedInteger(BigInt(text), what);
}

function checkedInteger(value: bigint, what: string): LuaValue {
  if (value < INTEGER_MIN || value > INTEGER_MAX) throw usage(`${what}: ${value} is not a 64-bit integer`);
  return { kind: "integer", value };
}

function fromTagged(fields: readonly (readonly [string, unknown])[], what: string, depth: number): LuaValue {
  const [tag, tree] = fields[0] ?? ["", undefined];
  const text = typeof tree === "string" && tree.startsWith("s") ? tree.slice(1) : undefined;
  if (fields.length === 1) {
    if (tag === "$integer" && text !== undefined && /^-?\d+$/.test(text))
      return checkedInteger(BigInt(text), what);
    if (tag === "$float" && text !== undefined) {
      const float = specialFloats.get(text);
      if (float !== undefined) return float;
    }
    if (tag === "$bytes" && text !== undefined && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
      return string(Buffer.from(text, "base64"));
    }
    if (tag === "$table" && Array.isArray(tree)) return fromPairs(tree, what, depth);
  }
  throw usage(
    `${what}: a key that starts with "$" is one of $integer, $float, $bytes and $table, alone in its object`,
  );
}

const specialFloats: ReadonlyMap<string, LuaValue> = new Map([
  ["inf", { kind: "float", value: Number.POSITIVE_INFINITY }],
  ["-inf", { kind: "float", value: Number.NEGATIVE_INFINITY }],
  ["nan", { kind: "float", value: Number.NaN }],
  ["-nan", { kind: "float", value: Number.NaN, negative: true }],
]);

function fromPairs(pairs: readonly unknown[], what: string, depth: number): LuaValue {
  const entries: [LuaValue, LuaValue][] = [];
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw usage(`${what}: $table takes a list of [key, value] pairs`);
    const [key, item] = pair.map((part) => fromTree(part, what, depth + 1));
    if (key === undefined || item === undefined || item.kind === "nil") continue;
    if (key.kind === "nil" || (key.kind === "float" && Number.isNaN(key.value))) {
      throw usage(`${what}: a table key is neither nil nor NaN`);
    }
    entries.push([key, item]);
  }
  return table(entries);
}
