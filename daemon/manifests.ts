// SPDX-License-Identifier: MIT

import type { Logger } from "pino";
import type { ApplyReport, ApplyRequest } from "../client/apply_report.ts";
import { DaemonError } from "../client/daemon_error.ts";
import type { Lunatik } from "../client/lunatik.ts";
import type { Manifest } from "../client/manifest.ts";
import { AppliedRecord } from "./applied_record.ts";
import { ManifestApplier } from "./manifest_applier.ts";
import { type ManifestPath, readManifest, unpackManifest } from "./manifest_file.ts";
import type { StateServants } from "./state_servants.ts";

/* When a manifest is applied: at the start, at a reload, when a client asks for it, when the module is back. */

/** What manifests are applied with. */
export interface ManifestParts {
  readonly connect: () => Promise<Lunatik>;
  readonly servants: StateServants;
  /** The path of the control socket, which the record lies beside. */
  readonly control: string;
  readonly log: Logger;
}

export class Manifests {
  readonly #own: ManifestPath;
  readonly #lunatik: Lunatik;
  readonly #applier: ManifestApplier;
  readonly #log: Logger;
  #first: Manifest | undefined;

  private constructor(own: ManifestPath, lunatik: Lunatik, applier: ManifestApplier, log: Logger) {
    this.#own = own;
    this.#lunatik = lunatik;
    this.#applier = applier;
    this.#log = log;
  }

  /** Reads the daemon's own manifest and changes nothing yet. Rejects with ERR_MANIFEST, and as `connect` does. */
  static async open(
    own: ManifestPath,
    { connect, servants, control, log }: ManifestParts,
  ): Promise<Manifests> {
    const first = await readManifest(own);
    const lunatik = await connect();
    const record = await AppliedRecord.open(`${control}.applied`, log);
    const manifests = new Manifests(own, lunatik, new ManifestApplier(lunatik, servants, record, log), log);
    manifests.#first = first;
    return manifests;
  }

  /** Applies the manifest that was read. Does not reject: what fails is logged, and the daemon serves the rest. */
  async start(): Promise<void> {
    const first = this.#first;
    if (first !== undefined) await this.#logged(() => this.#applier.apply(first, { keepGoing: true }));
  }

  /** Reads the daemon's own manifest anew and applies it. Does not reject: a wrong one is logged, and changes nothing. */
  async reload(): Promise<void> {
    await this.#logged(async () => this.#applier.apply(await this.#read(), { keepGoing: true }));
  }

  /** Applies a manifest for a client. Rejects as ManifestApplier.apply() does, and with ERR_MANIFEST. */
  async apply(request: ApplyRequest): Promise<ApplyReport> {
    const manifest =
      request.manifest === undefined ? await this.#read() : await unpackManifest(request.manifest);
    return this.#applier.apply(manifest, request);
  }

  /** Brings back what the manifest in force declares. Does not reject. */
  async restore(): Promise<void> {
    await this.#logged(() => this.#applier.restore());
  }

  /** Resolves when nothing is being applied, and closes. */
  async drain(): Promise<void> {
    await this.#applier.drain();
    this.close();
  }

  close(): void {
    this.#lunatik.close();
  }

  async #read(): Promise<Manifest> {
    const manifest = await readManifest(this.#own);
    if (manifest !== undefined) return manifest;
    throw new DaemonError("ERR_MANIFEST", `${this.#own.path}: the daemon has no manifest there`);
  }

  async #logged(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      this.#log.error(
        code === undefined ? { err: error } : { code },
        error instanceof Error ? error.message : String(error),
      );
    }
  }
}
