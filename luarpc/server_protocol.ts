// SPDX-License-Identifier: MIT

import { textOfBytes } from "./bytes.ts";
import { LuarpcError, textOf } from "./error.ts";
import { encodeError, readsAsError } from "./error_line.ts";
import type { Interface, Method, Slot } from "./interface.ts";
import { LineReader, withoutCr } from "./line_reader.ts";
import { type Profile, type ProfileName, profileNamed, profiles } from "./profile.ts";
import { encodeTableReply, looksLikeTable, parseTableCall } from "./table_message.ts";
import { convert, convertWire, defaults, mismatch, present, type Value, type WireValue } from "./value.ts";
import { decodeValue, encodeValue } from "./value_text.ts";

/*
 * The servant's side of one connection, without I/O: feed() takes bytes, next() gives the next request or refusal, and
 * reply() and failure() make the bytes that answer it. Requests are taken one at a time: what follows waits as bytes.
 *
 *   head ──▶ method ──▶ arguments ──▶ tail ──▶ a call
 *              │            │
 *              │            └─ not of its type: a refusal, and the connection goes on
 *              ├─ surplus that cannot be a name: dropped, after the first request
 *              └─ unknown: a fatal refusal, since nobody knows how many lines follow
 *
 * With the profile `auto` the first request decides. It may look like two of them until the line behind it has come:
 * isUndecided says so, and decide() ends the waiting.
 */

export type Request =
  /** `values` has one entry per declared parameter; undefined for out. */
  | { readonly kind: "call"; readonly method: Method; readonly values: readonly (Value | undefined)[] }
  /** To be answered by failure(text). After a fatal one the stream cannot be understood any more. */
  | { readonly kind: "refusal"; readonly text: string; readonly fatal: boolean };

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
// Words of Lua that are no identifiers, as far as clients send them as values.
const RESERVED: ReadonlySet<string> = new Set(["nil", "true", "false"]);

export class ServerProtocol {
  readonly #interface: Interface;
  readonly #lineMax: number;
  readonly #surplusMax: number;
  readonly #reader: LineReader;
  /** Undefined until `auto` has decided. */
  #profile: Profile | undefined;
  /** Lines that were looked at and not taken. */
  readonly #ahead: string[] = [];
  #method: Method | undefined;
  #lines: string[] = [];
  /** Whether the client ends its lines with CRLF. */
  #crlf = false;
  #answered = 0;
  #surplus = 0;
  #undecided = false;
  #headRead = false;

  /** `lineMax` is the longest line, `surplusMax` how much surplus is dropped between two requests; both in bytes. */
  constructor(declared: Interface, profile: ProfileName | "auto", lineMax: number, surplusMax: number) {
    this.#interface = declared;
    this.#profile = profile === "auto" ? undefined : profileNamed(profile);
    this.#lineMax = lineMax;
    this.#surplusMax = surplusMax;
    this.#reader = new LineReader(lineMax);
  }

  feed(bytes: string): void {
    this.#reader.push(bytes);
  }

  /** The client will send no more; the end of the stream ends the last line. */
  end(): void {
    this.#reader.end();
  }

  /** Bytes that wait. */
  get pending(): number {
    return this.#reader.pending;
  }

  /** Whether a request has begun and is not complete. */
  get isInRequest(): boolean {
    return (
      this.#method !== undefined || this.#headRead || (this.#reader.pending > 0 && !this.#reader.hasLine)
    );
  }

  /** The first request is complete, but the profile depends on whether more follows at once. */
  get isUndecided(): boolean {
    return this.#undecided;
  }

  /** Nothing follows at once: the profile is `plain`. */
  decide(): void {
    this.#undecided = false;
    this.#profile ??= profiles.plain;
  }

  /** The profile in use; `plain` as long as none is known. */
  get profile(): Profile {
    return this.#profile ?? profiles.plain;
  }

  /** The name of the method whose arguments are being read. */
  get methodName(): string | undefined {
    return this.#method?.name;
  }

  /** The next request. */
  next(): Request | undefined {
    for (;;) {
      const request = this.#method === undefined ? this.#head() : this.#arguments(this.#method);
      if (request === "more") continue;
      if (request === undefined && this.#reader.overflowed)
        return this.#refuse(`a line is longer than ${this.#lineMax} bytes`, true);
      return request;
    }
  }

  #line(): string | undefined {
    return this.#ahead.length > 0 ? this.#ahead.shift() : this.#reader.next();
  }

