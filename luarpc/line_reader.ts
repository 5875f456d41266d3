// SPDX-License-Identifier: MIT

/*
 * Cuts a stream of bytes into lines. A line ends with LF; the end of the stream ends the last one. A CR before the LF is
 * left in place, since only the reader of the line knows whether it is data.
 */

export class LineReader {
  readonly #max: number;
  /** Complete chunks that were not read yet, from #at in the first. */
  #text = "";
  #at = 0;
  /** The pieces of a line whose end has not come. */
  #partial = "";
  #ended = false;
  #overflowed = false;

  /** Lines longer than `max` bytes are an overflow. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Takes bytes. */
  push(bytes: string): void {
    // What precedes the last LF is complete lines; what follows waits, and is searched only once.
    const last = bytes.lastIndexOf("\n");
    if (last < 0) {
      this.#partial += bytes;
      return;
    }
    const rest = this.#at < this.#text.length ? this.#text.slice(this.#at) : "";
    this.#text = rest + this.#partial + (last + 1 === bytes.length ? bytes : bytes.slice(0, last + 1));
    this.#at = 0;
    this.#partial = last + 1 === bytes.length ? "" : bytes.slice(last + 1);
  }

  /** The stream has ended. */
  end(): void {
    this.#ended = true;
  }

  /** The next line without its LF; undefined when there is none yet, or when it is too long. */
  next(): string | undefined {
    if (this.#overflowed) return undefined;
    if (this.#at < this.#text.length) {
      const end = this.#text.indexOf("\n", this.#at);
      if (end - this.#at > this.#max) {
        this.#overflowed = true;
        return undefined;
      }
      const line = this.#text.slice(this.#at, end);
      this.#at = end + 1;
      if (this.#at === this.#text.length) {
        this.#text = "";
        this.#at = 0;
      }
      return line;
    }
    if (this.#partial.length > this.#max) {
      this.#overflowed = true;
      return undefined;
    }
    if (!this.#ended || this.#partial === "") return undefined;
    const line = this.#partial;
    this.#partial = "";
    return line;
  }

  /** Throws away all bytes that wait, and returns how many they were. */
  discard(): number {
    const { pending } = this;
    this.#text = "";
    this.#at = 0;
    this.#partial = "";
    this.#overflowed = false;
    return pending;
  }

  /** Bytes that wait to be read. */
  get pending(): number {
    return this.#text.length - this.#at + this.#partial.length;
  }

  /** Whether a complete line waits. */
  get hasLine(): boolean {
    return this.#at < this.#text.length || (this.#ended && this.#partial !== "");
  }

  /** Whether a line was longer than allowed. Nothing more is read then. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  get ended(): boolean {
    return this.#ended;
  }
}

/** The line without one CR at its end. */
export function withoutCr(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
