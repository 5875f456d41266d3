// SPDX-License-Identifier: MIT

import type { Logger } from "pino";
import type { ApplyOptions, ApplyReport, ApplyStep } from "../client/apply_report.ts";
import { DaemonError, faultOf, faultToJson } from "../client/daemon_error.ts";
import type { Lunatik } from "../client/lunatik.ts";
import type { DeclaredScript, DeclaredServant, DeclaredState, Manifest } from "../client/manifest.ts";
import type { ModuleInfo } from "../client/module_info.ts";
import type { State } from "../client/state.ts";
import type { AppliedRecord } from "./applied_record.ts";
import { isSame, type Plan, type PlannedStep, plan } from "./manifest_plan.ts";
import { type Written, writeManifest } from "./manifest_writer.ts";
import type { ServedEntry, StateServants } from "./state_servants.ts";

/*
 * Applies manifests, one at a time: makes a plan of the difference, and does its steps in order. What is as declared is not
 * touched. The last manifest that was applied is in force: it is what restore() brings back.
 */

/** How long a script waits for its state, in nanoseconds: somebody else may have been quicker. */
const SCRIPT_WAIT = 30_000_000_000n;

/** Opens a way to the module; `load` lets the kernel load it when it is not there. */
export type ModuleOpener = (options: { readonly load: boolean }) => Promise<Lunatik>;

