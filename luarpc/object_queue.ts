// SPDX-License-Identifier: MIT

/*
 * "There is no concurrency in the server": two calls never run inside the same object at once, through however many
 * servants, connections and ports they come. Calls wait here, in the order in which they came.
 *
 *   enter() ──▶ waiting ──▶ running (one) ──▶ finish
 *
 * A call that finishes without awaiting anything costs no promise.
 */

/** A call, as its owner gives it: it is started when its turn comes, and told its one outcome. */
export interface QueuedCall {
  /** Runs the method: returns or resolves to what it gives. */
  start(): unknown;
  /** Must not throw. `value` is what start() returned or resolved to, or, when not `ok`, what it threw. */
  finish(ok: boolean, value: unknown): void;
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
  readonly #waiting: QueuedCall[] = [];
  #first = 0;
  #busy = false;

  /** Calls that wait. */
  get waiting(): number {
    return this.#waiting.length - this.#first;
  }

  /** Runs a call as soon as no other runs, at once if possible. */
  enter(call: QueuedCall): void {
    if (this.#busy || this.waiting > 0) this.#waiting.push(call);
    else this.#run(call);
  }

  #run(call: QueuedCall): void {
    this.#busy = true;
    let value: unknown;
    try {
      value = call.start();
    } catch (error) {
      this.#busy = false;
      call.finish(false, error);
      return;
    }
    if (!isThenable(value)) {
      this.#busy = false;
      call.finish(true, value);
      return;
    }
    value.then(
      (settled) => {
        this.#settle(call, true, settled);
      },
      (error: unknown) => {
        this.#settle(call, false, error);
      },
    );
  }

  #settle(call: QueuedCall, ok: boolean, value: unknown): void {
    // Busy until the reply is on its way: the next request of the same connection goes behind those that wait.
    call.finish(ok, value);
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
