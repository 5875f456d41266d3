// SPDX-License-Identifier: MIT

import { CHUNK_MAX, CHUNK_NAME_MAX } from "./protocol_gen.ts";
import { decodeText, encodeText } from "./text.ts";

/* A chunk that lies in a file, as Lua's own loader takes it. */

/** The most bytes that are read of a file with a chunk: a first line that is skipped may be as long as a chunk. */
export const CHUNK_FILE_MAX = 2 * CHUNK_MAX;

/** "@file". Of a path that is longer than a chunk's name may be, its end: messages show no more of it anyway. */
export function chunkName(file: string): string {
  const bytes = Buffer.from(encodeText(file));
  if (bytes.length < CHUNK_NAME_MAX) return `@${file}`;
  return `@...${decodeText(bytes.subarray(bytes.length - CHUNK_NAME_MAX + 4))}`;
}

/** Skips what luaL_loadfile() skips: a byte order mark, and a first line that starts with #, but not its end. */
export function withoutFirstComment(bytes: Buffer): Uint8Array {
  const mark = bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? 3 : 0;
  if (bytes[mark] !== 0x23) return bytes.subarray(mark);
  const end = bytes.indexOf("\n", mark);
  return end < 0 ? Buffer.alloc(0) : bytes.subarray(end);
}
