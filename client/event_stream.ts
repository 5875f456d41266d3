// SPDX-License-Identifier: MIT

import { LunatikError } from "./error.ts";
import { decodeEvent, type LunatikEvent } from "./event.ts";
import { decode } from "./reply.ts";

/*
 * The module's events, in order, with what was missed.
 *
 *   socket ──▶ received() ──▶ queue (at most `queueMax`) ──▶ next()
 *
 * Events carry a sequence number, so a gap tells how many are missing, once a later one has come. When none comes, the module
 * is asked now and then for the number of its last event, so that the loss of the last ones is noticed too.
 */

/** How often to ask for the last event's number while no event comes, in milliseconds. */
const CHECK_INTERVAL = 1000;

/** What waits in next(). */
interface Waiter {
  readonly resolve: (result: IteratorResult<LunatikEvent, undefined>) => void;
  readonly reject: (error: LunatikError) => void;
}

export class EventStream implements AsyncIterableIterator<LunatikEvent, undefined, undefined> {
  readonly #queueMax: number;
  readonly #onClose: () => void;
  readonly #queue: LunatikEvent[] = [];
  readonly #waiters: Waiter[] = [];
  /** The number that the next event should have; undefined until one is known. */
  #expected: bigint | undefined;
  #receivedSinceCheck = true;
  /** The last event's number as the module told at the check before. */
  #announced: bigint | undefined;
  #checking = false;
  #timer: NodeJS.Timeout | undefined;
  #ended: { readonly error: LunatikError | undefined } | undefined;

  /** For Lunatik.events(). `onClose` is called once, when the stream ends for whatever reason. */
  constructor(queueMax: number, onClose: () => void) {
    this.#queueMax = queueMax;
    this.#onClose = onClose;
  }

  /**
   * For Lunatik.events(): takes the number of the last event from before, and starts checking. `last` asks the module
   * for the number of its last event.
   */
  start(lastBefore: bigint, last: () => Promise<bigint>): void {
    this.#expected ??= lastBefore + 1n;
    if (this.#ended !== undefined) return;
    this.#timer = setInterval(() => void this.#check(last), CHECK_INTERVAL);
    this.#timer.unref();
  }

  /** For Lunatik.events(): takes one event of the socket, still encoded. Does not throw. */
  received(attributes: Buffer): void {
    try {
      const event = decode("events", () => decodeEvent(attributes));
      this.#receivedSinceCheck = true;
      if (this.#expected !== undefined && event.sequence > this.#expected) {
        this.#push({ type: "lost", count: event.sequence - this.#expected });
      }
      this.#expected = event.sequence + 1n;
      if ("type" in event) this.#push(event);
    } catch (cause) {
      this.end(
        cause instanceof LunatikError ? cause : new LunatikError("ERR_PROTOCOL", String(cause), { cause }),
      );
    }
  }

  /** For Lunatik.events(): ends the stream after what is queued, with an error or without. */
  end(error?: LunatikError): void {
    if (this.#ended !== undefined) return;
    this.#ended = { error };
    clearInterval(this.#timer);
    this.#onClose();
    for (const waiter of this.#waiters.splice(0)) {
      if (error === undefined) waiter.resolve({ done: true, value: undefined });
      else waiter.reject(error);
    }
  }

  /** The next event, as soon as there is one. Rejects with the error that ended the stream, once. */
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

  /** Ends the stream and forgets what is queued; `break` in a `for await` does this. */
  return(): Promise<IteratorResult<LunatikEvent, undefined>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Ends the stream and forgets what is queued. */
  close(): void {
    this.#queue.length = 0;
    this.end();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #push(event: LunatikEvent): void {
    if (this.#ended !== undefined) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: event });
      return;
    }
    const last = this.#queue.at(-1);
    const count = event.type === "lost" ? event.count : 1n;
    if (this.#queue.length < this.#queueMax) this.#queue.push(event);
    // A reader that does not read misses the newest, and is told so.
    else if (last?.type === "lost")
      this.#queue[this.#queue.length - 1] = { type: "lost", count: last.count + count };
    else this.#queue.push({ type: "lost", count });
  }

  async #check(last: () => Promise<bigint>): Promise<void> {
    if (this.#checking) return;
    if (this.#receivedSinceCheck) {
      this.#receivedSinceCheck = false;
      this.#announced = undefined;
      return;
    }
    this.#checking = true;
    try {
      const number = await last();
      const expected = this.#expected ?? number + 1n;
      if (number + 1n < expected) {
        this.end(new LunatikError("ERR_CLOSED", "the module was loaded anew", { operation: "events" }));
      } else if (this.#announced !== undefined && this.#announced >= expected) {
        // It was announced a whole interval ago and has not come.
        this.#push({ type: "lost", count: this.#announced - expected + 1n });
        this.#expected = this.#announced + 1n;
        this.#announced = undefined;
      } else {
        this.#announced = number;
      }
    } catch (error) {
      // One answer may be late on a busy machine; the next check asks again.
      if (error instanceof LunatikError && error.code !== "ERR_TIMEOUT") this.end(error);
    } finally {
      this.#checking = false;
    }
  }
}
