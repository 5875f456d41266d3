// SPDX-License-Identifier: MIT

import { readBounded, TEXT_FILE_MAX } from "../client/bounded_file.ts";
import { bytesOf, latin1, textOfBytes } from "./bytes.ts";
import { InterfaceError } from "./error.ts";
import {
  type Direction,
  directions,
  type Interface,
  type Method,
  makeMethod,
  type Parameter,
  type Type,
  types,
} from "./interface.ts";
import { LexicalError, LuaLexer, placeOf, type Token } from "./lua_lexer.ts";

/*
 * Interface files, in the assignment's two notations. They are Lua text, but are parsed and never executed.
 *
 *   file      = "interface" ( ["="] table | "(" table ")" | name methods ) { ";" }
 *   table     = "{" [ field { ("," | ";") field } ] [ "," | ";" ] "}"
 *   field     = name "=" value | "[" string "]" "=" value | value
 *   value     = table | string | name
 *   methods   = "{" { type name "(" [ "void" | parameter { "," parameter } ] ")" { ";" | "," } } "}"
 *   parameter = direction type [name]
 *
 * A file holds one interface.
 */

/** Reads an interface file. Rejects with InterfaceError, or with what readBounded() does, made to name the file. */
export async function loadInterface(path: string): Promise<Interface> {
  const bytes = await readBounded(path, TEXT_FILE_MAX).catch((error: Error) => {
    error.message = `cannot read ${path}: ${error.message}`;
    throw error;
  });
  return parseBytes(latin1(bytes), path);
}

/** Parses the text of an interface file. `file` is its name, for errors. Throws InterfaceError. */
export function parseInterface(text: string | Uint8Array, file = "interface"): Interface {
  return parseBytes(typeof text === "string" ? bytesOf(text) : latin1(text), file);
}

function parseBytes(bytes: string, file: string): Interface {
  try {
    return new InterfaceParser(bytes).file();
  } catch (error) {
    if (error instanceof LexicalError)
      throw new InterfaceError(error.message, { file, ...placeOf(bytes, error.at) });
    throw error;
  }
}

/** A parsed value and where it was. */
type Value =
  | { readonly kind: "table"; readonly fields: readonly Field[]; readonly at: number }
  /** `bare` is a name without quotes. */
  | { readonly kind: "word"; readonly word: string; readonly bare: boolean; readonly at: number };
type Table = Extract<Value, { kind: "table" }>;

interface Field {
  /** A byte string; undefined for a positional field. */
  readonly key: string | undefined;
  readonly value: Value;
  readonly at: number;
}

/** Deeper tables than any interface needs: the parser recurses. */
const DEPTH_MAX = 16;

class InterfaceParser {
  readonly #lexer: LuaLexer;
  #token: Token;

  constructor(bytes: string) {
    // A byte order mark and a "#!" line are no Lua, but Lua's own loader skips them too.
    const start = bytes.startsWith("\xef\xbb\xbf") ? 3 : 0;
    const line = bytes.startsWith("#", start) ? bytes.indexOf("\n", start) : start;
    this.#lexer = new LuaLexer(bytes, line < 0 ? bytes.length : line);
    this.#token = this.#lexer.next();
  }

