// SPDX-License-Identifier: MIT

import { readFileSync } from "node:fs";
import { expect } from "chai";
import { createProxy } from "../../luarpc/luarpc.ts";
import { backend, fresh, open, PATIENT, spin, until } from "../behaviour/backend.ts";
import { MINHA_INT, RawClient, sleep } from "../luarpc/support.ts";
import { failureOf, interfaceFile, Kluad, Program, printedBy, proxyTo } from "./support.ts";

describe("the assignment's example, served by two states", () => {
  it("is answered to kluactl, to TypeScript and to Lua", async () => {
    const lunatik = await open();
    const [one, two] = [fresh(), fresh()];
    for (const name of [one, two]) await lunatik.create(name);
    await lunatik.execute(one, readFileSync("demo/myobj1.lua"));
    await lunatik.execute(two, readFileSync("demo/myobj2.lua"));
    const kluad = await Kluad.start();
    const places = await Promise.all([
      printedBy(kluad.kluactl("serve", one, MINHA_INT, "--object", "myobj1")),
      printedBy(kluad.kluactl("serve", two, MINHA_INT, "--object", "myobj2")),
    ]);
    const [first, second] = [places[0].trim(), places[1].trim()];

    const printed = [first, second].map((place) =>
      printedBy(kluad.kluactl("rpc", place, MINHA_INT, "foo", "3", "5")),
    );
    expect(await Promise.all(printed)).to.deep.equal(["8\talo alo\n", "-2\ttchau\n"]);

    const [ip = "", port1 = "", port2 = ""] = [...first.split(":"), second.split(":")[1]];
    const p1 = await createProxy(ip, port1, MINHA_INT);
    const p2 = await createProxy(ip, port2, MINHA_INT);
    expect(await p1["foo"]?.(3, 5)).to.deep.equal([8, "alo alo"]);
    expect(await p2["foo"]?.(3, 5)).to.deep.equal([-2, "tchau"]);
    expect(await p2["boo"]?.(10)).to.deep.equal([1]);

    const lua = new Program("lua5.4", ["demo/client.lua", ip, port1, port2]);
    expect(await printedBy(lua.ended)).to.equal("8  alo alo\n-2  tchau\n10\n1\n");

    const listed = JSON.parse(await printedBy(kluad.kluactl("servants", "--json"))) as {
      readonly servants: readonly { readonly state: string; readonly calls: number }[];
    };
    expect(listed.servants.map(({ state, calls }) => [state, calls])).to.have.deep.members([
      [one, 4],
      [two, 5],
    ]);
    await printedBy(kluad.kluactl("unserve", port1));
    const late = [kluad.kluactl("rpc", first, MINHA_INT, "foo", "3", "5"), kluad.kluactl("unserve", port1)];
    expect((await Promise.all(late)).map(({ exit }) => exit)).to.deep.equal([5, 65]);
  });
});

describe("unserve", () => {
  it("takes the host as it was asked for, and the address where the servant listens, and no other", async () => {
    const lunatik = await open();
    const name = fresh();
    await lunatik.create(name);
    const kluad = await Kluad.shared();
    const text = "interface one { double f (); }";
    const { port } = await kluad.serve(name, text, { host: "localhost" });
    expect((await kluad.kluactl("unserve", `127.0.0.9:${port}`)).exit).to.equal(65);
    await printedBy(kluad.kluactl("unserve", `localhost:${port}`));
    const { host, port: other } = await kluad.serve(name, text, { host: "localhost" });
    expect(await (await kluad.client()).unserve({ host, port: other })).to.include({ port: other });
  });
});

const VALUES = `interface values {
  double half (in double a);
  string kind (in double a, out string o, inout char c);
  string echo (in string s);
  double length (in string s);
  void nothing ();
}`;

