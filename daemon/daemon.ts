// SPDX-License-Identifier: MIT

import { resolve } from "node:path";
import type { Logger } from "pino";
import type { DirectLunatik } from "../client/direct_lunatik.ts";
import { clientVersion } from "../client/kluactl/installation.ts";
import type { NetworkAddress } from "../client/kluactl/network_address.ts";
import { type Backend, connect, connectDirectly } from "../client/lunatik.ts";
import { type DaemonIdentity, PROTOCOL } from "../client/state_protocol.ts";
import { defaultSocket } from "../client/transport_embedded.ts";
import type { InheritedSockets } from "./activation.ts";
import { applyRequest, saveRequest, servantAddress, serveRequest } from "./control_request.ts";
import { ControlServer } from "./control_server.ts";
import type { ManifestPath } from "./manifest_file.ts";
import { Manifests } from "./manifests.ts";
import type { MetricsEndpoint } from "./metrics_endpoint.ts";
import { moduleSigns } from "./module_signs.ts";
import { ModuleWatch } from "./module_watch.ts";
import { type StatesOpener, stateHandlers } from "./state_requests.ts";
import { StateServants } from "./state_servants.ts";

/*
 * kluad without the process around it: the control socket in front, the servants, and the way to the states behind them.
 */

export interface DaemonOptions {
  readonly backend: Backend;
  /** Path of the embedded server's socket. */
  readonly embeddedSocket?: string | undefined;
  /** Path of the control socket. */
  readonly control: string;
  /** The group that may use it, by name or number; the daemon's own unless given. */
  readonly group?: string | undefined;
  /** The daemon's own manifest. */
  readonly manifest: ManifestPath;
  readonly log: Logger;
  /** Log lines that could not be written so far, for the metrics. */
  readonly logLinesLost: () => number;
  /** Where Prometheus is told. */
  readonly metrics: NetworkAddress | undefined;
  /** Sockets that the service manager has opened. */
  readonly inherited?: InheritedSockets | undefined;
}

/** How long the module may take when the metrics are asked for, in milliseconds. */
const SCRAPE = 2000;

/**
 * Starts a daemon. Rejects as connect() of the client does when the states cannot be reached, and with ERR_DAEMON_RUNNING,
 * ERR_UNSAFE, or node's error when the control socket cannot be made, with ERR_MANIFEST when the manifest is wrong.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { backend, embeddedSocket, control, group, log, metrics, inherited } = options;
  const open: StatesOpener = (patience = {}) =>
    connect({ ...patience, backend, socket: embeddedSocket, onWarning: (text) => log.warn(text) });
  const identity: DaemonIdentity = {
    protocol: PROTOCOL,
    version: clientVersion(),
    pid: process.pid,
    backend,
    socket: backend === "embedded" ? resolve(embeddedSocket ?? defaultSocket()) : undefined,
  };
  // Who unloads the module means it: only a request of theirs has it loaded again.
  const followed = (): Promise<DirectLunatik> =>
    connectDirectly({
      backend,
      socket: embeddedSocket,
      onWarning: (text) => log.warn(text),
      load: false,
    });
  let server: ControlServer | undefined;
  // prom-client is loaded by those only who want it.
  const endpoint =
    metrics === undefined
      ? undefined
      : new (await import("./metrics_endpoint.ts")).MetricsEndpoint(
          {
            version: clientVersion(),
            backend,
            servants: () => servants.list(),
            controlClients: () => server?.clients ?? 0,
            logLinesLost: options.logLinesLost,
            eventsLost: () => watch.eventsLost,
          },
          () => open({ timeout: SCRAPE, load: false }),
        );
  const servants = new StateServants({ connect: followed, log, meter: endpoint?.meter, inherited });
  const controlPath = inherited?.control?.path ?? control;
  const manifests = await Manifests.open(options.manifest, {
    connect: open,
    servants,
    control: controlPath,
    log,
  });
  const watch = new ModuleWatch({
    connect: followed,
    signs: backend === "kernel" ? (sign) => moduleSigns(sign, log) : undefined,
    log,
    listener: {
      loadedAnew: () => void manifests.restore(),
      deleted: (name) => void manifests.deleted(name, () => watch.idOf(name)),
    },
  });
  try {
    if (metrics !== undefined) await endpoint?.listen(metrics, log);
    server = await ControlServer.open(
      inherited?.control ?? { path: control, group },
      (session) => ({
        ...stateHandlers(session, identity, open),
        serve: (parameters) => servants.serve(serveRequest(parameters)),
        unserve: (parameters) => servants.unserve(servantAddress(parameters)),
        servants: () =>
          servants.list().map((report) => ({ ...report, problem: watch.problemOf(report.state) })),
        apply: (parameters) => manifests.apply(applyRequest(parameters)),
        save: (parameters) => manifests.save(saveRequest(parameters)),
      }),
      log,
    );
  } catch (error) {
    endpoint?.close();
    throw error;
  }
  // Not before: another daemon may be running.
  await watch.start();
  await manifests.start();
  log.info({ control: controlPath, backend }, "ready");
  return new Daemon({ server, servants, manifests, watch, endpoint });
}

interface Parts {
  readonly server: ControlServer;
  readonly servants: StateServants;
  readonly manifests: Manifests;
  readonly watch: ModuleWatch;
  readonly endpoint: MetricsEndpoint | undefined;
}

export class Daemon {
  readonly #parts: Parts;
  #draining: Promise<void> | undefined;

  /** For startDaemon(). */
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A line about what it does. */
  get status(): string {
    const all = this.#parts.servants.list();
    const calls = all.reduce((sum, servant) => sum + servant.calls, 0);
    return `${all.length} ${all.length === 1 ? "servant" : "servants"}, ${calls} calls`;
  }

  /** Reads the manifest anew and applies it. Does not reject: what is wrong is logged. */
  reload(): Promise<void> {
    return this.#parts.manifests.reload();
  }

  /** Stops: takes nothing new, and resolves when every call and request that has come is answered. */
  drain(): Promise<void> {
    this.#draining ??= this.#drain();
    return this.#draining;
  }

  async #drain(): Promise<void> {
    const { server, servants, manifests, watch, endpoint } = this.#parts;
    watch.close();
    await Promise.all([server.drain(), servants.drain()]);
    // Not before: clients may have asked for a manifest. A reload may still be reading one, which is applied no more.
    await manifests.drain();
    // A request to serve, or a manifest, may have added a servant meanwhile.
    await servants.drain();
    endpoint?.close();
  }
}
