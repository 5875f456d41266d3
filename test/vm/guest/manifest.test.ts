// SPDX-License-Identifier: MIT
// kluad under a module that is unloaded and loaded: runs as root in the guest of test/vm/run, LUNATIK_BACKEND=kernel.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { connect, type Lunatik } from "../../../client/lunatik.ts";
import { backend, until } from "../../behaviour/backend.ts";
import { apply, GEO, GEO_LUA, Place, steps } from "../../daemon/manifest_support.ts";
import { type Kluad, printedBy } from "../../daemon/support.ts";
import { freePort } from "../../free_port.ts";
import { afterwards, RawClient } from "../../luarpc/support.ts";

function isLoaded(): boolean {
  return /^lunatik /m.test(readFileSync("/proc/modules", "utf8"));
}

function unload(): void {
  execFileSync("rmmod", ["lunatik"], { timeout: 60_000 });
}

function client(): Promise<Lunatik> {
  return connect({ backend: "kernel", timeout: 120_000 });
}

async function names(): Promise<string> {
  const lunatik = await client();
  try {
    return (await lunatik.list()).states.map(({ name }) => name).join();
  } finally {
    lunatik.close();
  }
}

interface Setting {
  readonly kluad: Kluad;
  readonly port: number;
}

async function setting(): Promise<Setting> {
  const place = new Place();
  const port = await freePort();
  place.write(`
    [state.geo]
    script = [{ code = "${GEO_LUA}" }]
    [state.other]
    [[servant]]
    state = "geo"
    interface = { name = "geo.lua", text = "${GEO}" }
    listen = ${port}`);
  // Runs last, when the daemon has ended: it would make them anew.
  afterwards(async () => {
    const lunatik = await client();
    for (const { name } of (await lunatik.list()).states) await lunatik.delete(name, { force: true });
    lunatik.close();
  });
  const kluad = await place.start();
  return { kluad, port };
}

/** A client of the servant that waits as long as a slow machine may need. */
async function asker(port: number): Promise<() => Promise<string>> {
  const raw = await RawClient.connect(port);
  return async () => {
    raw.write("area\n3\n");
    await raw.until((one) => one.received.includes("\n"), "a line", 30_000);
    return raw.line();
  };
}

describe("kluad and the module in a kernel", () => {
  before(() => {
    // On the embedded backend test/daemon/module.test.ts does the same.
    expect(backend).to.equal("kernel");
  });

  it("respects that the module is unloaded, and restores what is declared when it is back", async () => {
    const { kluad, port } = await setting();
    const ask = await asker(port);
    expect(await ask()).to.equal("6");
    for (let round = 0; round < 3; round += 1) {
      unload();
      for (let call = 0; call < 20; call += 1)
        expect(await ask(), kluad.program.stderr).to.match(/^___ERRORPC: ERR_NO_MODULE: /);
      const control = await kluad.client();
      await until("the daemon has noticed", async () => {
        return (await control.servants())[0]?.problem === "ERR_NO_MODULE";
      });
      expect(isLoaded(), "the daemon has had the module loaded").to.equal(false);
      execFileSync("modprobe", ["lunatik"]);
      await until("the servant answers again", async () => (await ask()) === "6");
      await until("all states are there", async () => (await names()) === "geo,other");
    }
    expect(kluad.program.process.exitCode).to.equal(null);
    expect(kluad.program.stderr).to.not.include("it is looked for now and then");
    expect((await kluad.stop()).exit).to.equal(0);
  });

  it("has the module loaded when a client asks for its states", async () => {
    const { kluad, port } = await setting();
    unload();
    const listed = JSON.parse(await printedBy(kluad.kluactl("list", "--json"))) as { readonly ok: boolean };
    expect([listed.ok, isLoaded()]).to.deep.equal([true, true]);
    const ask = await asker(port);
    await until("the servant answers again", async () => (await ask()) === "6");
    await until("all states are there", async () => (await names()) === "geo,other");
  });

  it("notices that events overran its socket, and lists the states afresh", async () => {
    const { kluad } = await setting();
    const lunatik = await client();
    afterwards(() => lunatik.close());
    await lunatik.create("noise");
    kluad.program.process.kill("SIGSTOP");
    const loud = "for i = 1, 4 do print(('x'):rep(16000)) end";
    for (let run = 0; run < 300; run += 1) await lunatik.execute("noise", loud);
    await lunatik.delete("other");
    for (let run = 0; run < 10; run += 1) await lunatik.execute("noise", loud);
    kluad.program.process.kill("SIGCONT");
    await until("the loss is logged", () => kluad.program.stderr.includes("events were lost"));
    await until("and the state", () => kluad.program.stderr.includes("a state of the manifest was deleted"));
    expect(steps(await apply(kluad, "--dry-run"))).to.deep.equal(["create other planned"]);
  });
});
