// SPDX-License-Identifier: MIT

import { expect } from "chai";
import fc from "fast-check";
import { float, type LuaValue, nil, string } from "../../client/lua_value.ts";
import { decodeValues, encodeValues } from "../../client/messagepack.ts";
import { decodeResults, encodeArguments } from "../../daemon/wire_values.ts";
import { type Method, makeMethod } from "../../luarpc/interface.ts";
import type { Value } from "../../luarpc/value.ts";

function methodOf(count: number, type: "double" | "string", direction: "in" | "out"): Method {
  return makeMethod(
    "m",
    "void",
    Array.from({ length: count }, (_, index) => ({ name: `p${index}`, direction, type })),
  );
}

const value = fc.option(fc.oneof(fc.double(), fc.string({ unit: "binary", maxLength: 60 })), {
  nil: undefined,
});

describe("the values of remote calls", () => {
  it("are encoded as the client's own codec does it, however many and whatever they are", () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 20 }), (values: readonly (Value | undefined)[]) => {
        const expected: LuaValue[] = values.map((one) =>
          one === undefined ? nil : typeof one === "number" ? float(one) : string(one),
        );
        const bytes = encodeArguments(methodOf(values.length, "double", "in"), values);
        expect(Buffer.from(bytes).toString("hex")).to.equal(
          Buffer.from(encodeValues(expected)).toString("hex"),
        );
      }),
    );
  });

  it("are decoded the same straight away and at length, wherever they lie", () => {
    const lua = fc.oneof(
      fc.double({ noNaN: true }).map(float),
      fc
        .bigInt(-(2n ** 63n), 2n ** 63n - 1n)
        .map((integer): LuaValue => ({ kind: "integer", value: integer })),
      fc
        .integer({ min: -40, max: 300 })
        .map((small): LuaValue => ({ kind: "integer", value: BigInt(small) })),
      fc.uint8Array({ maxLength: 60 }).map((bytes): LuaValue => ({ kind: "string", value: bytes })),
      fc.string({ maxLength: 40 }).map(string),
      fc.constant(nil),
      fc.boolean().map((truth): LuaValue => ({ kind: "boolean", value: truth })),
    );
    fc.assert(
      fc.property(fc.array(lua, { maxLength: 20 }), fc.nat(9), (values, start) => {
        const encoded = encodeValues(values);
        const bytes = Buffer.concat([Buffer.alloc(start, 0xcb), encoded, Buffer.alloc(9, 0xcb)]);
        const results = decodeResults(bytes, start, start + encoded.length, methodOf(20, "string", "out"));
        const plain = (one: unknown): unknown =>
          one instanceof Uint8Array
            ? Buffer.from(one).toString("latin1")
            : typeof one === "bigint"
              ? one.toString()
              : typeof one === "number" && Number.isInteger(one) && !Object.is(one, -0)
                ? String(BigInt(one))
                : one;
        expect(results.map(plain)).to.deep.equal(
          decodeValues(encoded).map((one) =>
            plain(one.kind === "nil" || one.kind === "table" ? undefined : one.value),
          ),
        );
      }),
    );
  });

  it("that are no MessagePack are refused", () => {
    const declared = methodOf(2, "double", "out");
    for (const hex of ["", "92", "9101ff", "91cb00", "91a561", "91c1", "c0", "9203"]) {
      const bytes = Buffer.from(hex, "hex");
      expect(() => decodeResults(bytes, 0, bytes.length, declared), hex)
        .to.throw()
        .with.property("code", "ERR_PROTOCOL");
    }
  });
});
