// SPDX-License-Identifier: MIT

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { connect, type Lunatik } from "../../client/lunatik.ts";
import { backend, EmbeddedServer } from "../behaviour/backend.ts";
import { freePort } from "../free_port.ts";
import { afterwards, MINHA_INT } from "../luarpc/support.ts";
import { apply, GEO, GEO_LUA, Place, steps, value } from "./manifest_support.ts";
import { Kluad, Program, printedBy } from "./support.ts";

/** A daemon on a server of the test's own, whose states are all in the test's hands. */
async function setting(text: string): Promise<{
  readonly place: Place;
  readonly kluad: Kluad;
  readonly lunatik: Lunatik;
  readonly socket: string;
}> {
  const server = await EmbeddedServer.start();
  afterwards(() => server.stop());
  const place = new Place();
  place.write(text);
  place.write(GEO_LUA, "geo.lua");
  place.write(GEO, "interface.lua");
  const kluad = await place.start(server.socket);
  const lunatik = await connect({ backend: "embedded", socket: server.socket });
  afterwards(() => lunatik.close());
  return { place, kluad, lunatik, socket: server.socket };
}

function refuseKernel(this: Mocha.Context): void {
  // Every state of the module would be saved, and pruned.
  if (backend === "kernel") this.skip();
}

describe("kluactl save", () => {
  before(refuseKernel);

  it("writes a manifest that changes nothing when it is applied, here and after the daemon was started anew", async () => {
    const port = await freePort();
    const { place, kluad, lunatik } = await setting(`
      [state.one]
      time = "3s"
      script = [{ file = "geo.lua", arguments = [1.0, { a = "b" }] }]
      [[servant]]
      state = "one"
      interface = "interface.lua"
      listen = ${port}`);
    await lunatik.create('by "hand"', { maxMemory: 4_194_304, libraries: ["string"], description: "a\nb" });
    await lunatik.execute('by "hand"', "kept = 1");
    await kluad.serve('by "hand"', GEO, { profile: "quoted", steps: 12_345, idle: 1500 });
    await lunatik.execute("one", "kept = 1");
    const saved = join(place.folder, "saved.toml");
    const { exit, stderr } = await kluad.kluactl("save", saved);
    expect([exit, stderr]).to.deep.equal([
      0,
      `saved in ${saved}\nnot in it: state "by \\"hand\\"": what was executed in it is not known\n`,
    ]);
    expect(steps(await apply(kluad, saved))).to.deep.equal([]);
    expect(readFileSync(saved, "utf8")).to.include('file = "geo.lua", arguments = [1.0, { a = "b" }]');
    await printedBy(kluad.kluactl("save"));
    expect(readFileSync(place.file, "utf8")).to.equal(readFileSync(saved, "utf8"));
    expect(await printedBy(kluad.kluactl("apply"))).to.equal("");
    for (const name of ["one", 'by "hand"']) expect(await value(lunatik, name, "kept")).to.equal(1);
  });

  it("knows what a daemon before this one executed, of a manifest that a client sent", async () => {
    const { place, lunatik, socket } = await setting("");
    const first = await Kluad.start(undefined, socket);
    place.write('[state.p]\nscript = ["geo.lua", { code = "given = ...", arguments = [2.0] }]', "sent.toml");
    expect((await apply(first, join(place.folder, "sent.toml"))).ok).to.equal(true);
    await first.stop();
    const second = await Kluad.start(first.control, socket);
    const saved = join(place.folder, "saved.toml");
    const { exit, stderr } = await second.kluactl("save", saved);
    expect([exit, stderr]).to.deep.equal([0, `saved in ${saved}\n`]);
    expect(steps(await apply(second, saved))).to.deep.equal([]);
    expect(await value(lunatik, "p", "area(given)")).to.equal(4);
    expect(readFileSync(saved, "utf8")).to.include('"geo.lua"').and.to.include("arguments = [2.0]");
  });

  it("takes what was said and is so anyway for what was not said: no idle time, no reflection", async () => {
    const { place, kluad } = await setting("[state.p]\n");
    await kluad.serve("p", GEO, { idle: 0, reflection: false });
    const file = join(place.folder, "interface.lua");
    await printedBy(kluad.kluactl("serve", "p", file, "--idle", "500us"));
    await printedBy(kluad.kluactl("save", place.file));
    const report = await apply(kluad);
    expect([steps(report), report.conflicts, report.unchanged]).to.deep.equal([[], [], 3]);
    expect((await (await kluad.client()).servants()).map(({ idle }) => idle)).to.have.members([undefined, 1]);
  });

  it("prints it with -, and as JSON", async () => {
    const { kluad } = await setting("[state.p]\nmemory = 5000000\n");
    const text = await printedBy(kluad.kluactl("save", "-"));
    expect(text).to.include("[state.p]\nmemory = 5000000\n");
    const json: unknown = JSON.parse(await printedBy(kluad.kluactl("save", "-", "--json")));
    expect(json).to.deep.equal({ ok: true, text, missing: [] });
  });

  it("does not write a key that was given by hand", async () => {
    const { place, kluad } = await setting("[state.p]\n");
    const [key, cert] = [join(place.folder, "key.pem"), join(place.folder, "cert.pem")];
    const request = [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-subj",
      "/CN=x",
    ];
    expect(spawnSync("openssl", [...request, "-keyout", key, "-out", cert]).status).to.equal(0);
    const file = join(place.folder, "interface.lua");
    await printedBy(kluad.kluactl("serve", "p", file, "--tls-cert", cert, "--tls-key", key));
    const { stdout, stderr } = await kluad.kluactl("save", "-");
    expect(stdout).to.not.include("servant").and.to.not.include("PRIVATE");
    expect(stderr).to.include("its key was given by hand");
    const port = await freePort();
    place.write(
      `[state.p]\n[[servant]]\nstate = "p"\ninterface = "interface.lua"\nlisten = ${port}\ntls-cert = "cert.pem"\ntls-key = "key.pem"`,
    );
    await printedBy(kluad.kluactl("apply"));
    expect(await printedBy(kluad.kluactl("save", place.file))).to.equal("");
    expect(readFileSync(place.file, "utf8")).to.include('tls-key = "key.pem"');
    expect(steps(await apply(kluad))).to.deep.equal([]);
  });

  it("leaves the old file as it is when the disk is full", async function () {
    const { place, kluad, lunatik } = await setting("[state.p]\n");
    for (let index = 0; index < 100; index += 1) await lunatik.create(`state number ${index}`);
    // A file system of one page for data, of which the old file takes the half: in a mount namespace of its own.
    const script = `
      mount -t tmpfs -o size=8k full "$1" && echo old > "$1/kluad.toml" &&
      bin/kluactl save "$1/kluad.toml"; echo "exit $?"; cat "$1/kluad.toml"; ls -A "$1"`;
    const namespace = process.getuid?.() === 0 ? ["-m"] : ["-m", "-U", "-r"];
    if (spawnSync("unshare", [...namespace, "true"]).status !== 0) this.skip();
    const program = new Program("unshare", [...namespace, "sh", "-c", script, "sh", place.folder], {
      LUNATIK_CONTROL_SOCKET: kluad.control,
    });
    const { stdout, stderr } = await program.ended;
    expect(stderr).to.include("was not written, and is as it was").and.to.include("ENOSPC");
    expect(stdout).to.equal("exit 25\nold\nkluad.toml\n");
  });

  it("says so when the file cannot be written, and leaves nothing behind", async () => {
    const { place, kluad } = await setting("[state.p]\n");
    const { exit, stderr } = await kluad.kluactl("save", "/nonexistent/kluad.toml");
    expect([exit, stderr.includes("/nonexistent/kluad.toml was not written")]).to.deep.equal([25, true]);
    expect(readdirSync(place.folder).filter((name) => name.endsWith(".tmp"))).to.deep.equal([]);
  });
});

