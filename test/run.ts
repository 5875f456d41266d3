// SPDX-License-Identifier: MIT
// Runs suites one after the other, passes their output on, and sums their counts. The last line is the verdict.
import { spawn } from "node:child_process";
import { add, type Count, judge, none } from "./count.ts";
import { type Step, type Suite, suites } from "./suites.ts";

interface Outcome {
  readonly suite: Suite;
  readonly count: Count;
  readonly seconds: number;
}

interface Result {
  readonly step: Step;
  readonly output: string;
  readonly exitCode: number;
}

/** Runs a step; its output goes to ours as it comes, standard error included, or once it has ended. */
function run(step: Step, when: "as it comes" | "at the end"): Promise<Result> {
  const show = (data: Buffer, to: NodeJS.WriteStream): void => {
    if (when === "as it comes") to.write(data);
    else held.push([data, to]);
  };
  const held: [Buffer, NodeJS.WriteStream][] = [];
  return new Promise((resolve) => {
    const [program = "", ...args] = step.command;
    const child = spawn(program, args, {
      env: { ...process.env, ...step.environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (data: Buffer) => {
      output += data.toString("utf8");
      show(data, process.stdout);
    });
    child.stderr.on("data", (data: Buffer) => show(data, process.stderr));
    const end = (exitCode: number): void => {
      for (const [data, to] of held.splice(0)) to.write(data);
      resolve({ step, output, exitCode });
    };
    child.on("error", (error) => {
      process.stderr.write(`${program}: ${error.message}\n`);
      end(127);
    });
    child.on("close", (code) => end(code ?? 128));
  });
}

function isGroup(step: Step | readonly Step[]): step is readonly Step[] {
  return Array.isArray(step);
}

/** Runs a step, or a group of them at the same time. */
async function runAll(step: Step | readonly Step[]): Promise<readonly Result[]> {
  if (!isGroup(step)) return [await run(step, "as it comes")];
  return Promise.all(step.map((one) => run(one, "at the end")));
}

/** How many tests of a step passed; says so when one did not. */
function countOf({ step, output, exitCode }: Result): Count {
  const single: Count = { ...none, passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1 };
  const count = step.single === true ? single : judge(output, exitCode);
  if (count.failed > 0)
    process.stdout.write(`--- failed: ${step.command.join(" ")} (exit code ${exitCode})\n`);
  return count;
}

async function runSuite(suite: Suite, title: string): Promise<Outcome> {
  process.stdout.write(`\n=== ${title} ${suite.name}: ${suite.about}\n`);
  const begin = Date.now();
  let count = none;
  for (const steps of suite.steps) {
    for (const result of await runAll(steps)) count = add(count, countOf(result));
  }
  const seconds = (Date.now() - begin) / 1000;
  process.stdout.write(`--- ${describeCount(count)} in ${seconds.toFixed(1)} s\n`);
  return { suite, count, seconds };
}

function describeCount(count: Count): string {
  const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : "";
  return `${count.passed} passed, ${count.failed} failed${skipped}`;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `no suite ${unknown.join(", ")}; there are: ${suites.map(({ name }) => name).join(" ")}\n`,
  );
  process.exit(2);
}
const chosen = suites.filter(({ name, onRequest }) =>
  wanted.length === 0 ? onRequest !== true : wanted.includes(name),
);
const outcomes: Outcome[] = [];
for (const [index, suite] of chosen.entries()) {
  outcomes.push(await runSuite(suite, `[${index + 1}/${chosen.length}]`));
}

const total = outcomes.map(({ count }) => count).reduce(add, none);
const seconds = outcomes.reduce((sum, outcome) => sum + outcome.seconds, 0);
process.stdout.write("\n=== summary\n");
for (const { suite, count, seconds: took } of outcomes) {
  const verdict = count.failed === 0 ? "ok    " : "FAILED";
  process.stdout.write(
    `${verdict} ${suite.name.padEnd(14)}${took.toFixed(1).padStart(7)} s  ${describeCount(count)}\n`,
  );
}
process.stdout.write(`all            ${seconds.toFixed(1).padStart(14)} s\n`);
if (total.skipped > 0) process.stdout.write(`${total.skipped} skipped\n`);
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
