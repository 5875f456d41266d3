// SPDX-License-Identifier: MIT

import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";

/* Files that somebody names. One without an end, such as /dev/zero, must not fill the memory of the machine. */

/** The most bytes of a file with text: an interface, a certificate, a key. */
export const TEXT_FILE_MAX = 1024 * 1024;

/** A file has more bytes than its kind may have. */
export class FileLengthError extends Error {
  constructor(most: number) {
    super(`it is longer than ${most} bytes`);
    this.name = "FileLengthError";
  }
}

/**
 * The bytes of a file, by its path or as a stream. Rejects with FileLengthError as soon as there are more than `most`, and
 * with node's errors.
 */
export async function readBounded(file: string | Readable, most: number): Promise<Buffer> {
  const stream: AsyncIterable<Buffer> = typeof file === "string" ? createReadStream(file) : file;
  const pieces: Buffer[] = [];
  let length = 0;
  // Leaving the loop closes the stream.
  for await (const piece of stream) {
    length += piece.length;
    if (length > most) throw new FileLengthError(most);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, length);
}
