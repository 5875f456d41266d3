// SPDX-License-Identifier: MIT

import type { FailureEvent, LostEvents, LunatikEvent, PrintEvent, StateEvent } from "./event.ts";
import type { LuaValue } from "./lua_value.ts";
import type { Backend, CancelTarget, LimitOptions, StateList } from "./lunatik.ts";
import type { Limits, ModuleInfo } from "./module_info.ts";
import type { RunReport, RunResult } from "./run.ts";
import {
  bytes,
  choice,
  flag,
  list,
  long,
  map,
  nothing,
  object,
  optional,
  quantity,
  type Shape,
  ShapeError,
  text,
  values,
  whole,
} from "./shape.ts";
import { type LibraryName, libraryNames, type State, type StateError } from "./state.ts";

/*
 * The requests of the control socket that are about states: one an operation of Lunatik, with its parameters and its result.
 * Client and daemon are both made of this table; docs/kluad.md shows it.
 */

/** The number of this protocol. Another one is another language; fields and requests may be added without a new one. */
export const PROTOCOL = 1;

/** The daemon takes so many runs of one client at once, and no more. */
export const WINDOW_MAX = 128;

/** A request by name, what it is given and what it answers. */
export interface ControlRequest<P, R> {
  readonly name: string;
  readonly parameters: Shape<P>;
  readonly result: Shape<R>;
}

function request<P extends object, R>(
  name: string,
  parameters: { readonly [K in keyof P]-?: Shape<P[K]> },
  result: Shape<R>,
): ControlRequest<P, R> {
  return { name, parameters: object<P>(parameters), result };
}

/** Who the daemon is, and what it serves. */
export interface DaemonIdentity {
  readonly protocol: number;
  /** The version of the daemon. */
  readonly version: string;
  readonly pid: number;
  readonly backend: Backend;
  /** The absolute path of the embedded server's socket; undefined for the module. */
  readonly socket: string | undefined;
}

/** What a request names a state by. */
interface Named {
  readonly name: string;
}

interface OpenParameters {
  /** As of connect(): milliseconds, and how many runs at once. */
  readonly timeout: number | undefined;
  readonly window: number | undefined;
}

interface CreateParameters extends Named, LimitOptions {
  readonly description: string | undefined;
  readonly libraries: readonly LibraryName[] | undefined;
  readonly replace: boolean | undefined;
  readonly ifNotExists: boolean | undefined;
}

interface DeleteParameters extends Named {
  readonly force: boolean | undefined;
}

interface ListParameters {
  readonly retries: number | undefined;
}

interface RunParameters extends LimitOptions {
  readonly state: string;
  readonly arguments: readonly LuaValue[] | undefined;
  readonly maxWait: number | bigint | undefined;
  readonly cookie: bigint | undefined;
}

interface ExecuteParameters extends RunParameters {
  readonly code: Uint8Array;
  readonly chunkName: string | undefined;
}

interface CallParameters extends RunParameters {
  readonly function: string;
}

/** Events are sent under a number that the client chooses. */
export interface Subscription {
  readonly subscription: number;
}

interface SubscribeParameters extends Subscription {
  /** How many events the daemon keeps for a client that is behind. */
  readonly queueMax: number | undefined;
}

const limitFields = {
  maxMemory: optional(quantity),
  maxSteps: optional(quantity),
  maxTime: optional(quantity),
} as const;

const runFields = {
  ...limitFields,
  state: text,
  arguments: optional(values),
  maxWait: optional(quantity),
  cookie: optional(long),
} as const;

const stateError: Shape<StateError> = object<StateError>({
  errno: whole,
  code: text,
  message: text,
  time: long,
});

const state: Shape<State> = object<State>({
  name: text,
  id: long,
  description: text,
  libraries: list(choice(...libraryNames)),
  maxMemory: long,
  maxSteps: long,
  maxTime: long,
  memory: long,
  memoryPeak: long,
  busy: flag,
  dying: flag,
  run: optional(long),
  waiting: whole,
  runs: long,
  failures: map(long),
  steps: long,
  time: long,
  timeLongest: long,
  sectionLongest: long,
  stackDeepest: whole,
  created: long,
  creator: object<State["creator"]>({ pid: whole, uid: whole, command: text }),
  lastError: optional(stateError),
});

const reportFields = {
  state: text,
  id: long,
  output: bytes,
  outputDropped: long,
  steps: long,
  time: long,
  wait: long,
  memory: long,
  memoryPeak: long,
} as const;

/** What a run did: part of the error of one that failed. */
export const runReport: Shape<RunReport> = object<RunReport>(reportFields);

