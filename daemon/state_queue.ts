// SPDX-License-Identifier: MIT

import { ObjectQueue } from "../luarpc/object_queue.ts";

/*
 * The calls of one state, of all its servants. A state does one run at a time, in the order in which they were asked for, and
 * the module keeps that queue. So that a state need not wait for us between two short runs, as many are with the module as
 * take no longer than AHEAD together; of long ones, or while it is not known how long they are, there is one: the
 * next one's turn is decided here, where no client's calls go in front of another's.
 */

/** How much work the module may have in its queue, in nanoseconds. */
const AHEAD = 4e6;
/** The weight of the newest run: one that was held up by a busy machine does not make all of them long. */
const WEIGHT = 1 / 16;
/** The most runs of it. */
const SLOTS_MAX = 32;

export class StateQueue extends ObjectQueue {
  readonly #most: number;
  /** What a run takes, in nanoseconds: a mean in which the newest counts most. */
  #time = AHEAD;

  /** `waitingMax` is how many runs the module lets wait for a state: half of them are left to others. */
  constructor(waitingMax: number) {
    super();
    this.#most = Math.max(1, Math.min(SLOTS_MAX, Math.floor(waitingMax / 2)));
  }

  override get slots(): number {
    return Math.max(1, Math.min(this.#most, Math.floor(AHEAD / this.#time)));
  }

  /** Waits until the calls that have come are through, and lets no more begin until the function that it resolves with is called. */
  hold(): Promise<() => void> {
    return new Promise((resolve) => {
      this.enter({
        isExclusive: true,
        start: () =>
          new Promise<void>((done) => {
            resolve(done);
          }),
        finish: () => undefined,
      });
    });
  }

  /** A run is over, and took so many nanoseconds. */
  measured(time: number): void {
    this.#time = Math.max(1, this.#time + (time - this.#time) * WEIGHT);
  }
}
