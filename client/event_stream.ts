// SPDX-License-Identifier: MIT

import { LunatikError } from "./error.ts";
import { decodeEvent } from "./event.ts";
import { EventQueue } from "./event_queue.ts";
import { decode } from "./reply.ts";

/*
 * The module's events, in order, with what was missed.
 *
 *   socket ──▶ received() ──▶ EventQueue ──▶ next()
 *
 * Events carry a sequence number, so a gap tells how many are missing, once a later one has come. When none comes, the module
 * is asked now and then for the number of its last event, so that the loss of the last ones is noticed too.
 */

/** How often to ask for the last event's number while no event comes, in milliseconds. */
const CHECK_INTERVAL = 1000;

export class EventStream extends EventQueue {
  /** The number that the next event should have; undefined until one is known. */
  #expected: bigint | undefined;
  #receivedSinceCheck = true;
  /** The last event's number as the module told at the check before. */
  #announced: bigint | undefined;
  #checking = false;
  #timer: NodeJS.Timeout | undefined;

  /**
   * For Lunatik.events(): takes the number of the last event from before, and starts checking. `last` asks the module
   * for the number of its last event.
   */
  start(lastBefore: bigint, last: () => Promise<bigint>): void {
    this.#expected ??= lastBefore + 1n;
    if (this.hasEnded) return;
    this.#timer = setInterval(() => void this.#check(last), CHECK_INTERVAL);
    this.#timer.unref();
  }

  /** For Lunatik.events(): takes one event of the socket, still encoded. Does not throw. */
  received(attributes: Buffer): void {
    try {
      const event = decode("events", () => decodeEvent(attributes));
      this.#receivedSinceCheck = true;
      if (this.#expected !== undefined && event.sequence > this.#expected) {
        this.push({ type: "lost", count: event.sequence - this.#expected });
      }
      this.#expected = event.sequence + 1n;
      if ("type" in event) this.push(event);
    } catch (cause) {
      this.end(
        cause instanceof LunatikError ? cause : new LunatikError("ERR_PROTOCOL", String(cause), { cause }),
      );
    }
  }

  /** Ends the stream after what is queued, with an error or without. */
  override end(error?: LunatikError): void {
    clearInterval(this.#timer);
    super.end(error);
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
        this.push({ type: "lost", count: this.#announced - expected + 1n });
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
