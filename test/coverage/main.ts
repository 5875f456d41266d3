// SPDX-License-Identifier: MIT
// Runs the suites that need no kernel on builds that count lines, and prints which part of the sources they reached. Fails
// when a suite does, or when less is reached than the aims below say.
//
//   test/coverage/run               builds, and runs them all
//   test/coverage/run SUITE...      runs these again, and adds to what the last run counted
//   test/coverage/run --report      only prints what the last run counted
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import {
  addedLines,
  addShares,
  type FileLines,
  type Lines,
  mergeLines,
  missing,
  parseGcov,
  percent,
  type Share,
  share,
} from "./lines.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const OUT = join(ROOT, "build/coverage");
const V8 = join(OUT, "v8");
const PRISTINE = join(OUT, "pristine");
const LUA = "build/sources/lua-5.4.8/src";

/** In percent of the lines. */
const AIM = { module: 90, patches: 100, typescript: 90 } as const;
/** What is held against them: the module, kmod/ as a whole, our patches, the TypeScript. */
const AIMS = 4;

const environment = {
  ...process.env,
  LUNATIK_BACKEND: "embedded",
  LUNATIK_EMBEDDED_SERVER: join(OUT, "embedded/lunatik-embedded"),
  LUNATIK_LUA: join(OUT, "engine/lunatik-lua"),
  // Lines are counted in modules; a program in one file has its own, and what it never loads would count as reached.
  LUNATIK_UNBUNDLED: "1",
};

interface Suite {
  readonly name: string;
  readonly command: readonly string[];
  /** Node's coverage is counted as well. */
  readonly node?: boolean;
}

/** Counting takes time: what usually takes seconds may take minutes here. */
const PATIENCE = ["--", "--timeout", "240000"] as const;

const npm = (name: string): Suite => ({
  name,
  command: ["npm", "run", "--silent", `test:${name}`, ...PATIENCE],
  node: true,
});

const suites: readonly Suite[] = [
  { name: "engine", command: [join(OUT, "engine/test-engine-kernel")] },
  { name: "shim", command: [join(OUT, "embedded/shim-test")] },
  { name: "unthreaded", command: [join(OUT, "embedded/unthreaded-test")] },
  { name: "conversions", command: [join(OUT, "differential/conversions"), "20000"] },
  { name: "differential", command: ["node_modules/.bin/mocha", "test/differential/engine.test.ts"] },
  npm("embedded"),
  npm("behaviour"),
  ...(readFileSync(join(ROOT, "package.json"), "utf8").includes('"test:hostile"') ? [npm("hostile")] : []),
  npm("daemon"),
  npm("unit"),
  npm("cli"),
  npm("luarpc"),
];

