// SPDX-License-Identifier: MIT

/*
 * "There is no concurrency in the server": two calls never run inside the same object at once, through however many
 * servants, connections and ports they come. Calls wait here, in the order in which they came.
 *
 *   enter() ──▶ waiting ──▶ running (one) ──▶ finish
 *
 * A call that finishes without awaiting anything costs no promise.
 */

export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: unknown };

interface Call {
  readonly start: () => unknown;
  readonly finish: (outcome: Outcome) => void;
}

/** Calls that run before the event loop gets its turn. */
const RUNS_PER_TURN = 64;

const queues = new WeakMap<object, ObjectQueue>();

/** The queue of an object. */
export function queueOf(object: object): ObjectQueue {
  let queue = queues.get(object);
  if (queue === undefined) {
    queue = new ObjectQueue();
    queues.set(object, queue);
  }
  return queue;
}

export class ObjectQueue {
  readonly #waiting: Call[] = [];
  #first = 0;
  #busy = false;

  /** Calls that wait. */
  get waiting(): number {
    return this.#waiting.length - this.#first;
  }

  /**
   * Runs `start` as soon as no other call runs, at once if possible, and passes what it returned, resolved to or threw to
   * `finish`, which must not throw.
   */
  enter(start: () => unknown, finish: (outcome: Outcome) => void): void {
    if (this.#busy || this.waiting > 0) this.#waiting.push({ start, finish });
    else this.#run({ start, finish });
  }

  #run(call: Call): void {
    this.#busy = true;
    let value: unknown;
    try {
      value = call.start();
    } catch (error) {
      this.#busy = false;
      call.finish({ ok: false, error });
      return;
    }
    if (!isThenable(value)) {
      this.#busy = false;
      call.finish({ ok: true, value });
      return;
    }
    value.then(
      (settled) => {
        this.#settle(call, { ok: true, value: settled });
      },
      (error: unknown) => {
        this.#settle(call, { ok: false, error });
      },
    );
  }

  #settle(call: Call, outcome: Outcome): void {
    // Busy until the reply is on its way: the next request of the same connection goes behind those that wait.
    call.finish(outcome);
    this.#busy = false;
    this.#drain();
  }

  #drain(): void {
    for (let runs = 0; !this.#busy; runs += 1) {
      if (runs === RUNS_PER_TURN) {
        // The event loop has others to serve.
        setImmediate(() => {
          this.#drain();
        });
        return;
      }
      const call = this.#waiting[this.#first];
      if (call === undefined) break;
      this.#first += 1;
      if (this.#first > 64 && this.#first * 2 > this.#waiting.length) {
        this.#waiting.splice(0, this.#first);
        this.#first = 0;
      }
      this.#run(call);
    }
    if (this.#first === this.#waiting.length) {
      this.#waiting.length = 0;
      this.#first = 0;
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
