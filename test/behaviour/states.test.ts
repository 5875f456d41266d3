// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { toJs } from "../../client/lua_value.ts";
import type { Lunatik } from "../../client/lunatik.ts";
import { libraryNames } from "../../client/state.ts";
import { rejection } from "../rejection.ts";
import { backend, clientProcess, EmbeddedServer, fresh, open, PATIENT, spin, until } from "./backend.ts";

describe("states", () => {
  let lunatik: Lunatik;
  let name: string;

  beforeEach(async () => {
    lunatik = await open();
    name = fresh();
  });

  describe("create", () => {
    it("makes a state with the module's default limits and all libraries", async () => {
      const { defaults } = await lunatik.info();
      const before = BigInt(Date.now()) * 1_000_000n;
      const state = await lunatik.create(name);
      expect(state).to.deep.include({
        name,
        description: "",
        libraries: libraryNames,
        maxMemory: defaults.memory,
        maxSteps: defaults.steps,
        maxTime: defaults.time,
        busy: false,
        dying: false,
        run: undefined,
        waiting: 0,
        runs: 0n,
        lastError: undefined,
      });
      expect(state.memory > 0n && state.memory <= state.memoryPeak).to.equal(true);
      // The kernel's clock may tick more coarsely than ours.
      expect(state.created > before - 1_000_000_000n && state.created < before + 60_000_000_000n).to.equal(
        true,
      );
      expect(state.creator.pid).to.equal(clientProcess());
      expect(state.creator.uid).to.equal(process.getuid?.());
      expect(state.creator.command).to.have.length.within(1, 15);
    });

    it("takes description, limits and libraries", async () => {
      const state = await lunatik.create(name, {
        description: "für Tests",
        maxMemory: 1024 * 1024,
        maxSteps: 12_345,
        maxTime: 678_000_000n,
        libraries: ["math", "string"],
      });
      expect(state).to.deep.include({
        description: "für Tests",
        maxMemory: 1_048_576n,
        maxSteps: 12_345n,
        maxTime: 678_000_000n,
        libraries: ["string", "math"],
      });
    });

    it("takes a description of 255 bytes, and none that is longer", async () => {
      const description = "d".repeat(255);
      expect(await lunatik.create(name, { description })).to.include({ description });
      expect(await rejection(lunatik.create(fresh(), { description: `${description}d` }))).to.include({
        code: "ERR_INVALID",
        attribute: "description",
      });
    });

    it("takes a name of 63 bytes, of any bytes but control characters", async () => {
      for (const odd of [
        "x".repeat(63),
        "grüße 世界",
        " ",
        "a/b:c'd\"e\\f%s",
        "not utf-8: \udcff\udc80\udcc3",
      ]) {
        const state = await lunatik.create(odd);
        expect(state.name).to.equal(odd);
        expect((await lunatik.get(odd)).id).to.equal(state.id);
        expect(toJs((await lunatik.execute(odd, "return 1")).results[0] ?? { kind: "nil" })).to.equal(1);
        expect((await lunatik.list()).states.map((each) => each.name)).to.include(odd);
        await lunatik.delete(odd);
      }
    });

    it("refuses a name that is empty, or has a NUL or a control character", async () => {
      for (const bad of ["", "a\0", "a\0b", "\0", "a\nb", "tab\t", "\u001b[2J", "del\u007f"]) {
        const error = await rejection(lunatik.create(bad));
        expect(error, JSON.stringify(bad)).to.include({
          code: "ERR_INVALID",
          errnoName: "EINVAL",
          attribute: "name",
        });
      }
    });

    it("refuses a name of 64 bytes", async () => {
      for (const long of ["x".repeat(64), "ü".repeat(32), "x".repeat(5000)]) {
        const error = await rejection(lunatik.create(long));
        expect(error).to.include({ code: "ERR_NAME_TOO_LONG", errnoName: "ENAMETOOLONG", attribute: "name" });
      }
    });

    it("refuses a name that is taken", async () => {
      await lunatik.create(name);
      expect(await rejection(lunatik.create(name))).to.include({ code: "ERR_EXISTS", errnoName: "EEXIST" });
    });

    it("refuses a limit of 0 or above the ceiling", async () => {
      const { ceilings } = await lunatik.info();
      const bad = [
        ["max-memory", { maxMemory: 0 }],
        ["max-memory", { maxMemory: ceilings.memory + 1n }],
        ["max-steps", { maxSteps: 0 }],
        ["max-steps", { maxSteps: ceilings.steps + 1n }],
        ["max-time", { maxTime: 0 }],
        ["max-time", { maxTime: ceilings.time + 1n }],
        ["max-time", { maxTime: 2n ** 64n - 1n }],
      ] as const;
      for (const [attribute, limits] of bad) {
        expect(await rejection(lunatik.create(name, limits))).to.include({
          code: "ERR_RANGE",
          errnoName: "ERANGE",
          attribute,
        });
      }
      const most = await lunatik.create(name, { maxSteps: ceilings.steps, maxTime: ceilings.time });
      expect(most.maxSteps).to.equal(ceilings.steps);
    });

    it("refuses a memory limit that the libraries do not fit", async () => {
      const error = await rejection(lunatik.create(name, { maxMemory: 4096 }));
      expect(error).to.include({ code: "ERR_MEMORY", errnoName: "EDQUOT" });
      expect((await rejection(lunatik.get(name))).code).to.equal("ERR_NO_STATE");
    });

    it("refuses more states than allowed", async function () {
      if (backend === "kernel") this.skip(); // The limit is a parameter of the module.
      const server = await EmbeddedServer.start("max_states=3");
      const small = await open({ socket: server.socket });
      for (let count = 0; count < 3; count++) await small.create(`s${count}`);
      expect(await rejection(small.create("s3"))).to.include({
        code: "ERR_TOO_MANY_STATES",
        errnoName: "ENOSPC",
      });
      await small.delete("s1");
      await small.create("s3");
      expect(await small.info()).to.include({ states: 3, statesMax: 3 });
      small.close();
      await server.stop();
    });

    it("refuses what the memory for all states does not hold, at creation and in a run", async function () {
      if (backend === "kernel") this.skip(); // The limit is a parameter of the module.
      const server = await EmbeddedServer.start("total_memory_mb=4");
      const small = await open({ socket: server.socket });
      const maxMemory = 4 * 1024 * 1024;
      await small.create("big", { maxMemory });
      const grow = "t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end";
      expect(await rejection(small.execute("big", grow))).to.satisfy((error: { code: string }) =>
        ["ERR_TOTAL_MEMORY", "ERR_MEMORY"].includes(error.code),
      );
      const outcomes = await Promise.allSettled(
        Array.from({ length: 200 }, (_, index) => small.create(`s${index}`, { maxMemory })),
      );
      const refused: unknown = outcomes.find((outcome) => outcome.status === "rejected")?.reason;
      expect(refused).to.include({ code: "ERR_TOTAL_MEMORY", errnoName: "EDQUOT" });
      await small.delete("big");
      await small.create("after", { maxMemory });
      small.close();
      await server.stop();
    });
  });

  describe("create, when the name is taken", () => {
    it("replaces the state when asked to", async () => {
      const first = await lunatik.create(name);
      await lunatik.execute(name, "x = 1");
      const second = await lunatik.create(name, { replace: true, description: "second" });
      expect(second.id).to.not.equal(first.id);
      expect(second.description).to.equal("second");
      expect((await lunatik.execute(name, "return x")).results).to.deep.equal([{ kind: "nil" }]);
      expect((await lunatik.list()).states.filter((state) => state.name === name)).to.have.length(1);
    });

    it("creates when there is nothing to replace", async () => {
      expect((await lunatik.create(name, { replace: true })).name).to.equal(name);
    });

    it("does not replace a state in which a run is in progress", async () => {
      const { id } = await lunatik.create(name, PATIENT);
      const run = await spin(lunatik, name);
      expect(await rejection(lunatik.create(name, { replace: true }))).to.include({
        code: "ERR_BUSY",
        errnoName: "EBUSY",
      });
      await lunatik.cancel({ cookie: run.cookie });
      await rejection(run.result);
      expect((await lunatik.get(name)).id).to.equal(id);
    });

    it("leaves the state alone when asked to create it only if it is not there", async () => {
      const first = await lunatik.create(name, { description: "first" });
      await lunatik.execute(name, "x = 1");
      const same = await lunatik.create(name, { ifNotExists: true, description: "second" });
      expect(same).to.include({ id: first.id, description: "first" });
      expect(toJs((await lunatik.execute(name, "return x")).results[0] ?? { kind: "nil" })).to.equal(1);
    });
  });

  describe("delete", () => {
    it("deletes a state, once", async () => {
      await lunatik.create(name);
      await lunatik.delete(name);
      const attempts = [
        lunatik.delete(name),
        lunatik.get(name),
        lunatik.execute(name, ""),
        lunatik.call(name, "f"),
      ];
      for (const error of await Promise.all(attempts.map(rejection))) {
        expect(error).to.include({ code: "ERR_NO_STATE", errnoName: "ENOENT" });
      }
    });

    it("names what it refuses", async () => {
      expect(await rejection(lunatik.delete(name))).to.include({ attribute: "name", operation: "delete" });
      expect((await rejection(lunatik.delete(""))).code).to.equal("ERR_INVALID");
      expect((await rejection(lunatik.delete("x".repeat(64)))).code).to.equal("ERR_NAME_TOO_LONG");
      expect((await rejection(lunatik.get("\n"))).code).to.equal("ERR_INVALID");
    });

    it("refuses while a run is in progress, unless forced", async () => {
      await lunatik.create(name, PATIENT);
      const run = await spin(lunatik, name);
      expect(await rejection(lunatik.delete(name))).to.include({ code: "ERR_BUSY", errnoName: "EBUSY" });
      const waiting = lunatik.execute(name, "return 1", { maxWait: 30n * 10n ** 9n });
      waiting.catch(() => undefined);
      // It goes through another socket than the request to delete.
      await until("it waits", async () => (await lunatik.get(name)).waiting === 1);
      await lunatik.delete(name, { force: true });
      expect(await rejection(run.result)).to.include({ code: "ERR_STALE", errnoName: "ESTALE" });
      expect((await rejection(waiting)).code).to.equal("ERR_STALE");
      expect((await rejection(lunatik.get(name))).code).to.equal("ERR_NO_STATE");
      await lunatik.create(name);
    });

    it("has run the finalizers when it resolves", async () => {
      const events = await lunatik.events();
      await lunatik.create(name);
      await lunatik.execute(name, "x = setmetatable({}, { __gc = function() print('last words') end })");
      await lunatik.delete(name);
      let words = "";
      for await (const event of events) {
        if (event.type === "print" && event.state === name) words += Buffer.from(event.output).toString();
        if (event.type === "deleted" && event.state === name) break;
      }
      expect(words).to.equal("last words\n");
    });

    it("comes to an end whatever the finalizers do", async () => {
      await lunatik.create(name, { maxTime: 300_000_000n });
      await lunatik.execute(name, "x = setmetatable({}, { __gc = function() while true do end end })");
      await lunatik.delete(name);
      expect((await rejection(lunatik.get(name))).code).to.equal("ERR_NO_STATE");
    });
  });

  describe("list", () => {
    it("lists 2,000 states, all of them, each once", async function () {
      this.timeout(180_000);
      const all = Array.from({ length: 2000 }, (_, index) => `${name}-${index}`);
      await Promise.all(all.map((each) => lunatik.create(each, { libraries: [] })));
      const { states, changed } = await lunatik.list();
      expect(changed).to.equal(false);
      const listed = states.map((state) => state.name).filter((each) => each.startsWith(`${name}-`));
      expect(listed.toSorted()).to.deep.equal(all.toSorted());
      expect(new Set(states.map(({ id }) => id)).size).to.equal(states.length);
      await Promise.all(all.map((each) => lunatik.delete(each)));
    });

    it("says when states came and went meanwhile", async function () {
      this.timeout(120_000);
      const others = Array.from({ length: 300 }, (_, index) => `${name}-${index}`);
      await Promise.all(others.map((each) => lunatik.create(each, { libraries: [] })));
      const churning = await open();
      const controller = new AbortController();
      const churn = (async () => {
        while (!controller.signal.aborted) {
          await churning.create(name, { libraries: [] });
          await churning.delete(name);
        }
      })();
      let changed = 0;
      try {
        for (let round = 0; round < 200 && changed === 0; round++) {
          const list = await lunatik.list({ retries: 0 });
          const listed = new Set(list.states.map((state) => state.name));
          // Unless it says so, none may be missing.
          if (list.changed) changed += 1;
          else for (const each of others) expect(listed.has(each), each).to.equal(true);
        }
      } finally {
        controller.abort();
        await churn;
      }
      await Promise.all(others.map((each) => lunatik.delete(each)));
      expect(changed).to.be.greaterThan(0);
    });

    it("goes on in one client while another lists", async () => {
      const other = await open();
      await lunatik.create(name);
      const lists = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? lunatik : other).list());
      for (const { states } of await Promise.all(lists))
        expect(states.map((state) => state.name)).to.include(name);
    });
  });

  describe("statistics", () => {
    it("count runs, failures by kind, steps and time", async () => {
      await lunatik.create(name, { maxTime: 20n * 10n ** 9n });
      await lunatik.execute(name, "for i = 1, 1000 do end");
      await lunatik.execute(name, "for i = 1, 100000 do end");
      for (let count = 0; count < 2; count++) await rejection(lunatik.execute(name, "error('boom')"));
      await rejection(lunatik.execute(name, "while true do end", { maxSteps: 50_000 }));
      await rejection(lunatik.execute(name, "x ="));
      const state = await lunatik.get(name);
      expect(state.runs).to.equal(6n);
      expect(Object.fromEntries(state.failures)).to.deep.equal({
        ERR_RUNTIME: 2n,
        ERR_STEPS: 1n,
        ERR_SYNTAX: 1n,
      });
      expect(state.steps >= 151_000n).to.equal(true);
      expect(state.timeLongest > 0n && state.timeLongest < state.time).to.equal(true);
      expect(state.lastError).to.include({ code: "ERR_SYNTAX", errno: 8 });
      expect(state.lastError?.message).to.match(/^chunk:1: /);
      expect(state.lastError?.time !== undefined && state.lastError.time >= state.created).to.equal(true);
    });

    it("tell memory now and at its peak", async () => {
      const { memory } = await lunatik.create(name);
      const run = await lunatik.execute(name, "local s = ('x'):rep(4 << 20) .. 'y' s = nil collectgarbage()");
      expect(run.memoryPeak > memory + 4_000_000n).to.equal(true);
      const state = await lunatik.get(name);
      expect(state.memoryPeak > 4_000_000n).to.equal(true);
      expect(state.memory < memory + 1_000_000n).to.equal(true);
      await lunatik.execute(name, "keep = ('x'):rep(1 << 20)");
      expect((await lunatik.get(name)).memory > memory + 1_000_000n).to.equal(true);
    });

    it("show the run in progress and those that wait", async () => {
      await lunatik.create(name, PATIENT);
      const run = await spin(lunatik, name);
      const waiting = lunatik.execute(name, "return 1", { maxWait: 30n * 10n ** 9n });
      await until("a run waits", async () => (await lunatik.get(name)).waiting > 0);
      expect(await lunatik.get(name)).to.include({ busy: true, run: run.id, waiting: 1 });
      await lunatik.cancel({ id: run.id });
      await waiting;
      expect(await lunatik.get(name)).to.include({ busy: false, run: undefined, waiting: 0 });
    });

    it("of the module tell how much is in use", async () => {
      const before = await lunatik.info();
      await lunatik.create(name);
      const after = await lunatik.info();
      expect(after.states).to.equal(before.states + 1);
      expect(after.memory > before.memory).to.equal(true);
      expect(after.luaVersion).to.equal("Lua 5.4.8");
      expect(after.backend).to.equal(backend);
      await lunatik.delete(name);
      // What earlier runs left is freed a little later, so there may be less than before, but not more.
      await until("its memory is given back", async () => (await lunatik.info()).memory <= before.memory);
    });
  });
});
