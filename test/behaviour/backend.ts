// SPDX-License-Identifier: MIT

import { type ChildProcess, type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type Backend, type ConnectOptions, connect, type Lunatik } from "../../client/lunatik.ts";
import type { RunResult } from "../../client/run.ts";
import type { TransportOpener } from "../../client/transport.ts";
import { embeddedTransport } from "../../client/transport_embedded.ts";
import { netlinkTransport } from "../../client/transport_netlink.ts";

/*
 * The one place where the behaviour tests know which backend they run on. LUNATIK_BACKEND chooses: "kernel" takes the
 * module to be loaded, "embedded" (unless set) starts the sanitized server on a socket of its own.
 */

export const backend: Backend = process.env["LUNATIK_BACKEND"] === "kernel" ? "kernel" : "embedded";

/** With LUNATIK_VIA=daemon the tests' clients go through a kluad of the tests' own. */
export const via: "direct" | "daemon" = process.env["LUNATIK_VIA"] === "daemon" ? "daemon" : "direct";

/** Tests run in the root of the checkout, from their sources or compiled. */
const executable = resolve(process.env["LUNATIK_EMBEDDED_SERVER"] ?? "build/embedded-asan/lunatik-embedded");

/** An embedded server of a test's own, with module parameters of its own. */
export class EmbeddedServer {
  readonly socket: string;
  readonly #folder: string;
  readonly #parameters: readonly string[];
  #process: ChildProcess | undefined;
  #talk = "";

  private constructor(folder: string, parameters: readonly string[]) {
    this.#folder = folder;
    this.#parameters = parameters;
    this.socket = join(folder, "socket");
  }

  get #logFile(): string {
    return join(this.#folder, "log");
  }

  /** Starts a server and waits until it listens. Parameters are "name=value". */
  static async start(...parameters: readonly string[]): Promise<EmbeddedServer> {
    if (!existsSync(executable)) throw new Error(`${executable} is not built; run: make -C kmod/embedded`);
    const server = new EmbeddedServer(mkdtempSync(join(tmpdir(), "lunatik-behaviour-")), parameters);
    await server.load();
    return server;
  }

  /** Starts it at the same socket again, as insmod would after rmmod. */
  async load(): Promise<void> {
    const options = ["--socket", this.socket, "--log", this.#logFile];
    for (const parameter of this.#parameters) options.push("--param", parameter);
    const child = spawn(executable, options, { stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#talk += text;
    });
    const lines = createInterface({ input: child.stdout });
    await new Promise<void>((resolve, reject) => {
      lines.once("line", () => resolve());
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        reject(new Error(`the server ended at once (${code ?? signal}): ${this.#talk}`));
      });
    });
  }

