// SPDX-License-Identifier: MIT

import { bytesOf, textOfBytes } from "./bytes.ts";
import { LexicalError, LuaLexer, type Token } from "./lua_lexer.ts";
import { formatDouble, parseDouble } from "./number.ts";
import type { WireValue } from "./value.ts";

/*
 * The profile `table`: a call is `return{foo={3,5}}`, a reply `return{8,'alo alo'}`. Its inventors evaluate what they
 * receive; here it is parsed.
 */

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** More values than any method has: reading on would only keep everybody else waiting. */
const VALUES_MAX = 10_000;

/** Whether a line opens a message of this profile. */
export function looksLikeTable(line: string): boolean {
  return /^\s*return\s*\{/.test(line);
}

/** The line of a call. */
export function encodeTableCall(method: string, values: readonly WireValue[]): string {
  const key = NAME.test(method) ? method : `[${literal(bytesOf(method))}]`;
  return `return{${key}=${table(values)}}`;
}

/** The line of a reply. */
export function encodeTableReply(values: readonly WireValue[]): string {
  return `return${table(values)}`;
}

function table(values: readonly WireValue[]): string {
  return `{${values.map(literal).join(",")}}`;
}

/** A Lua constant, in one line. */
function literal(value: WireValue): string {
  if (typeof value === "string")
    return `'${value.replace(/[^ -~\x80-\xff]|[\\']/g, (character) =>
      character === "\\" || character === "'"
        ? `\\${character}`
        : `\\${character.charCodeAt(0).toString().padStart(3, "0")}`,
    )}'`;
  if (Number.isFinite(value)) return formatDouble(value);
  return Number.isNaN(value) ? "0/0" : value > 0 ? "1/0" : "-1/0";
}

/** The method and the values of a call; undefined when the line is none. A nil is undefined. */
export function parseTableCall(
  line: string,
): { readonly method: string; readonly values: readonly (WireValue | undefined)[] } | undefined {
  return attempt(line, (parser) => {
    parser.expect("{");
    const method = parser.key();
    const values = parser.values();
    parser.accept(",");
    parser.expect("}");
    return { method, values };
  });
}

/** The values of a reply; undefined when the line is none. */
export function parseTableReply(line: string): readonly (WireValue | undefined)[] | undefined {
  return attempt(line, (parser) => parser.values());
}

function attempt<T>(line: string, parse: (parser: TableParser) => T): T | undefined {
  try {
    const parser = new TableParser(line);
    const result = parse(parser);
    parser.accept(";");
    parser.end();
    return result;
  } catch (error) {
    if (error instanceof LexicalError) return undefined;
    throw error;
  }
}

class TableParser {
  readonly #lexer: LuaLexer;
  #token: Token;

  constructor(line: string) {
    this.#lexer = new LuaLexer(line);
    this.#token = this.#lexer.next();
    if (this.#token.kind !== "name" || this.#token.value !== "return") throw this.#wrong();
    this.#advance();
  }

  accept(symbol: string): boolean {
    if (this.#token.kind !== "symbol" || this.#token.value !== symbol) return false;
    this.#advance();
    return true;
  }

  expect(symbol: string): void {
    if (!this.accept(symbol)) throw this.#wrong();
  }

  end(): void {
    if (this.#token.kind !== "end") throw this.#wrong();
  }

  /** `foo =` or `["foo"] =` */
  key(): string {
    const bracket = this.accept("[");
    const token = this.#advance();
    if (token.kind !== (bracket ? "string" : "name")) throw this.#wrong();
    if (bracket) this.expect("]");
    this.expect("=");
    return textOfBytes(token.value);
  }

  /** `{v, v, …}` */
  values(): readonly (WireValue | undefined)[] {
    const values: (WireValue | undefined)[] = [];
    this.expect("{");
    while (!this.accept("}")) {
      if (values.length === VALUES_MAX) throw this.#wrong();
      values.push(this.#value());
      if (!this.accept(",") && !this.accept(";")) {
        this.expect("}");
        break;
      }
    }
    return values;
  }

  #value(): WireValue | undefined {
    const negative = this.accept("-");
    const token = this.#advance();
    if (token.kind === "string" && !negative) return token.value;
    if (token.kind === "name" && token.value === "nil" && !negative) return undefined;
    let value = token.kind === "number" || token.kind === "name" ? parseDouble(token.value) : undefined;
    if (token.kind === "symbol" && token.value === "(") {
      value = this.#quotient(this.#sign(), this.#advance());
      this.expect(")");
    } else if (value !== undefined && token.kind === "number") {
      value = this.#divided(value);
    }
    if (value === undefined) throw this.#wrong();
    return negative ? -value : value;
  }

  #sign(): number {
    return this.accept("-") ? -1 : 1;
  }

  #quotient(sign: number, token: Token): number | undefined {
    const value = token.kind === "number" ? parseDouble(token.value) : undefined;
    return value === undefined ? undefined : sign * this.#divided(value);
  }

  /** 1/0 and 0/0 are how Lua writes inf and nan as constants. */
  #divided(value: number): number {
    if (!this.accept("/")) return value;
    const divisor = this.#advance();
    const by = divisor.kind === "number" ? parseDouble(divisor.value) : undefined;
    if (by === undefined) throw this.#wrong();
    return value / by;
  }

  #advance(): Token {
    const token = this.#token;
    this.#token = this.#lexer.next();
    return token;
  }

  #wrong(): LexicalError {
    return new LexicalError("not a message", this.#token.at);
  }
}