  /** Reads up to the method's name. */
  #head(): Request | "more" | undefined {
    const line = this.#line();
    if (line === undefined) {
      if (this.#headRead && this.#reader.ended)
        return this.#refuse("the request ends before its method", true);
      return undefined;
    }
    const text = withoutCr(line);
    if (this.#profile === undefined && this.#answered === 0) {
      if (text === " ") this.#profile = profiles.space;
      else if (looksLikeTable(text)) this.#profile = profiles.table;
    }
    if (this.#profile?.requestHead === text && !this.#headRead) {
      this.#headRead = true;
      return "more";
    }
    if (this.#profile?.shape === "table") return this.#tableCall(text);
    const method =
      this.#interface.methods.get(textOfBytes(text)) ?? this.#interface.methods.get(textOfBytes(text).trim());
    if (method === undefined) return this.#unknown(text);
    this.#headRead = false;
    this.#surplus = 0;
    this.#crlf = line.endsWith("\r");
    this.#method = method;
    this.#lines = [];
    return "more";
  }

  #unknown(text: string): Request | "more" {
    // Some clients send their extra arguments. Only behind a request, so that a first line always gets an answer.
    if (this.#answered > 0 && !this.#headRead && (!NAME.test(text) || RESERVED.has(text))) {
      this.#surplus += text.length + 1;
      if (this.#surplus > this.#surplusMax) return this.#refuse("too many lines that are no request", true);
      return "more";
    }
    const { name } = this.#interface;
    const shown = text.length > 64 ? `${text.slice(0, 64)}...` : text;
    return this.#refuse(
      `no method '${textOfBytes(shown)}' in the interface${name === undefined ? "" : ` ${name}`}`,
      true,
    );
  }

  /** Reads the arguments' lines and what ends the request. */
  #arguments(method: Method): Request | "more" | undefined {
    if (this.#undecided) {
      // More has come, or the end.
      if (!this.#reader.hasLine && !this.#reader.ended && !this.#reader.overflowed) return undefined;
      this.#undecided = false;
    }
    const wanted = this.#wanted(method);
    while (this.#lines.length < wanted) {
      const line = this.#line();
      if (line === undefined) return this.#reader.ended ? this.#cutShort(method) : undefined;
      this.#lines.push(line);
    }
    if (this.#profile === undefined && !this.#detect(method)) return undefined;
    // The profile may have just been found, and want more.
    if (this.#lines.length < this.#wanted(method)) return "more";
    const { tail } = this.profile;
    if (tail !== undefined && !this.#readTail(tail))
      return this.#reader.ended ? this.#cutShort(method) : undefined;
    return this.#call(method);
  }

  #wanted(method: Method): number {
    return this.profile.outArgument === undefined ? method.inputs.length : method.parameters.length;
  }

  /** Skips surplus arguments up to the tail. */
  #readTail(tail: string): boolean {
    for (;;) {
      const line = this.#line();
      if (line === undefined) return false;
      if (withoutCr(line) === tail) return true;
    }
  }

  /** Finds the profile from the first request. False when the line behind it must be seen first. */
  #detect(method: Method): boolean {
    const outs = method.parameters.length - method.inputs.length;
    const mayBeStatus = outs > 0;
    const mayBeFim = method.inputs.every((slot, index) =>
      looksLikeFim(withoutCr(this.#lines[index] ?? ""), slot),
    );
    const needed = mayBeStatus ? outs : mayBeFim ? 1 : 0;
    while (this.#ahead.length < needed) {
      const line = this.#reader.next();
      if (line === undefined) break;
      this.#ahead.push(line);
    }
    const following = this.#ahead.map(withoutCr);
    if (mayBeFim && following[0] === profiles.fim.tail) this.#profile = profiles.fim;
    else if (mayBeStatus && this.#hasNils(method)) this.#profile = profiles.status;
    else if (this.#ahead.length < needed && this.#nilsSoFar(method) && !this.#reader.ended) {
      this.#undecided = true;
      return false;
    } else this.#profile = profiles.plain;
    if (this.#profile === profiles.status)
      while (this.#lines.length < method.parameters.length) this.#lines.push(this.#ahead.shift() ?? "");
    return true;
  }

  /** Whether the lines so far and those ahead have a nil for every out parameter, in its place. */
  #hasNils(method: Method): boolean {
    return this.#lines.length + this.#ahead.length >= method.parameters.length && this.#nilsSoFar(method);
  }

  #nilsSoFar(method: Method): boolean {
    const all = [...this.#lines, ...this.#ahead];
    return method.parameters.every(({ direction }, index) => {
      const line = all[index];
      return direction !== "out" || line === undefined || withoutCr(line) === "nil";
    });
  }

  #cutShort(method: Method): Request {
    const slot = method.inputs[this.#lines.length];
    return this.#refuse(
      `${method.name}: the request ends before ${slot === undefined ? "its end" : `its ${slot.label}`}`,
      true,
    );
  }

  #call(method: Method): Request {
    const { outArgument } = this.profile;
    const { inputOf, inputs } = method;
    const lines = this.#lines;
    const values: (Value | undefined)[] = [];
    let refusal: string | undefined;
    for (let index = 0; index < inputOf.length; index += 1) {
      const input = inputOf[index];
      const slot = input === undefined ? undefined : inputs[input];
      const line = input === undefined ? undefined : lines[outArgument === undefined ? input : index];
      if (slot === undefined || line === undefined) {
        values.push(undefined);
        continue;
      }
      const value = this.#value(line, slot);
      if (value === undefined) refusal ??= mismatch(textOfBytes(withoutCr(line)), slot, method.name).message;
      values.push(value === undefined ? undefined : present(value));
    }
    this.#method = undefined;
    if (refusal !== undefined) return this.#refuse(refusal, false);
    this.#answered += 1;
    return { kind: "call", method, values };
  }

  #value(line: string, slot: Slot): WireValue | undefined {
    const { profile } = this;
    const text = this.#crlf ? withoutCr(line) : line;
    // Where strings have quotes, nil is how clients say that an argument is missing.
    if (profile.strings !== "bare" && withoutCr(text) === "nil") return defaults[slot.type];
    return decodeValue(text, slot.type, profile);
  }

  #tableCall(line: string): Request | "more" {
    const call = parseTableCall(line);
    if (call === undefined) {
      if (this.#answered > 0 && line.trim() === "") return "more";
      return this.#refuse("the request is no table of constants", true);
    }
    const method = this.#interface.methods.get(call.method);
    // One line is one request here: whatever it is, the next line starts afresh.
    if (method === undefined) return this.#refuse(`no method '${call.method}' in the interface`, false);
    try {
      const values = method.inputOf.map((input) => {
        const slot = input === undefined ? undefined : method.inputs[input];
        if (slot === undefined || input === undefined) return undefined;
        const value = call.values[input];
        if (value === undefined) return present(defaults[slot.type]);
        return present(convertWire(value, slot, method.name));
      });
      this.#answered += 1;
      return { kind: "call", method, values };
    } catch (error) {
      return this.#refuse(textOf(error), false);
    }
  }

  #refuse(text: string, fatal: boolean): Request {
    this.#answered += 1;
    this.#method = undefined;
    this.#headRead = false;
    if (fatal) {
      this.#ahead.length = 0;
      this.#reader.discard();
    }
    return { kind: "refusal", text, fatal };
  }

