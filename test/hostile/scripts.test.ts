// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { LunatikError } from "../../client/error.ts";
import { fromJs, type JsValue, toJs } from "../../client/lua_value.ts";
import type { ExecuteOptions, Lunatik } from "../../client/lunatik.ts";
import type { RunReport, RunResult } from "../../client/run.ts";
import { fresh, kernelLog, open, until } from "../behaviour/backend.ts";
import { type Attempt, attempts, type Limits } from "./attempt.ts";

/** How long after its limit a run may still be going, and how long the rest of an attempt may take: milliseconds. */
const BOUND = 5_000;

/** A deadline that no script of these reaches by itself: nanoseconds. */
const NEVER = 60_000_000_000;

/** What the check may take, in nanoseconds: more only where a script has left finalizers. */
const CHECK_TIME = 5_000_000_000;

/** Steps after which one that never ends is ended. */
const STEPS = 1_000_000;

/** What any state computes, whatever a script did to its globals, metatables and libraries. */
const CHECK = `
  local squares, sum = {}, 0
  for i = 1, 100 do squares[i] = i * i end
  for i = 1, #squares do sum = sum + squares[i] end
  local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
  return sum, fib(15), 3.5 + 5, "a" .. 1, 7 // 2`;
const CHECKED = [338_350, 610, 8.5, "a1", 3];

interface Outcome {
  /** The code of the error, or undefined. */
  readonly code: string | undefined;
  readonly message: string;
  readonly results: readonly JsValue[];
  readonly run: RunReport;
}

async function outcomeOf(running: Promise<RunResult>): Promise<Outcome> {
  try {
    const run = await running;
    return { code: undefined, message: "", results: run.results.map(toJs), run };
  } catch (error) {
    if (!(error instanceof LunatikError) || error.run === undefined) throw error;
    return { code: error.code, message: error.message, results: [], run: error.run };
  }
}

