// SPDX-License-Identifier: MIT

import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { fresh, open, until } from "../behaviour/backend.ts";
import { afterwards } from "../luarpc/support.ts";
import { failureOf, interfaceFile, Kluad, ONE, proxyTo, stateOfOne, temporaryFolder } from "./support.ts";

/* What goes wrong around a daemon: it says so, and stays. */

/** Starts what follows with a file system on a folder that has room for so many files, itself included; a socket takes two. */
function fullDisk(folder: string, files: number): readonly string[] {
  const script = `mount -t tmpfs -o mode=755,nr_inodes=${files} none "$0" && exec "$@"`;
  return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, folder];
}

/** Whether this machine lets a user mount in a namespace of their own. */
function mayMount(): boolean {
  const [command = "", ...argv] = fullDisk("/tmp", 2);
  return spawnSync(command, [...argv, "true"]).status === 0;
}

describe("a disk that is full", () => {
  it("is what the daemon says when it cannot make its control socket", async function () {
    if (!mayMount()) this.skip();
    const folder = join(temporaryFolder(), "full");
    mkdirSync(folder, { mode: 0o755 });
    const kluad = Kluad.launchWithin({ before: fullDisk(folder, 1) }, join(folder, "kluad.sock"));
    const { exit, stderr } = await kluad.program.ended;
    expect(exit).to.equal(1);
    expect(stderr).to.include("no space left on device").and.to.include(join(folder, "kluad.sock"));
  });

  it("keeps the daemon from taking notes, which it says, and from nothing else", async function () {
    if (!mayMount()) this.skip();
    const folder = join(temporaryFolder(), "full");
    mkdirSync(folder, { mode: 0o755 });
    const name = fresh();
    const lunatik = await open();
    const manifest = join(temporaryFolder(), "kluad.toml");
    writeFileSync(
      manifest,
      `[state.${JSON.stringify(name)}]\nscript = [{ code = "function f() return 1 end" }]\n`,
    );
    const control = join(folder, "kluad.sock");
    const around = { before: fullDisk(folder, 3) };
    // In a mount namespace of its own, its socket is reached through /proc.
    const kluad = Kluad.launchWithin(around, control, "--manifest", manifest);
    await until("it is ready", () => kluad.program.stderr.includes('"ready"'));
    expect(kluad.program.stderr).to.include("cannot be written").and.to.include("ENOSPC");
    expect((await lunatik.call(name, "f", [])).results).to.have.length(1);
    const path = `/proc/${kluad.program.process.pid}/root${control}`;
    expect(await (await kluad.client(path)).servants()).to.deep.equal([]);
    expect((await kluad.stop()).exit).to.equal(0);
  });
});

describe("a port that is taken", () => {
  it("is an error of the request, and may be had once it is free", async () => {
    const kluad = await Kluad.start();
    const name = await stateOfOne();
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as { port: number };
    expect(await failureOf(kluad.serve(name, ONE, { port }))).to.include("the port is taken");
    await new Promise((resolve) => taken.close(resolve));
    expect(await kluad.serve(name, ONE, { port })).to.include({ port });
    expect(await proxyTo(port, ONE)["f"]?.()).to.deep.equal([1]);
  });
});

describe("a daemon without descriptors left", () => {
  it("stays, and serves again when it has some", async () => {
    const kluad = await Kluad.within({ before: ["prlimit", "--nofile=64:64"] });
    const { port } = await kluad.serve(await stateOfOne(), ONE);
    expect(await proxyTo(port, ONE)["f"]?.()).to.deep.equal([1]);
    const greedy: Socket[] = [];
    for (let client = 0; client < 100; client += 1) {
      const socket = connect({ host: "127.0.0.1", port });
      socket.on("error", () => undefined);
      greedy.push(socket);
    }
    afterwards(() => {
      for (const socket of greedy) socket.destroy();
    });
    // Node takes those for which it has no descriptor, and closes them.
    await Promise.any(greedy.map((socket) => once(socket.resume(), "end")));
    expect(kluad.program.process.exitCode).to.equal(null);
    for (const socket of greedy) socket.destroy();
    // The proxy's stays.
    await until("they are gone", async () => {
      const [servant] = await kluad
        .client()
        .then((client) => client.servants())
        .catch(() => []);
      return servant !== undefined && servant.connections <= 1;
    });
    expect(await proxyTo(port, ONE)["f"]?.()).to.deep.equal([1]);
    expect((await kluad.stop()).exit).to.equal(0);
  });
});

describe("control clients that vanish", () => {
  it("in the middle of a request, or before its answer, take nothing with them", async () => {
    const kluad = await Kluad.start();
    const name = await stateOfOne();
    const request = {
      state: name,
      interface: { file: "one.lua", text: ONE },
      host: "127.0.0.1",
      port: 0,
      profile: "plain",
      wait: 1000,
    };
    for (let round = 0; round < 10; round += 1) {
      const socket = connect({ path: kluad.control });
      socket.on("error", () => undefined);
      await once(socket, "connect");
      const text = JSON.stringify({ jsonrpc: "2.0", id: round, method: "serve", params: request });
      const message = `Content-Length: ${text.length}\r\n\r\n${text}`;
      // Half a message, or a whole one whose answer nobody waits for.
      socket.write(round % 2 === 0 ? message.slice(0, 40) : message);
      socket.destroySoon();
    }
    const client = await kluad.client();
    await until("the requests are carried out", async () => (await client.servants()).length === 5);
    expect((await kluad.kluactl("serve", name, interfaceFile(ONE))).exit).to.equal(0);
    for (const { port } of await client.servants()) {
      expect(await proxyTo(port, ONE)["f"]?.()).to.deep.equal([1]);
      await client.unserve({ port });
    }
    expect(await client.servants()).to.deep.equal([]);
    expect((await kluad.stop()).exit).to.equal(0);
  });
});
