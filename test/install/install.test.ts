// SPDX-License-Identifier: MIT

import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { fresh, open } from "../behaviour/backend.ts";
import { Kluad } from "../daemon/support.ts";
import { MINHA_INT } from "../luarpc/support.ts";

/* What make install_tools leaves behind, in a folder of the test's own, far from the checkout and its packages. */

interface Outcome {
  readonly exit: number | null;
  readonly text: string;
}

function run(command: string, argv: readonly string[], environment: NodeJS.ProcessEnv = {}): Outcome {
  const { status, stdout, stderr, error } = spawnSync(command, argv, {
    encoding: "utf8",
    env: { ...process.env, ...environment },
  });
  if (error !== undefined) throw error;
  return { exit: status, text: stdout + stderr };
}

/** Whether this machine has a program. */
function has(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

describe("make install_tools", function () {
  this.timeout(300_000);
  let folder = "";
  /** With DESTDIR, as a package is made. */
  let packaged = "";
  /** Without, in a prefix of one's own. */
  let prefix = "";

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "lunatik-install-"));
    packaged = join(folder, "package");
    prefix = join(folder, "prefix");
    for (const argv of [[`DESTDIR=${packaged}`, "PREFIX=/usr"], [`PREFIX=${prefix}`]]) {
      const { exit, text } = run("make", ["-s", "install_tools", ...argv]);
      expect(exit, text).to.equal(0);
    }
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("puts all below DESTDIR, which nothing in it names", () => {
    expect(readdirSync(packaged)).to.deep.equal(["usr"]);
    const { exit, text } = run("grep", ["-rlF", folder, packaged]);
    expect([exit, text]).to.deep.equal([1, ""]);
    for (const program of ["kluactl", "kluad", "luarpc"])
      expect(lstatSync(join(packaged, "usr/bin", program)).isSymbolicLink()).to.equal(true);
    const service = readFileSync(join(packaged, "usr/lib/systemd/system/kluad.service"), "utf8");
    expect(service).to.match(/^ExecStart=\/usr\/bin\/kluad$/m);
    for (const file of [
      "lib/modules-load.d/lunatik.conf",
      "lib/sysusers.d/lunatik.conf",
      "share/man/man8/kluad.8",
    ])
      expect(statSync(join(packaged, "usr", file)).mode & 0o777).to.equal(0o644);
    expect(existsSync(join(packaged, "usr/lib/lunatik/node_modules/mocha"))).to.equal(false);
  });

  it("installs programs that run, without the checkout", () => {
    const program = (name: string, ...argv: readonly string[]): Outcome =>
      run(join(packaged, "usr/bin", name), argv);
    expect(program("kluad", "--version")).to.deep.equal({ exit: 0, text: "kluad 0.1.0\n" });
    expect(program("luarpc", "check", MINHA_INT).text).to.include("double foo");
    expect(program("kluactl", "--help").exit).to.equal(0);
  });

  it("installs a daemon that serves, tells its metrics, and obeys kluactl", async () => {
    const lunatik = await open();
    const state = fresh();
    await lunatik.create(state);
    await lunatik.execute(state, "function foo(a, b) return a + b, 'x' end");
    const kluad = await Kluad.within({ program: join(packaged, "usr/bin/kluad") }, "--metrics", "0");
    const kluactl = (...argv: readonly string[]): Outcome =>
      run(join(packaged, "usr/bin/kluactl"), ["--control", kluad.control, ...argv]);
    const { exit, text } = kluactl("--quiet", "serve", state, MINHA_INT);
    expect(exit, text).to.equal(0);
    expect(kluactl("rpc", text.trim(), MINHA_INT, "foo", "3", "5")).to.deep.equal({
      exit: 0,
      text: "8\tx\n",
    });
    const [, metrics = ""] = /"metrics":"(http:[^"]+)"/.exec(kluad.program.stderr) ?? [];
    expect(await (await fetch(metrics)).text()).to.match(/^kluad_calls_total\{.*\} 1$/m);
    expect((await kluad.stop()).exit).to.equal(0);
  });

  it("installs luarpc for each Lua", () => {
    for (const version of ["5.1", "5.2", "5.3", "5.4"]) {
      const path = join(prefix, "share/lua", version, "?.lua;;");
      const { exit, text } = run(`lua${version}`, ["-e", 'print(type(require("luarpc").createProxy))'], {
        LUA_PATH: path,
      });
      expect([exit, text]).to.deep.equal([0, "function\n"]);
    }
  });

  it("installs manual pages that man finds", function () {
    if (!has("man")) this.skip();
    for (const page of ["kluactl", "kluad", "luarpc"])
      expect(run("man", ["-M", join(prefix, "share/man"), "-w", page]).exit).to.equal(0);
  });

  it("installs completions that bash takes", () => {
    for (const [program, name] of [
      ["kluactl", "_kluactl_yargs_completions"],
      ["kluad", "_kluad"],
    ] as const) {
      const script = `. "$0"; complete -p ${program}`;
      const { exit, text } = run("bash", [
        "-c",
        script,
        join(prefix, "share/bash-completion/completions", program),
      ]);
      expect(exit, text).to.equal(0);
      expect(text).to.include(name);
    }
  });

  it("installs units that systemd takes, and finds well confined", function () {
    if (!has("systemd-analyze")) this.skip();
    const units = ["kluad.service", "kluad.socket"].map((unit) => join(prefix, "lib/systemd/system", unit));
    expect(run("systemd-analyze", ["verify", "--man=no", ...units])).to.deep.equal({ exit: 0, text: "" });
    // An exposure of 2.5 at most, of 10.
    const security = ["security", "--offline=true", "--no-pager", "--threshold=25", units[0] ?? ""];
    const { exit, text } = run("systemd-analyze", security);
    expect(exit, text).to.equal(0);
  });
});
