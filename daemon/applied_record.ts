// SPDX-License-Identifier: MIT

import { readFile } from "node:fs/promises";
import type { Logger } from "pino";
import { writeAtomically } from "../client/atomic_file.ts";
import type { DeclaredScript } from "../client/manifest.ts";
import {
  bytes,
  flag,
  list,
  long,
  object,
  optional,
  type Shape,
  text,
  values,
  whole,
} from "../client/shape.ts";
import type { State } from "../client/state.ts";

/*
 * Which states a manifest made and what was executed in them, in a file beside the control socket, so that the next daemon
 * knows too. The folder is emptied when the machine starts, as the kernel's states are.
 */

export interface AppliedState {
  /** The state's id and time of creation; undefined while it is being created. */
  readonly id: bigint | undefined;
  readonly created: bigint | undefined;
  /** The process that creates it. */
  readonly creator: number;
  /** What was executed in it. */
  readonly scripts: readonly DeclaredScript[];
  /** Its scripts have all come to their end. */
  readonly isComplete: boolean;
}

/** 1 had digests of scripts, which no manifest can be written of. */
const VERSION = 2;

type NamedState = AppliedState & { readonly name: string };

const stateShape: Shape<NamedState> = object<NamedState>({
  name: text,
  id: optional(long),
  created: optional(long),
  creator: whole,
  scripts: list(
    object<DeclaredScript>({ path: optional(text), chunkName: text, code: bytes, arguments: values }),
  ),
  isComplete: flag,
});

const recordShape = object<{ readonly version: number; readonly states: readonly NamedState[] }>({
  version: whole,
  states: list(stateShape),
});

export class AppliedRecord {
  readonly #path: string;
  readonly #log: Logger;
  readonly #states = new Map<string, AppliedState>();

  private constructor(path: string, log: Logger) {
    this.#path = path;
    this.#log = log;
  }

  /** Reads the file. One that is missing or damaged is an empty record: what a manifest made counts as made by hand then. */
  static async open(path: string, log: Logger): Promise<AppliedRecord> {
    const record = new AppliedRecord(path, log);
    try {
      for (const [name, state] of entriesOf(JSON.parse(await readFile(path, "utf8"))))
        record.#states.set(name, state);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT")
        log.error({ err: error, path }, "the record of what was applied cannot be read");
    }
    return record;
  }

  get states(): ReadonlyMap<string, AppliedState> {
    return this.#states;
  }

  /** Before a state is created: whatever becomes of this process, it is known whose the state is. */
  creating(name: string, scripts: readonly DeclaredScript[]): Promise<void> {
    const creator = process.pid;
    return this.#set(name, { id: undefined, created: undefined, creator, scripts, isComplete: false });
  }

  /** A state is as declared. */
  applied(name: string, { id, created, creator }: State, scripts: readonly DeclaredScript[]): Promise<void> {
    const known = this.#states.get(name);
    const state = { id, created, creator: creator.pid, scripts, isComplete: true };
    if (known !== undefined && jsonText(name, known) === jsonText(name, state)) return Promise.resolve();
    return this.#set(name, state);
  }

  /** What it was before creating(): the state could not be created, and the one before it is still there. */
  restore(name: string, before: AppliedState | undefined): Promise<void> {
    return before === undefined ? this.forget(name) : this.#set(name, before);
  }

  async forget(name: string): Promise<void> {
    if (this.#states.delete(name)) await this.#write();
  }

  async #set(name: string, state: AppliedState): Promise<void> {
    this.#states.set(name, state);
    await this.#write();
  }

  /** Does not reject: the daemon goes on without the file, and says what that means. */
  async #write(): Promise<void> {
    const states = Array.from(this.#states, ([name, state]) => jsonText(name, state));
    try {
      await writeAtomically(
        this.#path,
        `{"version":${VERSION},"states":[\n${states.join(",\n")}\n]}\n`,
        0o600,
      );
    } catch (error) {
      this.#log.error(
        { err: error, path: this.#path },
        "the record of what was applied cannot be written: after a restart of the daemon the manifest's states would count as made by hand",
      );
    }
  }
}

function jsonText(name: string, state: AppliedState): string {
  return JSON.stringify(stateShape.toJson({ name, ...state }));
}

/** Throws an Error for what is no record. */
function* entriesOf(document: unknown): Generator<readonly [string, AppliedState]> {
  const { version, states } = recordShape.fromJson(document, "");
  if (version !== VERSION) throw new Error("this is not a record of this version");
  for (const { name, ...state } of states) yield [name, state];
}
