// SPDX-License-Identifier: MIT

import { constants, fstatSync, openSync, writeSync } from "node:fs";

/*
 * Log lines on their way to a file descriptor that may fail: a disk that is full, a pipe whose reader has gone, or that
 * has stopped to read. Then lines are lost, and counted; the process neither ends nor waits.
 */

export class LogWriter {
  readonly #descriptor: number;
  readonly #recovered: (lost: number) => void;
  /** The end of a line whose beginning was taken. */
  #rest: Buffer | undefined;
  #lost = 0;
  #unreported = 0;

  /** `recovered` is told, once a line gets through again, how many did not since the last time. */
  constructor(descriptor: number, recovered: (lost: number) => void) {
    this.#descriptor = withoutWaiting(descriptor);
    this.#recovered = recovered;
  }

  /** Lines that were lost, in all. */
  get lost(): number {
    return this.#lost;
  }

  /** Writes a line, its newline included, or loses it. Does not throw. */
  write(line: string): void {
    if (!this.#finish() || !this.#send(Buffer.from(line))) {
      this.#lost += 1;
      this.#unreported += 1;
      return;
    }
    const lost = this.#unreported;
    if (lost === 0) return;
    this.#unreported = 0;
    this.#recovered(lost);
  }

  /** Whether no line is half written. */
  #finish(): boolean {
    if (this.#rest === undefined) return true;
    const rest = this.#rest;
    this.#rest = undefined;
    if (!this.#send(rest)) this.#rest = rest;
    return this.#rest === undefined;
  }

  /** Whether at least a part was taken; #finish() writes what is left of it. */
  #send(bytes: Buffer): boolean {
    let written: number;
    try {
      written = writeSync(this.#descriptor, bytes);
    } catch {
      // ENOSPC, EPIPE, EAGAIN, EIO …: nowhere to tell it.
      return false;
    }
    if (written < bytes.length) this.#rest = bytes.subarray(written);
    return written > 0;
  }
}

/**
 * The same pipe, in a mode in which writing never waits; whoever else has the descriptor keeps their own mode. Other files
 * as they are: writing to a disk does not wait for anybody, and a socket cannot be opened again.
 */
function withoutWaiting(descriptor: number): number {
  try {
    if (!fstatSync(descriptor).isFIFO()) return descriptor;
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return descriptor; // Closed, of another user, or without /proc: as it is, then.
  }
}
