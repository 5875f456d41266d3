// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { integer, toJs } from "../../client/lua_value.ts";
import type { Lunatik } from "../../client/lunatik.ts";
import { rejection } from "../rejection.ts";
import { fresh, kernelLog, open, PATIENT, printed, runProgram, spin, until } from "./backend.ts";

const SECOND = 1_000_000_000n;

describe("a busy state", () => {
  let lunatik: Lunatik;
  let name: string;

  beforeEach(async () => {
    lunatik = await open();
    name = fresh();
    await lunatik.create(name, PATIENT);
  });

  async function idle(): Promise<void> {
    await until("the state is idle", async () => {
      const state = await lunatik.get(name);
      return !state.busy && state.waiting === 0;
    });
  }

  describe("refuses or lets wait", () => {
    it("refuses a run that does not want to wait", async () => {
      const run = await spin(lunatik, name);
      const refused = [lunatik.execute(name, "return 1"), lunatik.call(name, "print")];
      for (const error of await Promise.all(refused.map(rejection))) {
        expect(error).to.include({ code: "ERR_BUSY", errnoName: "EBUSY" });
      }
      await lunatik.cancel({ id: run.id });
      await rejection(run.result);
      expect((await lunatik.execute(name, "return 1")).results).to.deep.equal([integer(1)]);
    });

    it("lets a run wait until the state is free", async () => {
      const run = await spin(lunatik, name);
      const waiting = lunatik.execute(name, "return 'done'", { maxWait: 30n * SECOND });
      await until("it waits", async () => (await lunatik.get(name)).waiting === 1);
      await lunatik.cancel({ id: run.id });
      const done = await waiting;
      expect(done.results.map(toJs)).to.deep.equal(["done"]);
      expect(done.wait > 0n).to.equal(true);
    });

    it("ends the wait when it is over", async () => {
      const run = await spin(lunatik, name);
      const start = Date.now();
      const error = await rejection(lunatik.execute(name, "", { maxWait: SECOND / 5n }));
      expect(error).to.include({ code: "ERR_BUSY", errnoName: "EBUSY" });
      expect(Date.now() - start).to.be.within(180, 15_000);
      await lunatik.cancel({ id: run.id });
      await rejection(run.result);
    });

    it("runs those that wait in their order", async () => {
      const run = await spin(lunatik, name);
      const order: number[] = [];
      const waiting: Promise<unknown>[] = [];
      for (let number = 1; number <= 10; number++) {
        const code = `order = (order or '') .. '${number},' return order`;
        waiting.push(lunatik.execute(name, code, { maxWait: 30n * SECOND }).then(() => order.push(number)));
        await until("it waits", async () => (await lunatik.get(name)).waiting === number);
      }
      await lunatik.cancel({ id: run.id });
      await Promise.all(waiting);
      expect((await lunatik.execute(name, "return order")).results.map(toJs)).to.deep.equal([
        "1,2,3,4,5,6,7,8,9,10,",
      ]);
    });

    it("refuses those that are too many to wait", async () => {
      const { waitingMax } = await lunatik.info();
      const many = await open({ window: waitingMax + 10 });
      const run = await spin(lunatik, name);
      const waiting = Array.from({ length: waitingMax }, () =>
        many.execute(name, "", { maxWait: 30n * SECOND }),
      );
      for (const each of waiting) each.catch(() => undefined);
      await until("all wait", async () => (await lunatik.get(name)).waiting === waitingMax);
      const error = await rejection(many.execute(name, "", { maxWait: 30n * SECOND }));
      expect(error).to.include({ code: "ERR_QUEUE_FULL", errnoName: "ENOBUFS" });
      await lunatik.cancel({ id: run.id });
      await Promise.all(waiting);
    });

    it("does not hold up other states", async () => {
      const run = await spin(lunatik, name);
      const other = fresh();
      await lunatik.create(other);
      for (let count = 0; count < 20; count++) {
        expect((await lunatik.execute(other, "return 1")).results).to.deep.equal([integer(1)]);
      }
      expect((await lunatik.get(name)).run).to.equal(run.id);
      await lunatik.cancel({ id: run.id });
      await rejection(run.result);
    });
  });

  describe("is set free by cancel", () => {
    it("of the run in progress, by its id", async () => {
      const run = await spin(lunatik, name);
      expect(await lunatik.cancel({ id: run.id })).to.equal(1);
      expect(await rejection(run.result)).to.include({ code: "ERR_CANCELLED", errnoName: "ECANCELED" });
      await idle();
    });

    it("by the cookie, from another client", async () => {
      const other = await open();
      const run = await spin(lunatik, name);
      expect(await other.cancel({ cookie: run.cookie })).to.equal(1);
      expect((await rejection(run.result)).code).to.equal("ERR_CANCELLED");
    });

    it("of all runs of the state, those that wait included", async () => {
      const run = await spin(lunatik, name);
      const waiting = [1, 2, 3].map(() => rejection(lunatik.execute(name, "", { maxWait: 30n * SECOND })));
      await until("they wait", async () => (await lunatik.get(name)).waiting === 3);
      expect(await lunatik.cancel({ state: name })).to.equal(4);
      for (const error of [await rejection(run.result), ...(await Promise.all(waiting))]) {
        expect(error.code).to.equal("ERR_CANCELLED");
      }
      await idle();
      expect(await lunatik.cancel({ state: name })).to.equal(0);
    });

    it("of one that waits, and of no other", async () => {
      const run = await spin(lunatik, name);
      const cookie = run.cookie + 1_000_000n;
      const waiting = rejection(lunatik.execute(name, "", { maxWait: 30n * SECOND, cookie }));
      const other = lunatik.execute(name, "return 1", { maxWait: 30n * SECOND });
      await until("they wait", async () => (await lunatik.get(name)).waiting === 2);
      expect(await lunatik.cancel({ cookie, state: name })).to.equal(1);
      expect((await waiting).code).to.equal("ERR_CANCELLED");
      expect((await lunatik.get(name)).run).to.equal(run.id);
      await lunatik.cancel({ id: run.id });
      expect((await other).results).to.deep.equal([integer(1)]);
    });

    it("of nothing that matches only in part", async () => {
      const run = await spin(lunatik, name);
      for (const target of [
        { id: run.id, cookie: run.cookie + 1n },
        { id: run.id + 1_000_000n },
        { cookie: run.cookie + 1n },
        { state: fresh(), id: run.id },
      ]) {
        expect(["ERR_NO_RUN", "ERR_NO_STATE"]).to.include((await rejection(lunatik.cancel(target))).code);
      }
      expect((await rejection(lunatik.cancel({}))).code).to.equal("ERR_INVALID");
      expect((await lunatik.get(name)).run).to.equal(run.id);
      expect(await lunatik.cancel({ state: name, id: run.id, cookie: run.cookie })).to.equal(1);
    });

    it("whatever the run does", async () => {
      for (const code of [
        "while true do pcall(function() while true do end end) end",
        "while true do coroutine.wrap(function() while true do end end)() end",
        "setmetatable({}, {__close = 1}) local x <close> = setmetatable({}, {__close = function() while true do end end}) error()",
      ]) {
        const run = lunatik.execute(name, code);
        run.catch(() => undefined);
        await until("it runs", async () => (await lunatik.get(name)).busy);
        await lunatik.cancel({ state: name });
        expect((await rejection(run)).code).to.equal("ERR_CANCELLED");
      }
    });

    it("when the caller's signal is raised, or its time is up", async () => {
      const controller = new AbortController();
      const aborted = rejection(lunatik.execute(name, "while true do end", { signal: controller.signal }));
      await until("it runs", async () => (await lunatik.get(name)).busy);
      controller.abort();
      expect((await aborted).code).to.equal("ERR_ABORTED");
      await idle();
      const late = await rejection(lunatik.execute(name, "while true do end", { timeout: 300 }));
      expect(late.code).to.equal("ERR_TIMEOUT");
      await idle();
      const { failures } = await lunatik.get(name);
      expect(failures.get("ERR_CANCELLED")).to.equal(2n);
    });

    it("with what it printed until then", async () => {
      const cookie = 424_242n;
      const run = rejection(lunatik.execute(name, "print('so far') while true do end", { cookie }));
      await until("it has printed", () => kernelLog().includes(`lunatik: [${name}] so far`));
      await lunatik.cancel({ cookie });
      expect(printed((await run).run)).to.equal("so far\n");
    });
  });

  describe("is set free by the end of the client", () => {
    it("that closes", async () => {
      const other = await open();
      const run = await spin(other, name);
      const waiting = rejection(other.execute(name, "x = 1", { maxWait: 30n * SECOND }));
      await until("it waits", async () => (await lunatik.get(name)).waiting === 1);
      other.close();
      expect((await rejection(run.result)).code).to.equal("ERR_CLOSED");
      expect((await waiting).code).to.equal("ERR_CLOSED");
      await idle();
      expect((await lunatik.execute(name, "return x")).results).to.deep.equal([{ kind: "nil" }]);
    });

    it("that is killed", async function () {
      this.timeout(60_000);
      const child = runProgram(`await lunatik.execute(${JSON.stringify(name)}, "while true do end");`);
      await until("its run is in progress", async () => (await lunatik.get(name)).busy);
      child.kill("SIGKILL");
      await idle();
    });
  });
});

