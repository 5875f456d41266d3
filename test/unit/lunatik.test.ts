// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { LunatikError } from "../../client/error.ts";
import { float, fromJs, integer, string } from "../../client/lua_value.ts";
import { type ConnectOptions, connect, type Lunatik } from "../../client/lunatik.ts";
import { HEADROOM, NLM_F_DUMP_INTR } from "../../client/message.ts";
import { encodeValues } from "../../client/messagepack.ts";
import { Command } from "../../client/protocol_gen.ts";
import type { LibraryName } from "../../client/state.ts";
import { rejection } from "../rejection.ts";
import {
  FAMILY_ID,
  FakeKernel,
  type FakeRequest,
  type FakeSocket,
  runReply,
  settled,
  stateReply,
} from "./fake_kernel.ts";
import {
  decodeCallRequest,
  decodeCancelRequest,
  decodeCreateRequest,
  decodeDeleteRequest,
  decodeExecuteRequest,
  decodeReleaseRequest,
  decodeResultRequest,
  encodeCancelReply,
  encodeInfoReply,
  encodeResultReply,
  encodeStateReply,
} from "./kernel_protocol_gen.ts";

async function client(kernel: FakeKernel, options: ConnectOptions = {}): Promise<Lunatik> {
  return connect({ transport: kernel.opener, ...options });
}

/** The cookie of an execute or call. */
function cookieOf(request: FakeRequest): bigint {
  const decoder = request.command === Command.call ? decodeCallRequest : decodeExecuteRequest;
  return decoder(request.attributes).cookie ?? 0n;
}

function infoReply(eventSequence = 0n): Buffer {
  return encodeInfoReply({
    version: "1.0",
    luaVersion: "Lua 5.4.8",
    backend: "kernel",
    states: 1,
    statesMax: 2,
    memory: 3n,
    memoryMax: 2n ** 63n,
    defaultMemory: 4n,
    defaultSteps: 5n,
    defaultTime: 6n,
    ceilingMemory: 7n,
    ceilingSteps: 8n,
    ceilingTime: 9n,
    resultsMax: 10n,
    outputMax: 11n,
    waitingMax: 12,
    runs: 13,
    runsMax: 14,
    eventSequence,
  });
}

describe("connecting", () => {
  it("resolves the family and nothing else", async () => {
    const kernel = new FakeKernel();
    const lunatik = await client(kernel);
    expect(kernel.sockets).to.have.length(1);
    expect(kernel.sockets[0]?.requests).to.have.length(1);
    lunatik.close();
    await settled();
    expect(kernel.sockets[0]?.closed).to.equal(true);
  });

  it("says when the module is not loaded, speaks another version, or no socket opens", async () => {
    const unloaded = new FakeKernel();
    unloaded.loaded = false;
    expect((await rejection(client(unloaded))).code).to.equal("ERR_NO_MODULE");
    const newer = new FakeKernel();
    newer.familyVersion = 99;
    expect(await rejection(client(newer))).to.include({ code: "ERR_PROTOCOL", operation: "connect" });
    const absent = new FakeKernel();
    absent.openError = new LunatikError("ERR_CONNECT", "none");
    expect((await rejection(client(absent))).code).to.equal("ERR_CONNECT");
    for (const kernel of [unloaded, newer]) {
      await settled();
      expect(kernel.sockets.every(({ closed }) => closed)).to.equal(true);
    }
  });

  it("gives up after its time-out or on its signal", async () => {
    const mute = new FakeKernel();
    mute.take = () => undefined;
    expect((await rejection(client(mute, { timeout: 5 }))).code).to.equal("ERR_TIMEOUT");
    expect((await rejection(client(mute, { signal: AbortSignal.abort() }))).code).to.equal("ERR_ABORTED");
  });

  it("finds the module again after it was loaded anew, without an error", async () => {
    const kernel = new FakeKernel();
    const lunatik = await client(kernel);
    kernel.handle = (request, socket) => socket.reply(request, infoReply());
    for (const familyId of [40, 41]) {
      kernel.familyId = familyId;
      expect((await lunatik.info()).version).to.equal("1.0");
    }
    expect(kernel.requests(Command.info).map(({ type }) => type)).to.deep.equal([FAMILY_ID, 40, 40, 41]);
    kernel.familyId = 42;
    const events = await lunatik.events();
    events.close();
    expect(
      kernel
        .requests(Command.info)
        .map(({ type }) => type)
        .slice(4),
    ).to.deep.equal([41, 42]);
    lunatik.close();
  });

  it("says that the module is gone, and asks for nothing more than twice", async () => {
    const kernel = new FakeKernel();
    const lunatik = await client(kernel);
    kernel.loaded = false;
    expect((await rejection(lunatik.info())).code).to.equal("ERR_NO_MODULE");
    expect(kernel.requests(Command.info)).to.have.length(1);
    kernel.loaded = true;
    // A family that is told, and is not there.
    kernel.handle = (request, socket) => socket.refuse(request, 2);
    expect((await rejection(lunatik.info())).code).to.equal("ERR_NO_MODULE");
    expect(kernel.requests(Command.info)).to.have.length(3);
    kernel.handle = (request, socket) => socket.reply(request, infoReply());
    expect((await lunatik.info()).version).to.equal("1.0");
    lunatik.close();
  });
});

