// SPDX-License-Identifier: MIT

import type { Logger } from "pino";
import type { ServantProblem } from "../client/control_protocol.ts";
import { LunatikError } from "../client/error.ts";
import type { LostEvents, LunatikEvent } from "../client/event.ts";
import type { Lunatik } from "../client/lunatik.ts";
import type { State } from "../client/state.ts";

/*
 * Which states there are, as the module's events tell, and whether there is a module at all.
 *
 *             events() and a dump                    the stream ends
 *   absent ─────────────────────────▶ following ───────────────────────▶ absent
 *      ▲                               │      ▲
 *      └── a while, or a sign          └──────┘ events are missing: a fresh dump
 *
 * A stream that ends and one that begins may belong to the same module. It was loaded anew when there was none between, when
 * its events are counted from the start again, or when no state of before is left.
 */

interface KnownState {
  readonly id: bigint;
  /** When it was there for certain, in nanoseconds since the epoch: not before it was created. */
  readonly time: bigint;
}

export interface ModuleWatchListener {
  /** There is a module again, and it was loaded anew: it has none of the states of before. */
  loadedAnew(): void;
  /** A state is not there any more. */
  deleted(name: string): void;
}

export interface ModuleWatchOptions {
  /** Opens a way to the module, and does not have it loaded. */
  readonly connect: () => Promise<Lunatik>;
  /**
   * Calls back when it is worth looking whether there is a module. Resolves with how to end that. Without it the watch looks now and
   * then only.
   */
  readonly signs?: ((sign: () => void) => Promise<() => void>) | undefined;
  readonly log: Logger;
  readonly listener: ModuleWatchListener;
}

/** How long to wait before looking for a module that is not there, in milliseconds. */
const RETRY = 500;

export class ModuleWatch {
  readonly #options: ModuleWatchOptions;
  readonly #end = new AbortController();
  #states = new Map<string, KnownState>();
  /** The number of the last event that is known of. */
  #sequence = 0n;
  #isPresent = false;
  /** There was no module since it was there last. */
  #wasAbsent = false;
  #eventsLost = 0n;
  /** Ends the present wait, or the present stream. */
  #interrupt: () => void = () => undefined;
  #endSigns: () => void = () => undefined;

  constructor(options: ModuleWatchOptions) {
    this.#options = options;
  }

  /** There is a module, and what is known of its states is right. */
  get isPresent(): boolean {
    return this.#isPresent;
  }

  /** Events that were missed so far. */
  get eventsLost(): bigint {
    return this.#eventsLost;
  }

  /** The id of the state of this name; undefined when there is none, or no module. */
  idOf(name: string): bigint | undefined {
    return this.#isPresent ? this.#states.get(name)?.id : undefined;
  }

  /** What keeps a state from being called, as far as is known. */
  problemOf(name: string): ServantProblem | undefined {
    if (!this.#isPresent) return "ERR_NO_MODULE";
    return this.#states.has(name) ? undefined : "ERR_NO_STATE";
  }

  /** Starts to watch. Resolves when the states are known for the first time, or cannot be. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      void this.#run(resolve);
    });
  }

  close(): void {
    this.#end.abort();
    this.#endSigns();
    this.#interrupt();
  }

  async #run(known: () => void): Promise<void> {
    const { log, signs } = this.#options;
    try {
      this.#endSigns = (await signs?.(() => this.#interrupt())) ?? this.#endSigns;
    } catch (error) {
      log.warn(
        { err: error },
        "the kernel does not tell when the module comes and goes: it is looked for now and then",
      );
    }
    if (this.#isClosed) this.#endSigns();
    while (!this.#isClosed) {
      try {
        await this.#follow(known);
      } catch (error) {
        const wasPresent = this.#isPresent;
        this.#isPresent = false;
        this.#wasAbsent ||= isAbsence(error);
        if (wasPresent && !this.#isClosed) log.warn(reason(error), "the states cannot be followed");
      }
      known();
      if (!this.#isClosed) await this.#wait(this.#isPresent ? 0 : RETRY);
    }
  }

  get #isClosed(): boolean {
    return this.#end.signal.aborted;
  }

  /** Until the stream of events ends. Rejects with why, except when a sign has ended it. */
  async #follow(known: () => void): Promise<void> {
    const { connect, log, listener } = this.#options;
    const lunatik = await connect();
    try {
      const stream = await lunatik.events();
      this.#interrupt = () => {
        stream.close();
      };
      const before = this.#states;
      const { eventSequence } = await lunatik.info();
      const gone = await this.#dump(lunatik);
      const isAnew =
        this.#wasAbsent || eventSequence < this.#sequence || (before.size > 0 && gone.length === before.size);
      if (!this.#isPresent && isAnew) log.info({ states: this.#states.size }, "the module is there again");
      this.#wasAbsent = false;
      this.#sequence = eventSequence;
      this.#isPresent = true;
      if (isAnew) listener.loadedAnew();
      else for (const name of gone) listener.deleted(name);
      known();
      for await (const event of stream) {
        if (event.type === "lost") await this.#repair(lunatik, event.count);
        else this.#note(event);
      }
    } finally {
      this.#interrupt = () => undefined;
      lunatik.close();
    }
  }

  #note(event: Exclude<LunatikEvent, LostEvents>): void {
    this.#sequence = event.sequence;
    const { state: name, stateId: id, time } = event;
    const known = this.#states.get(name);
    // Ids grow: one that is lower is of a state that a dump has shown to be over.
    if (event.type === "created" && (known === undefined || known.id < id))
      this.#states.set(name, { id, time });
    else if (event.type === "deleted" && known?.id === id) {
      this.#states.delete(name);
      this.#options.listener.deleted(name);
    }
  }

  async #repair(lunatik: Lunatik, count: bigint): Promise<void> {
    const { log, listener } = this.#options;
    this.#eventsLost += count;
    const gone = await this.#dump(lunatik);
    log.warn(
      { events: Number(count), states: this.#states.size },
      "events were lost: the states were listed afresh",
    );
    for (const name of gone) listener.deleted(name);
  }

  /** Takes the states afresh. Resolves with the names of those that were known and are gone. */
  async #dump(lunatik: Lunatik): Promise<readonly string[]> {
    const { states, changed } = await lunatik.list();
    const now = new Map(states.map((state) => [state.name, state]));
    const before = this.#states;
    this.#states = new Map(states.map(({ name, id, created }) => [name, { id, time: created }]));
    const gone: string[] = [];
    for (const [name, known] of before) {
      const state = now.get(name) ?? (changed ? await stateOf(lunatik, name) : undefined);
      if (isStill(known, state)) this.#states.set(name, known);
      else gone.push(name);
    }
    return gone;
  }

  /** Waits, or until there is a sign. */
  #wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#interrupt = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Whether a state is the one that was known: a module that is loaded anew counts its ids from the start again. */
function isStill(known: KnownState, state: State | undefined): boolean {
  return state !== undefined && state.id === known.id && state.created <= known.time;
}

/** Of a list during which states came and went one may be missing that is there. */
async function stateOf(lunatik: Lunatik, name: string): Promise<State | undefined> {
  try {
    return await lunatik.get(name);
  } catch (error) {
    if (error instanceof LunatikError && error.code === "ERR_NO_STATE") return undefined;
    throw error;
  }
}

function isAbsence(error: unknown): boolean {
  return error instanceof LunatikError && (error.code === "ERR_NO_MODULE" || error.code === "ERR_CONNECT");
}

function reason(error: unknown): object {
  return error instanceof LunatikError ? { code: error.code, reason: error.message } : { err: error };
}
