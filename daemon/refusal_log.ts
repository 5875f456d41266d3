// SPDX-License-Identifier: MIT

import type { Refusal } from "../luarpc/tcp.ts";

/* Clients that may not connect, in the log: the first of each reason at once, then one line for all of a while. */

const WHILE = 10_000;

export interface RefusalLine extends Refusal {
  /** How many more there were before, since the last line. */
  readonly before?: number;
}

export class RefusalLog {
  readonly #write: (line: RefusalLine) => void;
  readonly #now: () => number;
  readonly #reasons = new Map<Refusal["reason"], { until: number; more: number }>();

  /** `write` writes a line; `now` is in milliseconds. */
  constructor(write: (line: RefusalLine) => void, now: () => number = () => performance.now()) {
    this.#write = write;
    this.#now = now;
  }

  refused({ remote, reason, text }: Refusal): void {
    const now = this.#now();
    const last = this.#reasons.get(reason);
    if (last !== undefined && now < last.until) {
      last.more += 1;
      return;
    }
    this.#reasons.set(reason, { until: now + WHILE, more: 0 });
    const more = last === undefined || last.more === 0 ? {} : { before: last.more };
    this.#write({ remote, reason, text, ...more });
  }
}
