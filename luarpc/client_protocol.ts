// SPDX-License-Identifier: MIT

import { bytesOf } from "./bytes.ts";
import { type ErrorCode, LuarpcError } from "./error.ts";
import { errorText, readsAsError } from "./error_line.ts";
import type { Method } from "./interface.ts";
import { LineReader, withoutCr } from "./line_reader.ts";
import type { Profile } from "./profile.ts";
import { encodeTableCall, parseTableReply } from "./table_message.ts";
import { convert, convertWire, defaults, mismatch, present, type Value, type WireValue } from "./value.ts";
import { decodeValue, encodeValue } from "./value_text.ts";

/*
 * The client's side of one connection, without I/O. Bytes go in with feed(), replies come out of next(), in the order of
 * the requests:
 *
 *   encodeRequest() ──▶ bytes to write ──▶ sent()
 *                                            │ a queue of methods whose replies are due
 *   feed(bytes), end() ──▶ lines ──▶ next() ──▶ values | error | invalid | surplus
 *
 * Only "values" leaves the connection fit for the next request.
 */

export type Reply =
  | { readonly kind: "values"; readonly values: readonly Value[] }
  /** The servant's error. */
  | { readonly kind: "error"; readonly text: string }
  /** What came does not fit the method: it is not of the protocol, of a wrong type, or too long. */
  | { readonly kind: "invalid"; readonly code: ErrorCode; readonly text: string }
  /** Bytes came that no request asked for. */
  | { readonly kind: "surplus"; readonly bytes: number };

/**
 * The bytes of a request. Arguments are converted to their declared types, missing ones (undefined or null) are filled
 * with defaults, surplus ones dropped. No line may be longer than `lineMax`. Throws ERR_TYPE, ERR_LIMIT.
 */
export function encodeRequest(
  method: Method,
  given: readonly unknown[],
  profile: Profile,
  lineMax: number,
): string {
  const values = method.inputs.map((slot, index) => {
    const value = given[index];
    return value === undefined || value === null ? defaults[slot.type] : convert(value, slot, method.name);
  });
  const text =
    profile.shape === "table" ? `${encodeTableCall(method.name, values)}\n` : lines(method, values, profile);
  if (text.length > lineMax && text.split("\n").some((line) => line.length > lineMax))
    throw new LuarpcError("ERR_LIMIT", `${method.name}: an argument is longer than ${lineMax} bytes`, {
      method: method.name,
    });
  return text;
}

function lines(method: Method, values: readonly WireValue[], profile: Profile): string {
  const { requestHead, outArgument, tail } = profile;
  let text = requestHead === undefined ? "" : `${requestHead}\n`;
  text += `${bytesOf(method.name)}\n`;
  for (const input of method.inputOf) {
    const value = input === undefined ? undefined : values[input];
    if (value !== undefined) text += `${encodeValue(value, profile)}\n`;
    else if (outArgument !== undefined) text += `${outArgument}\n`;
  }
  return tail === undefined ? text : `${text}${tail}\n`;
}

export class ClientProtocol {
  readonly #profile: Profile;
  readonly #lineMax: number;
  readonly #reader: LineReader;
  /** Methods whose replies are due, from #first on. */
  #due: Method[] = [];
  #first = 0;
  /** The lines of the reply that is being read, without its head. */
  #lines: string[] = [];
  #headRead = false;
  #voidRead = false;
  #failed = false;
  /** An error without a text was read: the text may be on the next line. */
  #textDue = false;

  /** `lineMax` is the longest line in bytes. */
  constructor(profile: Profile, lineMax: number) {
    this.#profile = profile;
    this.#lineMax = lineMax;
    this.#reader = new LineReader(lineMax);
  }

  /** A request for this method was written: its reply is due. */
  sent(method: Method): void {
    this.#due.push(method);
  }

  feed(bytes: string): void {
    this.#reader.push(bytes);
  }

  /** The other side will send no more. */
  end(): void {
    this.#reader.end();
  }

  /** How many replies are due. */
  get due(): number {
    return this.#due.length - this.#first;
  }

  /** An error was read whose text may follow on the next line; next() gives it after that line, or after settle(). */
  get isTextDue(): boolean {
    return this.#textDue;
  }

  /** No text will follow. */
  settle(): Reply | undefined {
    return this.#textDue ? this.#finish({ kind: "error", text: "" }) : undefined;
  }

  /** The next reply, once it is complete. */
  next(): Reply | undefined {
    const method = this.#due[this.#first];
    if (method === undefined) {
      const bytes = this.#reader.discard();
      return bytes === 0 ? undefined : { kind: "surplus", bytes };
    }
    for (;;) {
      const line = this.#reader.next();
      if (line === undefined) {
        if (this.#reader.overflowed)
          return this.#invalid(
            "ERR_LIMIT",
            `${method.name}: a line of the reply is longer than ${this.#lineMax} bytes`,
          );
        return this.#textDue && this.#reader.ended ? this.settle() : undefined;
      }
      const reply = this.#profile.shape === "table" ? this.#table(method, line) : this.#line(method, line);
      if (reply !== undefined) return this.#finish(reply);
    }
  }

