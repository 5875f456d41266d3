// SPDX-License-Identifier: MIT

import { LunatikError } from "../client/error.ts";
import { errors } from "../client/protocol_gen.ts";
import { ObjectQueue, type QueuedCall } from "../luarpc/object_queue.ts";
import type { StateQueue } from "./state_queue.ts";
import { wireError } from "./wire_error.ts";

/*
 * One servant's way into the queue of its state. All calls of a state stand in one queue, since a state does one run at a
 * time; each has its deadline, and is refused with ERR_BUSY when it comes while the call still waits. What is left of it
 * when the call's turn comes is how long the module may let it wait for the runs of others.
 */

export class PatientQueue extends ObjectQueue {
  readonly #shared: StateQueue;
  readonly #wait: number;
  #left = 0;

  /** `wait` is in milliseconds. */
  constructor(shared: StateQueue, wait: number) {
    super();
    this.#shared = shared;
    this.#wait = wait;
  }

  override get waiting(): number {
    return this.#shared.waiting;
  }

  override get slots(): number {
    return this.#shared.slots;
  }

  /** While a call starts: how long it may still wait, in nanoseconds. */
  get left(): number {
    return this.#left;
  }

  override enter(call: QueuedCall): void {
    const patient = new PatientCall(this, call, this.#wait);
    this.#shared.enter(patient);
    patient.entered();
  }

  /** For a call that starts. */
  starts(left: number): void {
    this.#left = left;
  }
}

class PatientCall implements QueuedCall {
  readonly #queue: PatientQueue;
  readonly #call: QueuedCall;
  readonly #wait: number;
  readonly #since = performance.now();
  #phase: "waiting" | "started" | "refused" = "waiting";
  #timer: NodeJS.Timeout | undefined;

  constructor(queue: PatientQueue, call: QueuedCall, wait: number) {
    this.#queue = queue;
    this.#call = call;
    this.#wait = wait;
  }

  /** It stands in the queue now, unless it has started. */
  entered(): void {
    if (this.#phase !== "waiting") return;
    this.#timer = setTimeout(() => {
      this.#phase = "refused";
      this.#call.finish(false, wireError(new LunatikError("ERR_BUSY", errors.ERR_BUSY.text)));
    }, this.#wait);
  }

  start(): unknown {
    if (this.#phase === "refused") return undefined;
    this.#phase = "started";
    const waited = this.#timer === undefined ? 0 : performance.now() - this.#since;
    clearTimeout(this.#timer);
    this.#queue.starts(Math.max(0, this.#wait - waited) * 1e6);
    return this.#call.start();
  }

  finish(ok: boolean, value: unknown): void {
    if (this.#phase !== "refused") this.#call.finish(ok, value);
  }
}