  /** The kernel log so far. */
  log(): string {
    return existsSync(this.#logFile) ? readFileSync(this.#logFile, "utf8") : this.#talk;
  }

  /** Ends it as rmmod would. Throws when it did not end well, or a sanitizer had something to say. */
  async unload(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    this.#process = undefined;
    const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
      child.once("exit", (code, signal) => resolve(code ?? signal));
    });
    const code = child.exitCode ?? child.signalCode ?? (child.kill("SIGTERM") ? await ended : null);
    // What states print is no trouble of the server's; its lines begin with the state's name.
    const log = this.log().replace(/^.{0,20} lunatik: \[.*$/gm, "");
    const trouble = /runtime error:|Sanitizer|BUG:|WARNING:/.exec(this.#talk + log);
    if (code !== 0 || trouble !== null) {
      throw new Error(`the embedded server ended with ${code}:\n${this.#talk}\n${this.log().slice(-4000)}`);
    }
  }

  /** Ends it for good. Throws as unload() does. */
  async stop(): Promise<void> {
    await this.unload();
    rmSync(this.#folder, { recursive: true });
  }
}

/** A kluad between the tests and the module, which is not itself what is tested. */
class Between {
  readonly control: string;
  readonly #folder: string;
  readonly #process: ChildProcess;
  #talk = "";

  private constructor(folder: string, socket: string | undefined) {
    this.#folder = folder;
    this.control = join(folder, "kluad.sock");
    const server = socket === undefined ? [] : ["--socket", socket];
    const options = ["--backend", backend, ...server, "--control", this.control, "--log-level", "error"];
    this.#process = spawn("bin/kluad", options, { stdio: ["ignore", "ignore", "pipe"] });
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#talk += text;
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  static async start(socket: string | undefined): Promise<Between> {
    const between = new Between(mkdtempSync(join(tmpdir(), "lunatik-between-")), socket);
    await until("kluad listens", () => {
      if (between.#process.exitCode !== null) throw new Error(`kluad ended: ${between.#talk}`);
      return existsSync(between.control);
    });
    return between;
  }

  /** Stops it. Throws when it did not end well, or logged an error. */
  async stop(): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await ended;
    if (this.#process.exitCode !== 0 || this.#talk !== "")
      throw new Error(
        `kluad ended with ${this.#process.exitCode ?? this.#process.signalCode}:\n${this.#talk}`,
      );
    rmSync(this.#folder, { recursive: true });
  }
}

let shared: EmbeddedServer | undefined;
let between: Between | undefined;
const opened: Lunatik[] = [];
let names = 0;

// Root hooks: once for all files.
before(async function () {
  this.timeout(60_000);
  if (backend === "embedded") shared = await EmbeddedServer.start();
  if (via === "daemon") between = await Between.start(shared?.socket);
});

after(async function () {
  this.timeout(60_000);
  const lunatik = await open();
  const { states } = await lunatik.list();
  const left = states.filter(({ name }) => name.startsWith(PREFIX));
  for (const { name } of left) await lunatik.delete(name, { force: true });
  closeAll();
  try {
    await between?.stop();
  } finally {
    await shared?.stop();
  }
});

afterEach(closeAll);

function closeAll(): void {
  for (const lunatik of opened.splice(0)) lunatik.close();
}

/** Connects a client, which is closed after the test. */
export async function open(options: ConnectOptions = {}): Promise<Lunatik> {
  // A server of a test's own has no daemon.
  const way = options.socket === undefined ? connectArguments() : { backend };
  const lunatik = await connect({ ...way, ...options });
  opened.push(lunatik);
  return lunatik;
}

const PREFIX = `test-${process.pid}-`;

/** Opens sockets of the backend, for tests that speak netlink themselves. */
export function opener(): TransportOpener {
  return shared === undefined
    ? netlinkTransport((text) => process.stderr.write(`${text}\n`))
    : embeddedTransport(shared.socket);
}

/** A name that no state has had. */
export function fresh(): string {
  names += 1;
  return `${PREFIX}${names}`;
}

/** The options by which another process connects to the same module. */
export function connectArguments(): Pick<ConnectOptions, "socket" | "via" | "control"> & {
  readonly backend: Backend;
} {
  const daemon = between === undefined ? {} : { via, control: between.control };
  return { backend, socket: shared?.socket, ...daemon };
}

/** The process that the module takes for the client: this one, or the daemon between. */
export function clientProcess(): number {
  return between?.pid ?? process.pid;
}

/**
 * What root puts before a command that is to run without any capability. Somebody else would have none either, but
 * may not be able to read the checkout.
 */
export const powerless = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] as const;

interface RunOptions {
  /** Words before the command, such as those of powerless. */
  readonly under?: readonly string[];
}

/** Starts a process that runs a program, an ES module's text. What it says on standard error is shown. */
export function run(program: string, options: RunOptions = {}): ChildProcessByStdio<null, Readable, null> {
  const loader = extname(import.meta.url) === ".ts" ? ["--import", "tsx"] : [];
  const command = [process.execPath, ...loader, "--input-type=module", "--eval", program];
  const [file = "", ...words] = [...(options.under ?? []), ...command];
  return spawn(file, words, { stdio: ["ignore", "pipe", "inherit"] });
}

/** Starts a process that runs a program in which `lunatik` is a client of the same backend. */
export function runProgram(
  text: string,
  options: RunOptions = {},
): ChildProcessByStdio<null, Readable, null> {
  const library = new URL(`../../client/lunatik${extname(import.meta.url)}`, import.meta.url).href;
  const program = `
    const { connect } = await import(${JSON.stringify(library)});
    const lunatik = await connect({ ...${JSON.stringify(connectArguments())}, onWarning() {} });
    ${text}`;
  return run(program, options);
}

/** The kernel log so far: dmesg, or what the embedded server wrote. */
export function kernelLog(): string {
  if (shared !== undefined) return shared.log();
  return execFileSync("dmesg", { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
}

/** Waits until a condition holds; throws when it does not within 100 seconds, which a slow virtual machine may need. */
export async function until(what: string, condition: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + 100_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A run that goes on until it is ended from outside. */
export interface Spinning {
  readonly cookie: bigint;
  /** The run's id, which others may cancel it by. */
  readonly id: bigint;
  readonly result: Promise<RunResult>;
}

let cookies = BigInt(process.pid) << 32n;

/** Limits for a state in which runs may go on for a minute. */
export const PATIENT = { maxSteps: 10n ** 14n, maxTime: 60n * 10n ** 9n } as const;

/** Starts a run that spins, in a state created with PATIENT, and waits until it is in progress. */
export async function spin(lunatik: Lunatik, name: string): Promise<Spinning> {
  cookies += 1n;
  const cookie = cookies;
  const result = lunatik.execute(name, "while true do end", { cookie });
  result.catch(() => undefined);
  let id: bigint | undefined;
  await until("the run is in progress", async () => {
    id = (await lunatik.get(name)).run;
    return id !== undefined;
  });
  if (id === undefined) throw new Error("unreachable");
  return { cookie, id, result };
}

/** The text that a run printed. */
export function printed(run: { readonly output: Uint8Array } | undefined): string {
  return Buffer.from(run?.output ?? []).toString("utf8");
}
