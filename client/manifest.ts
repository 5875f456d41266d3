// SPDX-License-Identifier: MIT

import { basename, dirname, resolve } from "node:path";
import { createSecureContext } from "node:tls";
import { parse, TomlError } from "smol-toml";
import { InterfaceError } from "../luarpc/error.ts";
import { parseInterface } from "../luarpc/interface_parser.ts";
import { chunkName, withoutFirstComment } from "./chunk_file.ts";
import type { ServeRequest } from "./control_protocol.ts";
import { DaemonError } from "./daemon_error.ts";
import type { LuaValue } from "./lua_value.ts";
import { manifestKind, type ScriptFields, type ServantFields, type StateFields } from "./manifest_schema.ts";
import { CHUNK_MAX } from "./protocol_gen.ts";
import type { Path } from "./schema.ts";
import type { LibraryName } from "./state.ts";
import { tomlPlaces } from "./toml_places.ts";

/*
 * A manifest: which states there are to be, with their limits and what is executed in them, and which of their functions
 * are served. TOML; the keys are in manifest_schema.ts, the rules in docs/manifest.md.
 *
 *   text ──parse──▶ values ──schema──▶ fields ──rules──▶ files read ──▶ Manifest
 *
 * Whatever is wrong on the way is ERR_MANIFEST with file, line, column and key; nothing has been done then.
 */

export interface DeclaredScript {
  /** The absolute path of its file; undefined for one that is written in the manifest. */
  readonly path: string | undefined;
  /** As luaL_loadbuffer takes it. */
  readonly chunkName: string;
  readonly code: Uint8Array;
  readonly arguments: readonly LuaValue[];
}

export interface DeclaredState {
  readonly name: string;
  readonly description: string;
  /** All of them when undefined. */
  readonly libraries: readonly LibraryName[] | undefined;
  /** Bytes; the module's default when undefined. */
  readonly memory: bigint | undefined;
  readonly steps: bigint | undefined;
  /** Nanoseconds. */
  readonly time: bigint | undefined;
  readonly scripts: readonly DeclaredScript[];
}

/** Keys of a servant that name files. */
export type ServantFile = "interface" | "tls-cert" | "tls-key" | "tls-client-ca";

export interface DeclaredServant {
  readonly request: ServeRequest;
  /** The absolute paths of the files that it names; an interface may be written in the manifest instead. */
  readonly paths: ReadonlyMap<ServantFile, string>;
}

export interface Manifest {
  /** The absolute path of the file. */
  readonly file: string;
  readonly states: readonly DeclaredState[];
  readonly servants: readonly DeclaredServant[];
}

/** Reads a file that a manifest names, by its absolute path. */
export type FileReader = (path: string) => Promise<Uint8Array>;

/** The most bytes of a manifest. */
export const MANIFEST_MAX = 4 * 1024 * 1024;

/** As deep as arguments may be in the module. */
const DEPTH_MAX = 32;

/** How many things that are wrong are told at once. */
const PROBLEMS_MAX = 20;

/** How long a call waits for a busy state unless the manifest says otherwise, in milliseconds. */
const DEFAULT_WAIT = 30_000;

/**
 * A manifest of its text. `file` is where it lies: other files' names are relative to its folder. Rejects with ERR_MANIFEST,
 * whose message has a line "FILE:LINE:COLUMN: KEY: what is wrong" for each thing that is wrong.
 */
export async function loadManifest(text: string, file: string, read: FileReader): Promise<Manifest> {
  const path = resolve(file);
  const problems = new Problems(text, path);
  const values = parsed(text, path);
  const fields = manifestKind.read(values, [], (at, what) => problems.add(at, what));
  problems.throwIfAny();
  const folder = dirname(path);
  const contents = async (name: string, at: Path): Promise<Uint8Array> => {
    try {
      return await read(resolve(folder, name));
    } catch (error) {
      problems.add(at, `the file cannot be read: ${error instanceof Error ? error.message : String(error)}`);
      return new Uint8Array();
    }
  };
  const states: DeclaredState[] = [];
  for (const [name, state] of fields?.state ?? []) {
    const scripts: DeclaredScript[] = [];
    for (const [index, script] of (state.script ?? []).entries())
      scripts.push(await scriptOf(script, ["state", name, "script", index], folder, contents, problems));
    states.push(stateOf(name, state, scripts));
  }
  const servants: DeclaredServant[] = [];
  for (const [index, servant] of (fields?.servant ?? []).entries())
    servants.push(await servantOf(servant, ["servant", index], folder, contents, problems));
  checkServants(servants, new Set(states.map(({ name }) => name)), problems);
  problems.throwIfAny();
  return { file: path, states, servants };
}

function parsed(text: string, file: string): unknown {
  try {
    return parse(text, { integersAsBigInt: true, maxDepth: DEPTH_MAX });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [what = ""] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
    throw new DaemonError("ERR_MANIFEST", `${file}:${error.line}:${error.column}: ${what}`, error);
  }
}

/** What is wrong with a manifest, by place. */
class Problems {
  readonly #text: string;
  readonly #file: string;
  readonly #found: { readonly path: Path; readonly text: string }[] = [];

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  add(path: Path, text: string): void {
    this.#found.push({ path, text });
  }

  hasAt(path: Path): boolean {
    return this.#found.some((problem) => problem.path.join("\0") === path.join("\0"));
  }

