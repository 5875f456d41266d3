// SPDX-License-Identifier: MIT

import { bytesOf, textOfBytes } from "./bytes.ts";

/*
 * The words of Lua, as far as tables of constants need them: names, strings, numbers, symbols, comments. Nothing is
 * ever evaluated. Works on byte strings (see bytes.ts), since a Lua string is bytes.
 */

export type TokenKind = "name" | "string" | "number" | "symbol" | "end";

export interface Token {
  readonly kind: TokenKind;
  /** A name or symbol as written, a string's bytes, a number's text; empty at the end. */
  readonly value: string;
  /** Where the token starts, in bytes from 0. */
  readonly at: number;
}

/** What a lexer finds wrong. The owner of the text makes a line and column of `at`. */
export class LexicalError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const SPACE = /[ \t\r\n\f\v]+/y;
const LONG_COMMENT = /--\[(=*)\[/y;
const LINE_COMMENT = /--[^\n]*/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /0[xX][0-9a-fA-F.]*(?:[pP][+-]?[0-9]+)?|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y;
const FOREIGN = /[\x80-\xff]+/y;
const LONG_STRING = /\[(=*)\[\r?\n?/y;
const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
  "'": "'",
  "\n": "\n",
};

export class LuaLexer {
  readonly #text: string;
  #at: number;

  /** `bytes` is a byte string; reading starts at `at`. */
  constructor(bytes: string, at = 0) {
    this.#text = bytes;
    this.#at = at;
  }

  /** The next token. Throws LexicalError. */
  next(): Token {
    this.#skip();
    const at = this.#at;
    const first = this.#text[at];
    if (first === undefined) return { kind: "end", value: "", at };
    // A symbol is what most tokens of a message are, and a message may be a megabyte of them.
    if (",;{}=()".includes(first)) {
      this.#at += 1;
      return { kind: "symbol", value: first, at };
    }
    const name = this.#match(NAME);
    if (name !== undefined) return { kind: "name", value: name[0], at };
    const number = this.#match(NUMBER);
    if (number !== undefined) return { kind: "number", value: number[0], at };
    if (first === '"' || first === "'") return { kind: "string", value: this.#quoted(first), at };
    const long = first === "[" ? this.#match(LONG_STRING) : undefined;
    if (long !== undefined)
      return { kind: "string", value: this.#long(long[1] ?? "", at, "long string"), at };
    // Letters that Lua has none of are shown whole.
    const foreign = this.#match(FOREIGN);
    if (foreign !== undefined) return { kind: "symbol", value: foreign[0], at };
    this.#at += 1;
    return { kind: "symbol", value: first, at };
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match;
  }

  /** Skips space and comments. */
  #skip(): void {
    for (;;) {
      const at = this.#at;
      const first = this.#text[at] ?? "";
      if (first > " " && first !== "-") return;
      if (this.#match(SPACE) !== undefined) continue;
      const long = this.#match(LONG_COMMENT);
      if (long !== undefined) this.#long(long[1] ?? "", at, "long comment");
      else if (this.#match(LINE_COMMENT) === undefined) return;
    }
  }

  /** The rest of a long string or comment whose opening bracket has been read. */
  #long(level: string, start: number, what: string): string {
    const close = `]${level}]`;
    const end = this.#text.indexOf(close, this.#at);
    if (end < 0) throw new LexicalError(`this ${what} is never closed`, start);
    const value = this.#text.slice(this.#at, end);
    this.#at = end + close.length;
    return value;
  }

  #quoted(quote: string): string {
    const start = this.#at;
    let value = "";
    this.#at += 1;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined || character === "\n")
        throw new LexicalError("this string is never closed", start);
      this.#at += 1;
      if (character === quote) return value;
      value += character === "\\" ? this.#escape() : character;
    }
  }

  /** The byte or bytes that an escape stands for; the backslash has been read. */
  #escape(): string {
    const at = this.#at - 1;
    const rest = this.#text.slice(this.#at, this.#at + 12);
    const simple = SIMPLE_ESCAPES[rest[0] ?? ""];
    if (simple !== undefined) {
      this.#at += 1;
      return simple;
    }
    if (rest[0] === "z") {
      this.#at += 1;
      this.#match(SPACE);
      return "";
    }
    const decimal = /^[0-9]{1,3}/.exec(rest);
    const hex = /^x([0-9a-fA-F]{2})/.exec(rest);
    const unicode = /^u\{([0-9a-fA-F]{1,6})\}/.exec(rest);
    const code = decimal === null ? Number.parseInt(hex?.[1] ?? unicode?.[1] ?? "", 16) : Number(decimal[0]);
    if (decimal !== null && code <= 255) {
      this.#at += decimal[0].length;
      return String.fromCharCode(code);
    }
    if (hex !== null) {
      this.#at += hex[0].length;
      return String.fromCharCode(code);
    }
    if (unicode !== null && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)) {
      this.#at += unicode[0].length;
      return bytesOf(String.fromCodePoint(code));
    }
    throw new LexicalError("this escape sequence is unknown to Lua", at);
  }
}

/** The line and column of a byte offset, both from 1; columns count characters. */
export function placeOf(bytes: string, at: number): { readonly line: number; readonly column: number } {
  const before = bytes.slice(0, at);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.split("\n").length;
  return { line, column: Array.from(textOfBytes(before.slice(lineStart))).length + 1 };
}
