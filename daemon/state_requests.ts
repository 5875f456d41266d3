// SPDX-License-Identifier: MIT

import { DaemonError, faultOf, faultToJson } from "../client/daemon_error.ts";
import { LunatikError } from "../client/error.ts";
import type { EventQueue } from "../client/event_queue.ts";
import type { ConnectOptions, Lunatik } from "../client/lunatik.ts";
import {
  type ControlRequest,
  type DaemonIdentity,
  notifications,
  requests,
  WINDOW_MAX,
} from "../client/state_protocol.ts";
import type { ControlHandler, ControlHandlers, ControlSession } from "./control_session.ts";

/*
 * The requests about states, for one control client. Each client has sockets of its own to the module: nobody waits in another
 * one's window, and when they are closed, the module ends what the client had underway.
 */

/** How the daemon opens a way to its states. */
export type StatesOpener = (
  options?: Pick<ConnectOptions, "timeout" | "window" | "load">,
) => Promise<Lunatik>;

/** The most events that are kept for a client that is behind. */
const QUEUE_MAX = 10_000;
/** The most events in one message. */
const BATCH = 100;
const SUBSCRIPTIONS_MAX = 16;

/** The answers to one client's requests about states. */
export function stateHandlers(
  session: ControlSession,
  identity: DaemonIdentity,
  open: StatesOpener,
): ControlHandlers {
  const states = new SessionStates(session, open);
  return Object.fromEntries([
    answer(requests.hello, () => Promise.resolve(identity)),
    answer(requests.open, ({ timeout, window }) => states.open(timeout, window)),
    answer(requests.create, async ({ name, ...options }, signal) =>
      (await states.lunatik()).create(name, { ...options, signal }),
    ),
    answer(requests.delete, async ({ name, force }, signal) =>
      (await states.lunatik()).delete(name, { force, signal }),
    ),
    answer(requests.get, async ({ name }, signal) => (await states.lunatik()).get(name, { signal })),
    answer(requests.list, async ({ retries }, signal) => (await states.lunatik()).list({ retries, signal })),
    answer(requests.execute, async ({ state, code, ...options }, signal) =>
      (await states.lunatik()).execute(state, code, { ...options, signal }),
    ),
    answer(requests.call, async ({ state, function: name, arguments: values, ...options }, signal) =>
      (await states.lunatik()).call(state, name, values, { ...options, signal }),
    ),
    answer(requests.cancel, async (target, signal) => ({
      count: await (await states.lunatik()).cancel(target, { signal }),
    })),
    answer(requests.log, async (_, signal) => (await states.lunatik()).log({ signal })),
    answer(requests.info, async (_, signal) => (await states.lunatik()).info({ signal })),
    answer(requests.subscribe, ({ subscription, queueMax }) => states.subscribe(subscription, queueMax)),
    answer(requests.unsubscribe, ({ subscription }) => {
      states.unsubscribe(subscription);
      return Promise.resolve();
    }),
  ]);
}

/** A request's name, and what answers it in JSON. */
function answer<P, R>(
  { name, parameters, result }: ControlRequest<P, R>,
  handle: (parameters: P, signal: AbortSignal) => Promise<R>,
): readonly [string, ControlHandler] {
  return [
    name,
    async (json, signal) => result.toJson(await handle(parameters.fromJson(json ?? {}, ""), signal)),
  ];
}

class SessionStates {
  readonly #session: ControlSession;
  readonly #open: StatesOpener;
  readonly #subscriptions = new Map<number, EventQueue | undefined>();
  #lunatik: Promise<Lunatik> | undefined;

  constructor(session: ControlSession, open: StatesOpener) {
    this.#session = session;
    this.#open = open;
    session.ended.addEventListener("abort", () => this.#close(), { once: true });
  }

  /** Opens the way to the states as the client wants it. Rejects as connect() of the client does. */
  async open(timeout: number | undefined, window: number | undefined): Promise<void> {
    if (this.#lunatik !== undefined)
      throw new LunatikError("ERR_INVALID", "the way to the states is open already", {
        operation: "connect",
      });
    await this.lunatik({ timeout, window: window === undefined ? undefined : Math.min(window, WINDOW_MAX) });
  }

  /** The way to the states, opened when it is first asked for, and again when that failed. */
  lunatik(options: Parameters<StatesOpener>[0] = {}): Promise<Lunatik> {
    if (this.#session.ended.aborted) return Promise.reject(gone());
    if (this.#lunatik !== undefined) return this.#lunatik;
    const opening = this.#open(options).then((lunatik) => {
      if (!this.#session.ended.aborted) return lunatik;
      lunatik.close();
      throw gone();
    });
    this.#lunatik = opening;
    opening.catch(() => {
      if (this.#lunatik === opening) this.#lunatik = undefined;
    });
    return opening;
  }

  /** Sends events until unsubscribe(), or until they end by themselves. */
  async subscribe(subscription: number, queueMax = QUEUE_MAX): Promise<void> {
    if (this.#subscriptions.has(subscription))
      throw new LunatikError("ERR_INVALID", `the subscription ${subscription} is there already`, {
        operation: "events",
      });
    if (this.#subscriptions.size >= SUBSCRIPTIONS_MAX)
      throw new DaemonError("ERR_LIMIT", `more than ${SUBSCRIPTIONS_MAX} subscriptions of one client`);
    this.#subscriptions.set(subscription, undefined);
    try {
      const lunatik = await this.lunatik();
      const events = await lunatik.events({ queueMax: Math.min(queueMax, QUEUE_MAX) });
      if (!this.#subscriptions.has(subscription)) {
        // Given up meanwhile.
        events.close();
        return;
      }
      this.#subscriptions.set(subscription, events);
      void this.#send(subscription, events);
    } catch (error) {
      this.#subscriptions.delete(subscription);
      throw error;
    }
  }

  unsubscribe(subscription: number): void {
    const events = this.#subscriptions.get(subscription);
    this.#subscriptions.delete(subscription);
    events?.close();
  }

  /** Sends what comes, as fast as the client reads; what does not fit in the queue meanwhile is told to be lost. */
  async #send(subscription: number, events: EventQueue): Promise<void> {
    let error: unknown;
    try {
      for await (const first of events) {
        const { name, parameters } = notifications.events;
        const batch = [first, ...events.take(BATCH - 1)];
        await this.#session.notify(name, parameters.toJson({ subscription, events: batch }));
      }
    } catch (cause) {
      error = faultToJson(faultOf(cause));
    }
    if (this.#subscriptions.get(subscription) === events) this.#subscriptions.delete(subscription);
    const { name, parameters } = notifications.ended;
    await this.#session.notify(name, parameters.toJson({ subscription, error }));
  }

  #close(): void {
    this.#subscriptions.clear();
    this.#lunatik?.then(
      (lunatik) => lunatik.close(),
      () => undefined,
    );
  }
}

function gone(): LunatikError {
  return new LunatikError("ERR_CLOSED", "the control client is gone");
}