  /** Takes one line of a reply; the reply, once it is complete. */
  #line(method: Method, line: string): Reply | undefined {
    if (this.#textDue) return { kind: "error", text: errorText(line) };
    const lines = this.#lines;
    if (lines.length === 0) {
      if (readsAsError(line) || this.#failed) return this.#error(line);
      if (this.#isHead(withoutCr(line))) return this.#isEmpty(method) ? this.#values(method) : undefined;
      if (this.#isPlaceholder(method, withoutCr(line)))
        return this.#isEmpty(method) ? this.#values(method) : undefined;
    }
    const { tail } = this.#profile;
    if (tail !== undefined && withoutCr(line) === tail) {
      if (lines.length >= method.outputs.length) return this.#values(method);
      return tooFew(method, lines.length);
    }
    // A reply without values is one line, whatever it says.
    if (method.outputs.length === 0) return tail === undefined ? this.#values(method) : undefined;
    if (lines.length === method.outputs.length)
      return {
        kind: "invalid",
        code: "ERR_PROTOCOL",
        text: `${method.name}: the reply has no line ${tail ?? ""} at its end`,
      };
    lines.push(line);
    return tail === undefined && lines.length === method.outputs.length ? this.#values(method) : undefined;
  }

  /** Whether nothing follows a reply's head: there is no value, no line for a void result and no tail. */
  #isEmpty(method: Method): boolean {
    return method.outputs.length === 0 && this.#profile.tail === undefined && !this.#voidLineDue(method);
  }

  #voidLineDue(method: Method): boolean {
    return method.result === "void" && this.#profile.voidResult !== undefined && !this.#voidRead;
  }

  #isHead(line: string): boolean {
    const { replyHead, errorHead } = this.#profile;
    if (this.#headRead || replyHead === undefined) return false;
    this.#headRead = true;
    if (line === replyHead) return true;
    this.#failed = line === errorHead;
    return this.#failed;
  }

  /** Whether the line stands for a void result: by the profile, or because it cannot be the first value. */
  #isPlaceholder(method: Method, line: string): boolean {
    if (method.result !== "void" || this.#voidRead) return false;
    const { voidResult } = this.#profile;
    const first = method.outputs[0];
    const isNil = line === "nil" || line === "";
    // A string may well be "nil": then only the profile can tell.
    const cannotBeValue = first === undefined ? voidResult !== undefined : first.type !== "string";
    const isVoid = line === voidResult || (isNil && cannotBeValue);
    this.#voidRead = isVoid;
    return isVoid;
  }

  #error(line: string): Reply | undefined {
    const text = errorText(line);
    this.#textDue = text === "";
    return this.#textDue ? undefined : { kind: "error", text };
  }

  #values(method: Method): Reply {
    const lines = this.#lines;
    // A CR is the line's end only where every line has one.
    const strip = lines.every((line) => line.endsWith("\r"));
    const values: Value[] = [];
    for (const [index, slot] of method.outputs.entries()) {
      const line = lines[index] ?? "";
      const value = decodeValue(strip ? line.slice(0, -1) : line, slot.type, this.#profile);
      if (value === undefined)
        return {
          kind: "invalid",
          code: "ERR_TYPE",
          text: mismatch(withoutCr(line), slot, method.name).message,
        };
      values.push(present(value));
    }
    return { kind: "values", values };
  }

  /** A reply of the profile `table`, which is one line. */
  #table(method: Method, line: string): Reply | undefined {
    if (this.#textDue) return { kind: "error", text: errorText(line) };
    if (readsAsError(line)) return this.#error(line);
    const parsed = parseTableReply(line);
    if (parsed === undefined)
      return {
        kind: "invalid",
        code: "ERR_PROTOCOL",
        text: `${method.name}: the reply is no table of constants`,
      };
    const [first] = parsed;
    if (typeof first === "string" && readsAsError(first)) return { kind: "error", text: errorText(first) };
    return tableValues(method, parsed);
  }

  #invalid(code: ErrorCode, text: string): Reply {
    return this.#finish({ kind: "invalid", code, text });
  }

  #finish(reply: Reply): Reply {
    this.#first += 1;
    if (this.#first === this.#due.length) {
      this.#due = [];
      this.#first = 0;
    }
    this.#lines = [];
    this.#headRead = false;
    this.#failed = false;
    this.#voidRead = false;
    this.#textDue = false;
    return reply;
  }
}

function tableValues(method: Method, parsed: readonly (WireValue | undefined)[]): Reply {
  // Its inventors send a void result as nothing, or as nil.
  const given =
    method.result === "void" && parsed[0] === undefined && parsed.length > method.outputs.length
      ? parsed.slice(1)
      : parsed;
  if (given.length < method.outputs.length) return tooFew(method, given.length);
  const values: Value[] = [];
  for (const [index, slot] of method.outputs.entries()) {
    try {
      const value = given[index];
      if (value === undefined) throw mismatch(undefined, slot, method.name);
      values.push(present(convertWire(value, slot, method.name)));
    } catch (error) {
      if (error instanceof LuarpcError) return { kind: "invalid", code: error.code, text: error.message };
      throw error;
    }
  }
  return { kind: "values", values };
}

function tooFew(method: Method, count: number): Reply {
  const slot = method.outputs[count];
  return {
    kind: "invalid",
    code: "ERR_PROTOCOL",
    text: `${method.name}: the reply ends before ${slot === undefined ? "its end" : `the ${slot.label}`}`,
  };
}