describe("the client", () => {
  let kernel: FakeKernel;
  let lunatik: Lunatik;

  beforeEach(async () => {
    kernel = new FakeKernel();
    lunatik = await client(kernel);
  });

  afterEach(() => lunatik.close());

  it("creates a state with all that was asked for", async () => {
    kernel.handle = (request, socket) => {
      expect(decodeCreateRequest(request.attributes)).to.deep.equal({
        name: "s",
        description: "d",
        libraries: 1 | 8,
        maxMemory: 2n ** 64n - 1n,
        maxSteps: 7n,
        maxTime: 8n,
        createFlags: 3,
      });
      const reply = stateReply("s", {
        libraries: 9,
        failures: [{ code: "ERR_STEPS", count: 2n ** 64n - 1n }],
        lastError: { errno: 62, code: "ERR_STEPS", message: Buffer.from("over"), time: 5n },
        run: 4n,
        busy: 1,
      });
      socket.reply(request, encodeStateReply(reply));
    };
    const state = await lunatik.create("s", {
      description: "d",
      libraries: ["math", "coroutine"],
      maxMemory: 2n ** 64n - 1n,
      maxSteps: 7,
      maxTime: 8n,
      replace: true,
      ifNotExists: true,
    });
    expect(state).to.deep.include({
      name: "s",
      description: "",
      libraries: ["coroutine", "math"],
      busy: true,
      dying: false,
      run: 4n,
      creator: { pid: 1, uid: 0, command: "test" },
      lastError: { errno: 62, code: "ERR_STEPS", message: "over", time: 5n },
    });
    expect(state.failures.get("ERR_STEPS")).to.equal(2n ** 64n - 1n);
  });

  it("creates no state without a library that a program without types has misspelt", async () => {
    const libraries = JSON.parse('["string", "io"]') as readonly LibraryName[];
    const error = await rejection(lunatik.create("s", { libraries }));
    expect([error.code, error.message]).to.deep.equal(["ERR_INVALID", 'there is no library "io"']);
    expect(kernel.requests(Command.create)).to.deep.equal([]);
  });

  it("sends no attribute that was not given", async () => {
    kernel.handle = (request, socket) => {
      if (request.command === Command.delete) socket.acknowledge(request);
      else socket.reply(request, encodeStateReply(stateReply("s")));
    };
    await lunatik.create("s");
    await lunatik.delete("s");
    expect(kernel.requests(Command.create)[0]?.attributes).to.have.length(8);
    expect(kernel.requests(Command.delete)[0]?.attributes).to.have.length(8);
    await lunatik.delete("s", { force: true });
    expect(
      decodeDeleteRequest(kernel.requests(Command.delete)[1]?.attributes ?? Buffer.alloc(0)).deleteFlags,
    ).to.equal(1);
  });

  it("carries names of any bytes both ways", async () => {
    const name = "a\udcff\udc80b";
    kernel.handle = (request, socket) => {
      expect(request.attributes.subarray(4, 8).toString("hex")).to.equal("61ff8062");
      socket.reply(request, encodeStateReply(stateReply(name)));
    };
    expect((await lunatik.get(name)).name).to.equal(name);
  });

  it("does not let a final NUL vanish from a name", async () => {
    kernel.handle = (request, socket) => {
      expect(
        request.attributes.subarray(4, 4 + request.attributes.readUInt16LE(0) - 4).toString("hex"),
      ).to.equal("610000");
      socket.refuse(request, 22, "ERR_INVALID: no");
    };
    expect((await rejection(lunatik.get("a\0"))).code).to.equal("ERR_INVALID");
  });

  it("refuses a number that no limit can be, without sending it", async () => {
    for (const maxSteps of [-1, 2n ** 64n, 1.5, Number.NaN]) {
      expect((await rejection(lunatik.create("s", { maxSteps }))).code).to.equal("ERR_RANGE");
    }
    expect(kernel.requests(Command.create)).to.have.length(0);
  });

  it("names the attribute that was refused", async () => {
    kernel.handle = (request, socket) =>
      socket.refuse(request, 36, "ERR_NAME_TOO_LONG: the name is too long", HEADROOM);
    expect(await rejection(lunatik.get("x".repeat(64)))).to.include({
      code: "ERR_NAME_TOO_LONG",
      errnoName: "ENAMETOOLONG",
      attribute: "name",
      operation: "get",
    });
  });

  it("asks again for a list that changed, and says so when it still does", async () => {
    let dumps = 0;
    const changing = (times: number) => (request: FakeRequest, socket: FakeSocket) => {
      dumps += 1;
      socket.part(
        request,
        encodeStateReply(stateReply(`dump ${dumps}`)),
        dumps <= times ? NLM_F_DUMP_INTR : 0,
      );
      socket.done(request);
    };
    kernel.handle = changing(2);
    const calm = await lunatik.list();
    expect([calm.changed, calm.states.map(({ name }) => name)]).to.deep.equal([false, ["dump 3"]]);
    dumps = 0;
    kernel.handle = changing(99);
    const busy = await lunatik.list({ retries: 1 });
    expect([busy.changed, busy.states.map(({ name }) => name)]).to.deep.equal([true, ["dump 2"]]);
  });

  it("executes a chunk with arguments and gives exact results", async () => {
    kernel.handle = (request, socket) => {
      const sent = decodeExecuteRequest(request.attributes);
      expect(sent).to.deep.include({
        state: "s",
        chunkName: "=c",
        maxWait: 5n,
        maxSteps: 6n,
        maxMemory: undefined,
      });
      expect(Buffer.from(sent.code ?? []).toString()).to.equal("return ...");
      socket.acknowledge(request);
      socket.finish(
        request,
        runReply(sent.cookie ?? 0n, {
          results: sent.arguments,
          output: Buffer.from("out"),
          outputDropped: 4n,
        }),
      );
    };
    const values = [
      float(3),
      integer(2n ** 63n - 1n),
      string(Uint8Array.of(0xff)),
      fromJs({ a: [1, { b: 2 }] }),
    ];
    const result = await lunatik.execute("s", "return ...", {
      arguments: values,
      chunkName: "=c",
      maxWait: 5,
      maxSteps: 6n,
    });
    expect(result.results).to.deep.equal(values);
    expect(Buffer.from(result.output).toString()).to.equal("out");
    expect(result).to.include({
      id: 9n,
      outputDropped: 4n,
      steps: 1n,
      time: 2n,
      wait: 3n,
      memory: 4n,
      memoryPeak: 5n,
    });
  });

  it("sends a chunk of 1 MiB whole", async () => {
    const code = Buffer.alloc(1024 * 1024, "x");
    kernel.handle = (request, socket) => {
      expect(Buffer.from(decodeExecuteRequest(request.attributes).code ?? []).equals(code)).to.equal(true);
      socket.finish(request, runReply(cookieOf(request)));
    };
    await lunatik.execute("s", code);
  });

  it("calls a function by name", async () => {
    kernel.handle = (request, socket) => {
      expect(decodeCallRequest(request.attributes)).to.include({ state: "s", function: "geo.area" });
      socket.finish(request, runReply(cookieOf(request), { results: encodeValues([float(12.5)]) }));
    };
    expect((await lunatik.call("s", "geo.area", [integer(5)])).results).to.deep.equal([float(12.5)]);
  });

  it("rejects a failed run with its message, traceback, and what it did", async () => {
    kernel.handle = (request, socket) =>
      socket.finish(
        request,
        runReply(cookieOf(request), {
          errno: 5,
          errorCode: "ERR_RUNTIME",
          message: Buffer.from("c:1: boom"),
          traceback: Buffer.from("stack traceback:"),
          output: Buffer.from("before"),
          results: undefined,
        }),
      );
    const error = await rejection(lunatik.execute("s", "error('boom')"));
    expect(error).to.include({
      code: "ERR_RUNTIME",
      errno: 5,
      message: "c:1: boom",
      traceback: "stack traceback:",
      operation: "execute",
    });
    expect(Buffer.from(error.run?.output ?? []).toString()).to.equal("before");
  });

  it("keeps a code that it does not know in the text", async () => {
    kernel.handle = (request, socket) =>
      socket.finish(
        request,
        runReply(cookieOf(request), {
          errno: 5,
          errorCode: "ERR_NEWS",
          message: undefined,
          results: undefined,
        }),
      );
    expect(await rejection(lunatik.execute("s", ""))).to.include({
      code: "ERR_SYSTEM",
      message: "ERR_NEWS",
      errno: 5,
    });
  });

  it("takes no reply with another's cookie", async () => {
    kernel.handle = (request, socket) => {
      socket.finish(request, runReply(cookieOf(request) + 1n, { id: 666n }));
      socket.finish(request, runReply(cookieOf(request), { id: 1n }));
    };
    expect((await lunatik.execute("s", "")).id).to.equal(1n);
  });

  it("gives every run a cookie of its own", async () => {
    const cookies = new Set<bigint>();
    kernel.handle = (request, socket) => {
      cookies.add(cookieOf(request));
      socket.finish(request, runReply(cookieOf(request)));
    };
    await Promise.all(Array.from({ length: 200 }, () => lunatik.execute("s", "")));
    expect(cookies.size).to.equal(200);
    expect(cookies.has(0n)).to.equal(false);
  });

  it("fetches results that are too large for the reply, and has them forgotten", async () => {
    const results = encodeValues([string("x".repeat(100_000))]);
    const output = Buffer.alloc(50_000, "o");
    kernel.handle = (request, socket) => {
      if (request.command === Command.execute) {
        const sizes = { resultsSize: BigInt(results.length), outputSize: BigInt(output.length) };
        socket.finish(request, runReply(77n, { results: undefined, ...sizes }));
      } else if (request.command === Command.result) {
        expect(decodeResultRequest(request.attributes)).to.deep.equal({ id: 9n, cookie: 77n });
        socket.part(
          request,
          encodeResultReply({ id: 9n, results: results.subarray(0, 60_000), output: undefined }),
        );
        socket.part(
          request,
          encodeResultReply({ id: 9n, results: results.subarray(60_000), output: output.subarray(0, 1) }),
        );
        socket.part(request, encodeResultReply({ id: 9n, results: undefined, output: output.subarray(1) }));
        socket.done(request);
      } else {
        expect(decodeReleaseRequest(request.attributes)).to.deep.equal({ id: 9n, cookie: 77n });
        socket.acknowledge(request);
      }
    };
    const result = await lunatik.execute("s", "", { cookie: 77n });
    expect(result.results).to.deep.equal([string("x".repeat(100_000))]);
    expect(Buffer.from(result.output).equals(output)).to.equal(true);
    expect(kernel.requests(Command.release)).to.have.length(1);
  });

  it("makes one dump at a time", async () => {
    let dumping = false;
    kernel.handle = (request, socket) => {
      // As the kernel does for a socket with a dump underway.
      if (dumping) socket.refuse(request, 16);
      dumping = true;
      setTimeout(() => {
        dumping = false;
        socket.done(request);
      }, 5);
    };
    for (const { states } of await Promise.all([1, 2, 3].map(() => lunatik.list())))
      expect(states).to.deep.equal([]);
  });

  it("notices when stored output is incomplete", async () => {
    kernel.handle = (request, socket) => {
      if (request.command === Command.execute) {
        socket.finish(request, runReply(77n, { results: undefined, resultsSize: 1n, outputSize: 10n }));
      } else if (request.command === Command.result) {
        const results = Uint8Array.of(0x90);
        socket.part(request, encodeResultReply({ id: 9n, results, output: Buffer.from("123456789") }));
        socket.done(request);
      } else socket.acknowledge(request);
    };
    expect((await rejection(lunatik.execute("s", "", { cookie: 77n }))).code).to.equal("ERR_PROTOCOL");
  });

  it("notices when stored results are incomplete", async () => {
    kernel.handle = (request, socket) => {
      if (request.command === Command.execute)
        socket.finish(request, runReply(77n, { results: undefined, resultsSize: 10n }));
      else if (request.command === Command.result) socket.done(request);
      else socket.acknowledge(request);
    };
    expect((await rejection(lunatik.execute("s", "", { cookie: 77n }))).code).to.equal("ERR_PROTOCOL");
  });

  it("cancels the run that is given up, over another socket", async () => {
    const controller = new AbortController();
    kernel.handle = (request, socket) => {
      if (request.command === Command.cancel) socket.reply(request, encodeCancelReply({ count: 1 }));
      else socket.acknowledge(request);
    };
    const aborted = rejection(lunatik.execute("s", "", { cookie: 5n, signal: controller.signal }));
    const late = rejection(lunatik.execute("s", "", { cookie: 6n, timeout: 10 }));
    setTimeout(() => controller.abort(), 5);
    expect((await aborted).code).to.equal("ERR_ABORTED");
    expect((await late).code).to.equal("ERR_TIMEOUT");
    await settled();
    const cancels = kernel
      .requests(Command.cancel)
      .map(({ attributes }) => decodeCancelRequest(attributes).cookie);
    expect(cancels).to.deep.equal([5n, 6n]);
    const sockets = kernel.sockets.map((socket) => new Set(socket.requests.map(({ command }) => command)));
    expect(
      sockets.some((commands) => commands.has(Command.execute) && commands.has(Command.cancel)),
    ).to.equal(false);
  });

  it("waits for a queued run as long as it takes, unless told otherwise", async () => {
    const impatient = await client(kernel, { timeout: 20 });
    kernel.handle = (request, socket) => {
      socket.acknowledge(request);
      setTimeout(() => socket.finish(request, runReply(cookieOf(request))), 60);
    };
    expect((await impatient.execute("s", "")).id).to.equal(9n);
    impatient.close();
  });

  it("cancels by state, id and cookie, and counts", async () => {
    kernel.handle = (request, socket) => {
      expect(decodeCancelRequest(request.attributes)).to.deep.equal({
        state: "s",
        id: 2n ** 64n - 1n,
        cookie: 3n,
      });
      socket.reply(request, encodeCancelReply({ count: 2 }));
    };
    expect(await lunatik.cancel({ state: "s", id: 2n ** 64n - 1n, cookie: 3n })).to.equal(2);
  });

  it("keeps 64 runs in flight and the rest in its queue", async () => {
    const held: (() => void)[] = [];
    kernel.handle = (request, socket) => {
      held.push(() => socket.finish(request, runReply(cookieOf(request))));
    };
    const runs = Array.from({ length: 100 }, () => lunatik.execute("s", ""));
    await settled();
    expect(held).to.have.length(64);
    for (const finish of held) finish();
    await settled();
    expect(held).to.have.length(100);
    for (const finish of held.slice(64)) finish();
    await Promise.all(runs);
  });

  it("tells about the module", async () => {
    kernel.handle = (request, socket) => socket.reply(request, infoReply(15n));
    const info = await lunatik.info();
    expect(info).to.deep.include({
      memoryMax: 2n ** 63n,
      eventSequence: 15n,
      ceilings: { memory: 7n, steps: 8n, time: 9n },
    });
  });

  it("takes a reply that does not decode, or lacks something, for ERR_PROTOCOL", async () => {
    for (const attributes of [
      Buffer.alloc(0),
      Buffer.from("0300010078000000", "hex"),
      Buffer.from("0900030001020304050000", "hex"),
    ]) {
      kernel.handle = (request, socket) => socket.reply(request, attributes);
      expect((await rejection(lunatik.get("s"))).code).to.equal("ERR_PROTOCOL");
      expect((await rejection(lunatik.info())).code).to.equal("ERR_PROTOCOL");
      expect((await rejection(lunatik.cancel({ id: 1n }))).code).to.equal("ERR_PROTOCOL");
    }
    const empty = runReply(5n, { results: undefined });
    kernel.handle = (request, socket) => socket.finish(request, empty);
    expect((await rejection(lunatik.execute("s", "", { cookie: 5n }))).code).to.equal("ERR_PROTOCOL");
  });

  it("opens a new socket when one broke", async () => {
    kernel.handle = (request, socket) => socket.reply(request, infoReply());
    kernel.sockets[0]?.listener.closed(new Error("gone"));
    expect((await lunatik.info()).version).to.equal("1.0");
    expect(kernel.sockets).to.have.length(2);
  });

  it("drains: what is underway ends, what is new is refused", async () => {
    let finish = (): void => undefined;
    kernel.handle = (request, socket) => {
      finish = () => socket.finish(request, runReply(cookieOf(request)));
    };
    const run = lunatik.execute("s", "");
    await settled();
    const drained = lunatik.drain();
    expect((await rejection(lunatik.info())).code).to.equal("ERR_CLOSED");
    finish();
    expect((await run).id).to.equal(9n);
    await drained;
    await settled();
    expect(kernel.sockets.every(({ closed }) => closed)).to.equal(true);
  });

  it("drains large results and cancels whole", async () => {
    const results = encodeValues([string("x".repeat(50_000))]);
    let finish = (): void => undefined;
    kernel.handle = (request, socket) => {
      if (request.command === Command.result) {
        socket.part(request, encodeResultReply({ id: 9n, results, output: undefined }));
        socket.done(request);
      } else if (request.command === Command.release) socket.acknowledge(request);
      else if (request.command === Command.cancel) socket.reply(request, encodeCancelReply({ count: 1 }));
      else if (cookieOf(request) === 77n) {
        finish = () =>
          socket.finish(request, runReply(77n, { results: undefined, resultsSize: BigInt(results.length) }));
      }
    };
    const run = lunatik.execute("s", "", { cookie: 77n });
    const given = rejection(lunatik.execute("s", "", { cookie: 78n, timeout: 20 }));
    await settled();
    const drained = lunatik.drain();
    expect((await given).code).to.equal("ERR_TIMEOUT");
    await settled();
    expect(kernel.requests(Command.cancel)).to.have.length(1);
    finish();
    expect((await run).results).to.have.length(1);
    await drained;
    expect(kernel.requests(Command.release)).to.have.length(1);
  });

  it("opens no socket after it was closed", async () => {
    const run = rejection(lunatik.execute("s", ""));
    lunatik.close();
    expect((await run).code).to.equal("ERR_CLOSED");
    await settled();
    expect(kernel.sockets).to.have.length(1);
  });

  it("closes at once: what is underway is rejected", async () => {
    const run = rejection(lunatik.execute("s", ""));
    await settled();
    lunatik.close();
    expect((await run).code).to.equal("ERR_CLOSED");
    expect((await rejection(lunatik.execute("s", ""))).code).to.equal("ERR_CLOSED");
  });
});
