// SPDX-License-Identifier: MIT

import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import type { ServantReport, ServeRequest } from "../../client/control_protocol.ts";
import { connectDaemon, type DaemonClient } from "../../client/daemon.ts";
import { parseInterface } from "../../luarpc/interface_parser.ts";
import { closeProxy, openProxy, type ProxyOptions, type UntypedProxy } from "../../luarpc/proxy.ts";
import { connectArguments, fresh, open, until } from "../behaviour/backend.ts";
import { afterwards } from "../luarpc/support.ts";

/* kluad and kluactl as their users run them: the compiled programs, as processes, against the module. */

/** Tests run in the root of the checkout. */
const root = process.cwd();

export interface Outcome {
  readonly exit: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process and what it says. It is killed after the test, or lives until the tests of all files are over. */
export class Program {
  readonly process: ChildProcess;
  readonly ended: Promise<Outcome>;
  stdout = "";
  stderr = "";

  constructor(
    command: string,
    argv: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    stdio: StdioOptions = ["ignore", "pipe", "pipe"],
    lifetime: "test" | "tests" = "test",
  ) {
    this.process = spawn(command, argv, {
      stdio,
      env: { ...process.env, ...environment },
    });
    this.process.stdout?.setEncoding("latin1").on("data", (text: string) => {
      this.stdout += text;
    });
    this.process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve, reject) => {
      this.process.once("error", reject);
      this.process.once("close", (code, signal) => {
        resolve({ exit: code ?? signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
    if (lifetime === "tests") return;
    afterwards(async () => {
      if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill("SIGKILL");
      await this.ended;
    });
  }
}

/** A folder that is removed after the test, and that only its owner may enter. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "lunatik-kluad-"));
  chmodSync(folder, 0o700);
  afterwards(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** The options of kluad and kluactl for the tests' own server, or another. */
export function way(socket = connectArguments().socket): readonly string[] {
  const { backend } = connectArguments();
  return ["--backend", backend, ...(socket === undefined ? [] : ["--socket", socket])];
}

/** What a daemon is started in. */
export interface Around {
  /** Another kluad than the checkout's. */
  readonly program?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdio?: StdioOptions;
  /** A command that starts what follows it. */
  readonly before?: readonly string[];
  readonly lifetime?: "test" | "tests";
}

/** A daemon of a test's own. */
export class Kluad {
  readonly control: string;
  readonly program: Program;

  private constructor(
    control: string,
    socket: string | undefined,
    more: readonly string[] = [],
    around: Around = {},
  ) {
    this.control = control;
    const [command, ...argv] = [
      ...(around.before ?? []),
      around.program ?? join(root, "bin/kluad"),
      ...way(socket),
      "--control",
      control,
      ...more,
    ];
    this.program = new Program(command ?? "", argv, around.environment, around.stdio, around.lifetime);
  }

  /** Starts a daemon without waiting for it. */
  static launch(control: string, ...more: readonly string[]): Kluad {
    return new Kluad(control, connectArguments().socket, more);
  }

  /** As launch(), in surroundings of a test's own. */
  static launchWithin(around: Around, control: string, ...more: readonly string[]): Kluad {
    return new Kluad(control, connectArguments().socket, more, around);
  }

  /** Starts a daemon in surroundings of a test's own, and waits until its control socket answers. */
  static async within(around: Around, ...more: readonly string[]): Promise<Kluad> {
    const kluad = new Kluad(join(temporaryFolder(), "kluad.sock"), connectArguments().socket, more, around);
    await until("kluad answers", async () => {
      if (kluad.program.process.exitCode !== null) throw new Error(`kluad ended: ${kluad.program.stderr}`);
      try {
        await (await kluad.client()).servants();
        return true;
      } catch {
        return false;
      }
    });
    return kluad;
  }

  /** Starts a daemon, on the tests' own server unless another is given, and waits until it is ready. */
  static async start(
    control = join(temporaryFolder(), "kluad.sock"),
    socket: string | undefined = connectArguments().socket,
    ...more: readonly string[]
  ): Promise<Kluad> {
    const kluad = new Kluad(control, socket, more);
    await kluad.#isReady();
    return kluad;
  }

  /** The daemon for all tests that leave it as they found it: one start, where a start takes long. */
  static async shared(): Promise<Kluad> {
    if (sharedKluad === undefined) {
      const control = join(mkdtempSync(join(tmpdir(), "lunatik-kluad-")), "kluad.sock");
      sharedKluad = new Kluad(control, connectArguments().socket, [], { lifetime: "tests" });
      await sharedKluad.#isReady();
    }
    return sharedKluad;
  }

  #isReady(): Promise<void> {
    return until("kluad is ready", () => {
      if (this.program.process.exitCode !== null) throw new Error(`kluad ended: ${this.program.stderr}`);
      return this.program.stderr.includes('"ready"');
    });
  }

  /** Runs kluactl with this daemon. */
  kluactl(...argv: readonly string[]): Promise<Outcome> {
    return kluactl(this.control, ...argv);
  }

  /** A client of the control socket, closed after the test. */
  async client(path = this.control): Promise<DaemonClient> {
    const client = await connectDaemon({ path });
    afterwards(() => {
      client.close();
    });
    return client;
  }

  /** Serves a state by an interface's text. */
  async serve(
    state: string,
    text: string,
    options: Partial<Omit<ServeRequest, "state" | "interface">> = {},
  ): Promise<ServantReport> {
    const client = await this.client();
    return client.serve({
      state,
      interface: { file: "test.lua", text },
      host: "127.0.0.1",
      port: 0,
      profile: "plain",
      wait: 30_000,
      ...options,
    });
  }

  /** Asks it to stop, and resolves with what became of it. */
  stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Outcome> {
    this.program.process.kill(signal);
    return this.program.ended;
  }
}

let sharedKluad: Kluad | undefined;

after(async function () {
  this.timeout(60_000);
  if (sharedKluad === undefined) return;
  const { exit, stderr } = await sharedKluad.stop();
  rmSync(dirname(sharedKluad.control), { recursive: true });
  expect(exit, stderr).to.equal(0);
});

/** Runs kluactl with the daemon at a control socket. */
export function kluactl(control: string, ...argv: readonly string[]): Promise<Outcome> {
  return new Program(join(root, "bin/kluactl"), argv, { LUNATIK_CONTROL_SOCKET: control }).ended;
}

/** Runs kluactl and gives what it printed; fails when kluactl does. */
export async function printedBy(running: Promise<Outcome>): Promise<string> {
  const { exit, stdout, stderr } = await running;
  expect(exit, stderr).to.equal(0);
  return stdout;
}

/** An interface file of this text, removed after the test. */
export function interfaceFile(text: string): string {
  const file = join(temporaryFolder(), "interface.lua");
  writeFileSync(file, text);
  return file;
}

/** An interface of one method, which stateOfOne() has. */
export const ONE = "interface one { double f (); }";

/** The name of a new state with a function f that returns 1. */
export async function stateOfOne(): Promise<string> {
  const lunatik = await open();
  const name = fresh();
  await lunatik.create(name);
  await lunatik.execute(name, "function f() return 1 end");
  return name;
}

/** A proxy by an interface's text. */
export function proxyTo(port: number, text: string, options: ProxyOptions = {}): UntypedProxy {
  const proxy = openProxy("127.0.0.1", port, parseInterface(text), { timeout: 20_000, ...options });
  afterwards(() => {
    closeProxy(proxy);
  });
  return proxy as UntypedProxy;
}

/** The text of the error that a call rejects with. */
export async function failureOf(call: Promise<unknown> | undefined): Promise<string> {
  if (call === undefined) throw new Error("there is no such method");
  try {
    await call;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("the call succeeded");
}
