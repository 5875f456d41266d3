// SPDX-License-Identifier: MIT

import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from "vscode-jsonrpc/node";
import { MESSAGE_MAX } from "../../client/control_protocol.ts";
import { connect as connectLunatik } from "../../client/lunatik.ts";
import { backend, EmbeddedServer, until } from "../behaviour/backend.ts";
import { afterwards } from "../luarpc/support.ts";
import { failureOf, Kluad, kluactl, proxyTo, temporaryFolder } from "./support.ts";

const COUNT = "interface count { double note (in double id); }";
const COUNT_LUA = `
  noted = {}
  function note(id)
    for i = 1, 20000 do end
    noted[#noted + 1] = id
    return id
  end`;

describe("the control socket", () => {
  it("may be used by its owner and group, and is gone when the daemon is", async () => {
    const kluad = await Kluad.start();
    expect(statSync(kluad.control).mode & 0o777).to.equal(0o660);
    expect((await kluad.stop()).exit).to.equal(0);
    expect(existsSync(kluad.control)).to.equal(false);
  });

  it("is given to the group that is asked for", async () => {
    // Only root may give it to a group that it is not in.
    const group = process.getuid?.() === 0 ? 54_321 : (process.getgid?.() ?? 0);
    const kluad = Kluad.launch(join(temporaryFolder(), "kluad.sock"), "--group", String(group));
    await until("it is ready", () => kluad.program.stderr.includes('"ready"'));
    const { gid, mode } = statSync(kluad.control);
    expect([gid, mode & 0o777]).to.deep.equal([group, 0o660]);
    const { exit, stderr } = await Kluad.launch(`${kluad.control}2`, "--group", "no such group").program
      .ended;
    expect([exit, stderr.includes("there is no group")]).to.deep.equal([1, true]);
  });

  it("is not shared by a second daemon, which says so", async () => {
    const kluad = await Kluad.start();
    const { exit, stderr } = await Kluad.launch(kluad.control).program.ended;
    expect(exit).to.equal(1);
    expect(stderr).to.include("ERR_DAEMON_RUNNING").and.to.include(kluad.control);
    expect(await (await kluad.client()).servants()).to.deep.equal([]);
  });

  it("of a daemon that was killed is taken over, by one of those that start at once", async () => {
    const dead = await Kluad.start();
    await dead.stop("SIGKILL");
    expect(existsSync(dead.control)).to.equal(true);
    const heirs = [Kluad.launch(dead.control), Kluad.launch(dead.control), Kluad.launch(dead.control)];
    await until("all but one have ended", () => {
      return heirs.filter(({ program }) => program.process.exitCode !== null).length === 2;
    });
    await until("one is ready", () => heirs.some(({ program }) => program.stderr.includes('"ready"')));
    const { exit, stdout } = await kluactl(dead.control, "servants", "--json");
    expect([exit, stdout]).to.deep.equal([0, '{"ok":true,"servants":[]}\n']);
  });

  it("is not made in the place of a folder or a file, which stay", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "sub"));
    writeFileSync(join(folder, "file"), "kept");
    for (const name of ["sub", "file"]) {
      const { exit, stderr } = await Kluad.launch(join(folder, name)).program.ended;
      expect(exit, name).to.equal(1);
      expect(stderr).to.include("ERR_UNSAFE").and.include(`/${name} is there already, and is no socket`);
    }
    expect(readdirSync(folder).toSorted()).to.deep.equal(["file", "sub"]);
    expect(readFileSync(join(folder, "file"), "utf8")).to.equal("kept");
  });

  it("is not made in a folder that others may write to", async () => {
    const folder = join(temporaryFolder(), "shared");
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    const { exit, stderr } = await Kluad.launch(join(folder, "kluad.sock")).program.ended;
    expect(exit).to.equal(1);
    expect(stderr).to.include("ERR_UNSAFE");
  });

  it("survives clients that leave while it looks who they are", async () => {
    const kluad = await Kluad.start();
    for (let i = 0; i < 200; i += 1) {
      const socket = connect({ path: kluad.control });
      await once(socket, "connect");
      socket.destroy();
    }
    expect(await (await kluad.client()).servants()).to.deep.equal([]);
  });

  it("survives clients that talk nonsense", async () => {
    const kluad = await Kluad.start();
    for (const nonsense of [
      "hello\r\n\r\n",
      "Content-Length: 3\r\n\r\n{]}",
      `Content-Length: 999999999\r\n\r\n${" ".repeat(MESSAGE_MAX)}`,
    ]) {
      const socket = connect({ path: kluad.control });
      socket.on("error", () => undefined);
      socket.write(nonsense);
      await new Promise((resolve) => socket.resume().once("close", resolve));
    }
    const socket = connect({ path: kluad.control });
    afterwards(() => {
      socket.destroy();
    });
    const connection = createMessageConnection(
      new StreamMessageReader(socket),
      new StreamMessageWriter(socket),
    );
    connection.listen();
    expect(await failureOf(connection.sendRequest("nonsense", {}))).to.include("nonsense");
    expect(await failureOf(connection.sendRequest("serve", { state: 3 }))).to.include("interface");
    expect(await failureOf(connection.sendRequest("unserve", { port: 70_000 }))).to.include("port");
    expect(await (await kluad.client()).servants()).to.deep.equal([]);
  });
});

describe("kluactl without a daemon", () => {
  it("says so, and what to do", async () => {
    const { exit, stderr } = await kluactl(join(temporaryFolder(), "kluad.sock"), "servants");
    expect(exit).to.equal(60);
    expect(stderr).to.include("no daemon answers").and.to.include("kluad");
  });
});

describe("states that disappear", () => {
  it("are an error of each call; the daemon stays", async function () {
    // The module cannot be unloaded under the other tests.
    if (backend === "kernel") this.skip();
    const server = await EmbeddedServer.start();
    const lunatik = await connectLunatik({ backend: "embedded", socket: server.socket });
    await lunatik.create("p");
    await lunatik.execute("p", COUNT_LUA);
    const kluad = await Kluad.start(undefined, server.socket);
    const { port } = await kluad.serve("p", COUNT);
    const proxy = proxyTo(port, COUNT);
    expect(await proxy["note"]?.(1)).to.deep.equal([1]);
    lunatik.close();
    await server.stop();
    expect(await failureOf(proxy["note"]?.(2))).to.match(/^ERR_(?:CONNECT|CLOSED): /);
    expect(await (await kluad.client()).servants()).to.have.length(1);
    expect((await kluad.stop()).exit).to.equal(0);
  });
});