const runResult: Shape<RunResult> = object<RunResult>({ ...reportFields, results: values });

const limits: Shape<Limits> = object<Limits>({ memory: long, steps: long, time: long });

const moduleInfo: Shape<ModuleInfo> = object<ModuleInfo>({
  version: text,
  luaVersion: text,
  backend: text,
  states: whole,
  statesMax: whole,
  memory: long,
  memoryMax: long,
  defaults: limits,
  ceilings: limits,
  resultsMax: long,
  outputMax: long,
  waitingMax: whole,
  runs: whole,
  runsMax: whole,
  eventSequence: long,
});

const eventFields = { sequence: long, state: text, stateId: long, time: long } as const;
const stateEvent = object<StateEvent>({ type: choice("created", "deleted"), ...eventFields });
const failureEvent = object<FailureEvent>({
  type: choice("failed", "limit"),
  ...eventFields,
  run: long,
  errno: whole,
  code: text,
  message: text,
});
const printEvent = object<PrintEvent>({
  type: choice("print"),
  ...eventFields,
  run: optional(long),
  output: bytes,
});
const lostEvent = object<LostEvents>({ type: choice("lost"), count: long });

const event: Shape<LunatikEvent> = {
  toJson(value) {
    switch (value.type) {
      case "created":
      case "deleted":
        return stateEvent.toJson(value);
      case "failed":
      case "limit":
        return failureEvent.toJson(value);
      case "print":
        return printEvent.toJson(value);
      case "lost":
        return lostEvent.toJson(value);
    }
  },
  fromJson(json, place) {
    const type = typeof json === "object" && json !== null && "type" in json ? json.type : undefined;
    switch (type) {
      case "created":
      case "deleted":
        return stateEvent.fromJson(json, place);
      case "failed":
      case "limit":
        return failureEvent.fromJson(json, place);
      case "print":
        return printEvent.fromJson(json, place);
      case "lost":
        return lostEvent.fromJson(json, place);
      default:
        throw new ShapeError(place, "an event");
    }
  },
};

export const requests = {
  /** Who is there. The first question of a client that wants to know whether it speaks with the right one. */
  hello: request<object, DaemonIdentity>(
    "hello",
    {},
    object<DaemonIdentity>({
      protocol: whole,
      version: text,
      pid: whole,
      backend: choice("kernel", "embedded"),
      socket: optional(text),
    }),
  ),
  /** Opens the way to the states; the requests below do so by themselves, with the defaults. */
  open: request<OpenParameters, void>("open", { timeout: optional(whole), window: optional(whole) }, nothing),
  create: request<CreateParameters, State>(
    "state.create",
    {
      name: text,
      description: optional(text),
      libraries: optional(list(choice(...libraryNames))),
      ...limitFields,
      replace: optional(flag),
      ifNotExists: optional(flag),
    },
    state,
  ),
  delete: request<DeleteParameters, void>("state.delete", { name: text, force: optional(flag) }, nothing),
  get: request<Named, State>("state.get", { name: text }, state),
  list: request<ListParameters, StateList>(
    "state.list",
    { retries: optional(whole) },
    object<StateList>({ states: list(state), changed: flag }),
  ),
  execute: request<ExecuteParameters, RunResult>(
    "run.execute",
    { ...runFields, code: bytes, chunkName: optional(text) },
    runResult,
  ),
  call: request<CallParameters, RunResult>("run.call", { ...runFields, function: text }, runResult),
  cancel: request<CancelTarget, { readonly count: number }>(
    "run.cancel",
    { state: optional(text), id: optional(long), cookie: optional(long) },
    object<{ readonly count: number }>({ count: whole }),
  ),
  log: request<object, void>("log", {}, nothing),
  info: request<object, ModuleInfo>("info", {}, moduleInfo),
  subscribe: request<SubscribeParameters, void>(
    "events.subscribe",
    { subscription: whole, queueMax: optional(whole) },
    nothing,
  ),
  unsubscribe: request<Subscription, void>("events.unsubscribe", { subscription: whole }, nothing),
} as const;

/** What the daemon sends unasked, under the number of a subscription. */
export const notifications = {
  /** Events, in order. */
  events: {
    name: "events",
    parameters: object<Subscription & { readonly events: readonly LunatikEvent[] }>({
      subscription: whole,
      events: list(event),
    }),
  },
  /** No event follows. `error` is a Fault, and missing when the client asked for the end. */
  ended: {
    name: "events.ended",
    parameters: object<Subscription & { readonly error: unknown }>({
      subscription: whole,
      error: { toJson: (value) => value, fromJson: (json) => json },
    }),
  },
} as const;