  throwIfAny(): void {
    if (this.#found.length === 0) return;
    const placeOf = tomlPlaces(this.#text);
    const lines = this.#found
      .map((problem) => ({ ...problem, place: placeOf(problem.path) }))
      .toSorted((one, other) => one.place.line - other.place.line || one.place.column - other.place.column)
      .map(({ path, text, place }) => `${this.#file}:${place.line}:${place.column}: ${keyText(path)}${text}`);
    const more = lines.length - PROBLEMS_MAX;
    throw new DaemonError(
      "ERR_MANIFEST",
      [...lines.slice(0, PROBLEMS_MAX), ...(more > 0 ? [`and ${more} more`] : [])].join("\n"),
    );
  }
}

/** `state."my p".script[2]: `, counted from 1 as a reader does. */
function keyText(path: Path): string {
  const text = path
    .map((part) =>
      typeof part === "number"
        ? `[${part + 1}]`
        : `.${/^[A-Za-z0-9_-]+$/.test(part) ? part : JSON.stringify(part)}`,
    )
    .join("");
  return text === "" ? "" : `${text.replace(/^\./, "")}: `;
}

type Contents = (name: string, at: Path) => Promise<Uint8Array>;

async function scriptOf(
  script: ScriptFields,
  at: Path,
  folder: string,
  contents: Contents,
  problems: Problems,
): Promise<DeclaredScript> {
  const {
    file,
    code,
    arguments: values = [],
  } = typeof script === "string" ? { file: script, code: undefined } : script;
  if ((file === undefined) === (code === undefined)) problems.add(at, "expected either file or code");
  const bytes =
    file === undefined
      ? Buffer.from(code ?? "")
      : withoutFirstComment(
          Buffer.from(await contents(file, typeof script === "string" ? at : [...at, "file"])),
        );
  if (bytes.length > CHUNK_MAX)
    problems.add(at, `${bytes.length} bytes are over the ${CHUNK_MAX} that a chunk may have`);
  return {
    path: file === undefined ? undefined : resolve(folder, file),
    chunkName: file === undefined ? "=(manifest)" : chunkName(basename(file)),
    code: bytes,
    arguments: values,
  };
}

function stateOf(name: string, fields: StateFields, scripts: readonly DeclaredScript[]): DeclaredState {
  const { description = "", libraries, memory, steps, time } = fields;
  return { name, description, libraries, memory, steps, time, scripts };
}

async function servantOf(
  fields: ServantFields,
  at: Path,
  folder: string,
  contents: Contents,
  problems: Problems,
): Promise<DeclaredServant> {
  const { state, object, listen, profile = "plain", time, steps, wait, allow, reflection, idle } = fields;
  const paths = new Map<ServantFile, string>();
  const textOf = async (key: ServantFile, name: string): Promise<string> => {
    paths.set(key, resolve(folder, name));
    return Buffer.from(await contents(name, [...at, key])).toString("utf8");
  };
  const source = fields.interface;
  const declared =
    typeof source === "string"
      ? { file: basename(source), text: await textOf("interface", source) }
      : { file: source.name, text: source.text };
  checkInterface(declared, [...at, "interface"], problems);
  const most = fields["max-connections"];
  return {
    request: {
      state,
      interface: declared,
      object,
      host: listen.host,
      port: listen.port,
      profile,
      time: time === undefined ? undefined : Number(time),
      steps: steps === undefined ? undefined : Number(steps),
      wait: wait === undefined ? DEFAULT_WAIT : Number(wait) / 1e6,
      tls: await tlsOf(fields, at, textOf, problems),
      allow,
      // What is so unless it is said is not said, so that servants compare.
      reflection: reflection === true ? true : undefined,
      maxConnections: most === undefined ? undefined : Number(most),
      // Up: less than a millisecond is not never.
      idle: idle === undefined || idle === 0n ? undefined : Math.ceil(Number(idle) / 1e6),
    },
    paths,
  };
}

async function tlsOf(
  fields: ServantFields,
  at: Path,
  textOf: (key: ServantFile, name: string) => Promise<string>,
  problems: Problems,
): Promise<ServeRequest["tls"]> {
  const { "tls-cert": cert, "tls-key": key, "tls-client-ca": authorities } = fields;
  if (cert === undefined && key === undefined && authorities === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    problems.add(at, "TLS needs both tls-cert and tls-key");
    return undefined;
  }
  const tls = {
    cert: await textOf("tls-cert", cert),
    key: await textOf("tls-key", key),
    clientCa: authorities === undefined ? undefined : await textOf("tls-client-ca", authorities),
  };
  const place = [...at, "tls-cert"];
  if (problems.hasAt(place) || problems.hasAt([...at, "tls-key"])) return undefined;
  try {
    createSecureContext({
      cert: tls.cert,
      key: tls.key,
      ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa }),
    });
  } catch (error) {
    problems.add(
      place,
      `certificate and key cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return tls;
}

function checkInterface({ file, text }: ServeRequest["interface"], at: Path, problems: Problems): void {
  // One that could not be read has been told.
  if (problems.hasAt(at)) return;
  try {
    parseInterface(text, file);
  } catch (error) {
    if (!(error instanceof InterfaceError)) throw error;
    problems.add(at, `the interface is wrong: ${error.message}`);
  }
}

/** Addresses that stand for all of a machine's. */
const wildcards: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

function checkServants(
  servants: readonly DeclaredServant[],
  states: ReadonlySet<string>,
  problems: Problems,
): void {
  for (const [index, { request }] of servants.entries()) {
    if (!states.has(request.state))
      problems.add(
        ["servant", index, "state"],
        `the manifest declares no state ${JSON.stringify(request.state)}; expected one of its states`,
      );
    const rival = servants
      .slice(0, index)
      .findIndex(
        ({ request: { host, port } }) =>
          port === request.port &&
          (host === request.host || wildcards.has(host) || wildcards.has(request.host)),
      );
    if (rival >= 0)
      problems.add(
        ["servant", index, "listen"],
        `the servant before it (number ${rival + 1}) listens on port ${request.port} already; expected another`,
      );
  }
}
