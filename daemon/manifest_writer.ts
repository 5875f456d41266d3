// SPDX-License-Identifier: MIT

import { isAbsolute, relative } from "node:path";
import type { LuaTableEntries, LuaValue } from "../client/lua_value.ts";
import { sequence } from "../client/lua_value.ts";
import type { DeclaredScript, DeclaredServant, ServantFile } from "../client/manifest.ts";
import { count, type QuantityKind, size, time } from "../client/quantity.ts";
import { libraryNames, type State } from "../client/state.ts";
import { decodeText } from "../client/text.ts";
import type { ServedEntry } from "./state_servants.ts";

/*
 * The manifest of what there is, as text that loadManifest() reads. What was executed in a state by hand is not known, and a
 * servant's key is not copied out of the daemon: such things are told beside the text.
 */

export interface WrittenState {
  readonly state: State;
  /** What was executed in it; undefined when that is not known. */
  readonly scripts: readonly DeclaredScript[] | undefined;
}

export interface WrittenServant {
  readonly served: ServedEntry;
  /** As a manifest declared it; undefined for one that was made by hand. */
  readonly declared: DeclaredServant | undefined;
}

export interface Written {
  readonly text: string;
  /** What the text lacks, a sentence each. */
  readonly missing: readonly string[];
}

/** Files' names in the text are relative to `folder` when they lie below it, absolute otherwise. */
export function writeManifest(
  states: readonly WrittenState[],
  servants: readonly WrittenServant[],
  folder: string,
): Written {
  const missing: string[] = [];
  const written = new Set<string>();
  const blocks: string[] = [];
  for (const one of states) {
    const { name } = one.state;
    if (name.isWellFormed()) {
      written.add(name);
      blocks.push(stateText(one, folder));
      if (!one.state.description.isWellFormed())
        missing.push(`state ${JSON.stringify(name)}: its description is no UTF-8, which TOML cannot write`);
      if (one.scripts === undefined)
        missing.push(`state ${JSON.stringify(name)}: what was executed in it is not known`);
    } else missing.push(`state ${JSON.stringify(name)}: its name is no UTF-8, which TOML cannot write`);
  }
  for (const one of servants) {
    const { request, port } = one.served;
    const place = `servant of ${request.host}, port ${port}`;
    if (!written.has(request.state))
      missing.push(`${place}: its state ${JSON.stringify(request.state)} is not there`);
    else if (request.tls !== undefined && one.declared === undefined)
      missing.push(`${place}: its key was given by hand, and is not written into files`);
    else blocks.push(servantText(one, folder));
  }
  return { text: ["# Written by kluactl save.\n", ...blocks].join("\n"), missing };
}

function stateText({ state, scripts }: WrittenState, folder: string): string {
  const { name, description, maxMemory, maxSteps, maxTime, libraries } = state;
  const pairs: (readonly [key: string, value: string])[] = [];
  if (description !== "" && description.isWellFormed()) pairs.push(["description", string(description)]);
  pairs.push(["memory", quantity(maxMemory, size)]);
  pairs.push(["steps", quantity(maxSteps, count)]);
  pairs.push(["time", quantity(maxTime, time)]);
  if (libraries.length < libraryNames.length)
    pairs.push(["libraries", `[${libraries.map(string).join(", ")}]`]);
  if (scripts !== undefined && scripts.length > 0)
    pairs.push(["script", `[\n${scripts.map((one) => `  ${scriptText(one, folder)},\n`).join("")}]`]);
  return block(`[state.${key(name)}]`, pairs);
}

function scriptText({ path, code, arguments: values }: DeclaredScript, folder: string): string {
  const file = path === undefined ? undefined : string(fileName(path, folder));
  if (file !== undefined && values.length === 0) return file;
  const source = file === undefined ? `code = ${text(decodeText(code))}` : `file = ${file}`;
  return values.length === 0
    ? `{ ${source} }`
    : `{ ${source}, arguments = [${values.map(valueText).join(", ")}] }`;
}

