// SPDX-License-Identifier: MIT

import type { Logger } from "pino";
import type { NetworkAddress } from "../client/kluactl/network_address.ts";
import type { Lunatik } from "../client/lunatik.ts";
import { Metrics, type MetricsSources } from "./metrics.ts";
import { MetricsServer } from "./metrics_server.ts";
import type { MeterMaker } from "./servant_meter.ts";
import { StatesReader } from "./states_reader.ts";

/* All that a daemon with metrics has and one without has not. */

export class MetricsEndpoint {
  readonly #reader: StatesReader;
  readonly #metrics: Metrics;
  #server: MetricsServer | undefined;

  /** `connect` opens a client of the module; its time-out is how long a scrape takes at most. */
  constructor(sources: Omit<MetricsSources, "states">, connect: () => Promise<Lunatik>) {
    this.#reader = new StatesReader(connect);
    this.#metrics = new Metrics({ ...sources, states: () => this.#reader.read() });
  }

  readonly meter: MeterMaker = (servant, state) => this.#metrics.meter(servant, state);

  /** Answers scrapes from now on. Rejects with ERR_PORT. */
  async listen(address: NetworkAddress, log: Logger): Promise<void> {
    this.#server = await MetricsServer.open(address, this.#metrics, log);
  }

  close(): void {
    this.#server?.close();
    this.#reader.close();
  }
}
