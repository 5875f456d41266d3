// SPDX-License-Identifier: MIT

import { LunatikError } from "../client/error.ts";
import { errors } from "../client/protocol_gen.ts";
import { ObjectQueue, type QueuedCall } from "../luarpc/object_queue.ts";
import { wireError } from "./wire_error.ts";

/*
 * One servant's way into the queue of its state. All calls of a state stand in one queue, since a state does one run at a
 * time; each has its deadline, and is refused with ERR_BUSY when it comes while the call still waits. What is left of it
 * when the call's turn comes is how long the module may let it wait for the runs of others.
 */

export class PatientQueue extends ObjectQueue {
  readonly #shared: ObjectQueue;
  readonly #wait: number;
  #left = 0;

  /** `wait` is in milliseconds. */
  constructor(shared: ObjectQueue, wait: number) {
    super();
    this.#shared = shared;
    this.#wait = wait;
  }

  override get waiting(): number {
    return this.#shared.waiting;
  }

  /** While a call starts: how long it may still wait, in nanoseconds. */
  get left(): bigint {
    return BigInt(Math.round(this.#left * 1e6));
  }

  override enter(call: QueuedCall): void {
    const deadline = performance.now() + this.#wait;
    let phase: "waiting" | "started" | "refused" = "waiting";
    let timer: NodeJS.Timeout | undefined;
    this.#shared.enter({
      start: () => {
        if (phase === "refused") return undefined;
        phase = "started";
        clearTimeout(timer);
        this.#left = Math.max(0, deadline - performance.now());
        return call.start();
      },
      finish: (ok, value) => {
        if (phase !== "refused") call.finish(ok, value);
      },
    });
    if (isWaiting(phase))
      timer = setTimeout(() => {
        phase = "refused";
        call.finish(false, wireError(new LunatikError("ERR_BUSY", errors.ERR_BUSY.text)));
      }, this.#wait);
  }
}

/** For the compiler, which does not see that enter() may have changed it. */
function isWaiting(phase: string): boolean {
  return phase === "waiting";
}
