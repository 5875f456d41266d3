// SPDX-License-Identifier: MIT

import fc from "fast-check";
import { INTEGER_MAX, INTEGER_MIN, type LuaValue } from "../../client/lua_value.ts";

/** Arbitrary Lua values, for properties: every kind, nested, keys without duplicates, arrays in order. */

const scalar: fc.Arbitrary<LuaValue> = fc.oneof(
  fc.boolean().map((value): LuaValue => ({ kind: "boolean", value })),
  fc.bigInt({ min: INTEGER_MIN, max: INTEGER_MAX }).map((value): LuaValue => ({ kind: "integer", value })),
  fc.bigInt({ min: -300n, max: 70000n }).map((value): LuaValue => ({ kind: "integer", value })),
  fc.double({ noNaN: true }).map((value): LuaValue => ({ kind: "float", value })),
  fc.boolean().map((negative): LuaValue => ({ kind: "float", value: Number.NaN, negative })),
  fc.uint8Array({ maxLength: 120 }).map((value): LuaValue => ({ kind: "string", value: Buffer.from(value) })),
  fc.string({ maxLength: 40 }).map((value): LuaValue => ({ kind: "string", value: Buffer.from(value) })),
);

const { value } = fc.letrec<{ value: LuaValue; table: LuaValue }>((tie) => ({
  value: fc.oneof({ depthSize: "small", withCrossShrink: true }, scalar, tie("table")),
  table: fc.oneof(
    fc.array(tie("value"), { maxLength: 8 }).map(
      (items): LuaValue => ({
        kind: "table",
        entries: items.map((item, index) => [{ kind: "integer", value: BigInt(index + 1) }, item] as const),
      }),
    ),
    fc
      .uniqueArray(fc.tuple(fc.string({ maxLength: 5 }), tie("value")), {
        maxLength: 8,
        selector: ([key]) => key,
      })
      .map(
        (pairs): LuaValue => ({
          kind: "table",
          entries: pairs.map(([key, item]) => [{ kind: "string", value: Buffer.from(key) }, item] as const),
        }),
      ),
    tie("value").map(
      (item): LuaValue => ({ kind: "table", entries: [[{ kind: "float", value: 1.5 }, item]] }),
    ),
  ),
}));

/** Any Lua value but nil. */
export const luaValue = value;

/** Lists as arguments and results are: nil may be among them. */
export const luaValues: fc.Arbitrary<readonly LuaValue[]> = fc.array(
  fc.oneof(value, fc.constant<LuaValue>({ kind: "nil" })),
  { maxLength: 12 },
);
