// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { LuarpcError } from "../../luarpc/error.ts";
import { parseInterface } from "../../luarpc/interface_parser.ts";
import { callMethod, loadOf, type ProxyOptions } from "../../luarpc/proxy.ts";
import { chaos, generator, type Weather } from "./chaos.ts";
import { proxyOf, RawClient, serve, sleep } from "./support.ts";

const of = parseInterface(
  "interface ledger { string book (in double id, in string text, out double again); }",
);

/** A servant that counts how often each call was executed. */
function ledger(): { readonly counts: Map<number, number>; readonly object: object } {
  const counts = new Map<number, number>();
  const random = generator(7);
  const object = {
    book: async (id: number, text: string) => {
      counts.set(id, (counts.get(id) ?? 0) + 1);
      if (random() < 0.3) await sleep(random() * 3);
      if (id % 13 === 0) throw new Error(`no ${id}`);
      return [text, id];
    },
  };
  return { counts, object };
}

const storm: Weather = { delay: [0.2, 8], split: 0.5, drop: 0.03, reset: 0.03 };
const drizzle: Weather = { delay: [0.5, 4], split: 0.9, drop: 0, reset: 0 };

async function outcomes(weather: Weather, options: ProxyOptions, calls: number, seed: number) {
  const { counts, object } = ledger();
  const servant = await serve(object, {}, of);
  const proxy = proxyOf(await chaos(servant.port, weather, seed), { timeout: 2000, ...options }, of);
  let settled = 0;
  const results = await Promise.all(
    Array.from({ length: calls }, async (_, id) => {
      const text = `text\n${id} ${"x".repeat((id * 37) % 3000)}`;
      try {
        const values = await callMethod(proxy, "book", [id, text]);
        settled += 1;
        expect(values).to.deep.equal([text, id]);
        return { id, error: undefined };
      } catch (error) {
        settled += 1;
        if (!(error instanceof LuarpcError)) throw error;
        return { id, error };
      }
    }),
  );
  expect(settled).to.equal(calls);
  expect(loadOf(proxy)).to.include({ waiting: 0, inFlight: 0 });
  return { results, counts };
}

describe("in bad weather, every call is accounted for exactly once", () => {
  for (const [what, options] of [
    ["one connection", {}],
    ["a pool of four", { connections: 4 }],
    ["a pool of three that pipelines", { connections: 3, pipeline: 8 }],
  ] as const)
    it(`with ${what}`, async () => {
      const { results, counts } = await outcomes(storm, options, 300, 42);
      const kinds = new Map<string, number>();
      for (const { id, error } of results) {
        const executed = counts.get(id) ?? 0;
        kinds.set(error?.code ?? "ok", (kinds.get(error?.code ?? "ok") ?? 0) + 1);
        if (error === undefined) {
          expect(executed).to.equal(1);
          expect(id % 13).to.not.equal(0);
        } else if (error.code === "ERR_REMOTE") {
          expect(executed).to.equal(1);
          expect(error.message).to.equal(`no ${id}`);
        } else {
          expect(error.code).to.be.oneOf(["ERR_CONNECT", "ERR_TIMEOUT"]);
          expect(executed).to.be.at.most(error.sent ? 1 : 0);
        }
      }
      // The weather was bad, and yet most came through.
      expect(kinds.get("ERR_CONNECT") ?? 0).to.be.greaterThan(0);
      expect(kinds.get("ok") ?? 0).to.be.greaterThan(100);
    });

  it("and all succeed when they may be repeated", async () => {
    const { results, counts } = await outcomes(
      storm,
      { connections: 4, attempts: 20, retryDelay: 1, idempotent: true, timeout: 20_000 },
      200,
      1,
    );
    for (const { id, error } of results) {
      expect(error?.code).to.equal(id % 13 === 0 ? "ERR_REMOTE" : undefined);
      expect(counts.get(id)).to.be.greaterThan(0);
    }
  });

  it("and nothing is lost where nothing is dropped", async () => {
    const { results, counts } = await outcomes(
      drizzle,
      { connections: 2, pipeline: 16, timeout: 20_000 },
      200,
      2,
    );
    for (const { id, error } of results) {
      expect(error?.code).to.equal(id % 13 === 0 ? "ERR_REMOTE" : undefined);
      expect(counts.get(id)).to.equal(1);
    }
  });

  it("and a servant that drains in the middle of it answers what it accepted, once", async () => {
    const { counts, object } = ledger();
    const servant = await serve(object, {}, of);
    const clients = await Promise.all(Array.from({ length: 6 }, () => RawClient.connect(servant.port)));
    for (const [index, client] of clients.entries())
      for (let call = 0; call < 20; call += 1) client.write(`book\n${1 + 13 * (index * 1000 + call)}\nx\n`);
    await sleep(10);
    await servant.drain();
    for (const client of clients) await client.ends();
    const replies = clients.map(({ received }) => received.split("\n").length - 1);
    expect(replies.reduce((sum, lines) => sum + lines, 0)).to.equal(2 * counts.size);
    expect(counts.size).to.equal(120);
    for (const executed of counts.values()) expect(executed).to.equal(1);
  });
});
