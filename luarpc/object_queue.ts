// SPDX-License-Identifier: MIT

/*
 * "There is no concurrency in the server": two calls never run inside the same object at once, through however many
 * servants, connections and ports they come. Calls wait here, in the order in which they came.
 *
 *   enter() ──▶ waiting ──▶ running (one; as many as there are slots) ──▶ finish
 *
 * A call that finishes without awaiting anything costs no promise.
 */

/** A call, as its owner gives it: it is started when its turn comes, and told its one outcome. */
export interface QueuedCall {
  /** Runs the method: returns what it gives, or a promise or Deferred of it. */
  start(): unknown;
  /** It runs alone, whatever the number of slots. */
  readonly isExclusive?: boolean | undefined;
  /** Must not throw. `value` is what start() returned or resolved to, or, when not `ok`, what it threw. */
  finish(ok: boolean, value: unknown): void;
}

/** An outcome that comes later, told at once and to one listener: what a promise tells, without the turn that it takes. */
export class Deferred {
  #outcome: { readonly ok: boolean; readonly value: unknown } | undefined;
  #listener: ((ok: boolean, value: unknown) => void) | undefined;

  /** Tells the outcome. To be called once. */
  settle(ok: boolean, value: unknown): void {
    if (this.#listener === undefined) this.#outcome = { ok, value };
    else this.#listener(ok, value);
  }

  /** Listens to it. */
  whenSettled(listener: (ok: boolean, value: unknown) => void): void {
    this.#listener = listener;
    if (this.#outcome !== undefined) listener(this.#outcome.ok, this.#outcome.value);
  }
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
  #running = 0;
  #runsExclusive = false;

  /** Calls that wait. */
  get waiting(): number {
    return this.#waiting.length - this.#first;
  }

  /** How many calls may be started before the first of them is over: more only where the object keeps their order itself. */
  get slots(): number {
    return 1;
  }

  /** Runs a call as soon as there is a slot for it, at once if possible. */
  enter(call: QueuedCall): void {
    if (this.waiting > 0 || !this.#mayRun(call)) this.#waiting.push(call);
    else this.#run(call);
  }

  #mayRun({ isExclusive }: QueuedCall): boolean {
    return (
      this.#running === 0 || (isExclusive !== true && !this.#runsExclusive && this.#running < this.slots)
    );
  }

  #run(call: QueuedCall): void {
    this.#running += 1;
    this.#runsExclusive = call.isExclusive === true;
    let value: unknown;
    try {
      value = call.start();
    } catch (error) {
      this.#running -= 1;
      call.finish(false, error);
      return;
    }
    if (value instanceof Deferred) {
      value.whenSettled((ok, settled) => {
        this.#settle(call, ok, settled);
      });
      return;
    }
    if (!isThenable(value)) {
      this.#running -= 1;
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
    // Its slot is taken until the reply is on its way: the next request of the same connection goes behind those that wait.
    call.finish(ok, value);
    this.#running -= 1;
    this.#drain();
  }

  #drain(): void {
    for (let runs = 0; ; runs += 1) {
      const call = this.#waiting[this.#first];
      if (call === undefined || !this.#mayRun(call)) break;
      if (runs === RUNS_PER_TURN) {
        // The event loop has others to serve.
        setImmediate(() => {
          this.#drain();
        });
        return;
      }
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
