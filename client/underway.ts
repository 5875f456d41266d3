// SPDX-License-Identifier: MIT

import { LunatikError } from "./error.ts";

/* What a client has underway, and whether it takes more: open, then draining, then closed. */
export class Underway {
  readonly #answers = new Set<Promise<unknown>>();
  /** What was begun and has not ended, besides those answers, and who waits for the last of it. */
  #begun = 0;
  #lastEnded: (() => void) | undefined;
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

  /** Something is underway that is no promise, until end() is called for it. */
  begin(): void {
    this.#begun += 1;
  }

  end(): void {
    this.#begun -= 1;
    if (this.#begun === 0) this.#lastEnded?.();
  }

  /** Takes no more, and resolves when nothing is underway. */
  async drain(): Promise<void> {
    if (this.#phase === "open") this.#phase = "draining";
    while (this.#answers.size > 0) await Promise.allSettled(this.#answers);
    if (this.#begun > 0)
      await new Promise<void>((resolve) => {
        this.#lastEnded = resolve;
      });
  }

  close(): void {
    this.#phase = "closed";
  }
}
