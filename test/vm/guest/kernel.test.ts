// SPDX-License-Identifier: MIT
// What only a real kernel can show. Runs as root in the guest of test/vm/run, the module not yet loaded.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { openConnection } from "../../../client/connection.ts";
import { LunatikError } from "../../../client/error.ts";
import { resolveFamily } from "../../../client/family.ts";
import { integer, toJs } from "../../../client/lua_value.ts";
import { connect, type Lunatik } from "../../../client/lunatik.ts";
import { HEADROOM } from "../../../client/message.ts";
import { Command, encodeExecuteRequest, FAMILY_NAME, FAMILY_VERSION } from "../../../client/protocol_gen.ts";
import type { TransportOpener } from "../../../client/transport.ts";
import { netlinkTransport } from "../../../client/transport_netlink.ts";
import { kernelMemory } from "./kernel_memory.ts";

function isLoaded(): boolean {
  return (
    readFileSync("/proc/modules", "utf8").includes("\nlunatik ") ||
    readFileSync("/proc/modules", "utf8").startsWith("lunatik ")
  );
}

function kernelLog(): string {
  return execFileSync("dmesg", { encoding: "utf8", maxBuffer: 1 << 28 });
}

function unload(): void {
  execFileSync("rmmod", ["lunatik"], { timeout: 60_000 });
}

/** Runs `kluactl --json` under another program and gives the code of its error, or "" when it succeeded. */
function codeUnder(...command: readonly string[]): string {
  const [program = "", ...args] = command;
  const { stdout, stderr } = spawnSync(program, [...args, "bin/kluactl", "--json", "list"], {
    encoding: "utf8",
  });
  const document: unknown = JSON.parse(stdout === "" ? stderr : stdout);
  const code = /"code":"(\w+)"/.exec(JSON.stringify(document));
  return code?.[1] ?? "";
}

async function rejection(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof LunatikError) return error.code;
    throw error;
  }
  return "resolved";
}

/** Netlink sockets, with a word for each datagram that comes. */
function counting(came: () => void): TransportOpener {
  const open = netlinkTransport(() => undefined);
  return (listener) =>
    open({
      message: (bytes) => {
        came();
        listener.message(bytes);
      },
      overrun: () => listener.overrun(),
      closed: (reason) => listener.closed(reason),
    });
}

/** The number of the module's family. */
async function familyNumber(): Promise<number> {
  const connection = await openConnection(
    netlinkTransport(() => undefined),
    1,
  );
  const { id } = await resolveFamily(connection, FAMILY_NAME, 60_000);
  connection.close();
  return id;
}

