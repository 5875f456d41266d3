// SPDX-License-Identifier: MIT

import { readFileSync } from "node:fs";
import { expect } from "chai";
import { DaemonError } from "../../client/daemon_error.ts";
import { float, integer, string, table } from "../../client/lua_value.ts";
import { loadManifest, type Manifest } from "../../client/manifest.ts";
import { interfaceKeys, scriptKeys, servantKeys, stateKeys } from "../../client/manifest_schema.ts";

const files: Readonly<Record<string, string>> = {
  "/etc/lunatik/a.lua": "#!/usr/bin/lua\nx = 1",
  "/etc/lunatik/i.lua": "interface i { double f (in double a); }",
  "/etc/lunatik/wrong.lua": "interface {",
};

function load(text: string): Promise<Manifest> {
  return loadManifest(text, "/etc/lunatik/kluad.toml", (path) => {
    const content = files[path];
    return content === undefined
      ? Promise.reject(new Error(`no ${path}`))
      : Promise.resolve(Buffer.from(content));
  });
}

/** What is wrong with a manifest, without the file's name. */
async function problems(text: string): Promise<readonly string[]> {
  try {
    await load(text);
  } catch (error) {
    if (!(error instanceof DaemonError)) throw error;
    expect(error.code).to.equal("ERR_MANIFEST");
    return error.message.split("\n").map((line) => line.replace("/etc/lunatik/kluad.toml:", ""));
  }
  return [];
}

const SERVANT = 'state = "p"\ninterface = "i.lua"\n';

