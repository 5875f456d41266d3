// SPDX-License-Identifier: MIT

import { expect } from "chai";
import fc from "fast-check";
import { LunatikError } from "../../client/error.ts";
import { float, fromJs, integer, type LuaValue, nil, string, table, toJs } from "../../client/lua_value.ts";
import { decodeValues, encodeValues } from "../../client/messagepack.ts";
import { luaValues } from "./lua_values.ts";

function hex(...values: readonly LuaValue[]): string {
  return Buffer.from(encodeValues(values)).toString("hex");
}

function refuses(bytes: string): void {
  expect(() => decodeValues(Buffer.from(bytes, "hex")))
    .to.throw(LunatikError)
    .with.property("code", "ERR_PROTOCOL");
}

describe("MessagePack", () => {
  it("gives back every value exactly", () => {
    fc.assert(
      fc.property(luaValues, (values) => {
        expect(decodeValues(encodeValues(values))).to.deep.equal(values);
      }),
      { numRuns: 300 },
    );
  });

  it("keeps 3 and 3.0, 0.0 and -0.0 apart", () => {
    expect(hex(integer(3), float(3))).to.equal("9203cb4008000000000000");
    expect(hex(float(0), float(-0))).to.equal("92cb0000000000000000cb8000000000000000");
    expect(decodeValues(encodeValues([float(-0)]))[0]).to.satisfy(
      (value: LuaValue) => value.kind === "float" && Object.is(value.value, -0),
    );
  });

  it("writes every integer in its shortest form", () => {
    const forms: readonly (readonly [bigint, string])[] = [
      [0n, "00"],
      [127n, "7f"],
      [128n, "d10080"],
      [-32n, "e0"],
      [-33n, "d0df"],
      [-128n, "d080"],
      [-129n, "d1ff7f"],
      [32767n, "d17fff"],
      [32768n, "d200008000"],
      [2147483648n, "d30000000080000000"],
      [2n ** 63n - 1n, "d37fffffffffffffff"],
      [-(2n ** 63n), "d38000000000000000"],
    ];
    for (const [value, form] of forms) expect(hex(integer(value))).to.equal(`91${form}`);
  });

  it("reads the unsigned forms and single floats that others write", () => {
    const values = decodeValues(Buffer.from("96cc80cdffffceffffffffcf7fffffffffffffffca3fc00000c0", "hex"));
    expect(values).to.deep.equal([
      integer(128),
      integer(65535),
      integer(4294967295),
      integer(2n ** 63n - 1n),
      float(1.5),
      nil,
    ]);
  });

  it("writes text as str and other bytes as bin", () => {
    expect(hex(string("é"), string(Uint8Array.of(0xff)))).to.equal("92a2c3a9c401ff");
  });

  it("writes keys 1 to n as an array in order, whatever the order of the entries", () => {
    expect(
      hex(
        table([
          [integer(2), integer(20)],
          [integer(1), integer(10)],
        ]),
      ),
    ).to.equal("91920a14");
  });

  it("writes an empty table as an empty array, and reads an empty map as one too", () => {
    expect(hex(table([]))).to.equal("9190");
    expect(decodeValues(Buffer.from("9180", "hex"))).to.deep.equal([table([])]);
  });

  it("drops nil inside a table, and keeps it among the arguments", () => {
    expect(decodeValues(Buffer.from("92c093c001c0", "hex"))).to.deep.equal([
      nil,
      table([[integer(2), integer(1)]]),
    ]);
  });

  it("refuses what is cut short, too long, or no value", () => {
    for (const bytes of [
      "",
      "91",
      "92c0",
      "91a5616263",
      "91cb0000",
      "c0",
      "80",
      "9000",
      "91c1",
      "91c7",
      "91dd",
      "dd",
    ]) {
      refuses(bytes);
    }
  });

  it("refuses an integer over 2^63 - 1, a nil key and a NaN key", () => {
    refuses("91cf8000000000000000");
    refuses("9181c001");
    refuses("9181cb7ff800000000000001");
  });

  it("refuses a length that the rest cannot hold without making room for it", () => {
    refuses("ddffffffff");
    refuses("91dfffffffff");
    refuses("91dbffffffff");
  });

  it("refuses what is nested beyond reason instead of overflowing the stack", () => {
    refuses(`91${"91".repeat(100_000)}c0`);
    refuses(`91${"8101".repeat(100_000)}c0`);
    let deep: LuaValue = nil;
    for (let depth = 0; depth < 100_000; depth++) deep = table([[integer(1), deep]]);
    expect(() => encodeValues([deep]))
      .to.throw(LunatikError)
      .with.property("code", "ERR_INVALID");
  });

  it("answers any bytes with values or ERR_PROTOCOL", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        try {
          decodeValues(Uint8Array.of(0x9f, ...bytes));
        } catch (error) {
          expect(error).to.be.instanceOf(LunatikError).with.property("code", "ERR_PROTOCOL");
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("JavaScript values", () => {
  it("become the nearest Lua values", () => {
    expect(fromJs(3)).to.deep.equal(integer(3));
    expect(fromJs(3.5)).to.deep.equal(float(3.5));
    expect(fromJs(2 ** 60)).to.deep.equal(float(2 ** 60));
    expect(fromJs(2n ** 60n)).to.deep.equal(integer(2n ** 60n));
    expect(fromJs(-0)).to.deep.equal(float(-0));
    expect(fromJs(null)).to.deep.equal(nil);
    expect(fromJs([1, null, "x"])).to.deep.equal(
      table([
        [integer(1), integer(1)],
        [integer(3), string("x")],
      ]),
    );
    expect(fromJs({ a: true, b: undefined })).to.deep.equal(
      table([[string("a"), { kind: "boolean", value: true }]]),
    );
    expect(fromJs(new Map([[[1], 2]]))).to.deep.equal(
      table([[table([[integer(1), integer(1)]]), integer(2)]]),
    );
  });

  it("may be mapped over a list", () => {
    expect(Array.from({ length: 300 }, (_, index) => [index]).map(fromJs)).to.have.length(300);
  });

  it("that Lua has no value for are refused", () => {
    const circle: unknown[] = [];
    circle.push(circle);
    for (const value of [
      () => 1,
      Symbol("s"),
      new Date(),
      circle,
      2n ** 63n,
      new Map([[null, 1]]),
      new Map([[Number.NaN, 1]]),
    ]) {
      expect(() => fromJs(value as never))
        .to.throw(LunatikError)
        .with.property("code", "ERR_INVALID");
    }
  });

  it("come back from Lua values", () => {
    expect(toJs(integer(2n ** 53n))).to.equal(2n ** 53n);
    expect(toJs(integer(2n ** 53n - 1n))).to.equal(2 ** 53 - 1);
    expect(toJs(string(Uint8Array.of(0xff)))).to.deep.equal(Uint8Array.of(0xff));
    expect(toJs(table([]))).to.deep.equal([]);
    expect(
      toJs(
        table([
          [integer(1), float(1)],
          [integer(2), nil],
        ]),
      ),
    ).to.deep.equal([1, null]);
    expect(toJs(table([[integer(2), float(1)]]))).to.deep.equal(new Map([[2, 1]]));
  });

  it("keep a key named __proto__", () => {
    const object = toJs(table([[string("__proto__"), integer(1)]]));
    expect(Object.getOwnPropertyNames(object)).to.deep.equal(["__proto__"]);
    expect(Object.getPrototypeOf(object)).to.equal(Object.prototype);
  });
});