describe("the module in a kernel", () => {
  let lunatik: Lunatik;

  async function reconnect(): Promise<void> {
    lunatik?.close();
    lunatik = await connect({ backend: "kernel", timeout: 120_000 });
  }

  it("is loaded on demand when a client resolves its family", async () => {
    expect(isLoaded(), "the module is loaded already").to.equal(false);
    await reconnect();
    expect((await lunatik.list()).states).to.deep.equal([]);
    expect(isLoaded()).to.equal(true);
  });

  it("tells which kernel state it is", async () => {
    const info = await lunatik.info();
    expect(info.backend).to.equal("kernel");
    expect(info.luaVersion).to.equal("Lua 5.4.8");
  });

  it("shows its parameters in sysfs, to be read only", () => {
    for (const name of ["default_memory", "default_steps", "default_time_ms", "max_states", "max_waiting"]) {
      const file = `/sys/module/lunatik/parameters/${name}`;
      expect(Number(readFileSync(file, "utf8"))).to.be.greaterThan(0);
      expect(execFileSync("stat", ["-c", "%a", file], { encoding: "utf8" }).trim()).to.equal("444");
    }
  });

  it("lists its states in the kernel log, klua_liststates by another way", async () => {
    await lunatik.create("listed");
    await lunatik.log();
    const lines = kernelLog();
    expect(lines).to.match(/lunatik: 1 states?\n/);
    expect(lines).to.match(/lunatik: state listed: memory \d+\/\d+ bytes, 0 runs, idle/);
    await lunatik.delete("listed");
  });

  it("refuses root without CAP_NET_ADMIN", () => {
    expect(codeUnder("setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin")).to.equal(
      "ERR_PERMISSION",
    );
  });

  it("refuses the capability of a user namespace", () => {
    expect(codeUnder("unshare", "--user", "--map-root-user")).to.equal("ERR_PERMISSION");
  });

  it("does not exist in another network namespace", () => {
    expect(codeUnder("unshare", "--net")).to.equal("ERR_NO_MODULE");
  });

  it("lets two clients use the same state and different ones at once", async () => {
    const other = await connect({ backend: "kernel", timeout: 120_000 });
    await Promise.all([lunatik.create("shared"), other.create("apart")]);
    const adds = Array.from({ length: 100 }, (_, index) => {
      const client = index % 2 === 0 ? lunatik : other;
      const wait = { maxWait: 60_000_000_000n };
      return rejection(
        Promise.all([
          client.execute("shared", "n = (n or 0) + 1", wait),
          client.execute("apart", "n = (n or 0) + ...", { ...wait, arguments: [integer(2n)] }),
        ]),
      );
    });
    // A state lets 64 wait: more may be told so, and nothing else.
    const outcomes = await Promise.all(adds);
    const done = outcomes.filter((code) => code === "resolved").length;
    expect(outcomes.filter((code) => code !== "resolved" && code !== "ERR_QUEUE_FULL")).to.deep.equal([]);
    expect(done).to.be.greaterThan(0);
    await Promise.all([lunatik.delete("shared"), other.delete("apart")]);
    other.close();
  });

  it("answers short runs together, in their order within a datagram", async () => {
    const RUNS = 20;
    const family = await familyNumber();
    await lunatik.create("letters");
    let datagrams = 0;
    const connection = await openConnection(
      counting(() => (datagrams += 1)),
      RUNS + 1,
    );
    /** The runs that each datagram answered. */
    const answered = new Map<number, number[]>();
    // The first takes a while, so that the others wait in the kernel.
    const runs = Array.from({ length: RUNS + 1 }, async (_, index) => {
      const code = index === 0 ? "for i = 1, 1000000 do end" : "return ...";
      await connection.request({
        operation: "execute",
        kind: "run",
        type: family,
        command: Command.execute,
        version: FAMILY_VERSION,
        body: encodeExecuteRequest(
          { state: "letters", cookie: BigInt(index), code: Buffer.from(code), maxWait: 60_000_000_000n },
          HEADROOM,
        ),
        timeout: 60_000,
        isAcknowledged: false,
      });
      answered.set(datagrams, [...(answered.get(datagrams) ?? []), index]);
    });
    await Promise.all(runs);
    connection.close();
    await lunatik.delete("letters");
    const all = Array.from(answered.values());
    for (const together of all)
      expect(together).to.deep.equal(together.toSorted((one, other) => one - other));
    expect(all.flat()).to.have.length(RUNS + 1);
    // However slow the machine is: not each on its own. To a debug kernel no run is short.
    if (!existsSync("/sys/kernel/debug/kmemleak")) expect(all.length).to.be.lessThan(RUNS);
  });

  it("makes short runs beside a long one that nobody foresaw", async () => {
    for (const name of ["sudden", "quick"]) {
      await lunatik.create(name, { maxTime: 20_000_000_000n, maxSteps: 1_000_000_000_000n });
      for (let call = 0; call < 3; call++) await lunatik.execute(name, "return 1");
    }
    let isOver = false;
    const endless = rejection(lunatik.execute("sudden", "while true do end")).finally(() => {
      isOver = true;
    });
    // From whichever CPU: the long one keeps none to itself.
    for (let call = 0; call < 20; call++) await lunatik.execute("quick", "return 1");
    expect(isOver).to.equal(false);
    await lunatik.cancel({ state: "sudden" });
    expect(await endless).to.equal("ERR_CANCELLED");
    for (const name of ["sudden", "quick"]) await lunatik.delete(name);
  });

  it("holds 10,000 states, each with its own globals, and lists them all", async function () {
    this.timeout(600_000);
    const names = Array.from({ length: 10_000 }, (_, index) => `many-${index}`);
    const begin = Date.now();
    await Promise.all(names.map((name) => lunatik.create(name, { maxMemory: 1 << 20 })));
    const created = Date.now();
    const { states, changed } = await lunatik.list();
    const listed = Date.now();
    expect(changed).to.equal(false);
    expect(new Set(states.map((state) => state.name))).to.deep.equal(new Set(names));
    const probes = names.filter((_, index) => index % 97 === 0);
    await Promise.all(probes.map((name) => lunatik.execute(name, `mine = ${JSON.stringify(name)}`)));
    const values = await Promise.all(probes.map((name) => lunatik.execute(name, "return mine")));
    expect(values.map(({ results: [value] }) => value && toJs(value))).to.deep.equal(probes);
    const { memory } = await lunatik.info();
    const before = Date.now();
    await Promise.all(names.map((name) => lunatik.delete(name)));
    const deleted = Date.now();
    expect((await lunatik.list()).states).to.deep.equal([]);
    const seconds = (from: number, to: number): string => ((to - from) / 1000).toFixed(1);
    process.stdout.write(
      `      10,000 states: created in ${seconds(begin, created)} s, listed in ${seconds(created, listed)} s, ` +
        `deleted in ${seconds(before, deleted)} s, ${(Number(memory) / 10_000 / 1024).toFixed(1)} KiB each\n`,
    );
  });

  it("is unloaded in the middle of runs, and their callers are told", async () => {
    await lunatik.create("endless", { maxTime: 600_000_000_000n, maxSteps: 10n ** 14n });
    await lunatik.create("asleep");
    const run = rejection(lunatik.execute("endless", "while true do end"));
    const waiting = rejection(lunatik.execute("endless", "return 1", { maxWait: 600_000_000_000n }));
    while (!(await lunatik.get("endless")).busy) await new Promise((resolve) => setTimeout(resolve, 20));
    unload();
    expect(isLoaded()).to.equal(false);
    expect(await Promise.all([run, waiting])).to.deep.equal(["ERR_STALE", "ERR_STALE"]);
  });

  it("leaves nothing behind, load after load", async function () {
    this.timeout(300_000);
    const states = Array.from({ length: 50 }, (_, index) => `round-${index}`);
    const held: number[] = [];
    for (let round = 0; round < 4; round++) {
      execFileSync("modprobe", ["lunatik"]);
      await reconnect();
      await Promise.all(states.map((name) => lunatik.create(name)));
      const fill = "t = {} for i = 1, 10000 do t[i] = {i} end return #t";
      const runs = await Promise.all(states.map((name) => lunatik.execute(name, fill)));
      expect(new Set(runs.map(({ results: [count] }) => count && toJs(count)))).to.deep.equal(
        new Set([10_000]),
      );
      unload();
      held.push(kernelMemory());
    }
    // A round uses some 40 MiB: losing a tenth of it a round would be seen.
    const growth = (held.at(-1) ?? 0) - (held[0] ?? 0);
    expect(growth, `KiB held after each round: ${held.join(", ")}`).to.be.lessThan(8 * 1024);
  });

  it("keeps its exports' promises to another module", function () {
    this.timeout(300_000);
    const file = process.env["LUNATIK_VM_EXTRA"] ?? "";
    expect(file).to.match(/kapi_test\.ko$/);
    // One of its runs, and a finalizer, go on for as long as they may.
    execFileSync("modprobe", ["lunatik", "default_time_ms=3000"]);
    const from = kernelLog().length;
    const { status, stderr } = spawnSync("insmod", [file], { encoding: "utf8" });
    const said = kernelLog().slice(from);
    expect(status, `${stderr}\n${said}`).to.equal(0);
    expect(said).to.match(/lunatik_kapi: [1-9]\d* passed, 0 failed/);
    execFileSync("rmmod", ["kapi_test"]);
    unload();
  });

  after(() => {
    lunatik?.close();
  });
});
