// SPDX-License-Identifier: MIT

/* What is said about applying a manifest over the control socket of kluad: see control_protocol.ts. */

export interface ApplyOptions {
  /** States and servants that were made by hand go too, when the manifest does not declare them. */
  readonly prune?: boolean | undefined;
  /** Says what would be done, and does nothing. */
  readonly dryRun?: boolean | undefined;
  /** States that are replaced or deleted need not be idle: their runs are ended. */
  readonly force?: boolean | undefined;
  /** Goes on with what does not depend on a step that failed. */
  readonly keepGoing?: boolean | undefined;
}

export interface ApplyRequest extends ApplyOptions {
  /** The manifest; that of the daemon's own file, read anew, unless given. */
  readonly manifest?: ManifestBundle | undefined;
}

/** A manifest with the files that it names: the daemon reads no file for a client. */
export interface ManifestBundle {
  /** Its absolute path. */
  readonly file: string;
  readonly text: string;
  /** By absolute paths; in base64. */
  readonly files: Readonly<Record<string, string>>;
}

export interface ApplyStep {
  readonly action: "create" | "replace" | "delete" | "serve" | "unserve";
  readonly kind: "state" | "servant";
  /** The state's name, or where the servant listens. */
  readonly subject: string;
  /** Why, without a full stop. */
  readonly reason: string;
  /** "left": not done, because a step before it failed. "planned": a dry run. */
  readonly outcome: "done" | "failed" | "left" | "planned";
  /** Of a step that failed: what fromFault() takes. */
  readonly error?: unknown;
}

/** Something that was made by hand, where the manifest declares something else. */
export interface ApplyConflict {
  readonly kind: "state" | "servant";
  readonly subject: string;
  readonly reason: string;
}

export interface ApplyReport {
  /** The absolute path of the manifest. */
  readonly file: string;
  readonly steps: readonly ApplyStep[];
  readonly conflicts: readonly ApplyConflict[];
  /** States and servants that are as the manifest declares. */
  readonly unchanged: number;
}

export interface SaveRequest {
  /** The absolute path of the folder that files' names are to be relative to: that of the daemon's own manifest unless given. */
  readonly folder?: string | undefined;
}

export interface SaveReport {
  /** The manifest's text. */
  readonly text: string;
  /** The daemon's own manifest: its absolute path. */
  readonly file: string;
  /** What there is and the text cannot say, in one sentence each. */
  readonly missing: readonly string[];
}
