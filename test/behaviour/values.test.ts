// SPDX-License-Identifier: MIT

import { expect } from "chai";
import fc from "fast-check";
import {
  float,
  INTEGER_MAX,
  INTEGER_MIN,
  integer,
  type LuaValue,
  nil,
  string,
  table,
  toJs,
} from "../../client/lua_value.ts";
import type { Lunatik } from "../../client/lunatik.ts";
import { rejection } from "../rejection.ts";
import { luaValues } from "../unit/lua_values.ts";
import { fresh, open } from "./backend.ts";

/** A value with its tables' entries in an order that does not depend on Lua's. */
function canonical(value: LuaValue): unknown {
  switch (value.kind) {
    case "string":
      return `s${Buffer.from(value.value).toString("latin1")}`;
    case "integer":
      return `i${value.value}`;
    case "float":
      return Object.is(value.value, -0) ? "f-0" : `f${value.value}`;
    case "table":
      return value.entries
        .map(([key, item]) => [JSON.stringify(canonical(key)), canonical(item)])
        .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
    default:
      return value.kind === "nil" ? "nil" : value.value;
  }
}

describe("values", () => {
  let lunatik: Lunatik;
  let name: string;

  beforeEach(async () => {
    lunatik = await open();
    name = fresh();
    await lunatik.create(name);
    await lunatik.execute(name, "function echo(...) return ... end");
  });

  async function echo(...values: readonly LuaValue[]): Promise<readonly LuaValue[]> {
    return (await lunatik.call(name, "echo", values)).results;
  }

  it("of every type go both ways", async () => {
    const values: readonly LuaValue[] = [
      nil,
      { kind: "boolean", value: true },
      { kind: "boolean", value: false },
      integer(0),
      integer(-1),
      integer(127),
      integer(128),
      integer(-129),
      integer(65_536),
      integer(2n ** 53n + 1n),
      integer(INTEGER_MAX),
      integer(INTEGER_MIN),
      float(0),
      float(-0),
      float(3),
      float(0.1),
      float(5e-324),
      float(1.7976931348623157e308),
      float(Number.POSITIVE_INFINITY),
      float(Number.NEGATIVE_INFINITY),
      string(""),
      string("grüße, 世界"),
      string(Uint8Array.from({ length: 256 }, (_, byte) => byte)),
      string("x".repeat(70_000)),
      table([]),
      nil,
    ];
    expect((await echo(...values)).map(canonical)).to.deep.equal(values.map(canonical));
  });

  it("keep integers and floats apart", async () => {
    const code = "return math.type((...)), math.type((select(2, ...)))";
    const kinds = await lunatik.execute(name, code, { arguments: [integer(3), float(3)] });
    expect(kinds.results.map(toJs)).to.deep.equal(["integer", "float"]);
    expect((await lunatik.execute(name, "return 3, 3.0, 10 / 2, 7 // 2, 2^2")).results).to.deep.equal([
      integer(3),
      float(3),
      float(5),
      integer(3),
      float(4),
    ]);
  });

  it("in the text of a chunk keep bytes that are no UTF-8", async () => {
    const { results } = await lunatik.execute(name, "return '\udce9é'");
    expect(results.map((value) => canonical(value))).to.deep.equal(["s\xe9\xc3\xa9"]);
  });

  it("keep the sign of NaN", async () => {
    const [value] = await echo({ kind: "float", value: Number.NaN, negative: true });
    expect(value).to.deep.equal({ kind: "float", value: Number.NaN, negative: true });
    expect((await lunatik.execute(name, "return 0/0, -(0/0)")).results).to.satisfy(
      (values: readonly LuaValue[]) =>
        values.every((each) => each.kind === "float" && Number.isNaN(each.value)),
    );
  });

  it("may be tables with keys of every type", async () => {
    const keys: readonly LuaValue[] = [
      integer(-5),
      integer(0),
      integer(1),
      integer(3),
      float(1.5),
      string("key"),
      string(Uint8Array.of(0xff, 0)),
      { kind: "boolean", value: false },
    ];
    const value = table(keys.map((key, index) => [key, integer(index)]));
    expect((await echo(value)).map(canonical)).to.deep.equal([value].map(canonical));
    const [byTable] = (await lunatik.execute(name, "return {[{1, 2}] = 'x'}")).results;
    expect(byTable).to.deep.equal(
      table([
        [
          table([
            [integer(1), integer(1)],
            [integer(2), integer(2)],
          ]),
          { kind: "string", value: Buffer.from("x") },
        ],
      ]),
    );
  });

  it("may be nested, and lists with holes are no lists", async () => {
    const code = "return {1, {2, {3, x = {y = {}}}}}, {1, nil, 3}, {[1] = 'a', [2] = 'b'}";
    const [nested, holes, list] = (await lunatik.execute(name, code)).results;
    expect(canonical(nested ?? nil)).to.deep.equal(
      canonical(
        table([
          [integer(1), integer(1)],
          [
            integer(2),
            table([
              [integer(1), integer(2)],
              [
                integer(2),
                table([
                  [integer(1), integer(3)],
                  [string("x"), table([[string("y"), table([])]])],
                ]),
              ],
            ]),
          ],
        ]),
      ),
    );
    expect(holes?.kind === "table" && holes.entries.length).to.equal(2);
    expect(list?.kind === "table" && list.entries.map(([key]) => key)).to.deep.equal([
      integer(1),
      integer(2),
    ]);
  });

  it("may be nested 32 deep as arguments, and no deeper", async () => {
    const nest = (depth: number): LuaValue => {
      let value: LuaValue = integer(1);
      for (let level = 0; level < depth; level++) value = table([[integer(1), value]]);
      return value;
    };
    expect((await echo(nest(32))).map(canonical)).to.deep.equal([nest(32)].map(canonical));
    expect(await rejection(echo(nest(33)))).to.include({ code: "ERR_INVALID" });
  });

  it("come back as they went, whatever they are", async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(luaValues, async (values) => {
        expect((await echo(...values)).map(canonical)).to.deep.equal(values.map(canonical));
      }),
      { numRuns: 150 },
    );
  });
});
