// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { connect } from "../../client/lunatik.ts";
import { backend, EmbeddedServer, until } from "../behaviour/backend.ts";
import { freePort } from "../free_port.ts";
import { afterwards, RawClient } from "../luarpc/support.ts";
import { apply, GEO, GEO_LUA, Place, steps } from "./manifest_support.ts";
import { type Kluad, printedBy, proxyTo } from "./support.ts";

/* The module under a daemon: it goes away and comes back, loses events, and has other users. */

interface Setting {
  readonly server: EmbeddedServer;
  readonly kluad: Kluad;
  readonly port: number;
}

/** A server of the test's own, and a daemon whose manifest declares two states, one with a servant. */
async function setting(): Promise<Setting> {
  const server = await EmbeddedServer.start();
  afterwards(() => server.stop());
  const place = new Place();
  const port = await freePort();
  place.write(`
    [state.one]
    script = [{ code = "${GEO_LUA}" }]
    [state.two]
    [[servant]]
    state = "one"
    interface = { name = "geo.lua", text = "${GEO}" }
    listen = ${port}`);
  const kluad = await place.start(server.socket);
  return { server, kluad, port };
}

/** Which states there are, in order. */
async function names(server: EmbeddedServer): Promise<readonly string[]> {
  const lunatik = await connect({ backend: "embedded", socket: server.socket });
  try {
    return (await lunatik.list()).states.map(({ name }) => name).toSorted();
  } finally {
    lunatik.close();
  }
}

describe("a module that is unloaded and loaded again", () => {
  before(function () {
    // In the VM test/vm/guest/manifest.test.ts does it with the real one.
    if (backend === "kernel") this.skip();
  });

  it("gets what the manifest declares; the ports stay open and answer errors meanwhile", async () => {
    const { server, kluad, port } = await setting();
    const client = await RawClient.connect(port);
    client.write("area\n3\n");
    expect(await client.line()).to.equal("6");
    for (let round = 0; round < 3; round += 1) {
      await server.unload();
      client.write("area\n3\n");
      expect(await client.line()).to.match(/^___ERRORPC: ERR_(?:CONNECT|CLOSED): /);
      const [report] = await (await kluad.client()).servants();
      expect(report?.problem).to.equal("ERR_NO_MODULE");
      await server.load();
      await until("the servant answers again", async () => {
        client.write("area\n3\n");
        return (await client.line()) === "6";
      });
      await until("both states are there", async () => (await names(server)).join() === "one,two");
      expect((await (await kluad.client()).servants())[0]?.problem).to.equal(undefined);
    }
    expect(kluad.program.stderr).to.include("the module is there again");
    expect((await kluad.stop()).exit).to.equal(0);
  });
});

describe("states of a manifest that somebody else deletes", () => {
  before(function () {
    if (backend === "kernel") this.skip();
  });

  it("are told of, and made anew when that is asked for", async () => {
    const { server, kluad, port } = await setting();
    const lunatik = await connect({ backend: "embedded", socket: server.socket });
    afterwards(() => lunatik.close());
    await lunatik.delete("one");
    await until("it is logged", () => kluad.program.stderr.includes("a state of the manifest was deleted"));
    await lunatik.create("two", { replace: true, description: "by hand" });
    await until(
      "that too",
      () => kluad.program.stderr.split("a state of the manifest was deleted").length > 2,
    );
    const client = await kluad.client();
    expect((await client.servants()).map(({ problem }) => problem)).to.deep.equal(["ERR_NO_STATE"]);
    const { stderr } = await kluad.kluactl("servants");
    expect(stderr).to.include(`127.0.0.1:${port}: ERR_NO_STATE: its state is not there`);
    expect(steps(await apply(kluad, "--dry-run"))).to.deep.equal(["create one planned"]);
    expect(await names(server)).to.deep.equal(["two"]);
    expect(steps(await apply(kluad))).to.deep.equal(["create one done"]);
    expect(await proxyTo(port, GEO)["area"]?.(2)).to.deep.equal([4]);
    expect((await lunatik.get("two")).description).to.equal("by hand");
    await printedBy(kluad.kluactl("apply", "--prune"));
    expect((await lunatik.get("two")).description).to.equal("");
  });
});

describe("events that are lost", () => {
  before(function () {
    if (backend === "kernel") this.skip();
  });

  it("are noticed, and a fresh list of the states repairs what is known", async () => {
    const { server, kluad } = await setting();
    const lunatik = await connect({ backend: "embedded", socket: server.socket });
    afterwards(() => lunatik.close());
    await lunatik.create("noise");
    // A daemon that does not read: the events overrun its socket.
    kluad.program.process.kill("SIGSTOP");
    for (let run = 0; run < 400; run += 1) await lunatik.execute("noise", "print(('x'):rep(60000))");
    await lunatik.delete("one");
    for (let run = 0; run < 10; run += 1) await lunatik.execute("noise", "print(('x'):rep(60000))");
    kluad.program.process.kill("SIGCONT");
    await until("the loss is logged", () => kluad.program.stderr.includes("events were lost"));
    await until("so is the state", () =>
      kluad.program.stderr.includes("a state of the manifest was deleted"),
    );
    const [report] = await (await kluad.client()).servants();
    expect(report?.problem).to.equal("ERR_NO_STATE");
  });
});
