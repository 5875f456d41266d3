// SPDX-License-Identifier: MIT
// How long the host let a CPU of the guest wait for a CPU of its own: to the guest that CPU stands still, which looks like
// a stall of whatever ran on it.
import { readdirSync, readFileSync } from "node:fs";

/** A wait this long in one piece is told, in nanoseconds: the guest's RCU complains after 21 seconds, its watchdog after 20. */
const NOTABLE = 3_000_000_000;

export interface HostWait {
  /** The guest's CPU. */
  readonly cpu: number;
  /** Seconds. */
  readonly seconds: number;
  /** When it was over, by Date.now(). */
  readonly end: number;
}

/** Where threads of processes are described: the part of /proc that is read. */
export interface Threads {
  list(pid: number): readonly string[];
  read(pid: number, thread: string, file: "comm" | "schedstat"): string;
}

const proc: Threads = {
  list: (pid) => readdirSync(`/proc/${pid}/task`),
  read: (pid, thread, file) => readFileSync(`/proc/${pid}/task/${thread}/${file}`, "utf8"),
};

/**
 * Watches the threads that are the CPUs of a guest. The kernel adds a wait to a thread's account when it is over
 * (schedstat's second field, nanoseconds), so what was added between two looks is one long wait or many short ones:
 * more than the time between them can only be one that began before.
 */
export class HostWaits {
  readonly #pid: number;
  readonly #threads: Threads;
  readonly #waited = new Map<string, number>();
  readonly #found: HostWait[] = [];
  #looked = 0;

  constructor(pid: number, threads: Threads = proc) {
    this.#pid = pid;
    this.#threads = threads;
  }

  /** Looks once; to be called about every second. */
  look(now = Date.now()): void {
    const between = (now - this.#looked) * 1e6;
    this.#looked = now;
    for (const thread of this.#list()) {
      const cpu = /^CPU (\d+)\//.exec(this.#read(thread, "comm"))?.[1];
      const waited = Number(this.#read(thread, "schedstat").split(" ")[1]);
      if (cpu === undefined || Number.isNaN(waited)) continue;
      const before = this.#waited.get(thread);
      this.#waited.set(thread, waited);
      if (before === undefined || waited - before < NOTABLE || waited - before < between) continue;
      this.#found.push({ cpu: Number(cpu), seconds: (waited - before) / 1e9, end: now });
    }
  }

  /** The long waits so far, in their order. */
  get found(): readonly HostWait[] {
    return this.#found;
  }

  /** None once the process has ended. */
  #list(): readonly string[] {
    try {
      return this.#threads.list(this.#pid);
    } catch {
      return [];
    }
  }

  #read(thread: string, file: "comm" | "schedstat"): string {
    try {
      return this.#threads.read(this.#pid, thread, file);
    } catch {
      return "";
    }
  }
}