  file(): Interface {
    this.#expectName("interface");
    const declared = this.#declaration();
    while (this.#accept(";"));
    if (this.#token.kind === "name" && this.#token.value === "interface")
      throw this.#wrong("a file declares one interface, and this is a second one");
    if (this.#token.kind !== "end") throw this.#unexpected("the end of the file");
    return declared;
  }

  #declaration(): Interface {
    if (this.#token.kind === "name") {
      const name = this.#advance().value;
      return this.#traditional(name);
    }
    if (this.#accept("(")) {
      const table = this.#table(0);
      this.#expect(")");
      return interfaceOf(table);
    }
    this.#accept("=");
    // `interface {` may also open the traditional form without a name.
    if (!this.#is("{")) throw this.#unexpected("'{', '(', '=' or the interface's name");
    return interfaceOf(this.#table(0));
  }

  // The traditional notation.

  #traditional(name: string): Interface {
    this.#expect("{");
    const methods = new Map<string, Method>();
    while (!this.#is("}")) {
      const result = this.#type(true);
      const at = this.#token.at;
      const methodName = this.#identifier("the method's name");
      if (methods.has(methodName)) throw new LexicalError(`the method '${methodName}' is declared twice`, at);
      methods.set(methodName, makeMethod(methodName, result, this.#parameters()));
      while (this.#accept(";") || this.#accept(","));
    }
    this.#expect("}");
    return { name, methods };
  }

  #parameters(): Parameter[] {
    this.#expect("(");
    const parameters: Parameter[] = [];
    // C's way to say that there are none.
    if (this.#token.kind === "name" && this.#token.value === "void") {
      this.#advance();
      this.#expect(")");
      return parameters;
    }
    while (!this.#is(")")) {
      const word = this.#token;
      const direction = isOneOf(directions, word.value) && word.kind === "name" ? word.value : undefined;
      if (direction === undefined)
        throw new LexicalError(`expected a direction (in, out or inout), found ${show(word)}`, word.at);
      this.#advance();
      const type = this.#type(false);
      const name = this.#token.kind === "name" ? this.#advance().value : undefined;
      parameters.push({ name, direction, type: type as Exclude<Type, "void"> });
      if (!this.#accept(",")) break;
      if (this.#is(")")) throw this.#unexpected("a parameter");
    }
    this.#expect(")");
    return parameters;
  }

  #type(isResult: boolean): Type {
    const { kind, value, at } = this.#token;
    if (kind !== "name" || !isOneOf(types, value))
      throw new LexicalError(
        `expected a type (char, string, double${isResult ? ", void" : ""}), found ${show(this.#token)}`,
        at,
      );
    if (value === "void" && !isResult) throw new LexicalError("void is for results only", at);
    this.#advance();
    return value;
  }

  #identifier(what: string): string {
    if (this.#token.kind !== "name") throw this.#unexpected(what);
    return this.#advance().value;
  }

  // Tables.

  #table(depth: number): Table {
    const at = this.#token.at;
    if (depth >= DEPTH_MAX) throw this.#wrong("tables are nested too deeply");
    this.#expect("{");
    const fields: Field[] = [];
    while (!this.#is("}")) {
      fields.push(this.#field(depth));
      if (!this.#accept(",") && !this.#accept(";") && !this.#is("}")) throw this.#unexpected("',' or '}'");
    }
    this.#expect("}");
    return { kind: "table", fields, at };
  }

  #field(depth: number): Field {
    const { at } = this.#token;
    if (this.#accept("[")) {
      if (this.#token.kind !== "string") throw this.#unexpected("a string in quotes");
      const key = this.#advance().value;
      this.#expect("]");
      this.#expect("=");
      return { key, value: this.#value(depth), at };
    }
    const value = this.#value(depth);
    if (value.kind === "word" && value.bare && this.#accept("="))
      return { key: value.word, value: this.#value(depth), at };
    return { key: undefined, value, at };
  }

  #value(depth: number): Value {
    const { kind, value, at } = this.#token;
    if (this.#is("{")) return this.#table(depth + 1);
    if (kind !== "name" && kind !== "string") throw this.#unexpected("a name, a string or a table");
    this.#advance();
    return { kind: "word", word: value, bare: kind === "name", at };
  }

  // Tokens.

  #advance(): Token {
    const token = this.#token;
    this.#token = this.#lexer.next();
    return token;
  }

  #is(symbol: string): boolean {
    return this.#token.kind === "symbol" && this.#token.value === symbol;
  }

  #accept(symbol: string): boolean {
    if (!this.#is(symbol)) return false;
    this.#advance();
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#accept(symbol)) throw this.#unexpected(`'${symbol}'`);
  }

  #expectName(name: string): void {
    if (this.#token.kind !== "name" || this.#token.value !== name) throw this.#unexpected(`'${name}'`);
    this.#advance();
  }

  #unexpected(expected: string): LexicalError {
    return this.#wrong(`expected ${expected}, found ${show(this.#token)}`);
  }

  #wrong(message: string): LexicalError {
    return new LexicalError(message, this.#token.at);
  }
}

function show(token: Token): string {
  if (token.kind === "end") return "the end of the file";
  const text = textOfBytes(token.value);
  return token.kind === "string" ? `the string "${text}"` : `'${text}'`;
}

function isOneOf<T extends string>(list: readonly T[], word: string): word is T {
  return (list as readonly string[]).includes(word);
}

// From tables to an interface.

function interfaceOf(table: Table): Interface {
  const fields = namedFields(table, "interface", ["name", "methods"]);
  const name = fields.get("name");
  if (name !== undefined && name.value.kind !== "word")
    throw new LexicalError("the interface's name must be a name or a string", name.value.at);
  const methods = fields.get("methods");
  if (methods === undefined) throw new LexicalError("the interface has no field 'methods'", table.at);
  if (methods.value.kind !== "table") throw new LexicalError("'methods' must be a table", methods.value.at);
  const result = new Map<string, Method>();
  for (const field of methods.value.fields) {
    if (field.key === undefined)
      throw new LexicalError("a method needs a name, as in foo = { ... }", field.at);
    const methodName = textOfBytes(field.key);
    if (field.key === "" || /[\r\n]/.test(field.key))
      throw new LexicalError("a method's name is not empty and has no line breaks", field.at);
    if (result.has(methodName))
      throw new LexicalError(`the method '${methodName}' is declared twice`, field.at);
    result.set(methodName, methodOf(methodName, field));
  }
  return { name: name === undefined ? undefined : textOfBytes(wordOf(name)), methods: result };
}

function methodOf(name: string, field: Field): Method {
  const where = `method '${name}'`;
  if (field.value.kind !== "table") throw new LexicalError(`${where} must be a table`, field.value.at);
  const fields = namedFields(field.value, where, ["resulttype", "args", "name"]);
  const result = fields.get("resulttype");
  if (result === undefined) throw new LexicalError(`${where} has no field 'resulttype'`, field.at);
  const type = typeOf(result, true);
  const parameters = fields.get("args");
  if (parameters === undefined) return makeMethod(name, type, []);
  if (parameters.value.kind !== "table")
    throw new LexicalError(`'args' of ${where} must be a table`, parameters.value.at);
  return makeMethod(
    name,
    type,
    parameters.value.fields.map((parameter) => parameterOf(parameter, where)),
  );
}

function parameterOf(field: Field, where: string): Parameter {
  if (field.key !== undefined || field.value.kind !== "table")
    throw new LexicalError(`an argument of ${where} must be a table {direction = ..., type = ...}`, field.at);
  const fields = namedFields(field.value, `this argument of ${where}`, ["direction", "type", "name"]);
  const direction = fields.get("direction");
  if (direction === undefined) throw new LexicalError("this argument has no field 'direction'", field.at);
  const type = fields.get("type");
  if (type === undefined) throw new LexicalError("this argument has no field 'type'", field.at);
  const name = fields.get("name");
  return {
    name: name === undefined ? undefined : textOfBytes(wordOf(name)),
    direction: directionOf(direction),
    type: typeOf(type, false) as Exclude<Type, "void">,
  };
}

/** The fields of a table by their keys, which must be known and unique. */
function namedFields(table: Table, where: string, known: readonly string[]): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>();
  for (const field of table.fields) {
    if (field.key === undefined) throw new LexicalError(`a field of ${where} needs a name`, field.at);
    if (!known.includes(field.key))
      throw new LexicalError(
        `${where} has no field '${textOfBytes(field.key)}' (known: ${known.join(", ")})`,
        field.at,
      );
    if (fields.has(field.key)) throw new LexicalError(`the field '${field.key}' is given twice`, field.at);
    fields.set(field.key, field);
  }
  return fields;
}

function wordOf(field: Field): string {
  if (field.value.kind !== "word")
    throw new LexicalError("expected a name or a string, found a table", field.value.at);
  return field.value.word;
}

function typeOf(field: Field, isResult: boolean): Type {
  const word = wordOf(field);
  if (!isOneOf(types, word))
    throw new LexicalError(
      `'${textOfBytes(word)}' is no type (char, string, double${isResult ? ", void" : ""})`,
      field.value.at,
    );
  if (word === "void" && !isResult) throw new LexicalError("void is for results only", field.value.at);
  return word;
}

function directionOf(field: Field): Direction {
  const word = wordOf(field);
  if (!isOneOf(directions, word))
    throw new LexicalError(`'${textOfBytes(word)}' is no direction (in, out, inout)`, field.value.at);
  return word;
}