describe("values", () => {
  it("arrive exactly, both ways", async () => {
    const lunatik = await open();
    const state = fresh();
    await lunatik.create(state);
    await lunatik.execute(
      state,
      `function half(a) return a end
       function kind(a, o, c) return math.type(a) .. " " .. type(o), "out", c end
       function echo(s) return s end
       function length(s) return #s end
       function nothing(...) assert(select("#", ...) == 0) end`,
    );
    const kluad = await Kluad.shared();
    const { port } = await kluad.serve(state, VALUES, { profile: "quoted" });
    const proxy = proxyTo(port, VALUES, { profile: "quoted" });
    for (const value of [0.1, 1e300, 5e-324, -0, 2 ** 53 + 2, -1 / 3, Infinity, -Infinity, NaN])
      expect((await proxy["half"]?.(value))?.[0]).to.be.deep.equal(value);
    expect(await proxy["kind"]?.(3, "x")).to.deep.equal(["float nil", "out", "x"]);
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const [text = ""] = (await proxy["echo"]?.(bytes)) ?? [];
    const [again = ""] = (await proxy["echo"]?.(text)) ?? [];
    expect(again).to.equal(text);
    expect(await proxy["length"]?.(bytes)).to.deep.equal([256]);
    expect(await proxy["length"]?.(text)).to.deep.equal([256]);
    expect(await proxy["nothing"]?.()).to.deep.equal([]);
  });
});

describe("a program with LuaSocket", () => {
  for (const profile of ["plain", "quoted"])
    it(`passes the same checks against a state as against any servant, ${profile}`, async () => {
      const lunatik = await open();
      const state = fresh();
      await lunatik.create(state);
      await lunatik.execute(state, readFileSync("test/luarpc/programs/object.lua"));
      const kluad = await Kluad.shared();
      const declared = "test/luarpc/interfaces/t.lua";
      const { port } = await kluad.serve(state, readFileSync(declared, "utf8"), {
        object: "object",
        profile,
      });
      const lacking = "ERR_NO_FUNCTION: no function is named 'object.lacking'";
      const checks = ["test/luarpc/programs/checks.lua", declared, String(port), profile];
      const lua = new Program("lua5.4", [...checks, "ERR_RUNTIME: ", lacking], {
        LUA_PATH: "luarpc/?.lua;;",
      });
      expect((await lua.ended).stdout).to.equal("ok 60\n");
    });
});

const FAILING = `interface failing {
  double raise (in string why);
  double spin ();
  double lacking ();
  double table ();
  double few ();
  double fine ();
}`;

describe("errors", () => {
  it("have the code and text that they have without the network, and leave the connection usable", async () => {
    const lunatik = await open();
    const state = fresh();
    await lunatik.create(state);
    await lunatik.execute(
      state,
      `app = { o = {
         raise = function(why) error(why) end,
         spin = function() while true do end end,
         table = function() return {} end,
         few = function() end,
         fine = function() return 1 end,
       } }`,
      { chunkName: "=app" },
    );
    const kluad = await Kluad.shared();
    const { port } = await kluad.serve(state, FAILING, { object: "app.o", steps: 100_000 });
    const timed = await kluad.serve(state, FAILING, { object: "app.o", time: 20_000_000 });
    const client = await RawClient.connect(port);
    const ask = async (request: string): Promise<string> => {
      client.write(request);
      return client.line();
    };
    expect(await ask("raise\nbecause\n")).to.equal("___ERRORPC: ERR_RUNTIME: app:2: because");
    expect(await ask("spin\n")).to.match(/^___ERRORPC: ERR_STEPS: app:3: /);
    expect(await ask("lacking\n")).to.match(/^___ERRORPC: ERR_NO_FUNCTION: /);
    expect(await ask("table\n")).to.match(/^___ERRORPC: table: result must be a double/);
    expect(await ask("few\n")).to.equal("___ERRORPC: few: the servant gave no result");
    expect(await ask("fine\n")).to.equal("1");
    expect(await failureOf(proxyTo(timed.port, FAILING)["spin"]?.())).to.match(/^ERR_TIME: app:3: /);
    await lunatik.delete(state, { force: true });
    expect(await ask("fine\n")).to.match(/^___ERRORPC: ERR_NO_STATE: /);
  });

  it("of a request to serve say what is wrong", async function () {
    // Nothing of it is the kernel's, and each program takes seconds to start in a guest.
    if (backend === "kernel") this.skip();
    const lunatik = await open();
    const state = fresh();
    await lunatik.create(state);
    const kluad = await Kluad.start();
    const { port } = await kluad.serve(state, FAILING);
    const file = interfaceFile(FAILING);
    const wrong = interfaceFile("interface { methods = 1 }");
    const refusals: readonly (readonly [exit: number, text: string, argv: readonly string[]])[] = [
      [64, "the port is taken", [state, file, "--listen", `127.0.0.1:${port}`]],
      [64, "does not have the address", [state, file, "--listen", "192.0.2.1:0"]],
      [10, "no state has this name", ["nowhere", file]],
      [66, `${wrong}:1:`, [state, wrong]],
      [16, "object must be", [state, file, "--object", "os.exit()"]],
      [2, "--listen", [state, file, "--listen", "nonsense"]],
      [25, "no such file", [state, "/nonexistent/interface.lua"]],
      [25, "cannot read /: ", [state, "/"]],
    ];
    for (const [exit, text, argv] of refusals) {
      const outcome = await kluad.kluactl("serve", ...argv);
      expect(outcome.stderr).to.include(text);
      expect(outcome.exit).to.equal(exit);
    }
    expect(await (await kluad.client()).servants()).to.have.length(1);
  });
});