export class ManifestApplier {
  readonly #connect: ModuleOpener;
  readonly #servants: StateServants;
  readonly #record: AppliedRecord;
  readonly #log: Logger;
  /** Servants that a manifest made or found as declared. */
  readonly #own = new WeakMap<ServedEntry, DeclaredServant>();
  #inForce: Manifest | undefined;
  #isStopped = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(connect: ModuleOpener, servants: StateServants, record: AppliedRecord, log: Logger) {
    this.#connect = connect;
    this.#servants = servants;
    this.#record = record;
    this.#log = log;
  }

  /** The last manifest that was applied. */
  get inForce(): Manifest | undefined {
    return this.#inForce;
  }

  /**
   * Makes the difference between what there is and a manifest. Resolves with what was done, steps that failed included; rejects,
   * with nothing done, with ERR_MANIFEST when the module does not accept a limit, and with what keeps the daemon from the states.
   */
  apply(manifest: Manifest, options: ApplyOptions = {}): Promise<ApplyReport> {
    return this.#inTurn(true, (lunatik) => this.#apply(lunatik, manifest, options));
  }

  /**
   * Applies the manifest in force again, as far as it goes; undefined when there is none. Rejects as apply() does, and does not have
   * the module loaded.
   */
  restore(): Promise<ApplyReport | undefined> {
    return this.#inTurn(false, async (lunatik) =>
      this.#inForce === undefined ? undefined : this.#apply(lunatik, this.#inForce, { keepGoing: true }),
    );
  }

  /** Resolves when nothing is being applied. */
  async drain(): Promise<void> {
    await this.#last.catch(() => undefined);
  }

  /** Begins nothing more, which is ERR_NO_DAEMON for who asks for it, and resolves when nothing is being applied. */
  stop(): Promise<void> {
    this.#isStopped = true;
    return this.drain();
  }

  /** Each piece of work has a connection of its own: the one before may have been to a module that is gone. */
  #inTurn<T>(load: boolean, work: (lunatik: Lunatik) => Promise<T>): Promise<T> {
    const whole = async (): Promise<T> => {
      const lunatik = await this.#connect({ load });
      try {
        return await work(lunatik);
      } finally {
        lunatik.close();
      }
    };
    if (this.#isStopped) return Promise.reject(new DaemonError("ERR_NO_DAEMON", "the daemon is stopping"));
    const turn = this.#last.then(whole, whole);
    this.#last = turn;
    return turn;
  }

  async #apply(lunatik: Lunatik, manifest: Manifest, options: ApplyOptions): Promise<ApplyReport> {
    const [info, { states }] = await Promise.all([lunatik.info(), lunatik.list()]);
    checkCeilings(manifest, info);
    const present = {
      info,
      states,
      applied: this.#record.states,
      served: this.#servants.entries(),
      isOwn: (served: ServedEntry) => this.#own.has(served),
    };
    const planned = plan(manifest, present, options.prune === true);
    const { conflicts } = planned;
    const unchanged = planned.states.length + planned.servants.length;
    const { file } = manifest;
    if (options.dryRun === true) {
      const steps = planned.steps.map((step) => textOf(step, "planned"));
      return { file, steps, conflicts, unchanged };
    }
    this.#inForce = manifest;
    await this.#adopt(planned);
    const steps = await this.#perform(lunatik, planned.steps, options);
    for (const { kind, subject, reason } of conflicts)
      this.#log.warn({ code: "ERR_BY_HAND", kind, subject }, `${reason}: left alone`);
    const done = steps.filter(({ outcome }) => outcome === "done").length;
    this.#log.info({ manifest: file, done, of: steps.length, unchanged }, "applied");
    return { file, steps, conflicts, unchanged };
  }

  /** The manifest of what there is. Rejects with what keeps the daemon from the states. */
  save(folder: string): Promise<Written> {
    return this.#inTurn(true, async (lunatik) => {
      const { states } = await lunatik.list();
      const written = states
        .toSorted((one, other) => (one.id < other.id ? -1 : 1))
        .map((state) => ({ state, scripts: this.#scriptsOf(state) }));
      const servants = this.#servants
        .entries()
        .toSorted((one, other) => one.port - other.port)
        .map((served) => ({ served, declared: this.#own.get(served) }));
      return writeManifest(written, servants, folder);
    });
  }

  #scriptsOf(state: State): readonly DeclaredScript[] | undefined {
    const applied = this.#record.states.get(state.name);
    if (applied === undefined || !isSame(applied, state)) return state.runs === 0n ? [] : undefined;
    return applied.isComplete ? applied.scripts : undefined;
  }

  async #adopt({ states, servants }: Plan): Promise<void> {
    for (const { state, declared } of states) await this.#record.applied(state.name, state, declared.scripts);
    for (const { served, declared } of servants) this.#own.set(served, declared);
  }

  async #perform(
    lunatik: Lunatik,
    planned: readonly PlannedStep[],
    options: ApplyOptions,
  ): Promise<readonly ApplyStep[]> {
    const steps: ApplyStep[] = [];
    const failed = new Set<string>();
    for (const step of planned) {
      const isStopped = failed.size > 0 && options.keepGoing !== true;
      if (isStopped || (step.kind === "servant" && step.action !== "unserve" && failed.has(stateOf(step)))) {
        steps.push(textOf(step, "left"));
        continue;
      }
      const { kind, action, subject } = step;
      try {
        await this.#do(lunatik, step, options.force === true);
        steps.push(textOf(step, "done"));
        this.#log.info({ kind, subject, reason: step.reason }, action);
      } catch (error) {
        failed.add(kind === "state" ? subject : `servant ${subject}`);
        const fault = faultOf(error);
        steps.push({ ...textOf(step, "failed"), error: faultToJson(fault) });
        this.#log.error({ kind, subject, action, code: fault.code }, fault.message);
      }
    }
    return steps;
  }

  async #do(lunatik: Lunatik, step: PlannedStep, force: boolean): Promise<void> {
    if (step.kind === "state") return this.#doState(lunatik, step, force);
    if (step.served !== undefined) await this.#servants.unserve(step.served);
    if (step.action === "unserve") return;
    const { host, port } = await this.#servants.serve(step.servant.request);
    const entry = this.#servants.entries().find((one) => one.host === host && one.port === port);
    if (entry !== undefined) this.#own.set(entry, step.servant);
  }

  async #doState(
    lunatik: Lunatik,
    step: PlannedStep & { readonly kind: "state" },
    force: boolean,
  ): Promise<void> {
    const isForced = force && step.action !== "create";
    const held = this.#servants.hold(step.subject);
    // That it failed is heard where it is awaited, which is not at once.
    held.catch(() => undefined);
    try {
      // Not behind the calls that the hold waits for: they are among the runs that this ends.
      if (isForced) await lunatik.delete(step.subject, { force });
      await held;
      if (step.action === "delete") {
        if (!isForced) await lunatik.delete(step.subject);
        await this.#record.forget(step.subject);
      } else await this.#make(lunatik, step.state, step.action === "replace");
    } finally {
      void held.then(
        (release) => {
          release();
        },
        () => undefined,
      );
    }
  }

  /** Creates a state, in the place of one of its name, and executes its scripts. One whose script fails is deleted again. */
  async #make(lunatik: Lunatik, declared: DeclaredState, replace: boolean): Promise<void> {
    const { name, description, libraries, memory, steps, time, scripts } = declared;
    const before = this.#record.states.get(name);
    await this.#record.creating(name, scripts);
    let isCreated = false;
    try {
      const state = await lunatik.create(name, {
        description,
        libraries,
        maxMemory: memory,
        maxSteps: steps,
        maxTime: time,
        replace,
      });
      isCreated = true;
      for (const { chunkName, code, arguments: values } of scripts)
        await lunatik.execute(name, code, { chunkName, arguments: values, maxWait: SCRIPT_WAIT });
      await this.#record.applied(name, state, scripts);
    } catch (error) {
      if (isCreated) await this.#discard(lunatik, name);
      else await this.#record.restore(name, before);
      throw error;
    }
  }

  /** Deletes a state that is not finished. One that cannot be deleted now stays in the record as such. */
  async #discard(lunatik: Lunatik, name: string): Promise<void> {
    try {
      await lunatik.delete(name, { force: true });
      await this.#record.forget(name);
    } catch (error) {
      const { code, message } = faultOf(error);
      this.#log.warn({ state: name, code }, `a state whose scripts failed is still there: ${message}`);
    }
  }
}

function stateOf(
  step: PlannedStep & { readonly kind: "servant"; readonly action: "serve" | "replace" },
): string {
  return step.servant.request.state;
}

function textOf({ action, kind, subject, reason }: PlannedStep, outcome: ApplyStep["outcome"]): ApplyStep {
  return { action, kind, subject, reason, outcome };
}

/** Throws ERR_MANIFEST for a limit that create() would refuse. */
function checkCeilings({ file, states }: Manifest, { ceilings }: ModuleInfo): void {
  for (const { name, memory, steps, time } of states) {
    const limits = { memory, steps, time };
    for (const key of ["memory", "steps", "time"] as const) {
      const limit = limits[key];
      if (limit === undefined || (limit > 0n && limit <= ceilings[key])) continue;
      throw new DaemonError(
        "ERR_MANIFEST",
        `${file}: state ${JSON.stringify(name)}, ${key}: expected 1 to ${ceilings[key]}, the most that the module allows, found ${limit}`,
      );
    }
  }
}
