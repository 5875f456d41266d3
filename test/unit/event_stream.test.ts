// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { LunatikError } from "../../client/error.ts";
import type { LunatikEvent } from "../../client/event.ts";
import type { EventQueue } from "../../client/event_queue.ts";
import { EventStream } from "../../client/event_stream.ts";
import { connect } from "../../client/lunatik.ts";
import { Command, type EventMessage, EventType } from "../../client/protocol_gen.ts";
import { rejection } from "../rejection.ts";
import { FakeKernel, GROUP_ID, settled } from "./fake_kernel.ts";
import { encodeEventMessage, encodeInfoReply } from "./kernel_protocol_gen.ts";

function message(sequence: bigint, changes: Partial<EventMessage> = {}): Buffer {
  return encodeEventMessage({
    sequence,
    type: EventType.created,
    state: "s",
    stateId: 3n,
    run: undefined,
    time: 4n,
    errno: undefined,
    errorCode: undefined,
    message: undefined,
    output: undefined,
    ...changes,
  });
}

/** An info reply that is complete for its event sequence. */
function info(eventSequence: bigint): Buffer {
  const long = 1n;
  return encodeInfoReply({
    version: "1",
    luaVersion: "Lua 5.4.8",
    backend: "kernel",
    states: 0,
    statesMax: 1,
    memory: long,
    memoryMax: long,
    defaultMemory: long,
    defaultSteps: long,
    defaultTime: long,
    ceilingMemory: long,
    ceilingSteps: long,
    ceilingTime: long,
    resultsMax: long,
    outputMax: long,
    waitingMax: 1,
    runs: 0,
    runsMax: 1,
    eventSequence,
  });
}

function stream(queueMax = 100): EventStream {
  return new EventStream(queueMax, () => undefined);
}