const BUSY = "interface busy { double spin (); double fine (); }";
const BUSY_LUA = "function spin() while true do end end function fine() return 1 end";

describe("a busy state", () => {
  it("lets a call wait, and answers it when it is free", async () => {
    const lunatik = await open();
    const state = fresh();
    await lunatik.create(state, PATIENT);
    await lunatik.execute(state, BUSY_LUA);
    const kluad = await Kluad.shared();
    const { port } = await kluad.serve(state, BUSY);
    const spinning = await spin(lunatik, state);
    const call = proxyTo(port, BUSY)["fine"]?.();
    await until("the call waits", async () => (await lunatik.get(state)).waiting === 1);
    await lunatik.cancel({ cookie: spinning.cookie });
    expect(await call).to.deep.equal([1]);
  });

  it("refuses a call whose deadline comes first, whoever keeps it busy", async () => {
    const lunatik = await open();
    const state = fresh();
    await lunatik.create(state, PATIENT);
    await lunatik.execute(state, BUSY_LUA);
    const kluad = await Kluad.shared();
    const { port } = await kluad.serve(state, BUSY, { wait: 50 });
    const spinning = await spin(lunatik, state);
    expect(await failureOf(proxyTo(port, BUSY)["fine"]?.())).to.match(/^ERR_BUSY: /);
    await lunatik.cancel({ cookie: spinning.cookie });
    await until("the state is idle", async () => !(await lunatik.get(state)).busy);

    const remote = failureOf(proxyTo(port, BUSY)["spin"]?.());
    await until("the call runs", async () => (await lunatik.get(state)).busy);
    expect(await failureOf(proxyTo(port, BUSY)["fine"]?.())).to.match(/^ERR_BUSY: /);
    expect((await lunatik.get(state)).busy).to.equal(true);
    await lunatik.cancel({ state });
    expect(await remote).to.match(/^ERR_CANCELLED: /);
    expect(await proxyTo(port, BUSY)["fine"]?.()).to.deep.equal([1]);
  });
});

describe("a client that goes away", () => {
  it("has its run cancelled by its reset, and not by its half-close", async () => {
    const lunatik = await open();
    const state = fresh();
    await lunatik.create(state, PATIENT);
    await lunatik.execute(state, `${BUSY_LUA} function spin() while not stop do end return 7 end`);
    const kluad = await Kluad.shared();
    const { port } = await kluad.serve(state, BUSY);

    const resetting = await RawClient.connect(port);
    resetting.write("spin\n");
    await until("the call runs", async () => (await lunatik.get(state)).busy);
    resetting.socket.resetAndDestroy();
    await until("the run has ended", async () => !(await lunatik.get(state)).busy);
    expect((await lunatik.get(state)).lastError?.code).to.equal("ERR_CANCELLED");

    const half = await RawClient.connect(port);
    const spinning = await spin(lunatik, state);
    half.socket.end("fine\n");
    await until("the call waits", async () => (await lunatik.get(state)).waiting === 1);
    await sleep(50);
    await lunatik.cancel({ cookie: spinning.cookie });
    await half.expects("1\n");
    await half.ends();
  });
});