describe("kluactl apply --prune", () => {
  before(refuseKernel);

  it("removes what was made by hand and is not declared, and replaces what is declared otherwise", async () => {
    const { place, kluad, lunatik } = await setting("[state.p]\n");
    await lunatik.create("by hand");
    await lunatik.create("p", { replace: true, description: "by hand" });
    const { port } = await kluad.serve("by hand", GEO);
    expect(steps(await apply(kluad))).to.deep.equal([]);
    expect(steps(await apply(kluad, "--prune"))).to.deep.equal([
      `unserve 127.0.0.1:${port} done`,
      "delete by hand done",
      "replace p done",
    ]);
    expect((await lunatik.list()).states.map(({ name }) => name)).to.deep.equal(["p"]);
    expect((await kluad.kluactl("apply", place.file)).exit).to.equal(0);
  });
});

describe("docs/manifest.md", () => {
  before(refuseKernel);

  it("has an example that can be applied", async () => {
    const page = readFileSync("docs/manifest.md", "utf8");
    const marker = "<!-- example: manifest -->\n```toml\n";
    const start = page.indexOf(marker) + marker.length;
    const [one, two] = [await freePort(), await freePort()];
    const text = page
      .slice(start, page.indexOf("```", start))
      .replace("127.0.0.1:9001", `127.0.0.1:${one}`)
      .replace("127.0.0.1:9002", `127.0.0.1:${two}`);
    const { place, kluad } = await setting("");
    place.write(text);
    place.write(readFileSync(MINHA_INT, "utf8"), "minhaInt.lua");
    place.write("myobj1 = { foo = function (a, b, s) return a + b, 'alo alo' end }", "myobj1.lua");
    expect((await apply(kluad)).ok).to.equal(true);
    for (const [port, answer] of [
      [one, "8\talo alo\n"],
      [two, "-2\ttchau\n"],
    ] as const)
      expect(await printedBy(kluad.kluactl("rpc", `127.0.0.1:${port}`, MINHA_INT, "foo", "3", "5"))).to.equal(
        answer,
      );
  });
});
