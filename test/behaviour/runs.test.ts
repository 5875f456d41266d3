// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { float, fromJs, integer, type JsValue, string, toJs } from "../../client/lua_value.ts";
import type { ExecuteOptions, Lunatik } from "../../client/lunatik.ts";
import { rejection } from "../rejection.ts";
import { fresh, open } from "./backend.ts";

describe("runs", () => {
  let lunatik: Lunatik;
  let name: string;

  beforeEach(async () => {
    lunatik = await open();
    name = fresh();
    await lunatik.create(name);
  });

  /** What a chunk returns, as JavaScript values. */
  async function values(code: string, options: ExecuteOptions = {}): Promise<readonly JsValue[]> {
    return (await lunatik.execute(name, code, options)).results.map(toJs);
  }

  describe("execute", () => {
    it("returns what the chunk returns", async () => {
      expect(await values("return 1, 'two', nil, {3, 4}")).to.deep.equal([1, "two", null, [3, 4]]);
      expect(await values("")).to.deep.equal([]);
      expect(await values("return nil, nil")).to.deep.equal([null, null]);
    });

    it("computes with real doubles", async () => {
      expect(await values("return 3.5 + 5, 1/3, 2^0.5, 10 // 3, 7 % 3.5, 1e308 * 10")).to.deep.equal([
        8.5,
        1 / 3,
        Math.SQRT2,
        3,
        0,
        Number.POSITIVE_INFINITY,
      ]);
    });

    it("keeps globals from run to run, and states apart", async () => {
      await lunatik.execute(name, "x = 41");
      expect(await values("x = x + 1 return x")).to.deep.equal([42]);
      const other = fresh();
      await lunatik.create(other);
      expect((await lunatik.execute(other, "return x")).results.map(toJs)).to.deep.equal([null]);
    });

    it("hands the arguments over as varargs", async () => {
      const options = { arguments: [integer(1), fromJs(null), string("x"), fromJs([1, 2])] };
      expect(await values("return select('#', ...), ...", options)).to.deep.equal([4, 1, null, "x", [1, 2]]);
    });

    it("takes a chunk of 1 MiB, and none that is longer", async function () {
      this.timeout(60_000);
      const most = 1024 * 1024;
      const tail = "\nreturn 7";
      const code = `--${"x".repeat(most - 2 - tail.length)}${tail}`;
      expect(Buffer.byteLength(code)).to.equal(most);
      expect(await values(code)).to.deep.equal([7]);
      const error = await rejection(lunatik.execute(name, `${code} `));
      expect(error).to.include({ code: "ERR_TOO_LARGE", errnoName: "E2BIG", attribute: "code" });
      const many = `return ${Array.from({ length: 250 }, (_, index) => index).join(", ")}`;
      expect(await values(many)).to.have.length(250);
    });

    it("takes names of 255 bytes for chunk and function, and none that are longer", async () => {
      const long = "n".repeat(255);
      await lunatik.execute(name, `${long} = function() end`, { chunkName: `=${long.slice(1)}` });
      await lunatik.call(name, long);
      expect(await rejection(lunatik.execute(name, "", { chunkName: `=${long}` }))).to.include({
        code: "ERR_INVALID",
        attribute: "chunk-name",
      });
      expect(await rejection(lunatik.call(name, `${long}n`))).to.include({
        code: "ERR_INVALID",
        attribute: "function",
      });
    });

    it("takes arguments of 1 MiB, and none that are longer", async function () {
      this.timeout(60_000);
      const bytes = Buffer.alloc(1024 * 1024 - 6, "a");
      expect(await values("return #...", { arguments: [string(bytes)] })).to.deep.equal([bytes.length]);
      const over = { arguments: [string(Buffer.alloc(1024 * 1024, "a"))] };
      expect(await rejection(lunatik.execute(name, "return #...", over))).to.include({
        code: "ERR_TOO_LARGE",
        attribute: "arguments",
      });
    });

    it("tells steps, time and memory of the run", async () => {
      const short = await lunatik.execute(name, "for i = 1, 10 do end");
      const long = await lunatik.execute(name, "for i = 1, 100000 do end");
      expect(long.steps > short.steps + 90_000n).to.equal(true);
      expect(
        long.time > 0n && long.wait >= 0n && long.memory > 0n && long.memoryPeak >= long.memory,
      ).to.equal(true);
      expect(long.id > short.id).to.equal(true);
      expect(long.state).to.equal(name);
    });
  });

  describe("errors of a chunk", () => {
    it("that does not compile name chunk and line", async () => {
      const error = await rejection(lunatik.execute(name, "x = 1\ny = = 2", { chunkName: "=mine" }));
      expect(error).to.include({
        code: "ERR_SYNTAX",
        errnoName: "ENOEXEC",
        message: "mine:2: unexpected symbol near '='",
      });
    });

    it("that is byte code are refused, at every door", async () => {
      const code = Buffer.from("\u001bLuaT\0\u0019\u0093\r\n\u001a\n", "latin1");
      expect(await rejection(lunatik.execute(name, code))).to.include({
        code: "ERR_BYTECODE",
        errnoName: "ENOEXEC",
      });
      const refused = [null, "attempt to load a binary chunk (mode is 't')"];
      const options = { arguments: [string(code)] };
      expect(await values("return load(...)", options)).to.deep.equal(refused);
      expect(await values("return load((...), 'x', 'b')", options)).to.have.nested.property("[0]", null);
      expect(await values("return load((...), 'x', 'bt')", options)).to.have.nested.property("[0]", null);
      const pieces =
        "local code, at = ..., 0 return load(function() at = at + 1 return code:sub(at, at) end)";
      expect(await values(pieces, options)).to.deep.equal(refused);
    });

    it("at run time have message, line and traceback", async () => {
      const code = "local function inner() error('boom') end\nlocal function outer() inner() end\nouter()";
      const error = await rejection(lunatik.execute(name, code, { chunkName: "=mine" }));
      expect(error).to.include({
        code: "ERR_RUNTIME",
        errnoName: "EIO",
        message: "mine:1: boom",
        operation: "execute",
      });
      expect(error.traceback).to.match(/^stack traceback:\n/);
      expect(error.traceback).to.match(/mine:1: in upvalue 'inner'/);
      expect(error.traceback).to.match(/mine:3: in main chunk/);
    });

    it("may be any value", async () => {
      const texts: readonly (readonly [string, RegExp])[] = [
        ["error('plain', 0)", /^plain$/],
        ["error({code = 1})", /table/],
        ["error(setmetatable({}, {__tostring = function() return 'own words' end}))", /^own words$/],
        ["error(nil)", /nil/],
        ["error()", /nil/],
        ["local x = nil + 1", /attempt to perform arithmetic on a nil value/],
        ["error('bytes \\xff\\0 end', 0)", /^bytes \udcff\0 end$/],
      ];
      for (const [code, text] of texts) {
        const error = await rejection(lunatik.execute(name, code));
        expect(error.code, code).to.equal("ERR_RUNTIME");
        expect(error.message, code).to.match(text);
      }
    });

    it("leave the state as usable as before", async () => {
      await rejection(lunatik.execute(name, "x = 1 error('boom')"));
      await rejection(lunatik.execute(name, "while true do end", { maxSteps: 1000 }));
      await rejection(lunatik.execute(name, "return ("));
      expect(await values("return x")).to.deep.equal([1]);
    });

    it("by endless recursion end as stack overflow", async () => {
      // Lua's own limit on its stack is a million slots, for which the default 32 MiB are too few.
      // Under a sanitizer on a busy machine a million slots take longer than the default deadline.
      const limits = { maxMemory: 128 * 1024 * 1024, maxTime: 50_000_000_000 };
      await lunatik.create(name, { replace: true, ...limits });
      const codes = [
        "local function f() return 1 + f() end f()",
        "local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k] end return t.x",
        "local function f() return pcall(f) end f() string.rep('x', -1)() ",
        `return ${"(".repeat(500)}1${")".repeat(500)}`,
        "local s = 'x' local function f() return (s:gsub('x', f)) end f()",
        "local t = {} t[1] = t table.sort({3, 2, 1, 4}, function f(a, b) end)",
      ];
      for (const code of codes) {
        const error = await rejection(lunatik.execute(name, code));
        expect(["ERR_RUNTIME", "ERR_SYNTAX"], code).to.include(error.code);
      }
      const error = await rejection(lunatik.execute(name, codes[0] ?? ""));
      expect(error.message).to.match(/stack overflow/);
      expect(await values("return 1")).to.deep.equal([1]);
    });

    it("have the name of the state that is not there", async () => {
      const runs = [lunatik.execute("nobody", ""), lunatik.call("nobody", "f")];
      for (const error of await Promise.all(runs.map(rejection))) {
        expect(error).to.include({ code: "ERR_NO_STATE", attribute: "state" });
      }
    });
  });

  describe("budgets", () => {
    it("end a run that takes too many steps", async () => {
      const error = await rejection(lunatik.execute(name, "while true do end", { maxSteps: 100_000 }));
      expect(error).to.include({ code: "ERR_STEPS", errnoName: "ETIME" });
      expect(
        error.run?.steps !== undefined && error.run.steps >= 100_000n && error.run.steps < 200_000n,
      ).to.equal(true);
    });

    it("end a run that takes too long", async () => {
      const maxTime = 200_000_000n;
      const error = await rejection(lunatik.execute(name, "while true do end", { maxTime }));
      expect(error).to.include({ code: "ERR_TIME", errnoName: "ETIMEDOUT" });
      expect(
        error.run?.time !== undefined && error.run.time >= maxTime && error.run.time < maxTime * 20n,
      ).to.equal(true);
    });

    it("end a run that takes too much memory", async () => {
      const codes = [
        "local t = {} while true do t[#t + 1] = {} end",
        "return ('x'):rep(1 << 30)",
        "local s = 'x' while true do s = s .. s end",
      ];
      for (const code of codes) {
        const error = await rejection(lunatik.execute(name, code, { maxMemory: 2 * 1024 * 1024 }));
        expect(error, code).to.include({ code: "ERR_MEMORY", errnoName: "EDQUOT" });
      }
      expect(await values("collectgarbage() return #('x'):rep(100000)")).to.deep.equal([100_000]);
    });

    it("are those of the state unless the run has its own", async () => {
      const small = fresh();
      await lunatik.create(small, { maxSteps: 50_000, maxMemory: 1024 * 1024, maxTime: 10n ** 10n });
      const loop = "while true do end";
      expect((await rejection(lunatik.execute(small, loop))).code).to.equal("ERR_STEPS");
      const run = await rejection(lunatik.execute(small, loop, { maxSteps: 1000 }));
      expect(run.run?.steps !== undefined && run.run.steps < 20_000n).to.equal(true);
      expect((await rejection(lunatik.execute(small, "return ('x'):rep(2 << 20)"))).code).to.equal(
        "ERR_MEMORY",
      );
    });

    it("of a run are not 0 and not above the state's", async () => {
      const { maxMemory, maxSteps, maxTime } = await lunatik.get(name);
      const bad = [
        ["max-memory", { maxMemory: maxMemory + 1n }],
        ["max-memory", { maxMemory: 0 }],
        ["max-steps", { maxSteps: maxSteps + 1n }],
        ["max-steps", { maxSteps: 0 }],
        ["max-time", { maxTime: maxTime + 1n }],
        ["max-time", { maxTime: 0 }],
      ] as const;
      for (const [attribute, limits] of bad) {
        expect(await rejection(lunatik.execute(name, "", limits))).to.include({
          code: "ERR_RANGE",
          errnoName: "ERANGE",
          attribute,
        });
      }
      await lunatik.execute(name, "", { maxMemory, maxSteps, maxTime });
    });

    it("are not caught by pcall, nor escaped in coroutines, metamethods and handlers", async () => {
      const codes = [
        "while true do pcall(function() while true do end end) end",
        "for i = 1, 1e9 do xpcall(error, function() while true do end end) end",
        "local co = coroutine.wrap(function() while true do end end) while true do pcall(co) end",
        "local t = setmetatable({}, {__index = function() while true do end end}) while true do pcall(function() return t.x end) end",
        "while true do local x <close> = setmetatable({}, {__close = function() while true do end end}) end",
        "pcall(string.rep, 'x', -1) while true do coroutine.wrap(function() coroutine.yield() end)() end",
      ];
      for (const code of codes) {
        const error = await rejection(lunatik.execute(name, code, { maxSteps: 200_000 }));
        expect(error.code, code).to.equal("ERR_STEPS");
      }
      for (const code of codes.slice(0, 3)) {
        const error = await rejection(lunatik.execute(name, code, { maxTime: 100_000_000n }));
        expect(error.code, code).to.equal("ERR_TIME");
      }
    });
  });

  describe("results that cannot leave", () => {
    it("are named with the place where they are", async () => {
      const cases: readonly (readonly [string, RegExp])[] = [
        ["return print", /result 1.*function/],
        ["return 1, {x = function() end}", /result 2.*x.*function/],
        ["return {{{coroutine.create(print)}}}", /result 1.*thread/],
      ];
      for (const [code, text] of cases) {
        const error = await rejection(lunatik.execute(name, code));
        expect(error).to.include({ code: "ERR_RESULT_TYPE", errnoName: "EPROTOTYPE" });
        expect(error.message).to.match(text);
      }
    });

    it("are those nested more than 32 deep, or in themselves", async () => {
      const nest = (depth: number): string => `local t = 1 for i = 1, ${depth} do t = {t} end return t`;
      expect(await values(nest(32))).to.have.length(1);
      for (const code of [
        nest(33),
        "local t = {} t.t = t return t",
        "local a, b = {}, {} a.b, b.a = b, a return a",
      ]) {
        expect(await rejection(lunatik.execute(name, code))).to.include({
          code: "ERR_RESULT_DEPTH",
          errnoName: "ELOOP",
        });
      }
    });

    it("are those over the module's limit", async () => {
      const { resultsMax } = await lunatik.info();
      expect(await rejection(lunatik.execute(name, `return ('x'):rep(${resultsMax})`))).to.include({
        code: "ERR_RESULT_SIZE",
        errnoName: "EMSGSIZE",
      });
      // The head of the array takes a byte, that of a long string five.
      const [most] = await values(`return ('x'):rep(${resultsMax} - 6)`);
      expect(most)
        .to.be.a("string")
        .with.length(Number(resultsMax) - 6);
      expect((await rejection(lunatik.execute(name, `return ('x'):rep(${resultsMax} - 5)`))).code).to.equal(
        "ERR_RESULT_SIZE",
      );
    });

    it("do not come when the run changes tables while they are read", async () => {
      const code =
        "return setmetatable({}, {__pairs = function() error('never called') end, __index = error})";
      expect(await values(code)).to.deep.equal([[]]);
    });
  });

  describe("large results", () => {
    it("arrive whole, however large", async function () {
      this.timeout(60_000);
      for (const size of [100, 32_000, 32_760, 32_768, 33_000, 65_531, 65_536, 200_000, 1_000_000]) {
        const [text] = await values(
          `local t = {} for i = 1, ${size} do t[i] = i % 10 end return table.concat(t)`,
        );
        expect(text, String(size)).to.equal("1234567890".repeat(size / 10 + 1).slice(0, size));
      }
      const [list] = await values("local t = {} for i = 1, 50000 do t[i] = i end return t");
      expect(list).to.deep.equal(Array.from({ length: 50_000 }, (_, index) => index + 1));
    });

    it("arrive for many at once", async function () {
      this.timeout(60_000);
      const runs = Array.from({ length: 24 }, async (_, index) => {
        const own = fresh();
        await lunatik.create(own);
        const run = await lunatik.execute(own, `return ('${String.fromCharCode(97 + index)}'):rep(100000)`);
        expect(run.results.map(toJs)).to.deep.equal([String.fromCharCode(97 + index).repeat(100_000)]);
      });
      await Promise.all(runs);
    });
  });

  describe("call", () => {
    it("calls a function by its name, with typed arguments", async () => {
      await lunatik.execute(name, "function foo(a, b) return a + b, math.type(a), math.type(b) end");
      const run = await lunatik.call(name, "foo", [integer(3), float(5)]);
      expect(run.results[0]).to.deep.equal(float(8));
      expect(run.results.slice(1).map(toJs)).to.deep.equal(["integer", "float"]);
    });

    it("finds a function in nested tables", async () => {
      await lunatik.execute(name, "geo = { flat = { area = function(r) return r * r end } }");
      expect((await lunatik.call(name, "geo.flat.area", [integer(5)])).results).to.deep.equal([integer(25)]);
      expect(
        (await lunatik.call(name, "string.rep", [string("ab"), integer(2)])).results.map(toJs),
      ).to.deep.equal(["abab"]);
    });

    it("says when there is no such function", async () => {
      await lunatik.execute(name, "t = { x = 1 } n = 1");
      for (const missing of [
        "f",
        "t.f",
        "t.x",
        "n",
        "n.f",
        "t.x.y",
        "nothing.f",
        "t.",
        ".t",
        "t..f",
        "string.rep.x",
      ]) {
        const error = await rejection(lunatik.call(name, missing));
        expect(["ERR_NO_FUNCTION", "ERR_INVALID"], missing).to.include(error.code);
      }
      expect(await rejection(lunatik.call(name, "f"))).to.include({
        code: "ERR_NO_FUNCTION",
        errnoName: "ENOSYS",
      });
    });

    it("compiles nothing", async () => {
      for (const code of ["x = 1", "print('x')", "f()", "return 1", "[[x]]"]) {
        const error = await rejection(lunatik.call(name, code));
        expect(["ERR_NO_FUNCTION", "ERR_INVALID"], code).to.include(error.code);
      }
    });

    it("fails as execute does", async () => {
      await lunatik.execute(name, "function boom() error('boom') end function spin() while true do end end", {
        chunkName: "=lib",
      });
      const error = await rejection(lunatik.call(name, "boom"));
      expect(error).to.include({ code: "ERR_RUNTIME", message: "lib:1: boom", operation: "call" });
      expect(error.traceback).to.match(/lib:1: in function 'boom'/);
      expect((await rejection(lunatik.call(name, "spin", [], { maxSteps: 10_000 }))).code).to.equal(
        "ERR_STEPS",
      );
    });

    it("keeps the state of coroutines between calls", async () => {
      await lunatik.execute(
        name,
        "next_number = coroutine.wrap(function() local i = 0 while true do i = i + 1 coroutine.yield(i) end end)",
      );
      for (const number of [1, 2, 3]) {
        expect((await lunatik.call(name, "next_number")).results).to.deep.equal([integer(number)]);
      }
    });
  });

  describe("libraries", () => {
    it("are those that the state was created with", async () => {
      const all = ["coroutine", "string", "table", "math", "utf8", "os", "debug"] as const;
      for (const library of all) {
        const one = fresh();
        await lunatik.create(one, { libraries: [library] });
        const code = `local found = {} for _, n in ipairs({'${all.join("','")}'}) do if _G[n] then found[#found + 1] = n end end return found`;
        // ipairs belongs to the base library.
        expect((await lunatik.execute(one, code)).results.map(toJs)).to.deep.equal([[library]]);
      }
    });

    it("reach nothing outside the state", async () => {
      const names = ["dofile", "loadfile", "require", "package", "io"]
        .map((each) => `_G['${each}']`)
        .join(" or ");
      expect(await values(`return ${names}`)).to.deep.equal([null]);
      const keys = (table: string): string =>
        `do local t = {} for k in pairs(${table}) do t[#t + 1] = k end table.sort(t) return t end`;
      expect(await values(keys("os"))).to.deep.equal([["clock", "date", "difftime", "time"]]);
      expect(await values(keys("debug"))).to.deep.equal([["getinfo", "traceback"]]);
    });

    it("work", async () => {
      const cases: readonly (readonly [string, JsValue])[] = [
        ["return ('%5.2f|%q|%x'):format(3.14159, 'a\\n', 255)", ' 3.14|"a\\\n"|ff'],
        ["return (('hello world'):gsub('o', '0'))", "hell0 w0rld"],
        ["return string.unpack('<i4', string.pack('<i4', -2))", -2],
        ["local t = {3, 1, 2} table.sort(t) return table.concat(t, ',')", "1,2,3"],
        ["return utf8.char(228, 8364, 128512)", "ä€😀"],
        ["return os.date('!%Y-%m-%d', 0)", "1970-01-01"],
        ["return math.type(math.tointeger(3.0))", "integer"],
        ["return math.floor(-3.5)", -4],
        [
          "return tostring(1e15) .. ' ' .. tostring(2^53) .. ' ' .. tostring(-0.0)",
          "1e+15 9.007199254741e+15 -0.0",
        ],
        ["return (select(2, coroutine.resume(coroutine.create(function() return 5 end))))", 5],
        ["return math.abs(os.time() - 1.7e9) < 1e9", true],
      ];
      for (const [code, expected] of cases) expect((await values(code))[0], code).to.deep.equal(expected);
    });
  });
});
