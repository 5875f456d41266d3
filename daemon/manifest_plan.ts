// SPDX-License-Identifier: MIT

import { createHash } from "node:crypto";
import type { ApplyConflict, ApplyStep } from "../client/apply_report.ts";
import type { ServeRequest } from "../client/control_protocol.ts";
import { formatAddress } from "../client/kluactl/network_address.ts";
import type { DeclaredScript, DeclaredServant, DeclaredState, Manifest } from "../client/manifest.ts";
import { encodeValues } from "../client/messagepack.ts";
import type { ModuleInfo } from "../client/module_info.ts";
import { libraryNames, type State } from "../client/state.ts";
import type { AppliedState } from "./applied_record.ts";
import type { ServedEntry } from "./state_servants.ts";

/*
 * The difference between a manifest and what there is, as the steps that take it away. Does nothing itself.
 *
 *   of a name          there, as declared   there, otherwise     not there
 *   declared           -                    own: replace         create
 *                                           by hand: conflict
 *   not declared       own: delete                               -
 *                      by hand: -
 *
 * "Own" is what a manifest made or found as declared; with `prune` everything is. "As declared": the module shows the
 * description, libraries and limits that are declared, and the scripts are those that the record has for the state of
 * this id and time of creation.
 */

/** A step, with what it needs. */
export type PlannedStep =
  | (StepText & {
      readonly kind: "state";
      readonly action: "create" | "replace";
      readonly state: DeclaredState;
    })
  | (StepText & { readonly kind: "state"; readonly action: "delete" })
  | (StepText & {
      readonly kind: "servant";
      readonly action: "serve" | "replace";
      readonly servant: DeclaredServant;
      readonly served: ServedEntry | undefined;
    })
  | (StepText & { readonly kind: "servant"; readonly action: "unserve"; readonly served: ServedEntry });

type StepText = Pick<ApplyStep, "subject" | "reason">;

export interface Plan {
  readonly steps: readonly PlannedStep[];
  readonly conflicts: readonly ApplyConflict[];
  /** What is as declared, and is the manifest's own from now on. */
  readonly states: readonly { readonly state: State; readonly declared: DeclaredState }[];
  readonly servants: readonly { readonly served: ServedEntry; readonly declared: DeclaredServant }[];
}

export interface Present {
  readonly info: ModuleInfo;
  readonly states: readonly State[];
  /** What a manifest made, by name. */
  readonly applied: ReadonlyMap<string, AppliedState>;
  readonly served: readonly ServedEntry[];
  readonly isOwn: (served: ServedEntry) => boolean;
}

/** The steps, in order: unserve, delete, create and replace, serve. */
export function plan(manifest: Manifest, present: Present, prune: boolean): Plan {
  const conflicts: ApplyConflict[] = [];
  const states = planStates(manifest.states, present, prune, conflicts);
  const servants = planServants(manifest.servants, present, prune, conflicts);
  return {
    steps: [...servants.ends, ...states.ends, ...states.begins, ...servants.begins],
    conflicts,
    states: states.unchanged,
    servants: servants.unchanged,
  };
}

/**
 * Whether a state is the one that a record is about: a name may have been given anew, and an id by a module loaded anew. Of
 * one that was being created when the daemon died only the creator is known.
 */
export function isSame(
  applied: AppliedState | undefined,
  state: Pick<State, "id" | "created" | "creator">,
): boolean {
  if (applied === undefined) return false;
  if (applied.id === undefined) return applied.creator === state.creator.pid;
  return applied.id === state.id && applied.created === state.created;
}