  /**
   * The bytes of a reply. `returned` is what the method gave: nothing, one value, or an array of the result and then the
   * out and inout values. Surplus ones are dropped. Throws ERR_TYPE, ERR_LIMIT, whose texts name the method and the slot.
   */
  reply(method: Method, returned: unknown): string {
    const { profile } = this;
    const values = resultsOf(method, returned);
    if (profile.shape === "table") return this.#tableReply(method, values);
    let text = profile.replyHead === undefined ? "" : `${profile.replyHead}\n`;
    if (method.result === "void" && profile.voidResult !== undefined) text += `${profile.voidResult}\n`;
    for (let index = 0; index < values.length; index += 1) {
      const line = encodeValue(values[index] ?? "", profile);
      this.#checkLine(line, index, method);
      text += line;
      text += "\n";
    }
    if (profile.tail !== undefined) text += `${profile.tail}\n`;
    // A reply without any value is one empty line.
    return text === "" ? "\n" : text;
  }

  /** No line may be too long, and the first none that reads as an error. */
  #checkLine(line: string, index: number, method: Method): void {
    if (line.length <= this.#lineMax && (index > 0 || !readsAsError(line))) return;
    const label = method.outputs[index]?.label ?? "result";
    if (line.length > this.#lineMax)
      throw new LuarpcError(
        "ERR_LIMIT",
        `${method.name}: the ${label} is longer than ${this.#lineMax} bytes`,
        {
          method: method.name,
        },
      );
    throw new LuarpcError("ERR_TYPE", `${method.name}: the ${label} would read as an error`, {
      method: method.name,
    });
  }

  #tableReply(method: Method, values: readonly WireValue[]): string {
    const [first] = values;
    if (typeof first === "string") this.#checkLine(first, 0, method);
    const line = encodeTableReply(values);
    this.#checkLine(line, 0, method);
    return `${line}\n`;
  }

  /** The bytes of an error reply. */
  failure(text: string): string {
    const { profile } = this;
    const line = encodeError(text);
    if (profile.shape === "table") return `${encodeTableReply([line])}\n`;
    const head = profile.errorHead === undefined ? "" : `${profile.errorHead}\n`;
    return `${head}${line}\n${profile.tail === undefined ? "" : `${profile.tail}\n`}`;
  }
}

/** What a method gave, in the declared types. Throws ERR_TYPE. */
function resultsOf(method: Method, returned: unknown): WireValue[] {
  const { outputs } = method;
  const values: WireValue[] = [];
  for (let index = 0; index < outputs.length; index += 1) {
    const slot = outputs[index];
    if (slot === undefined) break;
    const value: unknown = Array.isArray(returned) ? returned[index] : index === 0 ? returned : undefined;
    if (value === undefined || value === null)
      throw new LuarpcError("ERR_TYPE", `${method.name}: the servant gave no ${slot.label}`, {
        method: method.name,
      });
    values.push(convert(value, slot, method.name));
  }
  return values;
}

/** Whether a line could be an argument of the profile `fim`: every number has a point, every string quotes. */
function looksLikeFim(line: string, slot: Slot): boolean {
  return slot.type === "double" ? !/^[+-]?[0-9]+$/.test(line.trim()) : /^'.*'$/s.test(line);
}