/** Waits no longer than a time in milliseconds. */
async function within<T>(what: string, time: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${time} ms`)), time);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** One state, in which an attempt is made and looked at afterwards. */
class Ground {
  readonly #lunatik: Lunatik;
  readonly #attempt: Attempt;
  readonly #limits: Limits;
  readonly state = fresh();
  #runs = 0;
  readonly #failures = new Map<string, bigint>();

  constructor(lunatik: Lunatik, attempt: Attempt, limits: Limits) {
    this.#lunatik = lunatik;
    this.#attempt = attempt;
    this.#limits = limits;
  }

  /** Creates the state, and prepares a call. */
  async prepare(): Promise<void> {
    await this.#lunatik.create(this.state, this.#limits);
    if (this.#attempt.call === undefined) return;
    const { message } = await this.#count(this.#execute({}));
    expect(message, "preparing").to.equal("");
  }

  /** The attempt itself. */
  async attempt(cookie?: bigint): Promise<Outcome> {
    const values = this.#attempt.arguments.map((value) => fromJs(value as JsValue));
    const options = cookie === undefined ? {} : { cookie };
    const { call } = this.#attempt;
    return this.#count(
      call === undefined
        ? this.#execute({ ...options, arguments: values })
        : this.#lunatik.call(this.state, call, values, options),
    );
  }

  #execute(options: ExecuteOptions): Promise<RunResult> {
    const { code, name } = this.#attempt;
    const chunkName = `@${name}.lua`;
    return this.#lunatik.execute(this.state, Buffer.from(code, "latin1"), { ...options, chunkName });
  }

  async #count(running: Promise<RunResult>): Promise<Outcome> {
    const outcome = await outcomeOf(running);
    this.#runs += 1;
    if (outcome.code !== undefined)
      this.#failures.set(outcome.code, (this.#failures.get(outcome.code) ?? 0n) + 1n);
    return outcome;
  }

  /** The run is over: its report is within the limits, the state works, its statistics add up, and it can go. */
  async inspect(outcome: Outcome): Promise<void> {
    const { maxSteps, maxMemory } = this.#limits;
    expect(outcome.run.steps <= BigInt(maxSteps), "steps").to.equal(true);
    expect(outcome.run.memoryPeak <= BigInt(maxMemory), "memory").to.equal(true);
    expect(outcome.run.memory <= outcome.run.memoryPeak, "peak of memory").to.equal(true);
    if (outcome.code === "ERR_STEPS") expect(outcome.run.steps).to.equal(BigInt(maxSteps));

    await this.#check();
    const state = await this.#lunatik.get(this.state);
    expect(state).to.deep.include({ busy: false, dying: false, run: undefined, waiting: 0 });
    expect(state.runs).to.equal(BigInt(this.#runs));
    expect(state.failures).to.deep.equal(this.#failures);
    expect(state.steps >= outcome.run.steps && state.time >= outcome.run.time).to.equal(true);
    expect(state.memory <= state.memoryPeak && state.memoryPeak <= BigInt(maxMemory)).to.equal(true);
    expect(state.lastError?.code).to.satisfy(
      (code: string | undefined) => code === undefined || this.#failures.has(code),
    );
    // Finalizers have a second when a state is deleted.
    await within("delete", 1_000 + BOUND, this.#lunatik.delete(this.state));
  }

  async #check(): Promise<void> {
    const { maxSteps, maxTime } = this.#limits;
    const limits = {
      chunkName: "=check",
      maxSteps: Math.min(maxSteps, STEPS),
      maxTime: Math.min(maxTime, CHECK_TIME),
    };
    let check = await this.#count(this.#lunatik.execute(this.state, CHECK, limits));
    if (this.#attempt.leaves !== undefined && check.code !== undefined)
      check = await this.#count(this.#lunatik.execute(this.state, CHECK, limits));
    expect(check.message, "the check").to.equal("");
    expect(check.results).to.deep.equal(CHECKED);
  }
}

describe("hostile scripts", function () {
  this.timeout(120_000);
  let lunatik: Lunatik;
  let cookies = BigInt(process.pid) << 40n;

  beforeEach(async () => {
    lunatik = await open({ timeout: 100_000 });
  });

  async function attemptOnce(attempt: Attempt): Promise<void> {
    const ground = new Ground(lunatik, attempt, attempt.limits);
    const time = attempt.limits.maxTime / 1e6;
    await ground.prepare();
    const outcome = await within("the run", time + BOUND, ground.attempt());
    if (attempt.codes === undefined) expect(outcome.message).to.equal("");
    else expect(attempt.codes, outcome.message).to.include(outcome.code);
    if (attempt.message !== undefined) expect(outcome.message).to.match(attempt.message);
    if (attempt.results !== undefined) expect(outcome.results).to.deep.equal(attempt.results);
    await ground.inspect(outcome);
    if (attempt.marker !== undefined) {
      const lines = kernelLog().split("\n");
      const forged = lines.filter((line) => line.includes(attempt.marker ?? ""));
      expect(forged, "lines of the kernel log").to.not.deep.equal([]);
      for (const line of forged) expect(line).to.include(`[${ground.state}] `);
    }
  }

  async function endBySteps(attempt: Attempt): Promise<void> {
    const ground = new Ground(lunatik, attempt, { ...attempt.limits, maxSteps: STEPS });
    await ground.prepare();
    const outcome = await within("the run", NEVER / 1e6, ground.attempt());
    expect(outcome.code, outcome.message).to.equal("ERR_STEPS");
    expect(outcome.message).to.match(/the step budget is spent$/);
    await ground.inspect(outcome);
  }

  async function endByTime(attempt: Attempt): Promise<void> {
    const maxTime = 100_000_000;
    const ground = new Ground(lunatik, attempt, { ...attempt.limits, maxSteps: 1e14, maxTime });
    await ground.prepare();
    const outcome = await within("the run", maxTime / 1e6 + BOUND, ground.attempt());
    expect(outcome.code, outcome.message).to.equal("ERR_TIME");
    expect(outcome.run.time >= BigInt(maxTime)).to.equal(true);
    await ground.inspect(outcome);
  }

  async function endByCancel(attempt: Attempt): Promise<void> {
    const ground = new Ground(lunatik, attempt, {
      ...attempt.limits,
      maxSteps: 1e14,
      maxTime: NEVER,
    });
    const cookie = ++cookies;
    await ground.prepare();
    const running = ground.attempt(cookie);
    await until("the run is in progress", async () => (await lunatik.get(ground.state)).busy);
    await lunatik.cancel({ cookie });
    const outcome = await within("ending after cancel", BOUND, running);
    expect(outcome.code, outcome.message).to.equal("ERR_CANCELLED");
    await ground.inspect(outcome);
  }

  for (const attempt of attempts()) {
    if (attempt.codes !== "endless") {
      it(attempt.name, () => attemptOnce(attempt));
      continue;
    }
    it(`${attempt.name}, under a step budget`, () => endBySteps(attempt));
    it(`${attempt.name}, under a deadline`, () => endByTime(attempt));
    it(`${attempt.name}, cancelled`, () => endByCancel(attempt));
  }
});
