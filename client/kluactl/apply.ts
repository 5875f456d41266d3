// SPDX-License-Identifier: MIT

import { resolve } from "node:path";
import type { ApplyReport, ApplyStep, ManifestBundle } from "../apply_report.ts";
import { readBounded } from "../bounded_file.ts";
import { CHUNK_FILE_MAX } from "../chunk_file.ts";
import { DaemonError, fromFault } from "../daemon_error.ts";
import { loadManifest, MANIFEST_MAX } from "../manifest.ts";
import { defineCommand } from "./command.ts";
import { failureExit, failureJson, reportFailure } from "./failure_report.ts";
import { cannotRead } from "./file_text.ts";
import type { Json } from "./json.ts";
import { type Terminal, visible } from "./terminal.ts";

export const apply = defineCommand({
  positionals: {
    file: { describe: "the manifest; that of the daemon, read anew, unless given" },
  },
  options: {
    "dry-run": { type: "boolean", describe: "say what would be done, and do nothing" },
    prune: {
      type: "boolean",
      describe:
        "states and servants that were made by hand give way to the manifest, and go when it does not declare them",
    },
    force: { type: "boolean", describe: "end the runs of states that are replaced or deleted" },
    "keep-going": { type: "boolean", describe: "after a failure, go on with what does not depend on it" },
  },
  details:
    "The daemon kluad, which must be running, makes the difference between what there is and what the manifest declares, and " +
    "nothing else: a state that is as declared is not touched; one whose limits or scripts have changed is replaced, and its " +
    "contents are lost; one that a manifest made and that is declared no more is deleted. What was made by hand is left alone, " +
    "unless --prune. A wrong manifest changes nothing. After a step that fails, those behind it are left.",
  examples: [
    ["apply --dry-run", "what the daemon's own manifest would change"],
    ["apply kluad.toml", "another manifest, with the files that it names"],
  ],
  async run(context, { file, prune, force, ...values }) {
    const { terminal, options } = context;
    const dryRun = values["dry-run"];
    const manifest = file === undefined ? undefined : await bundle(file);
    const daemon = await context.daemon();
    const keepGoing = values["keep-going"];
    const report = await daemon.apply({ manifest, prune, force, dryRun, keepGoing });
    const failure = dryRun === true ? undefined : failureOf(report);
    if (options.json) terminal.json(reportJson(report, failure));
    else {
      tell(report, terminal);
      if (failure !== undefined) reportFailure(terminal, failure, options);
    }
    return failure === undefined ? undefined : failureExit(failure);
  },
});

/** A manifest with the files that it names. Throws ERR_FILE, ERR_MANIFEST. */
async function bundle(name: string): Promise<ManifestBundle> {
  const file = resolve(name);
  let text: string;
  try {
    text = (await readBounded(file, MANIFEST_MAX)).toString();
  } catch (error) {
    throw cannotRead(file, error);
  }
  const files: Record<string, string> = {};
  await loadManifest(text, file, async (path) => {
    const content = await readBounded(path, CHUNK_FILE_MAX);
    files[path] = content.toString("base64");
    return content;
  });
  return { file, text, files };
}

/** The first thing that went wrong. */
function failureOf({ steps, conflicts }: ApplyReport): Error | undefined {
  const failed = steps.find(({ outcome }) => outcome === "failed");
  if (failed !== undefined) return fromFault(failed.error, "apply");
  const [conflict] = conflicts;
  if (conflict === undefined) return undefined;
  const { kind, subject, reason } = conflict;
  return new DaemonError(
    "ERR_BY_HAND",
    `${kind} ${visible(subject)}: ${reason}; left alone (--prune puts the manifest's in its place)`,
  );
}

function reportJson({ file, steps, conflicts, unchanged }: ApplyReport, failure: Error | undefined): Json {
  return {
    ok: failure === undefined,
    ...(failure === undefined ? {} : { error: failureJson(failure) }),
    manifest: file,
    steps: steps.map(stepJson),
    conflicts: conflicts.map(({ kind, subject, reason }) => ({ kind, subject, reason })),
    unchanged,
  };
}

function stepJson({ action, kind, subject, reason, outcome, error }: ApplyStep): Json {
  const fault = error === undefined ? {} : { error: failureJson(fromFault(error, "apply")) };
  return { action, kind, subject, reason, outcome, ...fault };
}

const words: Readonly<Record<ApplyStep["outcome"], string>> = {
  done: "done",
  failed: "FAILED",
  left: "left",
  planned: "would",
};

function tell({ steps, conflicts, unchanged }: ApplyReport, terminal: Terminal): void {
  for (const { action, kind, subject, reason, outcome, error } of steps) {
    const text = `${words[outcome].padEnd(6)}  ${action} ${kind} ${visible(subject)}: ${visible(reason)}`;
    terminal.line(text);
    if (error === undefined) continue;
    const { code, message } = fromFault(error, "apply");
    terminal.line(`        ${code}: ${visible(message)}`);
  }
  for (const { kind, subject, reason } of conflicts)
    terminal.line(`kept    ${kind} ${visible(subject)}: ${visible(reason)}`);
  if (steps.length === 0 && conflicts.length === 0) terminal.talk("nothing to do");
  if (unchanged > 0) terminal.talk(`${unchanged} as declared`);
}
