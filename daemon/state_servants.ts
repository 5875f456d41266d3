// SPDX-License-Identifier: MIT

import { basename } from "node:path";
import type { Logger } from "pino";
import type { ServantAddress, ServantReport, ServeRequest } from "../client/control_protocol.ts";
import { DaemonError } from "../client/daemon_error.ts";
import type { DirectLunatik } from "../client/direct_lunatik.ts";
import { formatAddress } from "../client/kluactl/network_address.ts";
import { InterfaceError } from "../luarpc/error.ts";
import { type Interface, signature } from "../luarpc/interface.ts";
import { parseInterface } from "../luarpc/interface_parser.ts";
import { openServant, type Servant } from "../luarpc/servant.ts";
import type { InheritedSockets } from "./activation.ts";
import { portError } from "./port_error.ts";
import { RefusalLog } from "./refusal_log.ts";
import type { MeterMaker, ServantMeter } from "./servant_meter.ts";
import { servantOptions } from "./servant_options.ts";
import { StateQueue } from "./state_queue.ts";
import { StateTarget } from "./state_target.ts";

/*
 * The servants of the daemon, and the states behind them. A state that is served has a client of its own, so that no
 * state's calls wait in another one's window, and one queue, for all its servants.
 */

interface ServedState {
  readonly name: string;
  readonly lunatik: Promise<DirectLunatik>;
  readonly queue: Promise<StateQueue>;
  /** Servants, and requests to serve it that are underway. */
  users: number;
}

/** A servant, as long as it listens the same object. */
export interface ServedEntry {
  readonly request: ServeRequest;
  readonly host: string;
  readonly port: number;
}

interface Entry extends ServedEntry {
  readonly declared: Interface;
  readonly servant: Servant;
  readonly state: ServedState;
  readonly meter: ServantMeter | undefined;
  calls: number;
  failed: number;
  refused: number;
}

export interface StateServantsOptions {
  /** Opens a client for a state. */
  readonly connect: () => Promise<DirectLunatik>;
  readonly log: Logger;
  /** For who counts. */
  readonly meter?: MeterMaker | undefined;
  /** Where listeners come from that the service manager has opened. */
  readonly inherited?: InheritedSockets | undefined;
}

export class StateServants {
  readonly #connect: () => Promise<DirectLunatik>;
  readonly #log: Logger;
  readonly #meter: MeterMaker | undefined;
  readonly #inherited: InheritedSockets | undefined;
  readonly #entries = new Set<Entry>();
  readonly #states = new Map<string, ServedState>();

  constructor({ connect, log, meter, inherited }: StateServantsOptions) {
    this.#connect = connect;
    this.#log = log;
    this.#meter = meter;
    this.#inherited = inherited;
  }

