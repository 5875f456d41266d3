// SPDX-License-Identifier: MIT

import { withoutEnd } from "./bytes.ts";

/* Doubles as text. */

/** The shortest text that reads back as the same double: "8", "1e+300", "-0", "inf", "-inf", "nan". */
export function formatDouble(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

const BLANKS = " \t\r\f\v";
const LEADING_BLANKS = /^[ \t\r\f\v]+/;
// There is one way only to match a text, since the other end chooses it: digits that two repetitions could share would be
// tried in every partition.
const DECIMAL = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const HEXADECIMAL = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?[0-9]+))?$/;
const SPECIAL = /^([+-]?)(inf|infinity|nan)$/i;

/** The double that a text stands for: "8", "8.0", "8e0", "0x10", " 8 ", "inf", "nan"; undefined when it is none. */
export function parseDouble(text: string): number | undefined {
  if (isDigits(text)) return Number(text);
  const trimmed = withoutEnd(text, BLANKS).replace(LEADING_BLANKS, "");
  if (DECIMAL.test(trimmed)) return Number(trimmed);
  const special = SPECIAL.exec(trimmed);
  if (special !== null) {
    if (special[2]?.toLowerCase() === "nan") return Number.NaN;
    return special[1] === "-" ? -Infinity : Infinity;
  }
  const hexadecimal = HEXADECIMAL.exec(trimmed);
  if (hexadecimal === null) return undefined;
  const [, sign, whole = "", fraction = "", exponent] = hexadecimal;
  if (whole === "" && fraction === "") return undefined;
  const magnitude = hexadecimalDouble(whole + fraction, Number(exponent ?? 0) - 4 * fraction.length);
  return sign === "-" ? -magnitude : magnitude;
}

/** Whether a text is a few digits and nothing else, as most are. */
function isDigits(text: string): boolean {
  if (text.length === 0 || text.length > 15) return false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

/** digits * 2^exponent, rounded to nearest even. */
function hexadecimalDouble(digits: string, exponent: number): number {
  let mantissa = BigInt(`0x${digits}`);
  if (mantissa === 0n) return 0;
  // Number() of a bigint rounds to nearest even; a sticky bit stands for all that is cut off.
  const excess = mantissa.toString(2).length - 64;
  let shift = exponent;
  if (excess > 0) {
    const cut = mantissa & ((1n << BigInt(excess)) - 1n);
    mantissa = (mantissa >> BigInt(excess)) | (cut === 0n ? 0n : 1n);
    shift += excess;
  }
  return scale(mantissa, shift);
}

/** mantissa * 2^exponent with one rounding, below the normal range too. */
function scale(mantissa: bigint, exponent: number): number {
  const bits = mantissa.toString(2).length;
  // The smallest exponent of a result's last bit: 2^-1074.
  const last = Math.max(exponent + bits - 53, -1074);
  if (exponent >= last) {
    // Exact, or far too large.
    return exponent + bits > 1100
      ? Infinity
      : Number(mantissa) * 2 ** Math.min(exponent, 1023) * 2 ** Math.max(0, exponent - 1023);
  }
  const drop = BigInt(Math.min(last - exponent, bits + 2));
  let kept = mantissa >> drop;
  const rest = mantissa & ((1n << drop) - 1n);
  const half = 1n << (drop - 1n);
  if (rest > half || (rest === half && (kept & 1n) === 1n)) kept += 1n;
  if (last > 1023) return Infinity;
  // Two steps, since 2 ** -1074 * 2 ** 52 is exact but 2 ** 1023 may be reached from below.
  return last < -1022 ? Number(kept) * 2 ** -1022 * 2 ** (last + 1022) : Number(kept) * 2 ** last;
}