function build(): void {
  process.stdout.write("coverage: building\n");
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(V8, { recursive: true });
  const make = (...words: readonly string[]): void => {
    execFileSync("make", ["-s", ...words], { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
  };
  make(
    "-C",
    "kmod/embedded",
    "build",
    "build-test",
    "OUT=../../build/coverage/embedded",
    "FLAGS=-O1 --coverage -fprofile-update=atomic",
  );
  make(
    "-C",
    "test/engine",
    "OUT=../../build/coverage/engine",
    "EXTRA=--coverage -DCOUNTED_LINES",
    "../../build/coverage/engine/test-engine-kernel",
    "../../build/coverage/engine/lunatik-lua",
  );
  make("-C", "test/differential", "OUT=../../build/coverage/differential", "SANITIZE=--coverage");
}

/** Builds the programs: as modules whose lines are counted, or as they are otherwise. */
function buildPrograms(env: NodeJS.ProcessEnv): void {
  execFileSync("npm", ["run", "--silent", "build"], {
    cwd: ROOT,
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
}

/** Runs suites; returns the names of those that failed. */
function runSuites(chosen: readonly Suite[]): readonly string[] {
  const failed: string[] = [];
  for (const { name, command, node } of chosen) {
    process.stdout.write(`coverage: running ${name}\n`);
    const [program = "", ...words] = command;
    const { status } = spawnSync(program, words, {
      cwd: ROOT,
      stdio: ["ignore", "inherit", "inherit"],
      env: node === true ? { ...environment, NODE_V8_COVERAGE: V8 } : environment,
    });
    if (status !== 0) failed.push(name);
  }
  return failed;
}

/* --- C --- */

function filesBelow(folder: string, end: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(end))
    .map((name) => join(folder, name));
}

/** What gcov says of one object, by paths from the root. */
function gcov(data: string): Lines {
  // The objects were compiled in the folders of their Makefiles.
  const folder = relative(OUT, data).split("/")[0] ?? "";
  const compiledIn = join(ROOT, folder === "embedded" ? "kmod/embedded" : join("test", folder));
  const text = execFileSync("gcov", ["--json-format", "--stdout", data], {
    cwd: compiledIn,
    encoding: "utf8",
    maxBuffer: 1 << 30,
    stdio: ["ignore", "pipe", "ignore"],
  });
  return mergeLines(
    text
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map(
        (line) =>
          new Map(
            [...parseGcov(line)].map(([file, lines]) => [relative(ROOT, resolve(compiledIn, file)), lines]),
          ),
      ),
  );
}

function row(name: string, of: Share, rest = ""): void {
  const number = percent(of);
  // Never rounded up to the aim.
  const text = (Math.floor(number * 10) / 10).toFixed(1);
  process.stdout.write(
    `  ${name.padEnd(34)}${String(of.covered).padStart(6)}/${String(of.total).padEnd(6)}${text.padStart(6)} %  ${rest}\n`,
  );
}

/** Prints a table of files; returns their sum. */
function table(
  title: string,
  files: readonly (readonly [name: string, lines: FileLines, only?: ReadonlySet<number>])[],
): Share {
  process.stdout.write(`\n${title}\n`);
  for (const [name, lines, only] of files) row(name, share(lines, only), missing(lines, only).slice(0, 60));
  const sum = addShares(files.map(([, lines, only]) => share(lines, only)));
  row("all", sum);
  return sum;
}

/** The lines that our patches add or change, of each file of Lua's. */
function patchedLines(): ReadonlyMap<string, ReadonlySet<number>> {
  if (!existsSync(PRISTINE)) {
    const cache =
      process.env["LUNATIK_CACHE"] ??
      join(process.env["XDG_CACHE_HOME"] ?? join(process.env["HOME"] ?? "/root", ".cache"), "lunatik");
    const tarball = process.env["LUA_TARBALL"] ?? join(cache, "lua-5.4.8.tar.gz");
    mkdirSync(PRISTINE, { recursive: true });
    execFileSync("tar", ["-xzf", tarball, "-C", PRISTINE, "--strip-components=1"]);
  }
  const patched = new Map<string, ReadonlySet<number>>();
  for (const name of readdirSync(join(ROOT, LUA)).toSorted()) {
    const { stdout } = spawnSync("diff", ["-U0", join(PRISTINE, "src", name), join(ROOT, LUA, name)], {
      encoding: "utf8",
    });
    const lines = addedLines(stdout);
    if (lines.size > 0) patched.set(join(LUA, name), lines);
  }
  return patched;
}

function chosen(lines: Lines, wanted: (file: string) => boolean): readonly (readonly [string, FileLines])[] {
  return [...lines].filter(([file]) => wanted(file)).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Prints the tables of C; returns what falls short of its aim. */
function reportC(): readonly string[] {
  const lines = mergeLines(filesBelow(OUT, ".gcda").map(gcov));
  const short: string[] = [];
  const hold = (what: string, of: Share, aim: number): void => {
    if (percent(of) < aim) short.push(`${what}: ${percent(of).toFixed(2)} %, aim ${aim} %`);
  };
  const ours = chosen(lines, (file) => file.startsWith("kmod/") && !file.startsWith("kmod/embedded/"));
  const module = table("the module (kmod/ without embedded/), lines that ran", ours);
  hold("the module", module, AIM.module);
  const shim = chosen(lines, (file) => file.startsWith("kmod/embedded/") && file.endsWith(".c"));
  const all = addShares([module, table("the embedded backend", shim)]);
  process.stdout.write("\n");
  row("kmod/ as a whole", all);
  hold("kmod/", all, AIM.module);
  const patches = [...patchedLines()].flatMap(([file, only]) => {
    const counts = lines.get(file);
    return counts === undefined ? [] : ([[file.slice(LUA.length + 1), counts, only]] as const);
  });
  hold("our patches", table("lines of Lua that our patches add or change", patches), AIM.patches);
  const lua = chosen(lines, (file) => dirname(file) === LUA);
  process.stdout.write("\n");
  row("Lua as a whole, for comparison", addShares(lua.map(([, counts]) => share(counts))));
  return short;
}

/* --- TypeScript --- */

const TYPESCRIPT = ["client", "luarpc", "daemon"] as const;

function reportTypeScript(): readonly string[] {
  process.stdout.write("\nTypeScript, lines that ran\n");
  const words = ["--temp-directory", V8, "--exclude-after-remap", "--all"];
  for (const folder of TYPESCRIPT) words.push("--include", `${folder}/**/*.ts`, "--src", folder);
  words.push(
    "--exclude",
    "**/*.d.ts",
    "--reporter",
    "json-summary",
    "--reporter",
    "text",
    "--reports-dir",
    join(OUT, "typescript"),
  );
  execFileSync("npx", ["c8", "report", ...words], { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
  const summary = JSON.parse(readFileSync(join(OUT, "typescript/coverage-summary.json"), "utf8")) as {
    readonly total: { readonly lines: Share };
  };
  const { lines } = summary.total;
  row("all", lines);
  return percent(lines) < AIM.typescript
    ? [`TypeScript: ${percent(lines).toFixed(2)} %, aim ${AIM.typescript} %`]
    : [];
}

const words = process.argv.slice(2);
const unknown = words.filter((word) => word !== "--report" && !suites.some(({ name }) => name === word));
if (unknown.length > 0) {
  process.stderr.write(
    `no suite ${unknown.join(", ")}; there are: ${suites.map(({ name }) => name).join(" ")}\n`,
  );
  process.exit(2);
}
const run = words.length === 0 ? suites : suites.filter(({ name }) => words.includes(name));
if (words.length === 0) build();
if (run.length > 0) buildPrograms(environment);
const failed = runSuites(run);
if (run.length > 0) buildPrograms(process.env);
const short = [...reportC(), ...reportTypeScript()];
process.stdout.write("\n");
for (const name of failed) process.stdout.write(`the suite ${name} failed\n`);
for (const text of short) process.stdout.write(`too little: ${text}\n`);
process.stdout.write(
  `${run.length + AIMS - failed.length - short.length} passed, ${failed.length + short.length} failed\n`,
);
process.exitCode = failed.length + short.length === 0 ? 0 : 1;
