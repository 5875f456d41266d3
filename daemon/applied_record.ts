// SPDX-License-Identifier: MIT

import { readFile } from "node:fs/promises";
import type { Logger } from "pino";
import { writeAtomically } from "../client/atomic_file.ts";
import type { State } from "../client/state.ts";

/*
 * Which states a manifest made, in a file beside the control socket, so that the next daemon knows too. The folder is
 * emptied when the machine starts, as the kernel's states are.
 */

export interface AppliedState {
  /** The state's id and time of creation; undefined while it is being created. */
  readonly id: bigint | undefined;
  readonly created: bigint | undefined;
  /** The process that creates it. */
  readonly creator: number;
  /** scriptsDigest() of what was executed in it. */
  readonly scripts: string;
  /** Its scripts have all come to their end. */
  readonly isComplete: boolean;
}

const VERSION = 1;

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
  creating(name: string, scripts: string): Promise<void> {
    const creator = process.pid;
    return this.#set(name, { id: undefined, created: undefined, creator, scripts, isComplete: false });
  }

  /** A state is as declared. */
  applied(name: string, { id, created, creator }: State, scripts: string): Promise<void> {
    const known = this.#states.get(name);
    if (known?.id === id && known.created === created && known.scripts === scripts && known.isComplete)
      return Promise.resolve();
    return this.#set(name, { id, created, creator: creator.pid, scripts, isComplete: true });
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
    const states = Array.from(this.#states, ([name, { id, created, creator, scripts, isComplete }]) => ({
      name,
      id: id?.toString(),
      created: created?.toString(),
      creator,
      scripts,
      complete: isComplete,
    }));
    try {
      await writeAtomically(
        this.#path,
        `${JSON.stringify({ version: VERSION, states }, undefined, 1)}\n`,
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

/** Throws an Error for what is no record. */
function* entriesOf(document: unknown): Generator<readonly [string, AppliedState]> {
  const { version, states } = document as { readonly version?: unknown; readonly states?: unknown };
  if (version !== VERSION || !Array.isArray(states)) throw new Error("this is not a record of this version");
  for (const state of states as readonly Readonly<Record<string, unknown>>[]) {
    const { name, id, created, creator, scripts, complete } = state;
    if (typeof name !== "string" || typeof scripts !== "string" || typeof creator !== "number")
      throw new Error("an entry lacks its name, scripts or creator");
    yield [
      name,
      {
        id: typeof id === "string" ? BigInt(id) : undefined,
        created: typeof created === "string" ? BigInt(created) : undefined,
        creator,
        scripts,
        isComplete: complete === true,
      },
    ];
  }
}