function planStates(
  declared: readonly DeclaredState[],
  { info, states, applied }: Present,
  prune: boolean,
  conflicts: ApplyConflict[],
) {
  const ends: PlannedStep[] = [];
  const begins: PlannedStep[] = [];
  const unchanged: { readonly state: State; readonly declared: DeclaredState }[] = [];
  const present = new Map(states.map((state) => [state.name, state]));
  for (const one of declared) {
    const state = present.get(one.name);
    present.delete(one.name);
    const known = applied.get(one.name);
    const subject = one.name;
    if (state === undefined) {
      const reason = known === undefined ? "it is not there" : "it is not there any more";
      begins.push({ kind: "state", action: "create", subject, reason, state: one });
      continue;
    }
    const isOwn = isSame(known, state);
    const executed = isOwn ? known?.scripts : undefined;
    const differences = differencesOf(one, state, info);
    if (isOwn && known?.isComplete !== true) differences.push("its scripts did not come to their end");
    else if (
      executed === undefined ? one.scripts.length > 0 : scriptsDigest(executed) !== scriptsDigest(one.scripts)
    )
      differences.push(isOwn ? "scripts" : "scripts, which nobody knows of it");
    if (differences.length === 0) unchanged.push({ state, declared: one });
    else if (isOwn || prune) {
      const reason = `${isOwn ? "" : "made by hand; "}differs in ${differences.join(", ")}`;
      begins.push({ kind: "state", action: "replace", subject, reason, state: one });
    } else
      conflicts.push({
        kind: "state",
        subject,
        reason: `made by hand, and differs in ${differences.join(", ")}`,
      });
  }
  for (const [subject, state] of present) {
    const isOwn = isSame(applied.get(subject), state);
    const reason = isOwn ? "the manifest declares it no more" : "made by hand, and not declared";
    if (isOwn || prune) ends.push({ kind: "state", action: "delete", subject, reason });
  }
  return { ends, begins, unchanged };
}

/** What the module shows of a state that is not as declared, by the manifest's keys. */
function differencesOf(declared: DeclaredState, state: State, { defaults }: ModuleInfo): string[] {
  const libraries = new Set(declared.libraries ?? libraryNames);
  const shown = new Set(state.libraries);
  const differs: Readonly<Record<string, boolean>> = {
    description: declared.description !== state.description,
    memory: (declared.memory ?? defaults.memory) !== state.maxMemory,
    steps: (declared.steps ?? defaults.steps) !== state.maxSteps,
    time: (declared.time ?? defaults.time) !== state.maxTime,
    libraries: libraryNames.some((name) => libraries.has(name) !== shown.has(name)),
  };
  return Object.keys(differs).filter((key) => differs[key] === true);
}

/** What tells whether two lists of scripts are the same: names in messages, bytes and arguments. */
function scriptsDigest(scripts: readonly DeclaredScript[]): string {
  const hash = createHash("sha256");
  for (const { chunkName, code, arguments: values } of scripts) {
    for (const part of [Buffer.from(chunkName), code, encodeValues(values)]) {
      hash.update(`${part.length}:`);
      hash.update(part);
    }
  }
  return hash.digest("hex");
}

function planServants(
  declared: readonly DeclaredServant[],
  { served, isOwn }: Present,
  prune: boolean,
  conflicts: ApplyConflict[],
) {
  const ends: PlannedStep[] = [];
  const begins: PlannedStep[] = [];
  const unchanged: { readonly served: ServedEntry; readonly declared: DeclaredServant }[] = [];
  const left = new Set(served);
  for (const servant of declared) {
    const { request } = servant;
    const subject = formatAddress(request.host, request.port);
    const entry = served.find(
      ({ request: other, port }) => port === request.port && other.host === request.host,
    );
    if (entry !== undefined) left.delete(entry);
    if (entry === undefined)
      begins.push({
        kind: "servant",
        action: "serve",
        subject,
        reason: "it is not served",
        servant,
        served: entry,
      });
    else if (requestDigest(entry.request) === requestDigest(request))
      unchanged.push({ served: entry, declared: servant });
    else if (isOwn(entry) || prune)
      begins.push({
        kind: "servant",
        action: "replace",
        subject,
        reason: "it is served otherwise",
        servant,
        served: entry,
      });
    else conflicts.push({ kind: "servant", subject, reason: "served by hand, and otherwise" });
  }
  for (const entry of left) {
    const subject = formatAddress(entry.request.host, entry.port);
    const reason = isOwn(entry) ? "the manifest declares it no more" : "served by hand, and not declared";
    if (isOwn(entry) || prune)
      ends.push({ kind: "servant", action: "unserve", subject, reason, served: entry });
  }
  return { ends, begins, unchanged };
}

/** What tells whether two servants at one place are the same. The interface's file may have any name. */
function requestDigest({ interface: { text }, host: _host, port: _port, ...request }: ServeRequest): string {
  const fields = Object.entries(request)
    .filter(([, value]) => value !== undefined)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([text, fields]);
}
