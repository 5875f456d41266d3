// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { formatFloat, formatLiteral, formatPrint } from "../../client/lua_format.ts";
import { float, fromJs, integer, nil, string, table } from "../../client/lua_value.ts";

describe("numbers", () => {
  // What lua5.4's print() writes for each.
  const floats: readonly (readonly [number, string])[] = [
    [3, "3.0"],
    [-0, "-0.0"],
    [0, "0.0"],
    [0.1, "0.1"],
    [1 / 3, "0.33333333333333"],
    [100, "100.0"],
    [1e14, "1e+14"],
    [1e15, "1e+15"],
    [99999999999999, "99999999999999.0"],
    [1e100, "1e+100"],
    [-1.5e-7, "-1.5e-07"],
    [0.0001, "0.0001"],
    [0.00001, "1e-05"],
    [123456789.12345679, "123456789.12346"],
    [5e-324, "4.9406564584125e-324"],
    [1.7976931348623157e308, "1.7976931348623e+308"],
    [2 ** 53, "9.007199254741e+15"],
    [Math.PI, "3.1415926535898"],
    [999999999999995, "1e+15"],
    [Number.POSITIVE_INFINITY, "inf"],
    [Number.NEGATIVE_INFINITY, "-inf"],
  ];
  for (const [value, text] of floats) {
    it(`writes ${value} as ${text}`, () => {
      expect(formatFloat(value)).to.equal(text);
    });
  }

  it("rounds ties to even, as C does", () => {
    expect(formatFloat(1234567890123.25)).to.equal("1234567890123.2");
    expect(formatFloat(1234567890123.75)).to.equal("1234567890123.8");
    expect(formatFloat(-1234567890123.25)).to.equal("-1234567890123.2");
    expect(formatFloat(100000000000000.5)).to.equal("1e+14");
  });

  it("writes the sign of a NaN", () => {
    expect(formatFloat(Number.NaN, true)).to.equal("-nan");
    expect(formatFloat(Number.NaN, false)).to.equal("nan");
  });

  it("writes integers whole", () => {
    expect(formatLiteral(integer(-(2n ** 63n)))).to.equal("-9223372036854775808");
  });
});

describe("values", () => {
  it("print as Lua prints them, strings byte for byte", () => {
    expect(formatPrint(string(Uint8Array.of(0, 0xff)))).to.deep.equal(Uint8Array.of(0, 0xff));
    expect(Buffer.from(formatPrint(nil)).toString()).to.equal("nil");
    expect(Buffer.from(formatPrint(float(3))).toString()).to.equal("3.0");
  });

  it("write tables as constructors", () => {
    expect(formatLiteral(fromJs([1, 2.5, ["x"], {}]))).to.equal('{1, 2.5, {"x"}, {}}');
    expect(formatLiteral(fromJs({ name: "x", end: 1, "a b": true }))).to.equal(
      '{name = "x", ["end"] = 1, ["a b"] = true}',
    );
    expect(
      formatLiteral(
        table([
          [float(1.5), nil],
          [integer(0), nil],
        ]),
      ),
    ).to.equal("{[1.5] = nil, [0] = nil}");
  });

  it("escape what would act on a terminal, and keep text", () => {
    expect(formatLiteral(string('é"\\\n\u001b[2J\u009b'))).to.equal('"é\\"\\\\\\n\\x1b[2J\\xc2\\x9b"');
    expect(formatLiteral(string(Uint8Array.of(0xe9, 0x41, 0x22)))).to.equal('"\\xe9A\\""');
  });
});
