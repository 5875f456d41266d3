// SPDX-License-Identifier: MIT

import { expect } from "chai";
import fc from "fast-check";
import {
  bytes,
  choice,
  flag,
  list,
  long,
  map,
  object,
  optional,
  quantity,
  type Shape,
  ShapeError,
  text,
  values,
  whole,
} from "../../client/shape.ts";
import { luaValues } from "./lua_values.ts";

/** A value as the other side has it. */
function crossed<T>(shape: Shape<T>, value: T): T {
  return shape.fromJson(
    (JSON.parse(JSON.stringify({ it: shape.toJson(value) })) as { readonly it: unknown }).it,
    "it",
  );
}

function refusal(shape: Pick<Shape<unknown>, "fromJson">, json: unknown): string {
  try {
    shape.fromJson(json, "it");
  } catch (error) {
    if (error instanceof ShapeError) return error.message;
    throw error;
  }
  throw new Error(`${JSON.stringify(json)} was taken`);
}

describe("what crosses the control socket", () => {
  it("keeps all bits of a 64-bit number", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        expect(crossed(long, value)).to.equal(value);
      }),
    );
    expect(crossed(quantity, 12)).to.equal(12n);
    expect(long.fromJson(7, "it")).to.equal(7n);
  });

  it("refuses numbers that are not 64 bits, there and here", () => {
    expect(() => long.toJson(-1n)).to.throw(RangeError);
    expect(() => long.toJson(2n ** 64n)).to.throw(RangeError);
    expect(() => quantity.toJson(1.5)).to.throw(RangeError);
    for (const json of [-1, 1.5, 2 ** 53, "", "1e3", "-1", "18446744073709551616", null, {}, true])
      expect(refusal(long, json)).to.equal("it must be a whole number of 64 bits, in a string");
  });

  it("keeps every byte, as a text where it is one", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (value) => {
        expect(Buffer.from(crossed(bytes, value)).equals(value)).to.equal(true);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        expect(Buffer.from(crossed(bytes, Buffer.from(value))).toString()).to.equal(value);
      }),
    );
    expect(bytes.toJson(Buffer.from("print('é')\r\n\t"))).to.equal("print('é')\r\n\t");
    expect(bytes.toJson(Buffer.of(0xff))).to.deep.equal({ $bytes: "/w==" });
    // Six bytes each, as JSON writes them.
    expect(bytes.toJson(Buffer.alloc(3))).to.deep.equal({ $bytes: "AAAA" });
  });

  it("keeps every Lua value", () => {
    fc.assert(
      fc.property(luaValues, (list) => {
        expect(crossed(values, list)).to.deep.equal(list);
      }),
      { numRuns: 300 },
    );
  });

  it("keeps texts that no UTF-8 makes", () => {
    expect(crossed(text, "odd: \udcff\udc80")).to.equal("odd: \udcff\udc80");
  });

  it("leaves out what is absent, and takes null for it", () => {
    const shape = object<{ readonly a: string | undefined; readonly b: readonly boolean[] }>({
      a: optional(text),
      b: list(flag),
    });
    expect(JSON.stringify(shape.toJson({ a: undefined, b: [true] }))).to.equal('{"b":[true]}');
    expect(shape.fromJson({ a: null, b: [], later: 1 }, "")).to.deep.equal({ a: undefined, b: [] });
  });

  it("keeps maps, whatever their keys", () => {
    const all = new Map([
      ["ERR_RUNTIME", 2n],
      ["__proto__", 3n],
    ]);
    expect(crossed(map(long), all)).to.deep.equal(all);
  });

  it("says where something is wrong, and what it must be", () => {
    const shape = object<{ readonly runs: readonly { readonly steps: bigint }[] }>({
      runs: list(object<{ readonly steps: bigint }>({ steps: long })),
    });
    expect(refusal(shape, { runs: [{ steps: "1" }, { steps: "x" }] })).to.match(
      /^it\.runs\[1\]\.steps must be/,
    );
    expect(refusal(shape, { runs: {} })).to.equal("it.runs must be an array");
    expect(refusal(shape, [])).to.equal("it must be an object");
    expect(refusal(choice("kernel", "embedded"), "other")).to.equal("it must be one of kernel, embedded");
    expect(refusal(bytes, { $bytes: "*" })).to.include("base64");
    expect(refusal(values, "wQ==")).to.equal("it must be base64 of a MessagePack array");
    expect(refusal(whole, -1)).to.include("a whole number");
    expect(refusal(text, 1)).to.equal("it must be a string");
    expect(refusal(flag, 1)).to.equal("it must be true or false");
  });
});
