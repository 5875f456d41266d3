// SPDX-License-Identifier: MIT

import { decodeText, encodeText } from "../client/text.ts";

/*
 * Byte strings: JavaScript strings in which every character is one byte, U+0000 to U+00FF. The protocol's core works on
 * them, because a line is bytes and node reads and writes such strings fastest ("latin1").
 *
 * Programs see texts. A text is UTF-8 on the wire; a byte that is not part of well-formed UTF-8 becomes a lone surrogate
 * U+DC80 to U+DCFF and comes back as that byte (client/text.ts), so that nothing is lost.
 */

// Whether all is ASCII, the common case: then text and bytes are the same string.
const NOT_ASCII = /[^\0-\x7f]/;

/** The bytes of a text. */
export function bytesOf(text: string): string {
  return NOT_ASCII.test(text) ? latin1(encodeText(text)) : text;
}

/** The text of bytes. */
export function textOfBytes(bytes: string): string {
  return NOT_ASCII.test(bytes) ? decodeText(Buffer.from(bytes, "latin1")) : bytes;
}

/**
 * A text without those of `blanks` at its end. Takes as many steps as there are, where a pattern with "+$" would start
 * anew at each blank of a line that a stranger has sent.
 */
export function withoutEnd(text: string, blanks: string): string {
  let end = text.length;
  while (end > 0 && blanks.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** A byte string of a byte array. */
export function latin1(bytes: Uint8Array): string {
  if (Buffer.isBuffer(bytes)) return bytes.toString("latin1");
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