describe("a manifest's text", () => {
  it("says idle times in whole milliseconds, rounded up, and never with 0", async () => {
    for (const [idle, milliseconds] of [
      ["1500us", 2],
      ["1ns", 1],
      ["3ms", 3],
      ["0", undefined],
    ] as const) {
      const { servants } = await load(`[state.p]\n[[servant]]\n${SERVANT}listen = 9001\nidle = "${idle}"`);
      expect(servants[0]?.request.idle, idle).to.equal(milliseconds);
    }
  });

  it("says states and servants", async () => {
    const { states, servants } = await load(`
      [state."my p"]
      memory = 65536
      steps = 1e6
      time = 0.5
      libraries = []
      script = ["a.lua", { file = "../lunatik/a.lua", arguments = [1, 1.0, "x", true, [1, 2], { k = -0.0 }] }, { code = "y = 2" }]
      [[servant]]
      state = "my p"
      interface = { name = "x", text = "interface x { void f (); }" }
      listen = "[::1]:9001"
      object = "app.o"
      time = "2s"
      steps = "1M"
      wait = 250
      allow = ["10.0.0.0/8"]
      reflection = true
      max-connections = 5
      idle = "1min"`);
    const [state] = states;
    expect({ ...state, scripts: undefined }).to.deep.equal({
      name: "my p",
      description: "",
      memory: 65536n,
      steps: 1_000_000n,
      time: 500_000n,
      libraries: [],
      scripts: undefined,
    });
    expect(
      state?.scripts.map(({ path, chunkName, code, arguments: values }) => [
        path,
        chunkName,
        Buffer.from(code).toString(),
        values,
      ]),
    ).to.deep.equal([
      ["/etc/lunatik/a.lua", "@a.lua", "\nx = 1", []],
      [
        "/etc/lunatik/a.lua",
        "@a.lua",
        "\nx = 1",
        [
          integer(1),
          float(1),
          string(Buffer.from("x")),
          { kind: "boolean", value: true },
          table([
            [integer(1), integer(1)],
            [integer(2), integer(2)],
          ]),
          table([[string(Buffer.from("k")), float(-0)]]),
        ].map((value) => value),
      ],
      [undefined, "=(manifest)", "y = 2", []],
    ]);
    expect(servants[0]?.request).to.deep.include({
      state: "my p",
      object: "app.o",
      host: "::1",
      port: 9001,
      profile: "plain",
      time: 2e9,
      steps: 1e6,
      wait: 250,
      allow: ["10.0.0.0/8"],
      reflection: true,
      maxConnections: 5,
      idle: 60_000,
    });
  });

  const wrong: readonly (readonly [text: string, ...problems: string[]])[] = [
    ["[state.p]\nmemory = ", "2:10: invalid value"],
    ["[state.p]\n[state.p]", "2:2: trying to redefine an already defined table or value"],
    [
      "[state.p]\nsize = 1",
      "2:1: state.p.size: unknown key; expected one of description, memory, steps, time, libraries, script",
    ],
    ["states = 1", "1:1: states: unknown key; expected one of state, servant"],
    ["state = 1", "1:1: state: expected tables [state.NAME], found 1"],
    ["[state]\np = 1", "2:1: state.p: expected a table, found 1"],
    [`[state."a\\nb"]`, '1:1: state."a\\nb": a state\'s name has 1 to 63 bytes, and no control characters'],
    [
      `[state.${"x".repeat(64)}]`,
      `1:1: state.${"x".repeat(64)}: a state's name has 1 to 63 bytes, and no control characters`,
    ],
    [
      '[state.p]\nmemory = "lots"',
      '2:1: state.p.memory: expected a size such as 65536, 64K or 1.5M, found "lots"',
    ],
    ["[state.p]\nsteps = -1", "2:1: state.p.steps: expected a count such as 1000000, 1e6 or 1M, found -1"],
    [
      "[state.p]\ntime = 1979-05-27",
      "2:1: state.p.time: expected a time in milliseconds, or one such as 2s or 5min, found a date",
    ],
    [
      '[state.p]\nlibraries = ["io"]',
      "2:14: state.p.libraries[1]: expected one of coroutine, string, table, math, utf8",
    ],
    [
      '[state.p]\nscript = "a.lua"',
      '2:1: state.p.script: expected an array of files\' names, or of tables with file or code, found "a.lua"',
    ],
    [
      "[state.p]\nscript = [3]",
      "2:11: state.p.script[1]: expected a file's name, or a table with file or code, found 3",
    ],
    ["[state.p]\nscript = [{}]", "2:11: state.p.script[1]: expected either file or code"],
    [
      '[state.p]\nscript = [{ file = "a.lua", code = "" }]',
      "2:11: state.p.script[1]: expected either file or code",
    ],
    [
      '[state.p]\nscript = [{ code = "", arguments = [1979-05-27] }]',
      "2:37: state.p.script[1].arguments[1]: expected a text, a number, true, false, an array or a table, found a date",
    ],
    [
      '[state.p]\nscript = ["b.lua"]',
      "2:11: state.p.script[1]: the file cannot be read: no /etc/lunatik/b.lua",
    ],
    ["servant = 1", "1:1: servant: expected tables [[servant]], found 1"],
    [
      `[state.p]\n[[servant]]\n${SERVANT}`,
      "2:1: servant[1]: the key listen is missing; expected an address and port such as 127.0.0.1:9001, or a port",
    ],
    [
      `[state.p]\n[[servant]]\n${SERVANT}listen = 0`,
      "5:1: servant[1].listen: expected an address and port such as 127.0.0.1:9001, or a port, found 0",
    ],
    [
      `[[servant]]\n${SERVANT}listen = 1`,
      '2:1: servant[1].state: the manifest declares no state "p"; expected one of its states',
    ],
    [
      `[state.p]\n[[servant]]\n${SERVANT}listen = 1\n[[servant]]\n${SERVANT}listen = "127.0.0.1:1"`,
      "9:1: servant[2].listen: the servant before it (number 1) listens on port 1 already; expected another",
    ],
    [
      `[state.p]\n[[servant]]\n${SERVANT}listen = 1\n[[servant]]\n${SERVANT}listen = "0.0.0.0:1"`,
      "9:1: servant[2].listen: the servant before it (number 1) listens on port 1 already; expected another",
    ],
    [
      '[state.p]\n[[servant]]\nstate = "p"\ninterface = "wrong.lua"\nlisten = 1',
      "4:1: servant[1].interface: the interface is wrong: wrong.lua:1:12: ",
    ],
    [
      `[state.p]\n[[servant]]\n${SERVANT}listen = 1\nprofile = "x"`,
      "6:1: servant[1].profile: expected one of plain, ",
    ],
    [
      `[state.p]\n[[servant]]\n${SERVANT}listen = 1\nobject = "os.exit()"`,
      '6:1: servant[1].object: expected a Lua name such as app.myobj1, found "os.exit()"',
    ],
    [
      `[state.p]\n[[servant]]\n${SERVANT}listen = 1\ntls-cert = "a.lua"`,
      "2:1: servant[1]: TLS needs both tls-cert and tls-key",
    ],
    [
      `[state.p]\n[[servant]]\n${SERVANT}listen = 1\ntls-cert = "a.lua"\ntls-key = "a.lua"`,
      "6:1: servant[1].tls-cert: certificate and key cannot be used: ",
    ],
    [
      `[state.p]\n[[servant]]\n${SERVANT}listen = 1\nallow = ["x"]`,
      '6:10: servant[1].allow[1]: expected an address or network such as 10.0.0.0/8, found "x"',
    ],
    ["[state.p]\nx = 1\ny = 2", "2:1: state.p.x: unknown key", "3:1: state.p.y: unknown key"],
  ];
  for (const [text, ...expected] of wrong) {
    it(`is refused: ${JSON.stringify(text)}`, async () => {
      const found = await problems(text);
      expect(found.map((line, index) => line.slice(0, expected[index]?.length ?? 0))).to.deep.equal(expected);
    });
  }

  it("is refused with a chunk that the module would refuse", async () => {
    const text = `[state.p]\nscript = [{ code = "${"x".repeat(2 ** 20 + 1)}" }]`;
    expect(await problems(text)).to.deep.equal([
      "2:11: state.p.script[1]: 1048577 bytes are over the 1048576 that a chunk may have",
    ]);
  });

  it("that is wrong in a hundred places tells twenty", async () => {
    const text = `[state.p]\n${Array.from({ length: 100 }, (_, index) => `k${index} = 1\n`).join("")}`;
    const found = await problems(text);
    expect(found).to.have.length(21);
    expect(found.at(-1)).to.equal("and 80 more");
  });

  it("may have any key that docs/manifest.md tells of, and no other", () => {
    const documented = readFileSync("docs/manifest.md", "utf8").matchAll(/^\| `([a-z-]+)` \|/gm);
    const keys = [stateKeys, scriptKeys, servantKeys].flatMap((table) => Object.keys(table));
    expect(Array.from(documented, ([, name]) => name)).to.deep.equal(keys);
    expect(Object.keys(interfaceKeys)).to.deep.equal(["name", "text"]);
  });
});
