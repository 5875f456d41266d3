// SPDX-License-Identifier: MIT

import { isUtf8 } from "node:buffer";

/*
 * Names of states, chunks and functions are bytes in the kernel and strings here. Nearly all are UTF-8; the
 * others must survive too, or a state that a C program named could be listed but never deleted. So a byte that
 * is not part of well-formed UTF-8 becomes the lone surrogate U+DC00 + byte (U+DC80 to U+DCFF), which no
 * well-formed text contains, and comes back as that byte.
 */

const ESCAPE = 0xdc00;

/** The length of the well-formed UTF-8 sequence at `at` (Unicode 15, table 3-7), or 0 when there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : 4;
  if (first < 0xc2 || first > 0xf4 || at + length > bytes.length) return 0;
  return isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}

/** Text of any bytes. Loses nothing: `encodeText(decodeText(bytes))` equals `bytes`. */
export function decodeText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString("utf8");
  let text = "";
  for (let at = 0; at < buffer.length; ) {
    const length = sequenceLength(buffer, at);
    if (length === 0) {
      text += String.fromCharCode(ESCAPE + (buffer[at] ?? 0));
      at += 1;
    } else {
      text += buffer.toString("utf8", at, at + length);
      at += length;
    }
  }
  return text;
}

/** The bytes of a text: UTF-8, with what decodeText() escaped put back. Other lone surrogates become U+FFFD. */
export function encodeText(text: string): Uint8Array {
  if (text.isWellFormed()) return Buffer.from(text, "utf8");
  const pieces: Uint8Array[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    pieces.push(
      code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff
        ? Uint8Array.of(code - ESCAPE)
        : Buffer.from(character, "utf8"),
    );
  }
  return Buffer.concat(pieces);
}
