// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { toJs } from "../../client/lua_value.ts";
import type { Lunatik } from "../../client/lunatik.ts";
import type { ProxyOptions } from "../../luarpc/proxy.ts";
import { fresh, open } from "../behaviour/backend.ts";
import { chaos, type Weather } from "../luarpc/chaos.ts";
import { account, book, drizzle, LEDGER, storm, UNLUCKY } from "../luarpc/ledger.ts";
import { Kluad, proxyTo } from "./support.ts";

/* Bad weather between a client and a state's servant: the account is kept by the state itself. */

const LEDGER_LUA = `
  counts = {}
  function book(id, text)
    counts[id] = (counts[id] or 0) + 1
    if id % ${UNLUCKY} == 0 then error(("no %d"):format(id), 0) end
    return text, id
  end
  function account()
    local lines = {}
    for id, count in pairs(counts) do lines[#lines + 1] = ("%d %d"):format(id, count) end
    return table.concat(lines, "\\n")
  end`;

/** How often the state executed each call. */
async function executed(lunatik: Lunatik, state: string): Promise<ReadonlyMap<number, number>> {
  const { results } = await lunatik.call(state, "account");
  const text = results[0] === undefined ? "" : toJs(results[0]);
  if (typeof text !== "string") throw new Error("the account is no text");
  return new Map(
    text.split("\n").map((line): [number, number] => {
      const [id, count] = line.split(" ");
      return [Number(id), Number(count)];
    }),
  );
}

async function outcomes(weather: Weather, options: ProxyOptions, calls: number, seed: number) {
  const lunatik = await open();
  const state = fresh();
  await lunatik.create(state);
  await lunatik.execute(state, LEDGER_LUA);
  const kluad = await Kluad.shared();
  const { port } = await kluad.serve(state, LEDGER);
  const proxy = proxyTo(await chaos(port, weather, seed), LEDGER, options);
  const results = await book(proxy, calls);
  // What a connection that was lost had sent may still be under way; this waits for its end.
  await (await kluad.client()).unserve({ host: undefined, port });
  return { results, counts: await executed(lunatik, state) };
}

describe("in bad weather, the state accounts for every call exactly once", () => {
  for (const [what, options] of [
    ["one connection", {}],
    ["a pool of three that pipelines", { connections: 3, pipeline: 8 }],
  ] as const)
    it(`with ${what}`, async () => {
      const { results, counts } = await outcomes(storm, options, 200, 42);
      account(results, counts, (id) => `ERR_RUNTIME: no ${id}`);
    });

  it("and nothing is lost where nothing is dropped", async () => {
    const { results, counts } = await outcomes(drizzle, { connections: 2, pipeline: 16 }, 150, 2);
    for (const { id, error } of results) {
      expect(error?.message).to.equal(id % UNLUCKY === 0 ? `ERR_RUNTIME: no ${id}` : undefined);
      expect(counts.get(id)).to.equal(1);
    }
  });
});
