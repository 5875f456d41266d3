// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { string } from "../../client/lua_value.ts";
import { fresh, open } from "../behaviour/backend.ts";
import { rejection } from "../rejection.ts";
import { failureOf, interfaceFile, Kluad, proxyTo, way } from "./support.ts";

/* A call that fails says the same over the network as without it: code, text, line. */

const METHODS = [
  ["raise", "ERR_RUNTIME"],
  ["raise_bytes", "ERR_RUNTIME"],
  ["raise_table", "ERR_RUNTIME"],
  ["raise_nothing", "ERR_RUNTIME"],
  ["index", "ERR_RUNTIME"],
  ["recurse", "ERR_RUNTIME"],
  ["spin", "ERR_STEPS"],
  ["match", "ERR_STEPS"],
  ["swallow", "ERR_STEPS"],
  ["grow", "ERR_MEMORY"],
  ["many", "ERR_RESULT_SIZE"],
  ["give_function", "ERR_RESULT_TYPE"],
  ["give_cycle", "ERR_RESULT_DEPTH"],
  ["lacking", "ERR_NO_FUNCTION"],
  ["not_a_function", "ERR_NO_FUNCTION"],
] as const;

const INTERFACE = `interface failing { ${METHODS.map(([name]) => `string ${name} (in string s);`).join(" ")} }`;

const LUA = `
  function raise(s) error("because of " .. s) end
  function raise_bytes(s) error("\\x80\\xff two\\nlines", 0) end
  function raise_table() error(setmetatable({}, { __tostring = function() return "a table" end })) end
  function raise_nothing() error() end
  function index(s) return nowhere.field end
  function recurse(s) return 1 + recurse(s) end
  function spin() while true do end end
  function match() return ("a"):rep(600):find(".-.-.-b") end
  function swallow() while true do pcall(spin) end end
  function grow() local t = {} for i = 1, 1e9 do t[i] = i end end
  function many() local s = ("x"):rep(600000) return s, s end
  function give_function() return print end
  function give_cycle() local t = {} t.t = t return t end
  not_a_function = 3`;

describe("a call that fails", () => {
  it("fails with the same code and text over the network as locally", async () => {
    const lunatik = await open();
    const state = fresh();
    await lunatik.create(state, { maxMemory: 8 << 20, maxSteps: 3_000_000 });
    await lunatik.execute(state, LUA, { chunkName: "@failing.lua" });
    const kluad = await Kluad.shared();
    const { port } = await kluad.serve(state, INTERFACE);
    const proxy = proxyTo(port, INTERFACE);
    for (const [name, code] of METHODS) {
      const local = await rejection(lunatik.call(state, name, [string("x")]));
      expect(local.code, name).to.equal(code);
      expect(await failureOf(proxy[name]?.("x")), name).to.equal(`${local.code}: ${local.message}`);
    }
  });

  it("and so it does from kluactl, with and without the network", async () => {
    const lunatik = await open();
    const state = fresh();
    await lunatik.create(state);
    await lunatik.execute(state, LUA, { chunkName: "@failing.lua" });
    const kluad = await Kluad.shared();
    const { port } = await kluad.serve(state, INTERFACE);
    const [local, remote] = await Promise.all([
      kluad.kluactl("call", state, "raise", "x", "--json", ...way()),
      kluad.kluactl("rpc", `127.0.0.1:${port}`, interfaceFile(INTERFACE), "raise", "x"),
    ]);
    const message = "failing.lua:2: because of x";
    expect(JSON.parse(local.stdout + local.stderr)).to.have.deep.nested.property("error.message", message);
    expect(remote.stderr).to.include(`ERR_RUNTIME: ${message}`);
  });
});
