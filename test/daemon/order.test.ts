// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { toJs } from "../../client/lua_value.ts";
import { fresh, open, PATIENT, until } from "../behaviour/backend.ts";
import { failureOf, Kluad, proxyTo } from "./support.ts";

const WORK = "interface work { double note (in double id); double spin (); double fine (); }";
const WORK_LUA = `
  noted, inside = {}, false
  function note(id)
    assert(not inside, "two calls at once")
    inside = true
    for i = 1, 5000 do end
    noted[#noted + 1] = id
    inside = false
    return id
  end
  function spin() while true do end end
  function fine() return 1 end`;

describe("calls of two states", () => {
  it("do not wait for each other", async () => {
    const lunatik = await open();
    const [one, two] = [fresh(), fresh()];
    const kluad = await Kluad.shared();
    const ports: number[] = [];
    for (const name of [one, two]) {
      await lunatik.create(name, PATIENT);
      await lunatik.execute(name, WORK_LUA);
      ports.push((await kluad.serve(name, WORK)).port);
    }
    const [port1 = 0, port2 = 0] = ports;
    const spinning = failureOf(proxyTo(port1, WORK)["spin"]?.());
    await until("the first runs", async () => (await lunatik.get(one)).busy);
    expect(await proxyTo(port2, WORK)["fine"]?.()).to.deep.equal([1]);
    const both = failureOf(proxyTo(port2, WORK)["spin"]?.());
    await until("both run", async () => (await lunatik.get(two)).busy);
    expect((await lunatik.get(one)).busy).to.equal(true);
    for (const name of [one, two]) await lunatik.cancel({ state: name });
    expect(await Promise.all([spinning, both])).to.satisfy((texts: readonly string[]) =>
      texts.every((text) => text.startsWith("ERR_CANCELLED: ")),
    );
  });
});

describe("calls of one state", () => {
  it("are made one at a time, through all its servants, and in order on each connection", async () => {
    const lunatik = await open();
    const state = fresh();
    await lunatik.create(state);
    await lunatik.execute(state, WORK_LUA);
    const kluad = await Kluad.shared();
    const ports = [(await kluad.serve(state, WORK)).port, (await kluad.serve(state, WORK)).port];
    const clients = 4;
    const each = 25;
    await Promise.all(
      Array.from({ length: clients }, async (_, client) => {
        const proxy = proxyTo(ports[client % 2] ?? 0, WORK, { pipeline: 16 });
        const ids = Array.from({ length: each }, (_unused, index) => client * each + index);
        const replies = await Promise.all(ids.map(async (id) => proxy["note"]?.(id)));
        expect(replies.flat()).to.deep.equal(ids);
      }),
    );
    const { results } = await lunatik.execute(state, "return table.unpack(noted)");
    const noted = results.map((value) => Number(toJs(value)));
    expect(noted).to.have.length(clients * each);
    for (let client = 0; client < clients; client += 1) {
      const own = noted.filter((id) => Math.floor(id / each) === client);
      expect(own)
        .to.deep.equal(own.toSorted((a, b) => a - b))
        .and.to.have.length(each);
    }
  });
});

describe("SIGTERM", () => {
  it("loses no call that was accepted, and answers none twice", async () => {
    const lunatik = await open();
    const kluad = await Kluad.start();
    const states = [fresh(), fresh()];
    const answered: number[] = [];
    const callers: Promise<void>[] = [];
    let afterSignal = 0;
    let isSignalled = false;
    let next = 0;
    for (const state of states) {
      await lunatik.create(state);
      await lunatik.execute(state, WORK_LUA);
      const { port } = await kluad.serve(state, WORK);
      for (let caller = 0; caller < 8; caller += 1) {
        const proxy = proxyTo(port, WORK, { pipeline: 4 });
        const work = async (): Promise<void> => {
          for (;;) {
            next += 1;
            const id = next;
            const [reply] = (await proxy["note"]?.(id)) ?? [];
            expect(reply).to.equal(id);
            answered.push(id);
            if (isSignalled) afterSignal += 1;
          }
        };
        // Each goes on until its connection ends.
        for (let lane = 0; lane < 4; lane += 1) callers.push(work().catch(() => undefined));
      }
    }
    await until("calls are on their way", () => answered.length > 200);
    isSignalled = true;
    const { exit, stderr } = await kluad.stop();
    expect(exit).to.equal(0);
    expect(stderr).to.include('"stopped"');
    await Promise.all(callers);

    const noted: unknown[] = [];
    for (const state of states) {
      const { results } = await lunatik.execute(state, "return table.unpack(noted)");
      noted.push(...results.map((value) => toJs(value)));
    }
    expect(noted.toSorted((a, b) => Number(a) - Number(b))).to.deep.equal(answered.toSorted((a, b) => a - b));
    expect(afterSignal).to.be.greaterThan(0);
  });
});
