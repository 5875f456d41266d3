// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { pino } from "pino";
import { LunatikError } from "../../client/error.ts";
import { EventQueue } from "../../client/event_queue.ts";
import type { Lunatik } from "../../client/lunatik.ts";
import type { ModuleInfo } from "../../client/module_info.ts";
import type { State } from "../../client/state.ts";
import { ModuleWatch } from "../../daemon/module_watch.ts";

/** A module that does what a test says: only what a watch asks for. */
class FakeModule {
  isThere = true;
  sequence = 0n;
  clock = 1000n;
  lists = 0;
  /** The list leaves these out, and says that states came and went. */
  hidden = new Set<string>();
  readonly states = new Map<string, State>();
  readonly streams = new Set<EventQueue>();
  #last = 0n;

  connect = (): Promise<Lunatik> => {
    if (!this.isThere) return Promise.reject(new LunatikError("ERR_NO_MODULE", "no module"));
    const streams: EventQueue[] = [];
    const client = {
      events: () => {
        const stream: EventQueue = new EventQueue(100, () => this.streams.delete(stream));
        this.streams.add(stream);
        streams.push(stream);
        return Promise.resolve(stream);
      },
      info: () => Promise.resolve({ eventSequence: this.sequence } as ModuleInfo),
      list: () => {
        this.lists += 1;
        const states = [...this.states.values()].filter(({ name }) => !this.hidden.has(name));
        return Promise.resolve({ states, changed: this.hidden.size > 0 });
      },
      get: (name: string) => {
        const state = this.states.get(name);
        return state === undefined
          ? Promise.reject(new LunatikError("ERR_NO_STATE", "no state"))
          : Promise.resolve(state);
      },
      close: () => {
        for (const stream of streams) stream.close();
      },
    };
    return Promise.resolve(client as unknown as Lunatik);
  };

  create(name: string, isTold = true): void {
    this.#last += 1n;
    this.clock += 10n;
    const state = { name, id: this.#last, created: this.clock } as State;
    this.states.set(name, state);
    this.#tell("created", state, isTold);
  }

  delete(name: string, isTold = true): void {
    const state = this.states.get(name);
    if (state === undefined) throw new Error(`no ${name}`);
    this.states.delete(name);
    this.#tell("deleted", state, isTold);
  }

  lose(count: bigint): void {
    for (const stream of this.streams) stream.push({ type: "lost", count });
  }

  /** What rmmod does to its users, and insmod. */
  unload(): void {
    this.isThere = false;
    this.breakStreams();
    this.states.clear();
  }

  load(): void {
    this.isThere = true;
    this.sequence = 0n;
    this.#last = 0n;
  }

  breakStreams(): void {
    for (const stream of this.streams) stream.end(new LunatikError("ERR_CLOSED", "broken"));
  }

  #tell(type: "created" | "deleted", { name, id }: State, isTold: boolean): void {
    this.sequence += 1n;
    this.clock += 1n;
    if (!isTold) return;
    for (const stream of this.streams)
      stream.push({ type, sequence: this.sequence, state: name, stateId: id, time: this.clock });
  }
}

describe("the watch over the module", () => {
  let module: FakeModule;
  let watch: ModuleWatch;
  let told: string[];
  let sign: () => void;

  beforeEach(async () => {
    module = new FakeModule();
    module.create("old");
    told = [];
    watch = new ModuleWatch({
      connect: module.connect,
      signs: (callback) => {
        sign = callback;
        return Promise.resolve(() => undefined);
      },
      log: pino({ enabled: false }),
      listener: {
        loadedAnew: () => told.push("anew"),
        deleted: (name) => told.push(`deleted ${name}`),
      },
    });
    await watch.start();
  });

  afterEach(() => {
    watch.close();
  });

  /** Waits until something holds: the watch works in turns of the event loop. */
  async function until(condition: () => boolean): Promise<void> {
    for (let turn = 0; turn < 2000; turn += 1) {
      if (condition()) return;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    throw new Error("waited in vain");
  }

  it("knows the states that there were, and those that come and go", async () => {
    module.create("new");
    module.delete("old");
    await until(() => told.length > 0);
    expect([watch.problemOf("old"), watch.problemOf("new"), told]).to.deep.equal([
      "ERR_NO_STATE",
      undefined,
      ["deleted old"],
    ]);
  });

  it("lists the states afresh when events are missing, and tells of those that are gone", async () => {
    module.create("kept");
    module.delete("old", false);
    module.create("new", false);
    module.lose(2n);
    await until(() => watch.eventsLost === 2n && watch.problemOf("new") === undefined);
    expect([told, watch.problemOf("kept"), module.lists]).to.deep.equal([["deleted old"], undefined, 2]);
  });

  it("tells of a state that was made anew under its name while events were missing", async () => {
    module.delete("old", false);
    module.create("old", false);
    module.lose(2n);
    await until(() => told.length > 0);
    expect([told, watch.idOf("old")]).to.deep.equal([["deleted old"], 2n]);
  });

  it("does not take a state for gone that a list left out", async () => {
    module.hidden.add("old");
    module.lose(1n);
    await until(() => module.lists === 2);
    module.create("last");
    await until(() => watch.problemOf("last") === undefined);
    expect([told, watch.problemOf("old")]).to.deep.equal([[], undefined]);
  });

  it("does not let an event of before a list undo what the list shows", async () => {
    module.lose(1n);
    // Told while the list is on its way: the state that it is about has been replaced since.
    for (const stream of module.streams)
      stream.push({ type: "deleted", sequence: 1n, state: "old", stateId: 0n, time: 1n });
    module.create("last");
    await until(() => watch.problemOf("last") === undefined);
    expect([told, watch.idOf("old")]).to.deep.equal([[], 1n]);
  });

  it("tells a module that was loaded anew, though ids and names are as before", async () => {
    module.unload();
    await until(() => !watch.isPresent);
    expect(watch.problemOf("old")).to.equal("ERR_NO_MODULE");
    module.load();
    module.create("old");
    sign();
    await until(() => watch.isPresent);
    expect(told).to.deep.equal(["anew"]);
  });

  it("tells it too when it was away for so short that nobody found it missing", async () => {
    module.create("second");
    module.delete("second");
    await until(() => told.length === 1);
    module.unload();
    module.load();
    module.create("old");
    await until(() => told.length === 2);
    expect(told).to.deep.equal(["deleted second", "anew"]);
  });

  it("takes a stream that broke for no more than that", async () => {
    module.create("second");
    await until(() => watch.problemOf("second") === undefined);
    module.delete("old", false);
    module.breakStreams();
    await until(() => told.length > 0);
    expect([told, watch.problemOf("second")]).to.deep.equal([["deleted old"], undefined]);
  });
});
