// SPDX-License-Identifier: MIT

import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { backend, fresh, open, until } from "../behaviour/backend.ts";
import { RawClient } from "../luarpc/support.ts";
import { Kluad, Program, proxyTo, temporaryFolder } from "./support.ts";

/** A service manager that listens to what it is told. */
class Ear {
  readonly address: string;
  readonly #program: Program;

  private constructor(address: string) {
    this.address = address;
    this.#program = new Program("python3", ["test/daemon/programs/notified.py", address]);
  }

  static async open(address: string): Promise<Ear> {
    const ear = new Ear(address);
    await until("the ear listens", () => ear.#program.stdout !== "");
    return ear;
  }

  /** What was told so far: each a list of lines. */
  get told(): readonly (readonly string[])[] {
    const lines = this.#program.stdout.split("\n").slice(1, -1);
    return lines.map((line) => (JSON.parse(line) as string).split("\n"));
  }

  async hears(line: string, times = 1): Promise<void> {
    await until(
      `it is told ${line}`,
      () => this.told.filter((lines) => lines.includes(line)).length >= times,
    );
  }

  async close(): Promise<void> {
    this.#program.process.kill("SIGKILL");
    await this.#program.ended;
  }
}

/** A daemon with a service manager of this address. */
function watched(address: string, environment: Readonly<Record<string, string>> = {}): Promise<Kluad> {
  return Kluad.within({ environment: { NOTIFY_SOCKET: address, ...environment } });
}

describe("the service manager", () => {
  it("is told when the daemon is ready, reloads and stops", async () => {
    const ear = await Ear.open(join(temporaryFolder(), "notify"));
    const before = process.hrtime.bigint();
    const kluad = await watched(ear.address);
    await ear.hears("READY=1");
    expect(ear.told).to.deep.equal([["READY=1", "STATUS=0 servants, 0 calls"]]);
    kluad.program.process.kill("SIGHUP");
    await ear.hears("READY=1", 2);
    const [, [reloading, since = ""] = []] = ear.told;
    expect(reloading).to.equal("RELOADING=1");
    expect(since).to.match(/^MONOTONIC_USEC=\d+$/);
    const microseconds = BigInt(since.slice("MONOTONIC_USEC=".length));
    expect(microseconds > before / 1000n && microseconds < process.hrtime.bigint() / 1000n).to.equal(true);
    expect((await kluad.stop()).exit).to.equal(0);
    expect(ear.told.at(-1)).to.include("STOPPING=1");
    expect(ear.told).to.have.length(4);
  });

  it("may have an address in the abstract namespace", async () => {
    const ear = await Ear.open(`@lunatik-notify-${process.pid}`);
    await watched(ear.address);
    await ear.hears("READY=1");
  });

  it("gets signs of life when it wants them, with what the daemon does", async () => {
    const lunatik = await open();
    const state = fresh();
    await lunatik.create(state);
    await lunatik.execute(state, "function f() return 1 end");
    const ear = await Ear.open(join(temporaryFolder(), "notify"));
    const kluad = await watched(ear.address, { WATCHDOG_USEC: "100000" });
    await ear.hears("WATCHDOG=1", 2);
    const { port } = await kluad.serve(state, "interface i { double f (); }");
    await proxyTo(port, "interface i { double f (); }")["f"]?.();
    await ear.hears("STATUS=1 servant, 1 calls");
  });

  it("may go away, or never have been there: the daemon says so, and serves", async () => {
    const ear = await Ear.open(join(temporaryFolder(), "notify"));
    const kluad = await watched(ear.address, { WATCHDOG_USEC: "100000" });
    await ear.hears("WATCHDOG=1");
    await ear.close();
    await until("it is noticed", () => kluad.program.stderr.includes("the service manager cannot be told"));
    expect(await (await kluad.client()).servants()).to.deep.equal([]);
    expect((await kluad.stop()).exit).to.equal(0);
    for (const address of [join(temporaryFolder(), "nobody"), "nonsense", `/${"x".repeat(200)}`]) {
      const other = await watched(address);
      await until("it has said so", () => other.program.stderr.includes('"level":40'));
      expect((await other.stop()).exit).to.equal(0);
    }
  });
});

/** A daemon with sockets that somebody else has opened; see activate.py. */
function activated(...sockets: readonly string[]): readonly string[] {
  return ["python3", "test/daemon/programs/activate.py", ...sockets, "--"];
}

describe("socket activation", () => {
  it("gives the daemon its control socket, which it leaves where it is", async () => {
    for (const name of ["control", "kluad.socket", "names=no"]) {
      const folder = temporaryFolder();
      const path = join(folder, "activated.sock");
      const own = join(folder, "own.sock");
      const words = name === "names=no" ? [name, `any=${path}`] : [`${name}=${path}`];
      const kluad = Kluad.launchWithin({ before: activated(...words) }, own);
      await until("it is ready", () => kluad.program.stderr.includes('"ready"'));
      expect(await (await kluad.client(path)).servants()).to.deep.equal([]);
      expect(existsSync(own)).to.equal(false);
      expect(kluad.program.stderr).to.include(`"control":"${path}"`);
      expect((await kluad.stop()).exit).to.equal(0);
      expect(statSync(path).isSocket()).to.equal(true);
    }
  });

  it("gives servants the listener at their address, again and again", async function () {
    if (backend === "kernel") this.timeout(60_000);
    const lunatik = await open();
    const state = fresh();
    await lunatik.create(state);
    await lunatik.execute(state, "function f() return 7 end");
    const text = "interface i { double f (); }";
    const file = join(temporaryFolder(), "web");
    const kluad = await Kluad.within({ before: activated(`${file}=127.0.0.1:0`, `${file}6=::1:0`) });
    const port = Number(readFileSync(file, "utf8"));
    // Nobody serves yet: who comes waits.
    const early = await RawClient.connect(port);
    early.write("f\n");
    for (let round = 0; round < 2; round += 1) {
      expect(await kluad.serve(state, text, { port })).to.include({ host: "127.0.0.1", port });
      expect(await proxyTo(port, text)["f"]?.()).to.deep.equal([7]);
      if (round === 0) await early.expects("7\n");
      await (await kluad.client()).unserve({ port });
    }
    const port6 = Number(readFileSync(`${file}6`, "utf8"));
    expect(await kluad.serve(state, text, { host: "::1", port: port6 })).to.include({ port: port6 });
    expect((await kluad.stop()).exit).to.equal(0);
  });

  it("is for the process that it names", async () => {
    const path = join(temporaryFolder(), "activated.sock");
    const kluad = await Kluad.within({ before: activated("pid=1", `control=${path}`) });
    expect(await (await kluad.client()).servants()).to.deep.equal([]);
  });

  it("may come with descriptors that are of no use, which the daemon says", async () => {
    const folder = temporaryFolder();
    const kluad = await Kluad.within({ before: activated(`other=${join(folder, "other.sock")}`) });
    expect(kluad.program.stderr).to.include("of no use");
  });
});
