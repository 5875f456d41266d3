// SPDX-License-Identifier: MIT

import { decodeEventMessage, eventTypeNames } from "./protocol_gen.ts";
import { required } from "./reply.ts";
import { decodeText } from "./text.ts";

interface EventBase {
  /** One more than that of the event before. */
  readonly sequence: bigint;
  /** The name of the state. */
  readonly state: string;
  readonly stateId: bigint;
  /** When, in nanoseconds since the epoch. */
  readonly time: bigint;
}

/** A state was created or deleted. */
export interface StateEvent extends EventBase {
  readonly type: "created" | "deleted";
}

/** A run ended with an error: "limit" when a limit on steps, time or memory was spent, else "failed". */
export interface FailureEvent extends EventBase {
  readonly type: "failed" | "limit";
  /** The id of the run. */
  readonly run: bigint;
  /** A positive errno. */
  readonly errno: number;
  /** A code as LunatikError has it, "ERR_RUNTIME". */
  readonly code: string;
  readonly message: string;
}

/** A run printed. */
export interface PrintEvent extends EventBase {
  readonly type: "print";
  /** The id of the run; undefined for what finalizers print while the state is deleted. */
  readonly run: bigint | undefined;
  /** Bytes, as print() wrote them. */
  readonly output: Uint8Array;
}

/** Events were missed here: the reader was too slow, or the socket's buffer too small. */
export interface LostEvents {
  readonly type: "lost";
  /** How many. */
  readonly count: bigint;
}

export type LunatikEvent = StateEvent | FailureEvent | PrintEvent | LostEvents;

/** Decodes an event. Throws ERR_PROTOCOL when it is not one. Returns its number alone when its type is unknown. */
export function decodeEvent(
  attributes: Buffer,
): Exclude<LunatikEvent, LostEvents> | { readonly sequence: bigint } {
  const message = decodeEventMessage(attributes);
  const base: EventBase = {
    sequence: required(message.sequence, "sequence"),
    state: required(message.state, "state"),
    stateId: required(message.stateId, "state-id"),
    time: required(message.time, "time"),
  };
  const type = eventTypeNames[required(message.type, "type")];
  switch (type) {
    case "created":
    case "deleted":
      return { type, ...base };
    case "failed":
    case "limit":
      return {
        type,
        ...base,
        run: required(message.run, "run"),
        errno: required(message.errno, "errno"),
        code: required(message.errorCode, "error-code"),
        message: message.message === undefined ? "" : decodeText(message.message),
      };
    case "print":
      return { type, ...base, run: message.run, output: message.output ?? new Uint8Array() };
    case undefined:
      return { sequence: base.sequence };
  }
}
