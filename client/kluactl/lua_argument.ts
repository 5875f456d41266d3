// SPDX-License-Identifier: MIT

import { INTEGER_MAX, INTEGER_MIN, type LuaValue, nil, string } from "../lua_value.ts";
import { usage } from "./failure.ts";
import { jsonToLua } from "./json.ts";

/*
 * Lua values out of words of the command line.
 *
 * nil, true and false are what they say; what Lua's tonumber() would take is that number, of the subtype that Lua would
 * give it (3 an integer, 3.0, 3e0 and 0x.8p1 floats, 9223372036854775808 a float); anything else is a string.
 */

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const HEXADECIMAL = /^([+-]?)0[xX](?=[0-9a-fA-F.])([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?\d+))?$/;

/** One word as a Lua value, by the rule above. */
export function parseArgument(word: string): LuaValue {
  switch (word) {
    case "nil":
      return nil;
    case "true":
    case "false":
      return { kind: "boolean", value: word === "true" };
    default:
      return parseNumeral(word) ?? string(word);
  }
}

/** The number that Lua's tonumber() gives for a word without spaces around it, or undefined. */
export function parseNumeral(word: string): LuaValue | undefined {
  if (DECIMAL.test(word)) {
    if (/^[+-]?\d+$/.test(word)) {
      const value = BigInt(word.replace(/^\+/, ""));
      if (value >= INTEGER_MIN && value <= INTEGER_MAX) return { kind: "integer", value };
    }
    return { kind: "float", value: Number(word) };
  }
  const [, sign, whole = "", fraction, exponent] = HEXADECIMAL.exec(word) ?? [];
  if (sign === undefined || (whole === "" && (fraction ?? "") === "")) return undefined;
  const digits = BigInt(`0x${whole}${fraction ?? ""}`);
  if (fraction === undefined && exponent === undefined) {
    // Lua reads a hexadecimal integer modulo 2^64.
    return { kind: "integer", value: BigInt.asIntN(64, sign === "-" ? -digits : digits) };
  }
  const value = scale(digits, Number(exponent ?? 0) - 4 * (fraction ?? "").length);
  return { kind: "float", value: sign === "-" ? -value : value };
}

/** digits * 2^exponent, rounded once. */
function scale(digits: bigint, exponent: number): number {
  if (digits === 0n) return 0;
  const length = digits.toString(2).length;
  // The highest bit's weight tells the range before anything of that size is computed.
  const top = length + exponent;
  if (top > 1024) return Number.POSITIVE_INFINITY;
  if (top < -1075) return 0;
  // The exponent of the last bit that a double of this size has; below it everything is rounded away, ties to even.
  const last = Math.max(top - 53, -1074);
  const cut = last - exponent;
  if (cut <= 0) return Number(digits) * 2 ** exponent;
  const kept = digits >> BigInt(cut);
  const rest = digits - (kept << BigInt(cut));
  const half = 1n << BigInt(cut - 1);
  const rounded = rest > half || (rest === half && (kept & 1n) === 1n) ? kept + 1n : kept;
  return Number(rounded) * 2 ** last;
}

/** How the words of a command line are to be read. */
export interface ArgumentStyle {
  /** Every word is a string. */
  readonly string?: boolean | undefined;
  /** A JSON array that is used instead of words. */
  readonly json?: string | undefined;
}

/** The arguments of a run. Throws ERR_USAGE for JSON that is not an array of Lua values, or that comes beside words. */
export function parseArguments(words: readonly string[], style: ArgumentStyle): readonly LuaValue[] {
  if (style.json === undefined)
    return words.map((word) => (style.string === true ? string(word) : parseArgument(word)));
  if (words.length > 0) throw usage("--args-json takes the place of the arguments; give one or the other");
  return fromJsonArray(style.json);
}

function fromJsonArray(text: string): readonly LuaValue[] {
  // A null in a table is no entry, but as an argument it is nil: so each argument is taken out of the array by itself.
  const value = jsonToLua(text, "--args-json");
  const tree: unknown = JSON.parse(text);
  if (value.kind !== "table" || !Array.isArray(tree)) throw usage("--args-json: not a JSON array");
  const items: LuaValue[] = tree.map(() => nil);
  for (const [key, item] of value.entries) {
    if (key.kind === "integer") items[Number(key.value) - 1] = item;
  }
  return items;
}
