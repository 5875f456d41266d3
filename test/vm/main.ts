// SPDX-License-Identifier: MIT
// Boots a kernel in QEMU with the host's files around it, loads the module, runs a command as root, reads the whole
// kernel log for trouble, unloads the module, and gives the verdict.
//
//   build/vm/run-*/    what host and guest tell each other during a run; gone afterwards
//   build/vm/NAME.kernel.log, NAME.console.log    the logs of the last run of that name
//
//   main.ts ── QEMU ── init.sh (initramfs: busybox, overlay over the host's root) ── guest.sh (PID 1) ── the command
//      ▲                                                                              │
//      └── output: a virtio port, live · progress, status, kernel log: files in the run's folder
import { type ChildProcess, execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { describeForwards, type Forward, guestAddress, readForward } from "./forward.ts";
import { HostWaits } from "./host_waits.ts";
import { initramfs } from "./initramfs.ts";
import {
  cacheFolder,
  chooseRelease,
  fetchKernel,
  type Kernel,
  KernelError,
  moduleTree,
  releaseOfModule,
  releasesWithHeaders,
} from "./kernel.ts";
import { findTrouble, isComplete } from "./kernel_log.ts";
import { type Acceleration, chooseAcceleration, qemuArguments, startQemu } from "./machine.ts";
import { Outside } from "./outside.ts";

const help = `Usage: test/vm/run [OPTION]... [--] COMMAND [ARGUMENT]...
Runs a command as root in a virtual machine that has the host's files (changes stay in the machine), with the module
loaded, from the checkout's folder. Exit code: that of the command; 120 when the kernel log, the unloading of the module or the
machine itself is in trouble; 124 when time is up.

  --kernel NAME     6.1, 6.1-rt, 6.12, 6.12-rt, debug (built first where it is missing: test/vm/debug-kernel) or a release;
                    the module is built for it apart from the checkout's own.
                    Without it: the kernel that lunatik.ko in the checkout was built for.
  --module FILE     load this file instead of lunatik.ko
  --no-load         do not load the module; modprobe and the kernel's autoload find it
  --no-module       no module at all
  --extra FILE      one more module that modprobe finds; may be repeated
  --extra-from PROGRAM   one more: PROGRAM FOLDER builds it against the lunatik.ko in FOLDER and prints its path.
                    LUNATIK_VM_EXTRA has the paths of both kinds in the guest
  --param WORD      a module parameter, name=value; may be repeated
  --name NAME       names the logs in build/vm; "run" unless given
  --timeout SECONDS for all of it; 900 unless given
  --memory MIB      3072 unless given
  --cpus N          2 unless given
  --append WORD     for the kernel's command line; may be repeated
  --forward [H:]G   port H of the host's loopback, any free one unless given, leads to port G of the guest's address; may be
                    repeated. LUNATIK_VM_FORWARD has the pairs in the guest, LUNATIK_VM_ADDRESS the address
  --outside PROGRAM the guest may run it on the host: test/vm/outside WORD... in the guest runs PROGRAM WORD... here
  --interactive     give the command the terminal; no time-out
  --allow-trouble   report what the kernel log holds, but do not fail for it

LUNATIK_VM_ACCEL=kvm or tcg overrides the probe. LUNATIK_CACHE is where kernels are kept (~/.cache/lunatik).
`;

const exitTrouble = 120;
const exitTimeout = 124;
const root = resolve(import.meta.dirname, "../..");

interface Options {
  readonly kernel: string | undefined;
  readonly module: string | undefined;
  readonly load: boolean;
  readonly extra: readonly string[];
  readonly parameters: readonly string[];
  readonly name: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly memory: number;
  readonly cpus: number;
  readonly append: readonly string[];
  readonly forward: readonly Forward[];
  /** What the guest may run on the host. */
  readonly outside: string | undefined;
  readonly interactive: boolean;
  readonly allowTrouble: boolean;
  readonly command: readonly string[];
}

function say(text: string): void {
  process.stderr.write(`vm: ${text}\n`);
}

const optionTypes = {
  help: { type: "boolean", short: "h" },
  kernel: { type: "string" },
  module: { type: "string" },
  "no-load": { type: "boolean" },
  "no-module": { type: "boolean" },
  extra: { type: "string", multiple: true },
  "extra-from": { type: "string", multiple: true },
  param: { type: "string", multiple: true },
  name: { type: "string", default: "run" },
  timeout: { type: "string", default: "900" },
  memory: { type: "string", default: "3072" },
  cpus: { type: "string", default: "2" },
  append: { type: "string", multiple: true },
  forward: { type: "string", multiple: true },
  outside: { type: "string" },
  interactive: { type: "boolean", default: false },
  "allow-trouble": { type: "boolean", default: false },
} as const;

/** Where the command begins: after "--", or at the first word that belongs to no option of ours. */
function commandStart(args: readonly string[]): number {
  const { tokens } = parseArgs({ args: [...args], options: optionTypes, strict: false, tokens: true });
  const first = tokens.find((token) => token.kind !== "option");
  return first === undefined ? args.length : first.index + (first.kind === "option-terminator" ? 1 : 0);
}

async function readOptions(): Promise<Options | undefined> {
  const args = process.argv.slice(2);
  const start = commandStart(args);
  const command = args.slice(start);
  const own = args.slice(0, start).filter((word) => word !== "--");
  const { values } = parseArgs({ args: own, options: optionTypes });
  if (values.help || command.length === 0) {
    (values.help ? process.stdout : process.stderr).write(help);
    process.exitCode = values.help ? 0 : 2;
    return undefined;
  }
  const release = values.kernel === undefined ? undefined : chooseRelease(values.kernel);
  let module: string | undefined;
  if (!values["no-module"]) {
    if (values.module !== undefined) module = resolve(values.module);
    else if (release === undefined) module = join(root, "lunatik.ko");
    else module = buildFor(release);
    if (!existsSync(module)) throw new KernelError(`${module} is missing: run make`);
  }
  const newest = releasesWithHeaders().at(-1);
  const builders = values["extra-from"] ?? [];
  const built = module === undefined ? [] : builders.map((program) => buildAgainst(program, dirname(module)));
  return {
    kernel: release ?? (module === undefined ? newest : undefined),
    module,
    load: module !== undefined && !values["no-load"],
    extra: [...(values.extra ?? []).map((file) => resolve(file)), ...built],
    parameters: values.param ?? [],
    name: values.name,
    timeout: Number(values.timeout) * 1000,
    memory: Number(values.memory),
    cpus: Number(values.cpus),
    append: values.append ?? [],
    forward: await Promise.all((values.forward ?? []).map(readForward)),
    outside: values.outside === undefined ? undefined : resolve(values.outside),
    interactive: values.interactive,
    allowTrouble: values["allow-trouble"],
    command,
  };
}

/** Builds the module for a release and returns its file. */
function buildFor(release: string): string {
  execFileSync(join(root, "tools", "build-module"), [release], { stdio: ["ignore", 2, 2] });
  return join(root, "build", "kernels", release, "lunatik.ko");
}

/** Lets a program build a module against the lunatik.ko in a folder and returns its file. */
function buildAgainst(program: string, folder: string): string {
  return execFileSync(resolve(program), [folder], { encoding: "utf8", stdio: ["ignore", "pipe", 2] }).trim();
}

/** A word that a shell reads back as it is. */
function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** What ended a run, as far as the host can tell. */
interface Ending {
  readonly timedOut: boolean;
  /** The exit code of the command, unless it never ended. */
  readonly status: number | undefined;
  /** Guest.sh's last word, unless the machine died. */
  readonly end: string | undefined;
  readonly seconds: number;
  /** What the host did that looks like a stall in the guest. */
  readonly waits: readonly string[];
}

function readFile(folder: string, name: string): string | undefined {
  const path = join(folder, name);
  return existsSync(path) ? readFileSync(path, "utf8").trim() : undefined;
}

/** Passes the output on, reports progress, and waits for the machine to turn itself off. */
async function watch(qemu: ChildProcess, folder: string, options: Options): Promise<Ending> {
  const begin = Date.now();
  const since = (): string => ((Date.now() - begin) / 1000).toFixed(1);
  let quietSince = Date.now();
  let timedOut = false;
  const waits = new HostWaits(qemu.pid ?? 0);
  let waitsLooked = 0;
  let told = 0;
  const steps = [
    ["booted", (): string => `booted in ${since()} s`],
    ["loaded", (): string => `module loaded after ${since()} s`],
  ] as const;
  const outside = options.outside === undefined ? undefined : new Outside(folder, options.outside);
  const look = (): void => {
    for (
      let step = steps[told];
      step !== undefined && existsSync(join(folder, step[0]));
      step = steps[told]
    ) {
      say(step[1]());
      told++;
    }
    outside?.look();
    if (options.interactive) return;
    if (Date.now() - waitsLooked > 1000) {
      waitsLooked = Date.now();
      waits.look();
    }
    if (Date.now() - quietSince > 30_000) {
      quietSince = Date.now();
      say(`still running after ${since()} s`);
    }
    if (Date.now() - begin > options.timeout && !timedOut) {
      timedOut = true;
      say(`time is up after ${since()} s`);
      qemu.kill("SIGKILL");
    }
  };
  const timer = setInterval(look, 100);
  qemu.stdout?.on("data", (data: Buffer) => {
    quietSince = Date.now();
    process.stdout.write(data);
  });
  qemu.stderr?.on("data", (data: Buffer) => process.stderr.write(data));
  await new Promise<void>((done, failed) => {
    qemu.on("close", () => done());
    qemu.on("error", failed);
  });
  clearInterval(timer);
  look();
  outside?.stop();
  const status = readFile(folder, "status");
  return {
    timedOut,
    status: status === undefined ? undefined : Number(status),
    end: readFile(folder, "end"),
    seconds: (Date.now() - begin) / 1000,
    waits: waits.found.map(
      ({ cpu, seconds, end }) =>
        `the host let the guest's CPU ${cpu} wait ${seconds.toFixed(1)} s, until ${((end - begin) / 1000).toFixed(0)} s after the start`,
    ),
  };
}

/** Everything that is wrong with a run besides its command's exit code. */
function complaints(folder: string, ending: Ending): readonly string[] {
  const found: string[] = [];
  const log = readFile(folder, "kernel.log");
  const serial = readFile(folder, "console.log") ?? "";
  if (ending.end === undefined) {
    found.push(ending.timedOut ? "it did not finish in time" : "the machine died");
    found.push(
      ...serial
        .split("\n")
        .slice(-60)
        .map((line) => `console: ${line.trimEnd()}`),
    );
  } else if (ending.end !== "done") {
    found.push(
      ending.end,
      ...["insmod", "rmmod"].flatMap((name) => readFile(folder, name) ?? []).filter(Boolean),
    );
  }
  if (log !== undefined && !isComplete(log)) found.push("the kernel log does not reach back to the boot");
  const troubles = log === undefined && found.length > 0 ? [] : findTrouble(log ?? serial);
  if (troubles.length > 0) {
    const lines = (log ?? serial).split("\n");
    const first = troubles[0];
    found.push(
      `the kernel log has ${troubles.length} line(s) of trouble, the first at line ${first?.line} (${first?.kind}):`,
    );
    const start = Math.max(0, (first?.line ?? 1) - 3);
    found.push(...lines.slice(start, start + 60).map((line) => `log: ${line.trimEnd()}`));
  }
  return found;
}

/** Writes what the guest needs to know. */
function settings(options: Options, folder: string): Readonly<Record<string, string>> {
  return {
    LUNATIK_VM: "1",
    LUNATIK_VM_RUN: folder,
    LUNATIK_VM_CHECKOUT: root,
    LUNATIK_VM_SHELL: "/bin/sh",
    LUNATIK_VM_NODE: process.execPath,
    LUNATIK_VM_USER: String(process.getuid?.() ?? 0),
    LUNATIK_VM_MODULE: options.module ?? "",
    LUNATIK_VM_EXTRA: options.extra.join(" "),
    LUNATIK_VM_LOAD: options.load ? "yes" : "no",
    LUNATIK_VM_PARAMETERS: options.parameters.join(" "),
    LUNATIK_VM_INTERACTIVE: options.interactive ? "yes" : "no",
    LUNATIK_VM_ROWS: String(process.stdout.rows || 24),
    LUNATIK_VM_COLUMNS: String(process.stdout.columns || 80),
    LUNATIK_VM_ADDRESS: guestAddress,
    LUNATIK_VM_FORWARD: describeForwards(options.forward),
    ...(options.outside === undefined ? {} : { LUNATIK_VM_OUTSIDE: "1" }),
    LUNATIK_CACHE: cacheFolder(),
    TERM: process.env["TERM"] ?? "dumb",
    ...(process.env["NO_COLOR"] ? { NO_COLOR: process.env["NO_COLOR"] } : {}),
  };
}

async function boot(options: Options, kernel: Kernel, acceleration: Acceleration): Promise<number> {
  const base = join(root, "build", "vm");
  mkdirSync(base, { recursive: true });
  const folder = mkdtempSync(join(base, "run-"));
  const cleanUp = (): void => rmSync(folder, { recursive: true, force: true });
  process.on("exit", cleanUp);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => process.exit(130));
  }

  const own = [...(options.module === undefined ? [] : [options.module]), ...options.extra];
  moduleTree(kernel, folder, own);
  writeFileSync(join(folder, "command.sh"), `exec ${options.command.map(quote).join(" ")}\n`);
  const initrd = join(folder, "initramfs");
  writeFileSync(initrd, initramfs(kernel, settings(options, folder)));

  say(`kernel ${kernel.release}, ${acceleration.toUpperCase()}, ${options.cpus} CPUs, ${options.memory} MiB`);
  const args = qemuArguments({ ...options, kernel, acceleration, folder }, initrd);
  const qemu = startQemu(args, options.interactive ? "inherit" : "pipe");
  const ending = await watch(qemu, folder, options);

  for (const log of ["kernel.log", "console.log"]) {
    const kept = join(base, `${options.name}.${log}`);
    rmSync(kept, { force: true });
    if (existsSync(join(folder, log))) copyFileSync(join(folder, log), kept);
  }
  const wrong = complaints(folder, ending);
  for (const line of [...wrong, ...ending.waits]) say(line);
  const clean = wrong.length === 0 ? "kernel log clean" : "TROUBLE";
  say(
    `exit code ${ending.status ?? "none"}, ${clean}, ${ending.seconds.toFixed(1)} s; logs: build/vm/${options.name}.*.log`,
  );
  if (ending.timedOut) return exitTimeout;
  if (ending.status === undefined || (wrong.length > 0 && !options.allowTrouble)) return exitTrouble;
  return ending.status;
}

try {
  const options = await readOptions();
  if (options !== undefined) {
    const release = options.kernel ?? releaseOfModule(options.module ?? "");
    const kernel = fetchKernel(release, say);
    process.exitCode = await boot(options, kernel, await chooseAcceleration(kernel));
  }
} catch (error) {
  if (!(error instanceof Error)) throw error;
  say(error.message);
  process.exitCode = error instanceof TypeError ? 2 : exitTrouble;
}
