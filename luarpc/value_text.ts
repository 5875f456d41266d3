// SPDX-License-Identifier: MIT

import type { ValueType } from "./interface.ts";
import { formatDouble, parseDouble } from "./number.ts";
import type { Profile } from "./profile.ts";
import type { WireValue } from "./value.ts";

/* One value as one line, in each profile's writing. */

/** How a newline travels inside a bare string. */
const SMILE = "\\:-)\\";

/** The line of a value. */
export function encodeValue(value: WireValue, profile: Profile): string {
  if (typeof value === "number") return encodeDouble(value, profile.whole);
  switch (profile.strings) {
    case "bare":
      return encodeBare(value);
    case "double quotes":
      return encodeQuoted(value, '"');
    case "single quotes":
      return encodeQuoted(value, "'");
  }
}

/** The value of a line; undefined when it is not of the type. The line has no CR or LF at its end that is not data. */
export function decodeValue(line: string, type: ValueType, profile: Profile): WireValue | undefined {
  if (type === "double") return parseDouble(line);
  const bytes = profile.strings === "bare" ? decodeBare(line) : decodeQuoted(line);
  return type === "char" && bytes.length !== 1 ? undefined : bytes;
}

function encodeDouble(value: number, whole: Profile["whole"]): string {
  const text = formatDouble(value);
  return whole === "8.0" && /^-?[0-9]+$/.test(text) ? `${text}.0` : text;
}

/** A bare string: its bytes, each newline as \:-)\. */
export function encodeBare(bytes: string): string {
  return bytes.includes("\n") ? bytes.replaceAll("\n", SMILE) : bytes;
}

/** The string that a bare line stands for. */
export function decodeBare(line: string): string {
  return line.includes(SMILE) ? line.replaceAll(SMILE, "\n") : line;
}

function encodeQuoted(bytes: string, quote: string): string {
  const escaped = bytes.replace(/[\\\n"']/g, (character) =>
    character === "\n" ? "\\n" : character === "\\" || character === quote ? `\\${character}` : character,
  );
  return quote + escaped + quote;
}

/**
 * The string between quotes of either kind. A line without quotes stands for itself: there are clients that quote
 * strings and not chars. An unknown escape stands for the character after the backslash.
 */
function decodeQuoted(line: string): string {
  const quote = line[0];
  // A CR here was the line's end: it is outside the quotes.
  const end = line.endsWith("\r") ? line.length - 1 : line.length;
  if ((quote !== '"' && quote !== "'") || end < 2 || line[end - 1] !== quote) return line;
  const inner = line.slice(1, end - 1);
  return inner.includes("\\")
    ? inner.replace(/\\(.)/gs, (_, character: string) => (character === "n" ? "\n" : character))
    : inner;
}
