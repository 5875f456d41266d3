// SPDX-License-Identifier: MIT

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";

/*
 * The contract seen by the kernel's own tools (linux-source-6.12, fetched by test/spec/fetch-ynl): the schema of
 * genetlink-legacy, and the generator of C code, whose header and policies must say what ours say.
 */

const root = join(import.meta.dirname, "../..");
const contract = join(root, "kmod/lunatik.yaml");
const servers = ["embedded-asan", "embedded"].map((name) => join(root, "build", name, "lunatik-embedded"));
const python = "/usr/bin/python3";
const ynl = join(process.env["LUNATIK_CACHE"] ?? join(homedir(), ".cache/lunatik"), "ynl");

function run(command: string, args: readonly string[]): string {
  return execFileSync(command, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 60_000,
  });
}

/** Every name of the family that a header defines. */
function names(header: string): readonly string[] {
  const code = header.replace(/\/\*.*?\*\//gs, "");
  const found = new Set(code.match(/\b(?:__)?LUNATIK_[A-Z0-9_]+\b/g) ?? []);
  return [...found].toSorted();
}

/** The request policies of a C source: "lunatik_create" to its lines without the differences that are meant. */
function policies(source: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const match of source.matchAll(/struct nla_policy (\w+?)_policy\[([^\]]+)\] = \{(.*?)\n\};/gs)) {
    const lines = (match[3] ?? "")
      // Ours leaves flags and strings to be judged by hand.
      .replace(/NLA_POLICY_MASK\((NLA_\w+), 0x[0-9a-f]+\)/g, "{ .type = $1, }")
      .replaceAll("NLA_NUL_STRING", "NLA_STRING")
      .replace(/, \},/g, " },")
      .replace(/\s+/g, " ")
      .trim();
    found.set((match[1] ?? "").replace(/_nl$/, "").replace(/_do$/, ""), lines);
  }
  return found;
}

describe("the kernel's own tools", function () {
  this.timeout(120_000);
  let folder = "";

  before(function () {
    if (!existsSync(ynl)) {
      console.log("    pending: the kernel's tools are not there; run: test/spec/fetch-ynl");
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), "lunatik-ynl-"));
  });

  after(() => {
    if (folder !== "") rmSync(folder, { recursive: true });
  });

  /** The values of names, as a C compiler sees them through the header. */
  function values(headerPath: string, list: readonly string[]): string {
    const program = join(folder, "values");
    const prints = list.map((name) => `\tprint_any(${name});\n`).join("");
    writeFileSync(
      `${program}.c`,
      `#include <stdio.h>\n#include "${headerPath}"\n` +
        'static void number(const char *name, long long value) { printf("%s %lld\\n", name, value); }\n' +
        'static void text(const char *name, const char *value) { printf("%s \\"%s\\"\\n", name, value); }\n' +
        "#define print_any(x) _Generic((x), char *: text, default: number)(#x, x)\n" +
        `int main(void)\n{\n${prints}\treturn 0;\n}\n`,
    );
    run("gcc", ["-std=gnu11", "-o", program, `${program}.c`]);
    return run(program, []);
  }

  /** What the kernel's generator writes. */
  function generated(mode: string, kind: "header" | "source"): string {
    // It names its input after the folder of a MAINTAINERS file, so the contract is put where the kernel has its own.
    const specifications = join(folder, "linux/specs");
    if (!existsSync(specifications)) {
      run("mkdir", ["-p", specifications]);
      writeFileSync(join(folder, "linux/MAINTAINERS"), "");
      symlinkSync(
        join(ynl, "Documentation/netlink/genetlink-legacy.yaml"),
        join(folder, "linux/genetlink-legacy.yaml"),
      );
      copyFileSync(contract, join(specifications, "lunatik.yaml"));
    }
    const out = join(folder, `${mode}.${kind === "header" ? "h" : "c"}`);
    run(python, [
      join(ynl, "tools/net/ynl/ynl-gen-c.py"),
      "--spec",
      join(specifications, "lunatik.yaml"),
      "--mode",
      mode,
      `--${kind}`,
      "-o",
      out,
    ]);
    return out;
  }

  it("accept the contract as genetlink-legacy", () => {
    expect(run(python, [join(import.meta.dirname, "validate.py"), ynl, contract])).to.match(
      /^lunatik: \d+ messages\n$/,
    );
  });

  it("refuse a contract that breaks the schema", () => {
    const broken = join(folder, "broken.yaml");
    writeFileSync(broken, readFileSync(contract, "utf8").replace("type: u64", "type: u65"));
    expect(() => run(python, [join(import.meta.dirname, "validate.py"), ynl, broken])).to.throw(/u65/);
  });

  it("make a uapi header with the names and values of ours", () => {
    const ours = join(root, "kmod/uapi/lunatik.h");
    const theirs = generated("uapi", "header");
    const guard = /^_?UAPI|_H$/;
    const list = names(readFileSync(ours, "utf8")).filter((name) => !guard.test(name));
    expect(names(readFileSync(theirs, "utf8")).filter((name) => !guard.test(name))).to.deep.equal(list);
    expect(list.length).to.be.greaterThan(150);
    expect(values(ours, list)).to.equal(values(theirs, list));
  });

  it("make policies of the same attributes and types as ours", () => {
    const ours = policies(readFileSync(join(root, "kmod/netlink_gen.c"), "utf8"));
    const theirs = policies(readFileSync(generated("kernel", "source"), "utf8"));
    expect(theirs.size).to.be.greaterThan(6);
    for (const [name, lines] of theirs) {
      const own = ours.get(name) ?? ours.get(`${name}_dump`);
      expect(own, name).to.equal(lines);
    }
    const empty = [...ours]
      .filter(([, lines]) => lines === "[0] = { .type = NLA_UNSPEC },")
      .map(([name]) => name);
    expect(theirs.size + empty.length).to.equal(ours.size);
  });

  it("make a kernel header that declares every operation's function", () => {
    const text = readFileSync(generated("kernel", "header"), "utf8");
    for (const name of ["create_doit", "get_dumpit", "execute_doit", "result_dumpit", "log_doit"]) {
      expect(text).to.include(`int lunatik_nl_${name}(`);
    }
  });

  it("drive the embedded backend, knowing nothing but the contract", async function () {
    const server = process.env["LUNATIK_EMBEDDED_SERVER"] ?? servers.find((file) => existsSync(file));
    if (server === undefined) {
      console.log("      pending: the embedded server is not built; run: make embedded");
      this.skip();
    }
    const socket = join(folder, "socket");
    const child = spawn(server, ["--socket", socket, "--log", join(folder, "log")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(child, "exit");
    try {
      await Promise.race([once(child.stdout, "data"), ended]);
      const drive = join(import.meta.dirname, "drive.py");
      expect(run(python, [drive, "--embedded", socket])).to.match(/\n\d+ passed, 0 failed\n$/);
    } finally {
      child.kill("SIGTERM");
    }
    expect(await ended).to.deep.equal([0, null]);
  });
});
