// SPDX-License-Identifier: MIT

import { type ErrorCode, LuarpcError } from "./error.ts";
import type { Method } from "./interface.ts";
import type { Value } from "./value.ts";

/* One call of a proxy's method, from its request to its one outcome: whatever happens, it settles exactly once. */

export interface CallLimits {
  /** Milliseconds until the reply must have come; 0 waits for ever. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  /** How often the call may be repeated when it failed before anything was sent; when it may have been executed, only if idempotent. */
  readonly attempts: number;
  readonly idempotent: boolean;
}

/** What holds a call that was written. */
export interface CallHolder {
  /** The call was given up. */
  abandoned(): void;
}

/** setTimeout() takes no more. */
const TIMER_MAX = 2 ** 31 - 1;

/** The calls that one signal aborts: any number may share it, and it has one listener for all. */
const watched = new WeakMap<AbortSignal, { readonly calls: Set<Call>; readonly listener: () => void }>();

function watch(signal: AbortSignal, call: Call): void {
  const known = watched.get(signal);
  if (known !== undefined) {
    known.calls.add(call);
    return;
  }
  const calls = new Set([call]);
  const listener = () => {
    watched.delete(signal);
    for (const aborted of Array.from(calls)) aborted.abort();
  };
  signal.addEventListener("abort", listener, { once: true });
  watched.set(signal, { calls, listener });
}

function unwatch(signal: AbortSignal, call: Call): void {
  const known = watched.get(signal);
  if (known === undefined || !known.calls.delete(call) || known.calls.size > 0) return;
  signal.removeEventListener("abort", known.listener);
  watched.delete(signal);
}

export class Call {
  readonly method: Method;
  readonly bytes: string;
  readonly limits: CallLimits;
  /** How often it may still be repeated. */
  repeats: number;
  #holder: CallHolder | undefined;
  #isSent = false;
  #isSettled = false;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #resolve: (values: readonly Value[]) => void;
  readonly #reject: (error: LuarpcError) => void;

  constructor(
    method: Method,
    bytes: string,
    limits: CallLimits,
    resolve: (values: readonly Value[]) => void,
    reject: (error: LuarpcError) => void,
  ) {
    this.method = method;
    this.bytes = bytes;
    this.limits = limits;
    this.repeats = limits.attempts;
    this.#resolve = resolve;
    this.#reject = reject;
    if (limits.timeout > 0)
      this.#timer = setTimeout(
        () => {
          this.#giveUp("ERR_TIMEOUT", `no reply within ${limits.timeout} ms`);
        },
        Math.min(limits.timeout, TIMER_MAX),
      );
    if (limits.signal !== undefined) watch(limits.signal, this);
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Whether bytes of the request have been written. */
  get isSent(): boolean {
    return this.#isSent;
  }

  /** The request was written. */
  written(holder: CallHolder): void {
    this.#holder = holder;
    this.#isSent = true;
  }

  /** The call will be sent again. */
  requeued(): void {
    this.#holder = undefined;
  }

  resolve(values: readonly Value[]): void {
    if (this.#settle()) this.#resolve(values);
  }

  reject(error: LuarpcError): void {
    if (this.#settle()) this.#reject(error);
  }

  /** The caller's signal was raised. */
  abort(): void {
    const reason: unknown = this.limits.signal?.reason;
    this.#giveUp("ERR_ABORTED", "the call was aborted", reason);
  }

  #giveUp(code: ErrorCode, text: string, cause?: unknown): void {
    if (this.#isSettled) return;
    const holder = this.#holder;
    const method = this.method.name;
    this.reject(new LuarpcError(code, `${method}: ${text}`, { method, sent: this.#isSent, cause }));
    holder?.abandoned();
  }

  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    if (this.limits.signal !== undefined) unwatch(this.limits.signal, this);
    return true;
  }
}
