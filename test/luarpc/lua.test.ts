// SPDX-License-Identifier: MIT

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "chai";
import fc from "fast-check";
import { InterfaceError, type LuarpcError } from "../../luarpc/error.ts";
import { signature } from "../../luarpc/interface.ts";
import { loadInterface, parseInterface } from "../../luarpc/interface_parser.ts";
import * as luarpc from "../../luarpc/luarpc.ts";
import { formatDouble } from "../../luarpc/number.ts";
import type { ProfileName } from "../../luarpc/profile.ts";
import {
  afterwards,
  cannedServer,
  MINHA_INT,
  makeObject,
  proxyOf,
  RawClient,
  serve,
  sleep,
} from "./support.ts";

/* luarpc.lua under every Lua that is installed with LuaSocket, against itself and against the TypeScript side. */

const PROGRAMS = join(import.meta.dirname, "programs");
const T = join(import.meta.dirname, "interfaces", "t.lua");
const environment = { ...process.env, LUA_PATH: `${join(import.meta.dirname, "../../luarpc")}/?.lua;;` };

const FRAGMENTS =
  "{ } ( ) [ ] = , ; ' \" -- [[ ]] --[[ \\ \\x4 \\z \\300 in out void double string type args name é 0x .5 # nil"
    .split(" ")
    .concat("\n", "\r\n", "interface ");

/** The same texts with up to three cuts and insertions each. */
function mutations(texts: readonly string[], count: number): readonly string[] {
  const edit = fc.record({ at: fc.nat(), cut: fc.nat({ max: 5 }), put: fc.constantFrom("", ...FRAGMENTS) });
  const mutated = fc
    .tuple(fc.constantFrom(...texts), fc.array(edit, { minLength: 1, maxLength: 3 }))
    .map(([text, edits]) =>
      edits.reduce((now, { at, cut, put }) => {
        const place = at % (now.length + 1);
        return now.slice(0, place) + put + now.slice(place + cut);
      }, text),
    )
    // A pair of surrogates that was cut in two is no text.
    .filter((text) => text.isWellFormed());
  return fc.sample(mutated, count);
}

/** The name and the methods of an interface, or what is wrong with it. */
function parsed(text: string): string {
  try {
    const { name, methods } = parseInterface(text, "x.lua");
    return `${name ?? "-"}\n${[...methods.values()].map(signature).toSorted().join("\n")}`;
  } catch (error) {
    if (error instanceof InterfaceError) return error.message;
    throw error;
  }
}

/** A Lua program that goes on until the test ends. */
function start(lua: string, program: string, ...words: readonly string[]): ChildProcess {
  const child = spawn(lua, [join(PROGRAMS, program), ...words], {
    env: environment,
    stdio: ["pipe", "pipe", "inherit"],
  });
  afterwards(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  return child;
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("no stdout");
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, "line")) as [string];
  return line;
}

async function servantOf(lua: string, profile: string, ...words: readonly string[]): Promise<number> {
  return Number(await firstLine(start(lua, "servant.lua", T, profile, ...words)));
}

/** Runs a Lua program to its end. */
async function run(lua: string, program: string, ...words: readonly string[]): Promise<string> {
  const child = start(lua, program, ...words);
  let output = "";
  child.stdout?.on("data", (bytes) => {
    output += String(bytes);
  });
  await once(child, "close");
  return output;
}

const all = ["lua5.1", "lua5.2", "lua5.3", "lua5.4"];
const installed = all.filter((lua) => spawnSync(lua, ["-e", 'require "socket"']).status === 0);