function servantText({ served, declared }: WrittenServant, folder: string): string {
  const { request, port } = served;
  const { state, object, host, profile, wait, allow, reflection, maxConnections, idle } = request;
  const file = (name: ServantFile): string | undefined => {
    const path = declared?.paths.get(name);
    return path === undefined ? undefined : string(fileName(path, folder));
  };
  const milliseconds = (value: number | undefined): string | undefined =>
    value === undefined ? undefined : quantity(BigInt(Math.round(value * 1e6)), time);
  const { file: name, text: source } = request.interface;
  const interfaceText =
    file("interface") ?? `{ name = ${string(name.toWellFormed())}, text = ${text(source.toWellFormed())} }`;
  const fields: Readonly<Record<string, string | undefined>> = {
    state: string(state),
    interface: interfaceText,
    object: object === undefined ? undefined : string(object),
    listen: string(host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`),
    profile: string(profile),
    time: request.time === undefined ? undefined : quantity(BigInt(request.time), time),
    steps: request.steps === undefined ? undefined : quantity(BigInt(request.steps), count),
    wait: milliseconds(wait),
    "tls-cert": file("tls-cert"),
    "tls-key": file("tls-key"),
    "tls-client-ca": file("tls-client-ca"),
    allow: allow === undefined ? undefined : `[${allow.map(string).join(", ")}]`,
    reflection: reflection === true ? "true" : undefined,
    "max-connections": maxConnections === undefined ? undefined : quantity(BigInt(maxConnections), count),
    idle: milliseconds(idle),
  };
  return block(
    "[[servant]]",
    Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined),
  );
}

function block(head: string, pairs: readonly (readonly [key: string, value: string])[]): string {
  return `${head}\n${pairs.map(([name, value]) => `${name} = ${value}\n`).join("")}`;
}

function fileName(path: string, folder: string): string {
  const name = relative(folder, path);
  return name === "" || name.startsWith("..") || isAbsolute(name) ? path : name;
}

/** Exact, in the largest unit that leaves no fraction. */
function quantity(value: bigint, kind: QuantityKind): string {
  const fitting = Array.from(kind.units)
    .filter(([name, worth]) => name !== "" && value !== 0n && value % BigInt(worth) === 0n)
    .toSorted(([, one], [, other]) => other - one);
  const [unit] = fitting;
  const bare = kind.units.get("") ?? 1;
  if (unit === undefined || (unit[1] <= bare && value % BigInt(bare) === 0n))
    return (value / BigInt(bare)).toString();
  return `"${value / BigInt(unit[1])}${kind === time ? unit[0] : unit[0].toUpperCase()}"`;
}

function key(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : string(name);
}

/** A basic string, on one line. */
function string(value: string): string {
  return JSON.stringify(value).replaceAll("\x7f", "\\u007f");
}

/** A string that may have lines, to be read as it is where TOML can say it so. */
function text(value: string): string {
  const isPlain = Array.from(value).every(
    (character) => (character >= " " && character !== "\x7f") || character === "\n" || character === "\t",
  );
  return value.includes("\n") && isPlain && !value.includes("'''") && !value.endsWith("'")
    ? `'''\n${value}'''`
    : string(value);
}

function valueText(value: LuaValue): string {
  switch (value.kind) {
    case "nil":
      throw new TypeError("a manifest has no nil");
    case "boolean":
    case "integer":
      return String(value.value);
    case "float":
      return floatText(value.value);
    case "string":
      return text(decodeText(value.value));
    case "table":
      return tableText(value.entries);
  }
}

function tableText(entries: LuaTableEntries): string {
  const items = sequence(entries);
  if (items !== undefined) return `[${items.map(valueText).join(", ")}]`;
  const pairs = entries.map(([name, value]) => {
    if (name.kind !== "string") throw new TypeError("a manifest's tables have texts as keys");
    return `${key(decodeText(name.value))} = ${valueText(value)}`;
  });
  return `{ ${pairs.join(", ")} }`;
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const digits = Object.is(value, -0) ? "-0" : String(value);
  return /[.e]/.test(digits) ? digits : `${digits}.0`;
}
