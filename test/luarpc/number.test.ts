// SPDX-License-Identifier: MIT

import { runInNewContext } from "node:vm";
import { expect } from "chai";
import fc from "fast-check";
import { errorText } from "../../luarpc/error_line.ts";
import { formatDouble, parseDouble } from "../../luarpc/number.ts";

describe("doubles as text", () => {
  for (const [value, text] of [
    [8, "8"],
    [-2, "-2"],
    [0.1, "0.1"],
    [2 ** 53, "9007199254740992"],
    [1e300, "1e+300"],
    [5e-324, "5e-324"],
    [1e21, "1e+21"],
    [0, "0"],
    [-0, "-0"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
    [Number.NaN, "nan"],
  ] as const)
    it(`writes ${text}`, () => {
      expect(formatDouble(value)).to.equal(text);
      expect(parseDouble(text)).to.deep.equal(value);
    });

  for (const [text, value] of [
    ["8.0", 8],
    ["8e0", 8],
    ["8.", 8],
    [".5", 0.5],
    ["+8", 8],
    ["  8\t", 8],
    ["8\r", 8],
    ["0x10", 16],
    ["-0X1.8p1", -3],
    ["0x.8", 0.5],
    ["0x1p-1074", 5e-324],
    ["0x1p-1075", 0],
    ["0x1.8p-1075", 5e-324],
    // A tie, to even: 54 bits of ones.
    ["0x1fffffffffffff8", 2 ** 57],
    ["0x1p1024", Infinity],
    ["0x1p99999999999", Infinity],
    ["INF", Infinity],
    ["-Infinity", -Infinity],
    ["NaN", Number.NaN],
    ["-nan", Number.NaN],
  ] as const)
    it(`reads ${JSON.stringify(text)}`, () => {
      expect(parseDouble(text)).to.deep.equal(value);
    });

  for (const text of ["", " ", "abc", "1 2", "1e", "0x", "0x.", "--1", "1.2.3", "1,5", "0x1g", "nil", "１"])
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(parseDouble(text)).to.equal(undefined);
    });

  describe("of a megabyte that is none", () => {
    /** What read() makes of a text, unless it takes forever, as a pattern does that starts anew at each character. */
    function soon<T>(read: (text: string) => T, text: string): T {
      return runInNewContext("read(text)", { read, text }, { timeout: 20_000 }) as T;
    }
    const many = 1_000_000;

    for (const [what, text] of [
      ["blanks", `1${" ".repeat(many)}1`],
      ["digits", `${"1".repeat(many)}x`],
      ["digits behind a point", `1.${"1".repeat(many)}x`],
      ["an exponent", `1e${"1".repeat(many)}x`],
      ["hexadecimal digits", `0x${"f".repeat(many)}x`],
      ["points", ".".repeat(many)],
    ] as const)
      it(`refuses ${what} in its stride`, () => {
        expect(soon(parseDouble, text)).to.equal(undefined);
      });

    it("reads an error's text with blanks in it", () => {
      const text = `a${" ".repeat(many)}b`;
      expect(soon(errorText, `___ERRORPC: ${text}  \t`)).to.equal(text);
    });
  });

  it("loses no double", () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(parseDouble(formatDouble(value))).to.deep.equal(value);
      }),
    );
  });

  it("reads hexadecimal as exactly as decimal", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: -60, max: 60 }), (mantissa, exponent) => {
        const sign = mantissa < 0 ? "-" : "";
        const text = `${sign}0x${Math.abs(mantissa).toString(16)}p${exponent}`;
        expect(parseDouble(text)).to.equal(mantissa * 2 ** exponent);
      }),
    );
  });
});
