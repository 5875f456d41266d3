// SPDX-License-Identifier: MIT

import type { LunatikError } from "./error.ts";
import type { LunatikEvent } from "./event.ts";

/*
 * Events between the one who has them come and the one who reads them.
 *
 *   push() ──▶ queue (at most `queueMax`) ──▶ next()
 *
 * A reader that is behind misses the newest, and is told how many.
 */

/** What waits in next(). */
interface Waiter {
  readonly resolve: (result: IteratorResult<LunatikEvent, undefined>) => void;
  readonly reject: (error: LunatikError) => void;
}

export class EventQueue implements AsyncIterableIterator<LunatikEvent, undefined, undefined> {
  readonly #queueMax: number;
  readonly #onClose: () => void;
  readonly #queue: LunatikEvent[] = [];
  readonly #waiters: Waiter[] = [];
  #ended: { readonly error: LunatikError | undefined } | undefined;

  /** For Lunatik.events(). `onClose` is called once, when the queue ends for whatever reason. */
  constructor(queueMax: number, onClose: () => void) {
    this.#queueMax = queueMax;
    this.#onClose = onClose;
  }

  /** Nothing more will come, though there may be something left to read. */
  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** For who fills it: adds an event. Does nothing once the queue has ended. */
  push(event: LunatikEvent): void {
    if (this.#ended !== undefined) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: event });
      return;
    }
    const last = this.#queue.at(-1);
    const count = event.type === "lost" ? event.count : 1n;
    if (this.#queue.length < this.#queueMax) this.#queue.push(event);
    else if (last?.type === "lost")
      this.#queue[this.#queue.length - 1] = { type: "lost", count: last.count + count };
    else this.#queue.push({ type: "lost", count });
  }

  /** For who fills it: ends it after what is queued, with an error or without. */
  end(error?: LunatikError): void {
    if (this.#ended !== undefined) return;
    this.#ended = { error };
    this.#onClose();
    for (const waiter of this.#waiters.splice(0)) {
      if (error === undefined) waiter.resolve({ done: true, value: undefined });
      else waiter.reject(error);
    }
  }

  /** The next event, as soon as there is one. Rejects with the error that ended the queue, once. */
  next(): Promise<IteratorResult<LunatikEvent, undefined>> {
    const event = this.#queue.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#ended !== undefined) {
      const { error } = this.#ended;
      this.#ended = { error: undefined };
      return error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error);
    }
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** Takes what is queued, `most` events at most, without waiting. */
  take(most: number): readonly LunatikEvent[] {
    return this.#queue.splice(0, most);
  }

  /** Ends the queue and forgets what is in it; `break` in a `for await` does this. */
  return(): Promise<IteratorResult<LunatikEvent, undefined>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Ends the queue and forgets what is in it. */
  close(): void {
    this.#queue.length = 0;
    this.end();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
