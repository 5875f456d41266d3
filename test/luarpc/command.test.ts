// SPDX-License-Identifier: MIT

import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { luarpcCommand } from "../../luarpc/cli/cli.ts";
import { afterwards, MINHA_INT, makeObject, proxyOf, serve, sleep } from "./support.ts";

const execFileAsync = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");

/** Runs a command line within this process. */
async function run(...words: readonly string[]) {
  let out = "";
  let talk = "";
  const code = await luarpcCommand(words, {
    out: (text) => {
      out += text;
    },
    talk: (text) => {
      talk += text;
    },
    signal: new AbortController().signal,
  });
  return { code, out, talk };
}

describe("the command luarpc", () => {
  it("calls a method, converting its arguments", async () => {
    const { port } = await serve();
    expect(await run("call", `127.0.0.1:${port}`, MINHA_INT, "foo", "3", "5")).to.deep.equal({
      code: 0,
      out: "8\nalo alo\n",
      talk: "",
    });
    expect(await run("call", String(port), MINHA_INT, "foo", "-3", "0x5", "--json")).to.deep.equal({
      code: 0,
      out: '[2,"alo alo"]\n',
      talk: "",
    });
    expect((await run("call", String(port), MINHA_INT, "boo", "-inf")).out).to.equal("-inf\n");
  });

  it("says what went wrong, with a code for programs", async () => {
    const { port } = await serve();
    expect(await run("call", String(port), MINHA_INT, "foo", "abc")).to.deep.equal({
      code: 1,
      out: "",
      talk: 'luarpc: foo: argument 1 must be a double, not "abc"\n',
    });
    const failed = await run("call", "1", MINHA_INT, "foo", "--json");
    expect(failed.code).to.equal(1);
    expect((JSON.parse(failed.out) as { error: unknown }).error).to.include({
      code: "ERR_CONNECT",
      method: "foo",
      sent: false,
    });
    expect(await run("call", String(port), MINHA_INT, "nada")).to.deep.equal({
      code: 1,
      out: "",
      talk: "luarpc: no method 'nada' in the interface minhaInt\n",
    });
  });

  for (const words of [
    [],
    ["dance"],
    ["call"],
    ["call", "nowhere:x"],
    ["check"],
    ["call", "1", MINHA_INT, "foo", "--fancy"],
    ["call", "1", MINHA_INT, "foo", "--profile", "x"],
    ["bench", "--calls", "0"],
  ])
    it(`refuses "luarpc ${words.join(" ")}"`.replace(ROOT, "."), async () => {
      expect((await run(...words)).code).to.equal(2);
    });

  it("checks an interface", async () => {
    expect((await run("check", MINHA_INT)).out).to.equal(
      "interface minhaInt {\n  double foo (in double a1, in double a2, out string a3);\n  void boo (inout double a1);\n};\n",
    );
    const folder = mkdtempSync(join(tmpdir(), "luarpc-check-"));
    afterwards(() => {
      rmSync(folder, { recursive: true });
    });
    expect((await run("check", folder)).talk).to.match(new RegExp(`^luarpc: cannot read ${folder}: EISDIR`));
    expect(await run("check", "/dev/zero")).to.deep.equal({
      code: 1,
      out: "",
      talk: "luarpc: cannot read /dev/zero: it is longer than 1048576 bytes\n",
    });
    const file = join(folder, "wrong.lua");
    writeFileSync(file, "interface m {\n  int foo ();\n}");
    expect(await run("check", file)).to.deep.equal({
      code: 1,
      out: "",
      talk: `luarpc: ${file}:2:3: expected a type (char, string, double, void), found 'int'\n`,
    });
  });

  it("makes declarations that type a proxy and a servant", async function () {
    this.timeout(60_000);
    const folder = mkdtempSync(join(ROOT, "build/luarpc-types-"));
    afterwards(() => {
      rmSync(folder, { recursive: true });
    });
    const odd = join(folder, "odd.lua");
    writeFileSync(
      odd,
      'interface { name = "my int", methods = { ["constructor"] = { resulttype = "void" }, ["then"] = { resulttype = "char", args = {{direction = "inout", type = "string", name = "class"}} }, ["a b"] = { resulttype = "string" } } }',
    );
    writeFileSync(join(folder, "minha_int.ts"), (await run("types", MINHA_INT)).out);
    writeFileSync(join(folder, "odd.ts"), (await run("types", odd)).out);
    writeFileSync(
      join(folder, "program.ts"),
      `import * as luarpc from "../../luarpc/luarpc.ts";
import type { MinhaInt, MinhaIntServant } from "./minha_int.ts";
import type { MyInt } from "./odd.ts";
const object: MinhaIntServant = { foo: (a, b) => [a + b, "alo alo"], boo: (n) => n };
const servant = await luarpc.createServant(object, "x.lua");
const p = await luarpc.createProxy<MinhaInt>(servant.ip, servant.port, "x.lua");
const [r, s]: [number, string] = await p.foo(3, 5);
const [t]: [number] = await p.boo(r);
declare const odd: MyInt;
const [c, x]: [string, string] = await odd.then("x");
const none: [] = await odd["constructor"]();
// @ts-expect-error a string where a double is declared
await p.foo("x", 5);
// @ts-expect-error no such method
await p.nada();
void [s, t, c, x, none];
`,
    );
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: "../../tsconfig.json", include: ["*.ts"], exclude: [] }),
    );
    execFileSync(join(ROOT, "node_modules/.bin/tsc"), ["--project", folder], {
      encoding: "utf8",
      stdio: "pipe",
    });
  });

  it("measures calls", async () => {
    const { code, out } = await run("bench", "--calls", "300", "--json");
    expect(code).to.equal(0);
    const reports = JSON.parse(out) as readonly {
      target: string;
      pipelined: number;
      callsPerSecond: number;
    }[];
    expect(reports.map(({ target, pipelined }) => `${target} ${pipelined}`)).to.deep.equal([
      "echo 1",
      "echo 64",
      "servant 1",
      "servant 64",
    ]);
    for (const { callsPerSecond } of reports) expect(callsPerSecond).to.be.greaterThan(0);
    const { port } = await serve(makeObject(), { profile: "fim" });
    expect(
      (await run("bench", String(port), MINHA_INT, "boo", "7", "--profile", "fim", "--calls", "50")).code,
    ).to.equal(0);
    expect(
      (await run("bench", String(port), MINHA_INT, "boo", "7", "--profile", "fim", "--calls", "50")).out,
    ).to.match(/50|calls\/s/);
  });

  it("takes and prints bytes that are no text, as a program of its own", async () => {
    const { port } = await serve();
    const interfaceFile = join(mkdtempSync(join(tmpdir(), "luarpc-")), "echo.lua");
    afterwards(() => {
      rmSync(dirname(interfaceFile), { recursive: true });
    });
    writeFileSync(interfaceFile, "interface t { string echo (in string s); double fail (in string why); }");
    // The shell's, since node's own arguments for a child are texts too.
    const script = `for m in echo fail; do '${ROOT}/bin/luarpc' call ${port} '${interfaceFile}' $m "$(printf '\\351\\303\\251')"; done 2>&1`;
    const out = execFileAsync("sh", ["-c", `${script}; true`], { encoding: "latin1" });
    expect((await out).stdout).to.equal("\xe9\xc3\xa9\nluarpc: \xe9\xc3\xa9\n");
  });

  it("says that its output cannot be written, without a trace of its stack", async () => {
    const script = `'${ROOT}/bin/luarpc' check '${MINHA_INT}' 2>&1 >/dev/full; echo $?`;
    const { stdout } = await execFileAsync("sh", ["-c", script]);
    expect(stdout).to.equal("luarpc: cannot write the output: ENOSPC: no space left on device, write\n1\n");
  });

  it("shows an exchange, as a program of its own", async () => {
    const { port } = await serve();
    const child = spawn(join(ROOT, "bin/luarpc"), ["proxy", `127.0.0.1:${port}`], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    afterwards(() => {
      child.kill("SIGKILL");
    });
    let out = "";
    child.stdout.on("data", (bytes) => {
      out += String(bytes);
    });
    const [line] = (await once(child.stderr, "data")) as [Buffer];
    const own = Number(/127\.0\.0\.1:([0-9]+) passes on/.exec(String(line))?.[1]);
    expect(await proxyOf(own)["foo"]?.(3, 5)).to.deep.equal([8, "alo alo"]);
    for (let waited = 0; !out.includes("alo alo") && waited < 100; waited += 1) await sleep(10);
    expect(out.replaceAll(/ +[0-9.]+ ms/g, "")).to.match(
      /^#1 \* 127\.0\.0\.1:[0-9]+ connected\n#1 > foo\n#1 > 3\n#1 > 5\n#1 < 8\n#1 < alo alo\n/,
    );
    child.kill("SIGTERM");
    const [code] = (await once(child, "exit")) as [number];
    expect(code).to.equal(0);
  });
});
