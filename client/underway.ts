// SPDX-License-Identifier: MIT

import { LunatikError } from "./error.ts";

/* What a client has underway, and whether it takes more: open, then draining, then closed. */
export class Underway {
  readonly #answers = new Set<Promise<unknown>>();
  #phase: "open" | "draining" | "closed" = "open";

  get isClosed(): boolean {
    return this.#phase === "closed";
  }

  /** Throws ERR_CLOSED when no request may be made any more. One that belongs to another one underway may be, while draining. */
  check(operation: string, isFollowUp = false): void {
    const isOpen = this.#phase === "open" || (this.#phase === "draining" && isFollowUp);
    if (!isOpen) throw new LunatikError("ERR_CLOSED", "the connection was closed", { operation });
  }

  /** Keeps an answer in the books until it is there. Returns it. */
  track<T>(answer: Promise<T>): Promise<T> {
    this.#answers.add(answer);
    const done = (): void => {
      this.#answers.delete(answer);
    };
    answer.then(done, done);
    return answer;
  }

  /** Takes no more, and resolves when nothing is underway. */
  async drain(): Promise<void> {
    if (this.#phase === "open") this.#phase = "draining";
    while (this.#answers.size > 0) await Promise.allSettled(this.#answers);
  }

  close(): void {
    this.#phase = "closed";
  }
}