  /**
   * Opens a servant. Rejects with ERR_INTERFACE, ERR_NO_STATE, ERR_PORT, and what connect() and get() of the client reject with.
   */
  async serve(request: ServeRequest): Promise<ServantReport> {
    const declared = interfaceOf(request);
    const state = this.#acquire(request.state);
    try {
      const lunatik = await state.lunatik;
      await lunatik.get(request.state);
      const target = new StateTarget(lunatik, request.state, await state.queue, {
        object: request.object,
        limits: { maxTime: request.time, maxSteps: request.steps },
        wait: request.wait,
      });
      const options = servantOptions(request);
      const refusals = new RefusalLog((line) => {
        this.#log.warn({ state: request.state, port: entry.port, ...line }, "a client was refused");
      });
      const servant = await openServant(target, declared, {
        ...options,
        fd: this.#inherited?.listener(request.host, request.port),
        onRefused: (refusal) => {
          entry.refused += 1;
          entry.meter?.refused(refusal.reason);
          refusals.refused(refusal);
        },
        onCall: ({ method, milliseconds, error }) => {
          entry.calls += 1;
          entry.meter?.called(milliseconds, error);
          if (error === undefined) return;
          entry.failed += 1;
          this.#log.debug(
            { state: request.state, port: entry.port, method, milliseconds, error },
            "call failed",
          );
        },
      });
      const entry: Entry = {
        request,
        declared,
        servant,
        host: servant.ip,
        port: servant.port,
        state,
        meter: this.#meter?.(formatAddress(servant.ip, servant.port), request.state),
        calls: 0,
        failed: 0,
        refused: 0,
      };
      this.#entries.add(entry);
      servant.serve();
      this.#log.info({ state: request.state, host: entry.host, port: entry.port }, "serving");
      return report(entry);
    } catch (error) {
      await this.#release(state);
      throw portError(error, request.host, request.port);
    }
  }

  /**
   * Closes a servant once the calls that have come are answered. Its host may be the address where it listens, or the name that
   * it was asked for with. Rejects with ERR_NO_SERVANT.
   */
  async unserve({ host, port }: ServantAddress): Promise<ServantReport> {
    const entry = [...this.#entries].find(
      (one) => one.port === port && (host === undefined || one.host === host || one.request.host === host),
    );
    if (entry === undefined)
      throw new DaemonError("ERR_NO_SERVANT", `no servant listens on ${formatAddress(host ?? "*", port)}`);
    await this.#stop(entry);
    return report(entry);
  }

  /** All servants, by port. */
  list(): readonly ServantReport[] {
    return [...this.#entries].toSorted((one, other) => one.port - other.port).map(report);
  }

  /** All servants, as they were asked for. */
  entries(): readonly ServedEntry[] {
    return [...this.#entries];
  }

  /**
   * Waits until the calls of a state that have come are through, and lets no more begin until the function that it resolves
   * with is called: they wait, as for a busy state. A state that is not served has none.
   */
  hold(name: string): Promise<() => void> {
    const state = this.#states.get(name);
    if (state === undefined) return Promise.resolve(() => undefined);
    return state.queue.then((queue) => queue.hold());
  }

  /** Closes all servants once the calls that have come are answered. */
  async drain(): Promise<void> {
    await Promise.all([...this.#entries].map((entry) => this.#stop(entry)));
  }

  async #stop(entry: Entry): Promise<void> {
    // Two may ask for it at the same time.
    const isFirst = this.#entries.delete(entry);
    await entry.servant.drain();
    if (!isFirst) return;
    entry.meter?.closed();
    await this.#release(entry.state);
    this.#log.info({ state: entry.request.state, port: entry.port, calls: entry.calls }, "served no more");
  }

  #acquire(name: string): ServedState {
    const known = this.#states.get(name);
    if (known !== undefined) {
      known.users += 1;
      return known;
    }
    const lunatik = this.#connect();
    const queue = lunatik.then(async (open) => new StateQueue((await open.info()).waitingMax));
    // Who asked for the state is told by its own await.
    queue.catch(() => undefined);
    const state: ServedState = { name, lunatik, queue, users: 1 };
    this.#states.set(name, state);
    return state;
  }

  async #release(state: ServedState): Promise<void> {
    state.users -= 1;
    if (state.users > 0) return;
    this.#states.delete(state.name);
    // One that could not be opened has been reported by who asked for it.
    const lunatik = await state.lunatik.catch(() => undefined);
    await lunatik?.drain();
  }
}

function interfaceOf({ interface: { file, text } }: ServeRequest): Interface {
  try {
    return parseInterface(text, file);
  } catch (error) {
    if (error instanceof InterfaceError) throw new DaemonError("ERR_INTERFACE", error.message, error);
    throw error;
  }
}

function report({ request, declared, servant, host, port, calls, failed, refused }: Entry): ServantReport {
  const { tls, allow, reflection, maxConnections, idle } = request;
  return {
    host,
    port,
    state: request.state,
    object: request.object,
    interface: declared.name ?? basename(request.interface.file),
    profile: request.profile,
    methods: [...declared.methods.values()].map(signature),
    connections: servant.connections,
    calls,
    failed,
    refused,
    tls: tls === undefined ? "none" : tls.clientCa === undefined ? "server" : "mutual",
    allow,
    reflection: reflection === true,
    maxConnections,
    idle,
  };
}
