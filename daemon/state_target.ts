// SPDX-License-Identifier: MIT

import { float, type LuaValue, nil, string } from "../client/lua_value.ts";
import type { LimitOptions, Lunatik } from "../client/lunatik.ts";
import { decodeText } from "../client/text.ts";
import type { Method } from "../luarpc/interface.ts";
import type { ObjectQueue } from "../luarpc/object_queue.ts";
import type { CallContext, Target } from "../luarpc/servant_connection.ts";
import type { Value } from "../luarpc/value.ts";
import { PatientQueue } from "./patient_queue.ts";
import { wireError } from "./wire_error.ts";

/*
 * A state as the target of a servant: a remote method is a call of the Lua function of that name.
 *
 *   declared      to Lua                 from Lua
 *   double        float                  number, or a string that reads as one
 *   string, char  string, byte by byte   string, number
 *   out           nil                    -
 */

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
  readonly #lunatik: Lunatik;
  readonly #state: string;
  readonly #prefix: string;
  readonly #limits: LimitOptions;

  constructor(lunatik: Lunatik, state: string, queue: ObjectQueue, options: StateTargetOptions) {
    this.#lunatik = lunatik;
    this.#state = state;
    this.queue = new PatientQueue(queue, options.wait);
    this.#prefix = options.object === undefined ? "" : `${options.object}.`;
    this.#limits = options.limits;
  }

  /** For the servant, when the turn of the call has come. Rejects with an Error whose text starts with the code. */
  async call(
    method: Method,
    values: readonly (Value | undefined)[],
    context: CallContext,
  ): Promise<readonly unknown[]> {
    try {
      const { results } = await this.#lunatik.call(
        this.#state,
        this.#prefix + method.name,
        method.parameters.map((_, index) => toLua(values[index])),
        { ...this.#limits, maxWait: this.queue.left, signal: context.signal },
      );
      return results.map((value, index) => fromLua(value, method.outputs[index]?.type === "double"));
    } catch (error) {
      throw wireError(error);
    }
  }
}

function toLua(value: Value | undefined): LuaValue {
  if (value === undefined) return nil;
  return typeof value === "number" ? float(value) : string(value);
}

/** As convert() of luarpc/value.ts takes it: text where a double is read, bytes where a string is. */
function fromLua(value: LuaValue, isDouble: boolean): unknown {
  switch (value.kind) {
    case "nil":
      return undefined;
    case "string":
      return isDouble ? decodeText(value.value) : value.value;
    case "table":
      return value;
    case "boolean":
    case "integer":
    case "float":
      return value.value;
  }
}
