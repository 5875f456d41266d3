// SPDX-License-Identifier: MIT

import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { EmbeddedServer, until } from "../behaviour/backend.ts";
import { MINHA_INT } from "../luarpc/support.ts";

/*
 * The installed units under systemd itself, which runs in namespaces of its own and knows these units only; the rest of what
 * a machine starts is empty targets.
 */

const TARGET = "lunatik-test.target";
const emptyTargets = ["sysinit", "basic", "sockets", "shutdown", "network", "umount", "multi-user"];
const journal = ["systemd-journald.service", "systemd-journald.socket"];
const SYSTEMD = "/lib/systemd/systemd";

describe("kluad.service", function () {
  this.timeout(120_000);
  let folder = "";
  let server: EmbeddedServer;
  let namespaces: ChildProcess | undefined;
  let pid = "";

  /** Runs a program where systemd runs. */
  const inside = (command: string, ...argv: readonly string[]): string => {
    const where = ["--target", pid, "--user", "--mount", "--pid", "--net", `--wd=${process.cwd()}`];
    const env = { ...process.env, LUNATIK_BACKEND: "embedded", LUNATIK_EMBEDDED_SOCKET: server.socket };
    return execFileSync("nsenter", [...where, "--", command, ...argv], {
      encoding: "utf8",
      stdio: "pipe",
      env,
    });
  };
  const kluactl = (...argv: readonly string[]): string => inside(join(folder, "bin/kluactl"), ...argv);
  const property = (name: string): string =>
    inside("systemctl", "show", "--value", `--property=${name}`, "kluad.service").trim();
  const isActive = (): boolean => {
    try {
      return property("ActiveState") === "active";
    } catch {
      return false; // systemctl has nobody to ask yet.
    }
  };

  before(async function () {
    // Not below /tmp, which the service has one of its own of.
    mkdirSync("build", { recursive: true });
    folder = mkdtempSync(resolve("build/service-"));
    server = await EmbeddedServer.start();
    execFileSync("make", ["-s", "install_tools", `PREFIX=${folder}`], { stdio: "pipe" });
    const units = join(folder, "lib/systemd/system");
    for (const target of emptyTargets)
      writeFileSync(join(units, `${target}.target`), "[Unit]\nDefaultDependencies=no\n");
    writeFileSync(
      join(units, TARGET),
      "[Unit]\nDefaultDependencies=no\nRequires=systemd-journald.service kluad.socket kluad.service\n",
    );
    const changes: readonly (readonly [unit: string, lines: string])[] = [
      // The server is of this machine's /tmp. 30 seconds are long for a test.
      [
        "kluad.service",
        `[Service]\nPrivateTmp=no\nWatchdogSec=5\nEnvironment=LUNATIK_BACKEND=embedded\nEnvironment=LUNATIK_EMBEDDED_SOCKET=${server.socket}\n`,
      ],
      // The namespace knows one group.
      ["kluad.socket", "[Socket]\nSocketGroup=root\n"],
    ];
    for (const [unit, lines] of changes) {
      mkdirSync(join(units, `${unit}.d`));
      writeFileSync(join(units, `${unit}.d/test.conf`), lines);
    }
    const mayUnshare =
      "unshare --user --map-root-user --pid --mount --fork --mount-proc --net --ipc --cgroup";
    if (
      !existsSync(SYSTEMD) ||
      spawnSync("sh", ["-c", `${mayUnshare} mount -t tmpfs none /run`]).status !== 0
    )
      this.skip();
    for (const unit of journal) cpSync(join("/lib/systemd/system", unit), join(units, unit));
    const [, ...argv] = [...mayUnshare.split(" "), "--kill-child", "test/install/service.sh", units, TARGET];
    namespaces = spawn("unshare", argv, { stdio: "ignore" });
    const children = `/proc/${namespaces.pid}/task/${namespaces.pid}/children`;
    await until("systemd runs", () => {
      pid = existsSync(children) ? readFileSync(children, "utf8").trim() : "";
      return pid !== "" && readFileSync(`/proc/${pid}/comm`, "utf8") === "systemd\n";
    });
    await until("the service is active", isActive);
  });

  after(async () => {
    if (namespaces !== undefined) {
      const ended = new Promise((resolve) => namespaces?.once("exit", resolve));
      namespaces.kill("SIGKILL");
      await ended;
    }
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  it("is ready, with a status, on the socket that systemd has made", () => {
    expect(property("StatusText")).to.equal("0 servants, 0 calls");
    expect(inside("stat", "-c", "%a %U", "/run/lunatik/kluad.sock")).to.equal("660 root\n");
  });

  it("serves, with no more rights than it needs", () => {
    kluactl("create", "served");
    kluactl("execute", "served", "-e", "function foo(a, b) return a + b, 'x' end");
    const place = kluactl("--quiet", "serve", "served", MINHA_INT).trim();
    expect(kluactl("rpc", place, MINHA_INT, "foo", "3", "5")).to.equal("8\tx\n");
    const status = inside("cat", `/proc/${property("MainPID")}/status`);
    // CAP_NET_ADMIN is bit 12.
    expect(status).to.match(/^CapEff:\s+0000000000001000$/m);
    expect(status).to.match(/^NoNewPrivs:\s+1$/m);
    expect(status).to.match(/^Seccomp:\s+2$/m);
  });

  it("logs to the journal, with priorities", async () => {
    await until("the entries are there", () => {
      const lines = inside("journalctl", "--no-pager", "--output=json", "--unit=kluad.service")
        .trim()
        .split("\n");
      const entries = lines.map((line) => JSON.parse(line) as Readonly<Record<string, string>>);
      const texts = entries.map(({ PRIORITY, MESSAGE }) => `${PRIORITY} ${MESSAGE}`);
      return ["6 ready control=/run/lunatik/kluad.sock backend=", "6 serving state=served "].every((start) =>
        texts.some((text) => text.startsWith(start)),
      );
    });
  });

  it("reloads, and is active again", () => {
    inside("systemctl", "reload", "kluad.service");
    expect(property("ActiveState")).to.equal("active");
  });

  it("is started by its socket: who comes meanwhile waits, and is not refused", async () => {
    const before = property("MainPID");
    inside("systemctl", "stop", "kluad.service");
    expect(kluactl("servants", "--json")).to.equal('{"ok":true,"servants":[]}\n');
    await until("it is active", isActive);
    expect(property("MainPID")).to.not.equal(before);
  });

  it("is started again when it hangs", async () => {
    const before = property("MainPID");
    inside("kill", "-STOP", before);
    await until("the watchdog has seen it", () => property("NRestarts") === "1" && isActive());
    expect(property("MainPID")).to.not.equal(before);
    expect(kluactl("servants", "--json")).to.equal('{"ok":true,"servants":[]}\n');
  });
});
