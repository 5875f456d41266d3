// SPDX-License-Identifier: MIT

import { Readable, Writable } from "node:stream";
import type { World } from "../../client/kluactl/command.ts";
import type { Machine } from "../../client/kluactl/machine.ts";
import type { FakeModule } from "./fake_module.ts";

/* kluactl in this process, with everything around it replaced. */

// mocha loads test files as CommonJS, in which tsx keeps modules of their own. kluactl imports its commands when it needs
// them, as ES modules: were its other half not one too, its error classes would exist twice.
const { kluactl } = await import("../../client/kluactl/cli.ts");
const { connect } = await import("../../client/lunatik.ts");
const { connectDaemon } = await import("../../client/daemon.ts");

export interface Outcome {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: Buffer;
}

/** A stream that keeps what is written; after `brokenAfter` bytes its reader goes away, or what else `code` says happens. */
export class Capture extends Writable {
  readonly isTTY: boolean;
  readonly #chunks: Buffer[] = [];
  #room: number;
  readonly #code: string;

  constructor(isTTY = false, brokenAfter = Number.POSITIVE_INFINITY, code = "EPIPE") {
    super();
    this.#code = code;
    this.isTTY = isTTY;
    this.#room = brokenAfter;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.#room -= chunk.length;
    if (this.#room < 0) {
      done(Object.assign(new Error(`write ${this.#code}`), { code: this.#code }));
      return;
    }
    this.#chunks.push(chunk);
    done();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

export interface Surroundings {
  readonly stdin?: string | Buffer;
  readonly environment?: Readonly<Record<string, string>>;
  readonly machine?: Partial<Machine>;
  readonly stdout?: Capture;
  readonly stderr?: Capture;
  /** Given the function that acts as Ctrl-C, once the command listens for it. */
  readonly onListen?: (interrupt: () => void) => void;
}

/** Nanoseconds since the epoch: a minute after the states of the fake kernel were created. */
export const NOW = 1_700_000_060_000_000_000n;

/** Runs a command line against a fake module. */
export async function run(
  module: FakeModule,
  argv: readonly string[],
  around: Surroundings = {},
): Promise<Outcome> {
  const { stdout = new Capture(), stderr = new Capture() } = around;
  const world: World = {
    environment: around.environment ?? {},
    stdin: Readable.from(around.stdin === undefined ? [] : [Buffer.from(around.stdin)]),
    connect: (options) => connect({ ...options, transport: module.kernel.opener }),
    connectDaemon,
    onInterrupt(handler) {
      around.onListen?.(handler);
      return () => undefined;
    },
    machine: { ...emptyMachine, ...around.machine },
    now: () => NOW,
  };
  const exit = await kluactl(argv, world, stdout, stderr);
  return {
    exit,
    stdout: stdout.bytes.toString(),
    stderr: stderr.bytes.toString(),
    stdoutBytes: stdout.bytes,
  };
}

/** A machine without any file. */
export const emptyMachine: Machine = {
  kernelRelease: "6.1.0-1-amd64",
  nodeVersion: "v20.0.0",
  exists: () => Promise.resolve(false),
  read: () => Promise.resolve(undefined),
  link: () => Promise.resolve(undefined),
  loadPackage: () => "1.0.0",
};

/** The one JSON document on stdout. */
export function document(outcome: Outcome): unknown {
  return JSON.parse(outcome.stdout);
}