describe("many requests", () => {
  it("are in flight at once, from two clients, each with its own answer", async function () {
    this.timeout(120_000);
    const [one, two] = [await open(), await open()];
    const names = Array.from({ length: 8 }, fresh);
    await Promise.all(names.map((name) => one.create(name)));
    const runs = [one, two].flatMap((client, side) =>
      Array.from({ length: 400 }, async (_, index) => {
        const state = names[index % names.length] ?? "";
        const value = side * 1000 + index;
        const run = await client.execute(state, "return ...", {
          arguments: [integer(value)],
          maxWait: 60n * SECOND,
        });
        expect(run.results).to.deep.equal([integer(value)]);
      }),
    );
    await Promise.all(runs);
    const states = await Promise.all(names.map((name) => two.get(name)));
    expect(states.reduce((total, state) => total + state.runs, 0n)).to.equal(800n);
  });

  it("of two clients on one state take turns", async function () {
    this.timeout(60_000);
    const [one, two] = [await open(), await open()];
    const name = fresh();
    await one.create(name);
    await one.execute(
      name,
      "n = 0 function add() local before = n for i = 1, 1000 do end n = before + 1 return n end",
    );
    const calls = [one, two].flatMap((client) =>
      Array.from({ length: 60 }, () => client.call(name, "add", [], { maxWait: 60n * SECOND })),
    );
    // Two clients may have more waiting than a state lets wait; those that were refused did not count.
    const outcomes = await Promise.allSettled(calls);
    const done = outcomes.filter(({ status }) => status === "fulfilled").length;
    for (const outcome of outcomes)
      if (outcome.status === "rejected") expect(outcome.reason).to.have.property("code", "ERR_QUEUE_FULL");
    expect(done).to.be.greaterThan(60);
    expect((await one.execute(name, "return n")).results).to.deep.equal([integer(done)]);
  });

  it("may create and delete the same name without a trace", async () => {
    const clients = [await open(), await open()];
    const name = fresh();
    const outcomes = await Promise.allSettled(
      clients.flatMap((client) =>
        Array.from({ length: 50 }, async () => {
          await client.create(name, { libraries: [] }).catch(() => undefined);
          await client.execute(name, "x = 1").catch(() => undefined);
          await client.delete(name).catch(() => undefined);
        }),
      ),
    );
    expect(outcomes.every(({ status }) => status === "fulfilled")).to.equal(true);
    await clients[0]?.delete(name, { force: true }).catch(() => undefined);
    expect((await rejection((clients[1] ?? (await open())).get(name))).code).to.equal("ERR_NO_STATE");
  });
});