describe("luarpc.lua", () => {
  it("is tested with at least Lua 5.1 and 5.4 (packages lua-socket, lua5.1, lua5.4)", () => {
    expect(installed).to.include.members(["lua5.1", "lua5.4"]);
  });

  for (const lua of installed)
    describe(`under ${lua}`, () => {
      it("runs the assignment's two programs as printed, against each other", async () => {
        const [ip = "", port1 = "", , port2 = ""] = (
          await firstLine(start(lua, "server.lua", MINHA_INT))
        ).split("\t");
        expect(await run(lua, "client.lua", MINHA_INT, ip, port1, port2)).to.equal(
          "8\talo alo\t1\n-2\ttchau\n",
        );
      });

      it("runs the assignment's server against a TypeScript client", async () => {
        const [ip = "", port1 = "", , port2 = ""] = (
          await firstLine(start(lua, "server.lua", MINHA_INT))
        ).split("\t");
        const p1 = await luarpc.createProxy(ip, port1, MINHA_INT);
        const p2 = await luarpc.createProxy(ip, port2, MINHA_INT);
        expect(await p1["foo"]?.(3, 5)).to.deep.equal([8, "alo alo"]);
        expect(await p2["foo"]?.(3, 5)).to.deep.equal([-2, "tchau"]);
        expect(await p2["boo"]?.(10)).to.deep.equal([1]);
      });

      it("runs the assignment's client against TypeScript servants", async () => {
        const of = await loadInterface(MINHA_INT);
        const s1 = await serve(
          { foo: (a: number, b: number) => [a + b, "alo alo"], boo: (n: number) => n },
          {},
          of,
        );
        const s2 = await serve({ foo: (a: number, b: number) => [a - b, "tchau"], boo: () => 1 }, {}, of);
        const printed = await run(lua, "client.lua", MINHA_INT, s1.ip, String(s1.port), String(s2.port));
        expect(printed).to.equal("8\talo alo\t1\n-2\ttchau\n");
      });

      for (const profile of ["plain", "quoted"] as const satisfies readonly ProfileName[]) {
        it(`passes its checks against a TypeScript servant, ${profile}`, async () => {
          const object = makeObject() as Record<string, unknown>;
          const servant = await serve(object, { profile }, await loadInterface(T));
          expect(await run(lua, "checks.lua", T, String(servant.port), profile)).to.equal("ok 60\n");
        });

        it(`passes its checks against a Lua servant, ${profile}`, async () => {
          const port = await servantOf(lua, profile);
          expect(await run(lua, "checks.lua", T, String(port), profile)).to.equal("ok 60\n");
        });

        it(`serves a TypeScript proxy, ${profile}`, async () => {
          const proxy = proxyOf(await servantOf(lua, profile), { profile }, await loadInterface(T));
          expect(await proxy["foo"]?.(3, "5")).to.deep.equal([8, "alo alo"]);
          expect(await proxy["mixed"]?.("a\nb", "x")).to.deep.equal(["a\nb", 1, "x"]);
          expect(await proxy["nothing"]?.()).to.deep.equal([]);
          for (const text of [
            "",
            " ",
            "nil",
            "a\nb",
            "\\n",
            '"q"',
            "\\",
            "ünï\u{1f600}",
            "\0",
            "\udce9",
            "x".repeat(300_000),
          ])
            expect(await proxy["echo"]?.(text)).to.deep.equal([text]);
          for (const value of [2 ** 53, 2 ** 63, 0.1, 1e300, -0, Infinity, -Infinity, Number.NaN])
            expect(await proxy["boo"]?.(value)).to.deep.equal([value]);
          const failure = (await proxy["fail"]?.("não").catch((error: unknown) => error)) as LuarpcError;
          expect(failure).to.include({ code: "ERR_REMOTE", message: "não" });
          expect(await proxy["foo"]?.(3, 5)).to.deep.equal([8, "alo alo"]);
        });
      }

      it("answers raw clients as the TypeScript servant does", async () => {
        const port = await servantOf(lua, "plain");
        const ours = await serve(makeObject(), {}, await loadInterface(T));
        const conversations = [
          "foo\n3\n5\nboo\n10\nnothing\n",
          "foo\r\n3.0\r\n 0x5 \r\n",
          "foo\n3\n5\n7\nnil\n\n'x'\n-fim-\nfoo\n1\n2\n",
          "foo\n3\n",
          "foo\n3\n5",
          "nada\n1\n2\n3\n",
          "\n",
          "GET / HTTP/1.1\r\n\r\n",
          "one\nab\none\n\none\nx\n",
          "echo\n___ERRORPC: fooled\necho\n__ERRORPC\nmixed\na\nb\n",
          "fail\nbad\\:-)\\luck\nfoo\nabc\n1\nfoo\n1\n\n",
          "lacking\nfoo\n1e300\n-0x10\n",
          "boo\ninf\nboo\n-nan\nboo\n-0\nboo\n0.1e1\n",
          `echo\n${"x".repeat(1024 * 1024 + 1)}\nfoo\n`,
          `echo\n${"x".repeat(1024 * 1024)}\n`,
          "take\na\r\necho\na\r\n",
          // A pattern that starts anew at each character would take hours.
          `boo\n1${" ".repeat(1_000_000)}1\nboo\n1\n`,
          `boo\n${"1".repeat(1_000_000)}x\nboo\n0x${"1".repeat(1_000_000)}x\nboo\n1\n`,
        ];
        for (const bytes of conversations) {
          const replies = [];
          for (const target of [port, ours.port]) {
            const client = await RawClient.connect(target);
            client.socket.end(bytes, "latin1");
            await client.ends(10_000);
            expect(client.error).to.equal(undefined);
            replies.push(client.received);
          }
          expect(replies[0]).to.equal(replies[1]);
        }
      });

      it("answers what is delivered byte by byte, and many requests in one write", async () => {
        const client = await RawClient.connect(await servantOf(lua, "plain"));
        for (const byte of "foo\n3\n5\n") {
          client.write(byte);
          await sleep(1);
        }
        await client.expects("8\nalo alo\n");
        client.write("foo\n3\n5\n".repeat(500));
        await client.expects("8\nalo alo\n".repeat(500));
      });

      it("lets no stalled or vanished neighbour delay anybody", async () => {
        const port = await servantOf(lua, "plain");
        for (let index = 0; index < 30; index += 1) {
          const neighbour = await RawClient.connect(port);
          if (index % 3 === 0) neighbour.write("foo\n3");
          if (index % 3 === 1) neighbour.socket.resetAndDestroy();
          if (index % 3 === 2) neighbour.socket.end("fo");
        }
        const client = await RawClient.connect(port);
        const begun = performance.now();
        client.write("foo\n3\n5\n");
        await client.expects("8\nalo alo\n");
        expect(performance.now() - begun).to.be.lessThan(1000);
      });

      it("closes behind an unknown method without a reset", async () => {
        const client = await RawClient.connect(await servantOf(lua, "plain"));
        client.write(`nada\n${"argument\n".repeat(20_000)}`);
        await client.expects("___ERRORPC: no method 'nada' in the interface t\n");
        await client.ends();
        client.write("more\n".repeat(1000));
        await sleep(50);
        expect(client.error).to.equal(undefined);
      });

      it("calls servers that close after each call", async () => {
        // A stalled machine may take longer to close than a proxy waits unless told to.
        const patient = ["plain", "", "lacking: the servant's object has no such method", "5"];
        const ours = await serve(makeObject(), { closeAfterCall: true }, await loadInterface(T));
        expect(await run(lua, "checks.lua", T, String(ours.port), ...patient)).to.equal("ok 60\n");
        const port = await servantOf(lua, "plain", "close");
        expect(await run(lua, "checks.lua", T, String(port), ...patient)).to.equal("ok 60\n");
      });

      it("loses one call at a server that takes its time to close after each", async () => {
        const { port } = await cannedServer((client) => {
          client.socket.once("data", () => {
            client.write("8\nalo\n");
            // Late: when the next request has come, which it does not answer.
            client.socket.once("data", () => client.socket.resetAndDestroy());
          });
        });
        const printed = await run(lua, "calls.lua", MINHA_INT, "127.0.0.1", String(port), "6");
        expect(printed.split("\n")).to.deep.equal([
          "8\talo",
          "nil\tthe connection was lost before the reply was complete",
          ...Array<string>(4).fill("8\talo"),
          "",
        ]);
      });

      it("never takes surplus lines for the next reply", async () => {
        const { port } = await cannedServer((client, index) => {
          let calls = 0;
          client.socket.on("data", () => {
            calls += 1;
            client.write(index === 1 ? "8\nalo\n99\nwrong\n" : `${calls}\nx\n`);
          });
        });
        const printed = await run(lua, "client.lua", MINHA_INT, "127.0.0.1", String(port), String(port));
        expect(printed).to.equal("8\talo\t1\n1\tx\n");
      });

      it("gives nil and a message when nobody listens, or the server is hostile", async () => {
        for (const answer of ["", "8\n", "abc\nx\n", "\0\0", `___ERRORPC: a${" ".repeat(500_000)}b\n`]) {
          const { port } = await cannedServer((client) => {
            client.socket.on("data", () => {
              client.socket.end(answer);
            });
          });
          const printed = await run(lua, "client.lua", MINHA_INT, "127.0.0.1", String(port), String(port));
          expect(printed).to.match(/^nil\t.+\n/);
        }
        expect(await run(lua, "client.lua", MINHA_INT, "127.0.0.1", "1", "1")).to.match(
          /^nil\t.*no connection to 127\.0\.0\.1:1: connection refused/,
        );
      });

      it("says where it was given what it cannot use", async () => {
        const printed = await run(lua, "misuse.lua", MINHA_INT);
        expect(printed.trimEnd().split("\n")).to.deep.equal(
          [
            "the object must be a table, not nil",
            "cannot listen on 127.0.0.1:PORT: address already in use",
            "no profile is called 'x' (there are plain and quoted)",
            "the interface must be the name of its file, not of type table",
            "the address must be a string, not nil",
            '"x" is no port',
            "65536 is no port",
            "the interface must be the name of its file, not of type nil",
            "/dev/zero is longer than the 1048576 bytes that an interface may have",
          ].map((text) => `here: luarpc: ${text}`),
        );
      });

      it("writes doubles as TypeScript does, digit by digit", () => {
        const doubles = [
          ...fc.sample(fc.double(), 600),
          ...fc.sample(fc.integer(), 50),
          ...Array.from({ length: 200 }, (_, index) => 2 ** (index * 5 - 500)),
          ...Array.from({ length: 44 }, (_, index) => 10 ** (index - 22)),
          1.7976931348623157e308,
          5e-324,
          2.2250738585072014e-308,
          2 ** -44,
          9007199254740994,
          0.3,
          -0,
          123456789012345680000,
        ];
        const texts = doubles.map(formatDouble);
        const ran = spawnSync(lua, [join(PROGRAMS, "numbers.lua")], {
          env: environment,
          input: `${texts.join("\n")}\n`,
          encoding: "utf8",
          timeout: 20_000,
        });
        const written = ran.stdout.trimEnd().split("\n");
        const wrong = texts.flatMap((text, index) =>
          written[index] === text ? [] : [`${text} became ${written[index]}`],
        );
        expect(wrong).to.deep.equal([]);
      });

      it("parses interfaces as TypeScript does, and finds the same errors in the same places", () => {
        const foo = 'foo = { resulttype = "double", args = {{direction = "in", type = "double"}} }';
        const texts = [
          `interface { name = m, methods = { ${foo} } }`,
          `interface({ ["name"] = 'm'; methods = { ["foo"] = { resulttype = [[void]] }, }; });`,
          `interface = { methods = {} }`,
          "--[==[ ]] ]==] interface minhaInt { double foo (in double a, in string b, out string c); void boo (inout double a); };",
          '\ufeffinterface { name = "a\\"\\065\\x41", methods = { } }',
          'interface { methods = {\n foo = { resulttype = "int" } } }',
          "interface m { void foo (in void a); }",
          "interface { methods = { foo = { args = {} } } }",
          'interface { methods = { foo = os.execute("true") } }',
          'interface { name = "m\n}',
          "interface m { void f (); void f (); }",
          'print("hello")',
          "",
          'interface { name = "ação", methods = 3 }',
          'interface { methods = { foo = { resulttype = "void", args = {{direction = "by", type = "char"}} } } }',
          '#!/usr/bin/lua\ninterface { name = "\\u{e7}\\u{1F600}\\z  x", methods = { } } interface { methods = { } }',
          'interface { name = "\\u{d800}" }',
          "interface m { void f (void) char é (); }",
          'interface({ 0x.8p1, name = "m" })',
        ];
        texts.push(...mutations(texts, 300));
        const outcomes = texts.map((text) => ({ text, typeScript: parsed(text) }));
        // Byte 1 ends what the program prints, and Lua 5.1 formats no further than byte 0.
        const cases = outcomes.filter(
          ({ typeScript }) => !typeScript.includes("\x00") && !typeScript.includes("\x01"),
        );
        const ran = spawnSync(lua, [join(PROGRAMS, "parse.lua")], {
          env: environment,
          input: cases.map(({ text }) => `${text}\x01`).join(""),
          encoding: "utf8",
        });
        const told = ran.stdout.split("\x01").slice(0, -1);
        for (const [index, { text, typeScript }] of cases.entries())
          expect(told[index], JSON.stringify(text)).to.equal(typeScript);
        expect(told).to.have.lengthOf(cases.length);
      });
    });
});
