// SPDX-License-Identifier: MIT
// Replays the seeds of the fuzz targets, then fuzzes, two targets at a time.
//
//   test/fuzz/run [--time SECONDS] [--fresh] [--pack] [TARGET]...
import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { packCorpus, readInputs, unpackCorpus, writeInputs } from "./corpus.ts";
import { parseStatistics } from "./statistics.ts";

interface Target {
  readonly name: string;
  readonly about: string;
  /** The longest input, in bytes. */
  readonly longest: number;
}

const targets: readonly Target[] = [
  { name: "request", about: "netlink messages", longest: 1024 },
  { name: "value", about: "MessagePack in and out", longest: 512 },
  { name: "number", about: "a number's text both ways", longest: 400 },
  { name: "chunk", about: "Lua under small budgets", longest: 1500 },
  { name: "operations", about: "clients and states against a model", longest: 400 },
];

const LANES = 2;
const BUILD = "build/fuzz";
/** Bytes of the committed corpus of a target. */
const PACK_LIMIT = 48_000;
/** Seconds for one input; a state whose budgets do not hold takes longer. */
const INPUT_SECONDS = 20;

const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    time: { type: "string", default: "60" },
    fresh: { type: "boolean", default: false },
    pack: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (options.help) {
  process.stdout.write(`usage: test/fuzz/run [--time SECONDS] [--fresh] [--pack] [TARGET]...

Replays the committed seeds, then fuzzes for so many seconds in all (60), two targets at a time.
--fresh begins with what is committed; else what earlier runs found worth keeping is used as well.
--pack commits some of that instead of fuzzing: it goes to test/fuzz/corpus.

${targets.map(({ name, about }) => `  ${name.padEnd(12)}${about}`).join("\n")}
`);
  process.exit(0);
}
const seconds = Number(options.time);
const unknown = wanted.filter((name) => !targets.some((target) => target.name === name));
if (unknown.length > 0 || !(seconds >= 0)) {
  process.stderr.write(
    unknown.length > 0
      ? `no target ${unknown.join(", ")}; there are: ${targets.map(({ name }) => name).join(" ")}\n`
      : "--time takes a number of seconds\n",
  );
  process.exit(2);
}
const chosen = wanted.length === 0 ? targets : targets.filter(({ name }) => wanted.includes(name));
const share = Math.floor((seconds * Math.min(LANES, chosen.length)) / chosen.length);

function binary({ name }: Target): string {
  return join(BUILD, "bin", name);
}

function packed({ name }: Target): string {
  return join("test/fuzz/corpus", `${name}.txt`);
}

function unpacked({ name }: Target): string {
  return join(BUILD, "unpacked", name);
}

/** The folders of committed inputs: seeds, what was found once, and the corpus. */
function committed(target: Target): readonly string[] {
  return [
    ...["seeds", "found"].map((folder) => join("test/fuzz", folder, target.name)),
    unpacked(target),
  ].filter((folder) => existsSync(folder));
}

function log({ name }: Target): string {
  return join(BUILD, "log", name);
}

/** Runs a target; what it says goes to its log. Returns the exit code. */
function run(target: Target, words: readonly string[]): Promise<number> {
  const file = openSync(log(target), "w");
  return new Promise((resolve) => {
    const child = spawn(
      binary(target),
      [
        `-artifact_prefix=${BUILD}/crashes/${target.name}-`,
        `-timeout=${INPUT_SECONDS}`,
        `-max_len=${target.longest}`,
        "-print_final_stats=1",
        ...words,
      ],
      {
        stdio: ["ignore", file, file],
        env: { ASAN_SYMBOLIZER_PATH: "/usr/bin/llvm-symbolizer-14", ...process.env },
      },
    );
    closeSync(file);
    child.on("error", () => resolve(127));
    child.on("close", (code) => resolve(code ?? 128));
  });
}

/** Says what went wrong: the end of the log, where the input is, how to see it again. */
function complain(target: Target, what: string): void {
  const text = readFileSync(log(target), "utf8");
  const crash = /Test unit written to (\S+)/.exec(text)?.[1];
  const begin = text.search(/^(fuzz:|.*runtime error:|==\d+==\s*ERROR|\[ *\d+\.\d+\] BUG)/m);
  process.stdout.write(`--- ${target.name} failed ${what}:\n`);
  process.stdout.write(`${(begin < 0 ? text.slice(-3000) : text.slice(begin, begin + 3000)).trimEnd()}\n`);
  process.stdout.write(`--- all of it: ${log(target)}\n`);
  if (crash !== undefined) {
    process.stdout.write(`--- the input: ${crash}
--- replay:    ${binary(target)} ${crash}
--- once it is fixed, keep the input: cp ${crash} test/fuzz/found/${target.name}/WHAT-IT-DID\n`);
  }
}

let passed = 0;
let failed = 0;

function judge(target: Target, what: string, exitCode: number): boolean {
  if (exitCode === 0) {
    passed += 1;
    return true;
  }
  failed += 1;
  complain(target, what);
  return false;
}

async function replay(target: Target): Promise<boolean> {
  const folders = committed(target);
  const files = folders.reduce((count, folder) => count + readdirSync(folder).length, 0);
  const good = judge(target, "on a committed input", await run(target, ["-runs=0", ...folders]));
  if (good) process.stdout.write(`${target.name.padEnd(12)}${String(files).padStart(6)} inputs replayed\n`);
  return good;
}

/** Writes the shortest of the inputs that reach all that is reached. */
async function pack(target: Target): Promise<void> {
  const merged = join(BUILD, "merged", target.name);
  writeInputs(merged, []);
  const exitCode = await run(target, [
    "-set_cover_merge=1",
    merged,
    join(BUILD, "corpus", target.name),
    ...committed(target),
  ]);
  if (!judge(target, "while packing", exitCode)) return;
  mkdirSync("test/fuzz/corpus", { recursive: true });
  writeFileSync(packed(target), packCorpus(readInputs(merged), PACK_LIMIT));
}

async function fuzz(target: Target): Promise<void> {
  const corpus = join(BUILD, options.fresh ? "fresh" : "corpus", target.name);
  if (options.fresh) rmSync(corpus, { recursive: true, force: true });
  mkdirSync(corpus, { recursive: true });
  const dictionary = join("test/fuzz", `${target.name}.dict`);
  const exitCode = await run(target, [
    `-max_total_time=${share}`,
    ...(existsSync(dictionary) ? [`-dict=${dictionary}`] : []),
    corpus,
    ...committed(target),
  ]);
  const { executions, perSecond, coverage, kept } = parseStatistics(readFileSync(log(target), "utf8"));
  judge(target, "while fuzzing", exitCode);
  process.stdout.write(
    `${target.name.padEnd(12)}${String(executions).padStart(10)} executions, ${String(perSecond).padStart(6)} a second, ` +
      `${coverage} edges, ${kept} inputs kept\n`,
  );
}

for (const folder of ["log", "crashes"]) mkdirSync(join(BUILD, folder), { recursive: true });
for (const target of chosen) {
  if (existsSync(packed(target))) {
    writeInputs(unpacked(target), unpackCorpus(readFileSync(packed(target), "utf8")));
  }
}
const queue: Target[] = [];
for (const target of chosen) if (await replay(target)) queue.push(target);
if (options.pack) {
  for (const target of queue) await pack(target);
} else if (share > 0) {
  process.stdout.write(`fuzzing: ${share} s each\n`);
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await fuzz(next);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
