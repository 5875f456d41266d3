// SPDX-License-Identifier: MIT

import type { Caller, CallSink, UnderwayCall } from "../client/caller.ts";
import type { DirectLunatik } from "../client/direct_lunatik.ts";
import type { LunatikError } from "../client/error.ts";
import type { LimitOptions } from "../client/lunatik.ts";
import type { Method } from "../luarpc/interface.ts";
import { Deferred } from "../luarpc/object_queue.ts";
import type { CallContext, Target } from "../luarpc/servant_connection.ts";
import type { Value } from "../luarpc/value.ts";
import { PatientQueue } from "./patient_queue.ts";
import type { StateQueue } from "./state_queue.ts";
import { wireError } from "./wire_error.ts";
import { decodeResults, encodeArguments } from "./wire_values.ts";

/* A state as the target of a servant: a remote method is a call of the Lua function of that name. */

export interface StateTargetOptions {
  /** The table with the functions; the global one unless given. */
  readonly object: string | undefined;
  /** Of each call. */
  readonly limits: LimitOptions;
  /** How long a call waits for the state, in milliseconds. */
  readonly wait: number;
}

/** `queue` is the state's: calls of all its servants stand in it. */
export class StateTarget implements Target {
  readonly queue: PatientQueue;
  readonly #shared: StateQueue;
  readonly #lunatik: DirectLunatik;
  readonly #state: string;
  readonly #prefix: string;
  readonly #limits: LimitOptions;
  readonly #callers = new Map<string, Caller>();
  /** The calls underway of each client. */
  readonly #underway = new WeakMap<CallContext, Set<StateCall>>();

  constructor(lunatik: DirectLunatik, state: string, queue: StateQueue, options: StateTargetOptions) {
    this.#lunatik = lunatik;
    this.#state = state;
    this.#shared = queue;
    this.queue = new PatientQueue(queue, options.wait);
    this.#prefix = options.object === undefined ? "" : `${options.object}.`;
    this.#limits = options.limits;
  }

  /** For the servant, when the turn of the call has come. Fails with an Error whose text starts with the code. */
  call(method: Method, values: readonly (Value | undefined)[], context: CallContext): Deferred {
    const call = new StateCall(method, this.#shared, this.#callsOf(context));
    const caller = this.#caller(method.name);
    call.started(caller.call(encodeArguments(method, values), this.queue.left, call));
    return call;
  }

  #caller(method: string): Caller {
    let caller = this.#callers.get(method);
    if (caller === undefined) {
      caller = this.#lunatik.caller(this.#state, this.#prefix + method, this.#limits);
      this.#callers.set(method, caller);
    }
    return caller;
  }

  /** The calls that are given up when a client is lost. */
  #callsOf(context: CallContext): Set<StateCall> {
    let calls = this.#underway.get(context);
    if (calls === undefined) {
      const all = new Set<StateCall>();
      const { signal } = context;
      signal.addEventListener("abort", () => {
        // Those that wait first: none of them is to begin because the one before it ended.
        for (const call of Array.from(all).toReversed()) call.abort(signal.reason);
      });
      this.#underway.set(context, all);
      calls = all;
    }
    return calls;
  }
}

/** One call, and what the queue is told of it. */
class StateCall extends Deferred implements CallSink {
  readonly #method: Method;
  readonly #queue: StateQueue;
  /** Those of the same client. */
  readonly #others: Set<StateCall>;
  #underway: UnderwayCall | undefined;
  /** When it was handed to the module, by performance.now(). */
  readonly #since = performance.now();
  #isAborted = false;

  constructor(method: Method, queue: StateQueue, others: Set<StateCall>) {
    super();
    this.#method = method;
    this.#queue = queue;
    this.#others = others;
    others.add(this);
  }

  started(underway: UnderwayCall): void {
    this.#underway = underway;
  }

  abort(reason: unknown): void {
    this.#isAborted = true;
    this.#underway?.abort(reason);
  }

  succeeded(bytes: Buffer, start: number, end: number, time: number): void {
    const results = decodeResults(bytes, start, end, this.#method);
    this.#over(time);
    this.settle(true, results);
  }

  failed(error: LunatikError, time: number): void {
    this.#over(time);
    this.settle(false, wireError(error));
  }

  #over(time: number): void {
    this.#others.delete(this);
    // One that did not run says nothing of how long runs take; of one that was given up it is known how long it was underway.
    if (time > 0) this.#queue.measured(time);
    else if (this.#isAborted) this.#queue.measured((performance.now() - this.#since) * 1e6);
  }
}
