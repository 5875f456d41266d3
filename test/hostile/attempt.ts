// SPDX-License-Identifier: MIT

import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { isModuleErrorCode, type ModuleErrorCode } from "../../client/error.ts";

/*
 * A script that tries to hang, crash, exhaust, escape or confuse: a file in scripts/, whose first comment says in words
 * what it tries, and then, one `-- key: value` a line:
 *
 *   outcome    endless: it never ends by itself, so it is run under a step budget, under a deadline, and cancelled;
 *              ok: it succeeds; or the codes it may fail with, "ERR_RUNTIME or ERR_MEMORY"
 *   message    a regular expression that the error's message matches
 *   results    a JSON array: what it returns
 *   limits     of the state, "steps=1000 time=100ms memory=1MiB"; those not given are below
 *   call       the chunk only prepares, and has to succeed; the attempt is the call of this function
 *   arguments  a JSON array: of the chunk, or of the function
 *   marker     a text it tries to smuggle into the kernel log: every line that has it has to name the state as well
 *   leaves     why what it leaves behind may end the check that follows once ("finalizers")
 */

const keys = ["outcome", "message", "results", "limits", "call", "arguments", "marker", "leaves"] as const;
type Key = (typeof keys)[number];

/** The limits of a state, as create() takes them. */
export interface Limits {
  readonly maxSteps: number;
  readonly maxTime: number;
  readonly maxMemory: number;
}

export interface Attempt {
  /** The file's name, without ".lua". */
  readonly name: string;
  readonly code: string;
  /** Absent: it succeeds. "endless": see above. */
  readonly codes: readonly ModuleErrorCode[] | "endless" | undefined;
  readonly message: RegExp | undefined;
  readonly results: readonly unknown[] | undefined;
  readonly limits: Limits;
  readonly call: string | undefined;
  readonly arguments: readonly unknown[];
  readonly marker: string | undefined;
  readonly leaves: string | undefined;
}

const MIB = 1024 * 1024;

/** Limits where a script names none: more than one that ends by itself needs. An endless one is given fewer steps. */
const usual = { maxSteps: 20_000_000, maxTime: 60_000_000_000, maxMemory: 16 * MIB };

const units: Readonly<Record<string, number>> = { ms: 1e6, s: 1e9, KiB: 1024, MiB: MIB };

/** All the attempts there are, by name. Throws when a header is not as described above. */
export function attempts(): readonly Attempt[] {
  const folder = "test/hostile/scripts";
  return readdirSync(folder)
    .filter((file) => file.endsWith(".lua"))
    .toSorted()
    .map((file) => parse(basename(file, ".lua"), readFileSync(join(folder, file), "latin1")));
}

/** Reads the header of a script, which is its text, a character a byte. */
export function parse(name: string, code: string): Attempt {
  const fields = new Map<Key, string>();
  for (const line of code.split("\n")) {
    if (!line.startsWith("--")) break;
    const [, key, value] = /^-- ([a-z]+): (.+)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) continue;
    const known = keys.find((each) => each === key);
    if (known === undefined || fields.has(known)) throw new Error(`${name}: "${key}" is unknown, or twice`);
    fields.set(known, value);
  }
  const message = fields.get("message");
  const results = fields.get("results");
  return {
    name,
    code,
    codes: parseOutcome(name, fields.get("outcome")),
    message: message === undefined ? undefined : new RegExp(message),
    results: results === undefined ? undefined : parseArray(name, results),
    limits: parseLimits(name, fields.get("limits") ?? ""),
    call: fields.get("call"),
    arguments: parseArray(name, fields.get("arguments") ?? "[]"),
    marker: fields.get("marker"),
    leaves: fields.get("leaves"),
  };
}

function parseOutcome(name: string, text: string | undefined): Attempt["codes"] {
  if (text === "ok") return undefined;
  if (text === "endless") return text;
  const codes = text?.split(" or ") ?? [];
  if (codes.length === 0 || !codes.every(isModuleErrorCode)) throw new Error(`${name}: outcome "${text}"`);
  return codes;
}

function parseArray(name: string, text: string): readonly unknown[] {
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) throw new Error(`${name}: ${text} is not an array`);
  return value;
}

function parseLimits(name: string, text: string): Limits {
  const limits = { ...usual };
  for (const word of text.split(" ").filter((each) => each !== "")) {
    const [, kind, number, unit = ""] = /^(steps|time|memory)=(\d+)([a-zA-Z]*)$/.exec(word) ?? [];
    const factor = unit === "" ? 1 : units[unit];
    if (number === undefined || factor === undefined) throw new Error(`${name}: limit "${word}"`);
    if (kind === "steps") limits.maxSteps = Number(number) * factor;
    if (kind === "time") limits.maxTime = Number(number) * factor;
    if (kind === "memory") limits.maxMemory = Number(number) * factor;
  }
  return limits;
}
