// SPDX-License-Identifier: MIT

import { expect } from "chai";
import type { ProxyOptions } from "../../luarpc/proxy.ts";
import { chaos, generator, type Weather } from "./chaos.ts";
import { account, book, drizzle, ledgerInterface, storm, UNLUCKY } from "./ledger.ts";
import { proxyOf, RawClient, serve, sleep } from "./support.ts";

/** A servant that counts how often each call was executed. */
function ledger(): { readonly counts: Map<number, number>; readonly object: object } {
  const counts = new Map<number, number>();
  const random = generator(7);
  const object = {
    book: async (id: number, text: string) => {
      counts.set(id, (counts.get(id) ?? 0) + 1);
      if (random() < 0.3) await sleep(random() * 3);
      if (id % UNLUCKY === 0) throw new Error(`no ${id}`);
      return [text, id];
    },
  };
  return { counts, object };
}

async function outcomes(weather: Weather, options: ProxyOptions, calls: number, seed: number) {
  const { counts, object } = ledger();
  const servant = await serve(object, {}, ledgerInterface);
  const port = await chaos(servant.port, weather, seed);
  const proxy = proxyOf(port, { timeout: 2000, ...options }, ledgerInterface);
  return { results: await book(proxy, calls), counts };
}

describe("in bad weather, every call is accounted for exactly once", () => {
  for (const [what, options] of [
    ["one connection", {}],
    ["a pool of four", { connections: 4 }],
    ["a pool of three that pipelines", { connections: 3, pipeline: 8 }],
  ] as const)
    it(`with ${what}`, async () => {
      const { results, counts } = await outcomes(storm, options, 300, 42);
      account(results, counts, (id) => `no ${id}`);
    });

  it("and all succeed when they may be repeated", async () => {
    const { results, counts } = await outcomes(
      storm,
      { connections: 4, attempts: 20, retryDelay: 1, idempotent: true, timeout: 20_000 },
      200,
      1,
    );
    for (const { id, error } of results) {
      expect(error?.code).to.equal(id % UNLUCKY === 0 ? "ERR_REMOTE" : undefined);
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
      expect(error?.code).to.equal(id % UNLUCKY === 0 ? "ERR_REMOTE" : undefined);
      expect(counts.get(id)).to.equal(1);
    }
  });

  it("and a servant that drains in the middle of it answers what it accepted, once", async () => {
    const { counts, object } = ledger();
    const servant = await serve(object, {}, ledgerInterface);
    const clients = await Promise.all(Array.from({ length: 6 }, () => RawClient.connect(servant.port)));
    for (const [index, client] of clients.entries())
      for (let call = 0; call < 20; call += 1)
        client.write(`book\n${1 + UNLUCKY * (index * 1000 + call)}\nx\n`);
    await sleep(10);
    await servant.drain();
    for (const client of clients) await client.ends();
    const replies = clients.map(({ received }) => received.split("\n").length - 1);
    expect(replies.reduce((sum, lines) => sum + lines, 0)).to.equal(2 * counts.size);
    expect(counts.size).to.equal(120);
    for (const executed of counts.values()) expect(executed).to.equal(1);
  });
});
