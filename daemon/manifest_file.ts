// SPDX-License-Identifier: MIT

import { homedir } from "node:os";
import { join } from "node:path";
import type { ManifestBundle } from "../client/apply_report.ts";
import { readBounded } from "../client/bounded_file.ts";
import { CHUNK_FILE_MAX } from "../client/chunk_file.ts";
import { DaemonError } from "../client/daemon_error.ts";
import { loadManifest, MANIFEST_MAX, type Manifest } from "../client/manifest.ts";

/* Where manifests come from: the daemon's own file, and what a client sends. */

/** The daemon's own manifest. */
export interface ManifestPath {
  readonly path: string;
  /** The command line names it: it must be there. */
  readonly isRequired: boolean;
}

/** Where it is when nobody says otherwise. */
export function defaultManifest(environment: NodeJS.ProcessEnv = process.env): ManifestPath {
  const configuration = environment["XDG_CONFIG_HOME"];
  const folder =
    process.getuid?.() === 0
      ? "/etc"
      : configuration !== undefined && configuration !== ""
        ? configuration
        : join(homedir(), ".config");
  return { path: join(folder, "lunatik", "kluad.toml"), isRequired: false };
}

/** Reads the daemon's own manifest; undefined when there is none and need not be. Rejects with ERR_MANIFEST. */
export async function readManifest({ path, isRequired }: ManifestPath): Promise<Manifest | undefined> {
  let text: string;
  try {
    text = (await readBounded(path, MANIFEST_MAX)).toString();
  } catch (error) {
    if (!isRequired && (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DaemonError("ERR_MANIFEST", `${path}: cannot be read: ${reason}`, error);
  }
  return loadManifest(text, path, (name) => readBounded(name, CHUNK_FILE_MAX));
}

/** The manifest that a client sent. Rejects with ERR_MANIFEST. */
export function unpackManifest({ file, text, files }: ManifestBundle): Promise<Manifest> {
  return loadManifest(text, file, (path) => {
    const content = Object.hasOwn(files, path) ? files[path] : undefined;
    return content === undefined
      ? Promise.reject(new Error("the request does not hold it"))
      : Promise.resolve(Buffer.from(content, "base64"));
  });
}
