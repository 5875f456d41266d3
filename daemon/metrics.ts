// SPDX-License-Identifier: MIT

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { ServantReport } from "../client/control_protocol.ts";
import { isModuleErrorCode } from "../client/error.ts";
import { formatAddress } from "../client/kluactl/network_address.ts";
import type { ModuleInfo } from "../client/module_info.ts";
import type { State } from "../client/state.ts";
import type { ServantMeter } from "./servant_meter.ts";
import { StateMetrics } from "./state_metrics.ts";

/*
 * What Prometheus is told. A call is counted when it is answered; all else is looked at when somebody asks.
 *
 * Labels are bounded: a servant's series go with it, and the codes of errors are those of the module's table.
 */

export interface MetricsSources {
  readonly version: string;
  readonly backend: string;
  readonly servants: () => readonly ServantReport[];
  /** Connections to the control socket. */
  readonly controlClients: () => number;
  /** Log lines that could not be written. */
  readonly logLinesLost: () => number;
  /** Events of the module that the daemon has missed. */
  readonly eventsLost: () => bigint;
  /** What the module says; undefined when it does not answer. Does not reject. */
  readonly states: () => Promise<
    { readonly info: ModuleInfo; readonly states: readonly State[] } | undefined
  >;
}

/** In seconds: from a call of an empty function to one that waits for a busy state. */
const BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10, 30];

/** How often the event loop's delay is sampled, in milliseconds. */
const LOOP_PRECISION = 100;

const ofServant = ["servant", "state"] as const;

export class Metrics {
  readonly #sources: MetricsSources;
  readonly #registry = new Registry();
  readonly #stateMetrics = new StateMetrics();
  readonly #calls = new Counter({
    ...this.#named("kluad_calls_total", "Calls that were answered."),
    labelNames: ofServant,
  });
  readonly #errors = new Counter({
    ...this.#named("kluad_call_errors_total", "Calls that were answered by an error."),
    labelNames: [...ofServant, "code"],
  });
  readonly #refused = new Counter({
    ...this.#named("kluad_refused_total", "Clients that were not let in."),
    labelNames: [...ofServant, "reason"],
  });
  readonly #durations = new Histogram({
    ...this.#named("kluad_call_duration_seconds", "From a request to its reply, waiting included."),
    labelNames: ofServant,
    buckets: BUCKETS,
  });
  readonly #connections = new Gauge({
    ...this.#named("kluad_connections", "Open connections to servants."),
    labelNames: ofServant,
  });
  readonly #servants = new Gauge(this.#named("kluad_servants", "Servants."));
  readonly #clients = new Gauge(this.#named("kluad_control_clients", "Connections to the control socket."));
  readonly #linesLost = new Counter(
    this.#named("kluad_log_lines_lost_total", "Log lines that could not be written."),
  );
  readonly #eventsLost = new Counter(
    this.#named("kluad_events_lost_total", "Events of the module that the daemon has missed."),
  );
  readonly #up = new Gauge(this.#named("lunatik_up", "Whether the module, or the embedded server, answers."));
  #scrape: Promise<string> | undefined;

  constructor(sources: MetricsSources) {
    this.#sources = sources;
    const { version, backend } = sources;
    new Gauge({
      ...this.#named("kluad_build_info", "1."),
      labelNames: ["version", "backend", "node"],
    }).set({ version, backend, node: process.version }, 1);
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: LOOP_PRECISION });
  }

  /** Of text(). */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The exposition text. Those who ask at the same time are told the same. */
  text(): Promise<string> {
    this.#scrape ??= this.#read().finally(() => {
      this.#scrape = undefined;
    });
    return this.#scrape;
  }

  async #read(): Promise<string> {
    const { servants, controlClients, logLinesLost, eventsLost, states } = this.#sources;
    const answer = await states();
    this.#up.set(answer === undefined ? 0 : 1);
    this.#readServants(servants());
    this.#clients.set(controlClients());
    this.#linesLost.reset();
    this.#linesLost.inc(logLinesLost());
    this.#eventsLost.reset();
    this.#eventsLost.inc(Number(eventsLost()));
    const own = await this.#registry.metrics();
    return answer === undefined
      ? own
      : `${own}\n${await this.#stateMetrics.text(answer.info, answer.states)}`;
  }

  #readServants(all: readonly ServantReport[]): void {
    this.#servants.set(all.length);
    this.#connections.reset();
    this.#calls.reset();
    for (const { host, port, state, connections, calls } of all) {
      const labels = { servant: formatAddress(host, port), state };
      this.#connections.set(labels, connections);
      this.#calls.inc(labels, calls);
    }
  }

  /** Counts for one servant. */
  meter(servant: string, state: string): ServantMeter {
    const labels = { servant, state };
    const durations = this.#durations.labels(labels);
    const codes = new Set<string>();
    const reasons = new Set<string>();
    return {
      called: (milliseconds, error) => {
        durations.observe(milliseconds / 1000);
        if (error === undefined) return;
        const code = codeOf(error);
        codes.add(code);
        this.#errors.inc({ ...labels, code });
      },
      refused: (reason) => {
        reasons.add(reason);
        this.#refused.inc({ ...labels, reason });
      },
      closed: () => {
        this.#durations.remove(labels);
        for (const reason of reasons) this.#refused.remove({ ...labels, reason });
        for (const code of codes) this.#errors.remove({ ...labels, code });
      },
    };
  }

  #named(
    name: string,
    help: string,
  ): { readonly name: string; readonly help: string; readonly registers: Registry[] } {
    return { name, help, registers: [this.#registry] };
  }
}

/** The module's code at the beginning of an error's text; "other" for errors that are not the module's. */
function codeOf(error: string): string {
  const [, code = ""] = /^(ERR_[A-Z_]+): /.exec(error) ?? [];
  return isModuleErrorCode(code) ? code : "other";
}
