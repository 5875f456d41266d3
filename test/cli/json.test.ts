// SPDX-License-Identifier: MIT

import { expect } from "chai";
import fc from "fast-check";
import { jsonToLua, luaToJson, writeJson } from "../../client/kluactl/json.ts";
import { fromJs, type LuaValue, table } from "../../client/lua_value.ts";
import { luaValue } from "../unit/lua_values.ts";

function written(value: LuaValue): string {
  return writeJson(luaToJson(value));
}

/** A value with its tables in an order that does not depend on how they were made. */
function ordered(value: LuaValue): unknown {
  if (value.kind !== "table") {
    return value.kind === "string"
      ? `string ${Buffer.from(value.value).toString("hex")}`
      : describeScalar(value);
  }
  return new Set(
    value.entries.map(([key, item]) => JSON.stringify([ordered(key), ordered(item)], entriesOf)),
  );
}

function describeScalar(value: LuaValue): string {
  if (value.kind === "nil" || value.kind === "table" || value.kind === "string") return value.kind;
  if (value.kind === "float" && Number.isNaN(value.value))
    return value.negative === true ? "float -nan" : "float nan";
  return `${value.kind} ${Object.is(value.value, -0) ? "-0" : String(value.value)}`;
}

function entriesOf(_key: string, value: unknown): unknown {
  return value instanceof Set ? [...(value as ReadonlySet<string>)].toSorted() : value;
}

describe("Lua values as JSON", () => {
  it("come back as they were", () => {
    fc.assert(
      fc.property(luaValue, (value) => {
        expect(ordered(jsonToLua(written(value), "value"))).to.deep.equal(ordered(value));
      }),
      { numRuns: 500 },
    );
  });

  it("are JSON on one line, for any reader", () => {
    fc.assert(
      fc.property(luaValue, (value) => {
        const text = written(value);
        JSON.parse(text);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none.
        expect(text).to.not.match(/[\u0000-\u001f\u007f-\u009f]/);
      }),
    );
  });

  const cases: readonly (readonly [value: LuaValue, json: string])[] = [
    [{ kind: "nil" }, "null"],
    [fromJs(true), "true"],
    [fromJs(3), "3"],
    [{ kind: "float", value: 3 }, "3.0"],
    [{ kind: "float", value: 8.5 }, "8.5"],
    [{ kind: "float", value: 1e21 }, "1e+21"],
    [{ kind: "float", value: -0 }, "-0.0"],
    [{ kind: "float", value: Number.POSITIVE_INFINITY }, '{"$float":"inf"}'],
    [{ kind: "float", value: Number.NaN }, '{"$float":"nan"}'],
    [{ kind: "float", value: Number.NaN, negative: true }, '{"$float":"-nan"}'],
    [fromJs(2n ** 53n - 1n), "9007199254740991"],
    [fromJs(2n ** 53n), '{"$integer":"9007199254740992"}'],
    [fromJs(-(2n ** 63n)), '{"$integer":"-9223372036854775808"}'],
    [fromJs("grün"), '"grün"'],
    [fromJs("a\n\u009b"), '"a\\n\\u009b"'],
    [fromJs(Uint8Array.of(0xff, 0)), '{"$bytes":"/wA="}'],
    [fromJs([]), "[]"],
    [fromJs([1, [2]]), "[1,[2]]"],
    [fromJs({ x: 1 }), '{"x":1}'],
    [fromJs(new Map([[2, "b"]])), '{"$table":[[2,"b"]]}'],
    [fromJs({ $x: 1 }), '{"$table":[["$x",1]]}'],
    [fromJs(new Map([[1.5, true]])), '{"$table":[[1.5,true]]}'],
  ];
  for (const [value, json] of cases) {
    it(`writes ${json}`, () => {
      expect(written(value)).to.equal(json);
    });
  }

  it("keeps a key named __proto__", () => {
    const value = table([[fromJs("__proto__"), fromJs(1)]]);
    expect(written(value)).to.equal('{"__proto__":1}');
    expect(jsonToLua('{"__proto__":1}', "v")).to.deep.equal(value);
  });

  const refused: readonly string[] = [
    "",
    "[1",
    "01",
    "nan",
    '{"$integer":5}',
    '{"$integer":"9223372036854775808"}',
    "9223372036854775808",
    '{"$float":"3"}',
    '{"$bytes":"%"}',
    '{"$table":[[1]]}',
    '{"$table":[[null,1]]}',
    '{"$table":[[{"$float":"nan"},1]]}',
    '{"$other":1}',
    '{"$float":"inf","x":1}',
    "[".repeat(200) + "]".repeat(200),
  ];
  for (const text of refused) {
    it(`refuses ${text.slice(0, 40)}`, () => {
      expect(() => jsonToLua(text, "value")).to.throw(/^value: /);
    });
  }

  it("reads a string that looks like a number, and escapes, as the string", () => {
    expect(jsonToLua('["3","n3","\\"4","\\u0000"]', "v")).to.deep.equal(fromJs(["3", "n3", '"4', "\0"]));
  });
});
