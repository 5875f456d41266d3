// SPDX-License-Identifier: MIT

import { dirname } from "node:path";
import type { Logger } from "pino";
import type { ApplyReport, ApplyRequest, SaveReport, SaveRequest } from "../client/apply_report.ts";
import { DaemonError } from "../client/daemon_error.ts";
import type { Manifest } from "../client/manifest.ts";
import { AppliedRecord } from "./applied_record.ts";
import { ManifestApplier, type ModuleOpener } from "./manifest_applier.ts";
import { type ManifestPath, readManifest, unpackManifest } from "./manifest_file.ts";
import type { StateServants } from "./state_servants.ts";

/* When a manifest is applied: at the start, at a reload, when a client asks for it, when the module is back. */

/** What manifests are applied with. */
export interface ManifestParts {
  readonly connect: ModuleOpener;
  readonly servants: StateServants;
  /** The path of the control socket, which the record lies beside. */
  readonly control: string;
  readonly log: Logger;
}

export class Manifests {
  readonly #own: ManifestPath;
  readonly #applier: ManifestApplier;
  readonly #record: AppliedRecord;
  readonly #log: Logger;
  #first: Manifest | undefined;

  private constructor(own: ManifestPath, record: AppliedRecord, parts: ManifestParts) {
    this.#own = own;
    this.#record = record;
    this.#log = parts.log;
    this.#applier = new ManifestApplier(parts.connect, parts.servants, record, parts.log);
  }

  /** Reads the daemon's own manifest and changes nothing yet. Rejects with ERR_MANIFEST, and as `connect` does. */
  static async open(own: ManifestPath, parts: ManifestParts): Promise<Manifests> {
    const first = await readManifest(own);
    // To learn now, and not at the first request, that there is nothing to serve.
    const lunatik = await parts.connect({ load: true });
    lunatik.close();
    const record = await AppliedRecord.open(`${parts.control}.applied`, parts.log);
    const manifests = new Manifests(own, record, parts);
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

  /** The manifest of what there is, for a client. Rejects as ManifestApplier.save() does. */
  async save({ folder }: SaveRequest): Promise<SaveReport> {
    const file = this.#own.path;
    return { file, ...(await this.#applier.save(folder ?? dirname(file))) };
  }

  /** Brings back what the manifest in force declares. Does not reject. */
  async restore(): Promise<void> {
    await this.#logged(() => this.#applier.restore());
  }

  /** For who finds out that a state is gone: logs it when the manifest had made it. What was deleted by hand is not made anew unasked. */
  async deleted(name: string, idNow: () => bigint | undefined): Promise<void> {
    // The manifest's own steps delete states too.
    await this.#applier.drain();
    const applied = this.#record.states.get(name);
    if (applied?.id === undefined || applied.id === idNow()) return;
    this.#log.warn(
      { code: "ERR_NO_STATE", state: name, manifest: this.#applier.inForce?.file },
      "a state of the manifest was deleted; kluactl apply makes it anew",
    );
  }

  /** Applies nothing more, and resolves when nothing is being applied. */
  drain(): Promise<void> {
    return this.#applier.stop();
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