async function take(events: EventQueue, count: number): Promise<readonly LunatikEvent[]> {
  const taken: LunatikEvent[] = [];
  while (taken.length < count) {
    const next = await events.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}

describe("an event stream", () => {
  it("gives every type of event with what belongs to it", async () => {
    const events = stream();
    events.received(message(1n));
    events.received(
      message(2n, {
        type: EventType.failed,
        run: 5n,
        errno: 5,
        errorCode: "ERR_RUNTIME",
        message: Buffer.from("m"),
      }),
    );
    events.received(message(3n, { type: EventType.print, run: 5n, output: Buffer.from("hi\n") }));
    const base = { state: "s", stateId: 3n, time: 4n };
    expect(await take(events, 3)).to.deep.equal([
      { type: "created", sequence: 1n, ...base },
      { type: "failed", sequence: 2n, ...base, run: 5n, errno: 5, code: "ERR_RUNTIME", message: "m" },
      { type: "print", sequence: 3n, ...base, run: 5n, output: Buffer.from("hi\n") },
    ]);
  });

  it("says how many were lost in a gap", async () => {
    const events = stream();
    events.received(message(1n));
    events.received(message(2n ** 63n));
    expect(
      (await take(events, 3)).map((event) => (event.type === "lost" ? event.count : event.sequence)),
    ).to.deep.equal([1n, 2n ** 63n - 2n, 2n ** 63n]);
  });

  it("counts from the event before it began", async () => {
    const events = stream();
    events.start(10n, () => Promise.resolve(10n));
    events.received(message(13n));
    expect(await take(events, 1)).to.deep.equal([{ type: "lost", count: 2n }]);
    events.close();
  });

  it("notices the loss of the last ones when no event follows", async function () {
    this.timeout(6000);
    const events = stream();
    events.start(10n, () => Promise.resolve(12n));
    expect(await take(events, 1)).to.deep.equal([{ type: "lost", count: 2n }]);
    events.received(message(13n));
    expect(await take(events, 1)).to.have.nested.property("[0].type", "created");
    events.close();
  });

  it("ends when the module counts anew", async function () {
    this.timeout(6000);
    const events = stream();
    events.start(10n, () => Promise.resolve(1n));
    expect(await rejection(events.next())).to.include({ code: "ERR_CLOSED", operation: "events" });
  });

  it("skips a type that it does not know, and counts it", async () => {
    const events = stream();
    events.received(message(1n));
    events.received(message(2n, { type: 99 }));
    events.received(message(3n));
    expect((await take(events, 2)).map((event) => event.type)).to.deep.equal(["created", "created"]);
  });

  it("drops the newest for a reader that does not read, and says how many", async () => {
    const events = stream(2);
    for (let sequence = 1n; sequence <= 5n; sequence++) events.received(message(sequence));
    events.received(message(8n));
    const taken = await take(events, 3);
    expect(taken.map((event) => (event.type === "lost" ? -event.count : event.sequence))).to.deep.equal([
      1n,
      2n,
      -6n,
    ]);
  });

  it("ends with ERR_PROTOCOL on garbage, after what came before", async () => {
    const events = stream();
    events.received(message(1n));
    events.received(Buffer.from("garbage"));
    expect(await take(events, 1)).to.have.length(1);
    expect((await rejection(events.next())).code).to.equal("ERR_PROTOCOL");
    expect((await events.next()).done).to.equal(true);
  });

  it("wakes those that wait when it ends", async () => {
    const events = stream();
    const waiting = events.next();
    events.close();
    expect((await waiting).done).to.equal(true);
    const broken = stream();
    const lost = rejection(broken.next());
    broken.end(new LunatikError("ERR_CLOSED", "gone"));
    expect((await lost).code).to.equal("ERR_CLOSED");
  });
});

describe("listening to events", () => {
  async function listen(options: { signal?: AbortSignal } = {}) {
    const kernel = new FakeKernel();
    kernel.handle = (request, socket) => {
      if (request.command === Command.info) socket.reply(request, info(7n));
    };
    const lunatik = await connect({ transport: kernel.opener });
    const events = await lunatik.events(options);
    const socket = kernel.sockets.at(-1);
    if (socket === undefined) throw new Error("no socket");
    return { kernel, lunatik, events, socket };
  }

  it("joins the group on a socket of its own, and loses nothing from then on", async () => {
    const { kernel, lunatik, events, socket } = await listen();
    expect(kernel.sockets).to.have.length(2);
    expect(socket.groups).to.deep.equal([GROUP_ID]);
    expect(socket.alive).to.equal(true);
    socket.event(message(9n));
    expect((await take(events, 2)).map(({ type }) => type)).to.deep.equal(["lost", "created"]);
    lunatik.close();
  });

  it("closes its socket when the loop is left", async () => {
    const { lunatik, events, socket } = await listen();
    socket.event(message(8n));
    for await (const event of events) {
      expect(event.type).to.equal("created");
      break;
    }
    expect(socket.closed).to.equal(true);
    lunatik.close();
  });

  it("ends when the connection breaks, the signal is raised, or the client closes", async () => {
    const broken = await listen();
    broken.socket.listener.closed(new Error("gone"));
    expect((await rejection(broken.events.next())).code).to.equal("ERR_CLOSED");
    broken.lunatik.close();

    const controller = new AbortController();
    const aborted = await listen({ signal: controller.signal });
    const waiting = rejection(aborted.events.next());
    controller.abort();
    expect((await waiting).code).to.equal("ERR_ABORTED");
    expect(aborted.socket.closed).to.equal(true);
    aborted.lunatik.close();

    const closed = await listen();
    closed.lunatik.close();
    expect((await closed.events.next()).done).to.equal(true);
  });

  it("rejects without the right", async () => {
    const kernel = new FakeKernel();
    kernel.joinError = new LunatikError("ERR_PERMISSION", "no");
    const lunatik = await connect({ transport: kernel.opener });
    expect((await rejection(lunatik.events())).code).to.equal("ERR_PERMISSION");
    await settled();
    expect(kernel.sockets.at(-1)?.closed).to.equal(true);
    lunatik.close();
  });
});
