// SPDX-License-Identifier: MIT

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect } from "chai";
import { parseArgument, parseArguments } from "../../client/kluactl/lua_argument.ts";
import { formatFloat } from "../../client/lua_format.ts";
import { type LuaValue, nil, string } from "../../client/lua_value.ts";

const words = [
  "0 -0 +7 007 9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809",
  "3.0 3. .5 -.5 1e3 1E+3 1e-3 1e400 -1e400 4.9e-324 1e-400 . e1 1e 1e+ --1 +-1 1_000 1,5",
  "0x10 0X1F -0x1 0xffffffffffffffff 0x1ffffffffffffffff 0x 0x. 0x.8 0x8. 0xA.8p1 0x1p-1074 0x1p-1075 0x3p-1075",
  "0x1.fffffffffffff8p0 0x1.fffffffffffff7p0 0x1p1024 -0x0p0 0x1p 0xp1 0x1g inf nan Infinity 1f 0b1 1n",
  "0x1.00000000000008p0 0x1.00000000000018p0 0x123456789abcdef012345678p-40",
]
  .join(" ")
  .split(" ");

/** A number as "integer 3", "float 3.0", or "fail" for what is none. */
function describeNumber(value: LuaValue): string {
  if (value.kind === "integer") return `integer ${value.value}`;
  if (value.kind !== "float") return "fail";
  return `float ${Object.is(value.value, -0) ? "-0.0" : formatFloat(value.value)}`;
}

describe("arguments out of words", () => {
  it("knows nil, true and false", () => {
    expect(parseArgument("nil")).to.deep.equal(nil);
    expect(parseArgument("true")).to.deep.equal({ kind: "boolean", value: true });
    expect(parseArgument("false")).to.deep.equal({ kind: "boolean", value: false });
    expect(parseArgument("True")).to.deep.equal(string("True"));
  });

  it("takes anything else for a string", () => {
    for (const word of ["", " 3", "3 ", "hello", "-", "--x", "nil ", "'3'"]) {
      expect(parseArgument(word)).to.deep.equal(string(word));
    }
  });

  it("reads numbers as they are written", () => {
    expect(parseArgument("3")).to.deep.equal({ kind: "integer", value: 3n });
    expect(parseArgument("3.0")).to.deep.equal({ kind: "float", value: 3 });
    expect(parseArgument("0x.8p1")).to.deep.equal({ kind: "float", value: 1 });
    expect(parseArgument("9223372036854775808")).to.deep.equal({ kind: "float", value: 2 ** 63 });
    expect(parseArgument("0xffffffffffffffff")).to.deep.equal({ kind: "integer", value: -1n });
  });

  it("reads every number as Lua's own tonumber() does", function () {
    // Installed by tools/install on every machine that runs the tests.
    if (!existsSync("/usr/bin/lua5.4")) this.skip();
    const program =
      "for _, w in ipairs(arg) do local n = tonumber(w) print(n and math.type(n) .. ' ' .. tostring(n) or 'fail') end";
    const lua = execFileSync("lua5.4", ["-", ...words], { input: program, encoding: "utf8" })
      .trimEnd()
      .split("\n");
    expect(words.map((word) => `${word} ${describeNumber(parseArgument(word))}`)).to.deep.equal(
      words.map((word, index) => `${word} ${lua[index] ?? ""}`),
    );
  });

  it("reads hexadecimal floats exactly", () => {
    expect(parseArgument("0x1p-1074")).to.deep.equal({ kind: "float", value: 5e-324 });
    expect(parseArgument("0x1p-1075"), "a tie to even").to.deep.equal({ kind: "float", value: 0 });
    expect(parseArgument("0x3p-1075"), "a tie to even, upwards").to.deep.equal({
      kind: "float",
      value: 1e-323,
    });
    expect(parseArgument("0x1.00000000000008p0")).to.deep.equal({ kind: "float", value: 1 });
    expect(parseArgument("0x1.00000000000018p0")).to.deep.equal({
      kind: "float",
      value: 1 + 2 * Number.EPSILON,
    });
  });

  it("makes strings of all words when told to", () => {
    expect(parseArguments(["3", "nil"], { string: true })).to.deep.equal([string("3"), string("nil")]);
  });

  it("takes a JSON array in the place of words, a null in it being nil", () => {
    const args = parseArguments([], { json: '[null, 1, 1.0, "x", [1, null], null]' });
    expect(args.map(({ kind }) => kind)).to.deep.equal(["nil", "integer", "float", "string", "table", "nil"]);
  });
});
