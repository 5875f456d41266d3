// SPDX-License-Identifier: MIT

import type { Writable } from "node:stream";
import { encodeText } from "../text.ts";
import { type Json, writeJson } from "./json.ts";

/*
 * Where kluactl writes. Data goes to stdout and nothing else does, talk goes to stderr. When stdout takes no more the rest
 * is dropped, and the program ends: without a word when its reader has gone away (EPIPE), with one when the disk is full.
 */

/** A stream to write to; a terminal when `isTTY` is set. */
export type Output = Writable & { readonly isTTY?: boolean };

export interface TerminalOptions {
  /** No colours, whatever the streams are. */
  readonly plain: boolean;
  /** No talk. Errors are not talk. */
  readonly quiet: boolean;
}

export type Style = "bold" | "dim" | "red" | "green" | "yellow";

const styleCodes: Readonly<Record<Style, readonly [on: number, off: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
};

export class Terminal {
  readonly #stdout: Output;
  readonly #stderr: Output;
  readonly #options: TerminalOptions;
  readonly #broken = new AbortController();

  constructor(stdout: Output, stderr: Output, options: TerminalOptions) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#options = options;
    stdout.on("error", (error: NodeJS.ErrnoException) => {
      this.#broken.abort(error);
    });
    // Nowhere is left to say that stderr is gone.
    stderr.on("error", () => undefined);
  }

  /** Raised when stdout takes no more; the reason is node's error. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  /** Writes data to stdout as it is. */
  data(bytes: Uint8Array | string): void {
    if (bytes.length > 0 && !this.#broken.signal.aborted) this.#stdout.write(bytes);
  }

  /** Writes a line of text to stdout. */
  line(text: string): void {
    this.data(encodeText(`${text}\n`));
  }

  /** Writes one JSON value as a line to stdout. */
  json(json: Json): void {
    this.data(`${writeJson(json)}\n`);
  }

  /** Says something beside the data, on stderr, unless told to be quiet. */
  talk(text: string): void {
    if (!this.#options.quiet) this.#stderr.write(encodeText(`${text}\n`));
  }

  /** Reports an error on stderr. */
  complain(text: string): void {
    this.#stderr.write(encodeText(`${this.errorStyled("kluactl:", "red")} ${text}\n`));
  }

  /** More about the error reported last, on lines of its own. */
  complainMore(text: string): void {
    this.#stderr.write(encodeText(`${text}\n`));
  }

  /** Text in a style where stdout is a terminal that may have one. */
  styled(text: string, style: Style): string {
    return styled(text, style, this.#stdout.isTTY === true && !this.#options.plain);
  }

  /** The same for stderr. */
  errorStyled(text: string, style: Style): string {
    return styled(text, style, this.#stderr.isTTY === true && !this.#options.plain);
  }

  /** Resolves when all that was written has left this process, or cannot. */
  async flush(): Promise<void> {
    await Promise.all(
      [this.#stdout, this.#stderr].map(
        (stream) =>
          new Promise<void>((resolve) => {
            stream.write("", () => {
              resolve();
            });
          }),
      ),
    );
  }
}

function styled(text: string, style: Style, on: boolean): string {
  const [start, end] = styleCodes[style];
  return on ? `\u001b[${start}m${text}\u001b[${end}m` : text;
}

/**
 * Text of strangers for one line of a terminal: control characters (C0, DEL, C1), line and paragraph separators and the
 * marks that reorder text are written as escapes. Bytes that are not UTF-8 stay what they are.
 */
export function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
  });
}

/** The same for text of several lines: line ends and tabs stay. */
export function visibleLines(text: string): string {
  return text.replace(/[^\n\t]+/g, visible);
}

/** A table as lines, its columns as wide as their widest cell. `right` names the columns that are aligned to the right. */
export function tableLines(
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number>,
): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, width(cell));
  }
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const space = " ".repeat((widths[column] ?? 0) - width(cell));
        return right.has(column) ? space + cell : cell + space;
      })
      .join("  ")
      .trimEnd(),
  );
}

/** Characters, not code units; wide and combining ones count as one. */
function width(text: string): number {
  return Array.from(text).length;
}
