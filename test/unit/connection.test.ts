// SPDX-License-Identifier: MIT

import { getEventListeners } from "node:events";
import { expect } from "chai";
import fc from "fast-check";
import {
  type AnswerKind,
  type Connection,
  type ConnectionRequest,
  openConnection,
} from "../../client/connection.ts";
import { LunatikError } from "../../client/error.ts";
import {
  HEADROOM,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
} from "../../client/message.ts";
import { rejection } from "../rejection.ts";
import { FAMILY_ID, FakeKernel, type FakeSocket, netlinkMessage, settled } from "./fake_kernel.ts";

const NO_ANSWER = Buffer.alloc(0);

interface Bench {
  readonly kernel: FakeKernel;
  readonly connection: Connection;
  readonly socket: FakeSocket;
  readonly told: string[];
}

async function bench(window = 64): Promise<Bench> {
  const kernel = new FakeKernel();
  const told: string[] = [];
  const connection = await openConnection(kernel.opener, window, {
    event: (type, command, attributes) => told.push(`event ${type} ${command} ${attributes.toString("hex")}`),
    overrun: () => told.push("overrun"),
    closed: (reason) => told.push(`closed ${reason.code}`),
  });
  const [socket] = kernel.sockets;
  if (socket === undefined) throw new Error("no socket was opened");
  return { kernel, connection, socket, told };
}

function request(kind: AnswerKind, changes: Partial<ConnectionRequest> = {}): ConnectionRequest {
  return {
    operation: "test",
    kind,
    type: FAMILY_ID,
    command: 3,
    version: 1,
    body: Buffer.alloc(HEADROOM),
    timeout: 5000,
    ...changes,
  };
}

/** The request that a socket got last. */
function last(socket: FakeSocket): FakeSocket["requests"][number] {
  const found = socket.requests.at(-1);
  if (found === undefined) throw new Error("nothing was sent");
  return found;
}

describe("a connection", () => {
  it("ends each kind of request with its own kind of answer", async () => {
    const { kernel, connection, socket } = await bench();
    const flags: number[] = [];
    kernel.handle = (sent) => {
      flags.push(sent.flags);
      if ((sent.flags & NLM_F_DUMP) === NLM_F_DUMP) {
        socket.part(sent, Buffer.from("aaaa"));
        socket.part(sent, Buffer.from("bbbb"));
        socket.done(sent);
      } else if ((sent.flags & NLM_F_ACK) === 0) {
        socket.reply(sent, Buffer.from("cccc"));
      } else {
        socket.acknowledge(sent);
        if (sent.command === 4) setTimeout(() => socket.reply(sent, Buffer.from("dddd")), 5);
      }
    };
    const answers = await Promise.all([
      connection.request(request("acknowledgement")),
      connection.request(request("reply")),
      connection.request(request("dump")),
      connection.request(request("run", { command: 4 })),
    ]);
    expect(answers.map(({ replies }) => replies.map(String))).to.deep.equal([
      [],
      ["cccc"],
      ["aaaa", "bbbb"],
      ["dddd"],
    ]);
    expect(flags).to.deep.equal([1 | NLM_F_ACK, 1, 1 | NLM_F_DUMP, 1 | NLM_F_ACK]);
    expect(connection.load).to.deep.equal({ queued: 0, inFlight: 0 });
  });

  it("takes a run's reply that overtakes its acknowledgement", async () => {
    const { kernel, connection, socket } = await bench();
    kernel.handle = (sent) => {
      socket.reply(sent, Buffer.from("dddd"));
      socket.acknowledge(sent);
    };
    const { replies } = await connection.request(request("run"));
    expect(replies.map(String)).to.deep.equal(["dddd"]);
  });

  it("matches answers by sequence, whatever their order", async () => {
    const { connection, socket } = await bench();
    const answers = [1, 2, 3].map((command) => connection.request(request("reply", { command })));
    await settled();
    for (const sent of [...socket.requests].toReversed())
      socket.reply(sent, Buffer.alloc(4, 0x40 + sent.command));
    expect((await Promise.all(answers)).map(({ replies }) => String(replies[0]))).to.deep.equal([
      "AAAA",
      "BBBB",
      "CCCC",
    ]);
  });

  it("takes no answer that names another port, another family or another cookie", async () => {
    const { connection, socket } = await bench();
    const answer = connection.request(request("reply", { accepts: (bytes) => bytes.toString() === "mine" }));
    await settled();
    const sent = last(socket);
    socket.reply(sent, Buffer.from("mine"), socket.port + 1);
    socket.reply({ ...sent, type: FAMILY_ID + 1 }, Buffer.from("mine"));
    socket.reply({ ...sent, sequence: sent.sequence + 1 }, Buffer.from("mine"));
    socket.reply(sent, Buffer.from("other"));
    await settled();
    expect(connection.load.inFlight).to.equal(1);
    socket.reply(sent, Buffer.from("mine"));
    expect(String((await answer).replies[0])).to.equal("mine");
  });

  it("starts at a sequence of its own", async () => {
    const starts = new Set<number>();
    for (let i = 0; i < 8; i++) {
      const { connection, socket } = await bench();
      connection.request(request("reply")).catch(() => undefined);
      await settled();
      starts.add(last(socket).sequence);
      connection.close();
    }
    expect(starts.size).to.be.greaterThan(6);
  });

  it("rejects with the refusal, its text and its attribute", async () => {
    const { kernel, connection, socket } = await bench();
    const body = Buffer.concat([Buffer.alloc(HEADROOM), Buffer.from("0500010078000000", "hex")]);
    kernel.handle = (sent) => socket.refuse(sent, 2, "ERR_NO_STATE: no state has this name", HEADROOM);
    const attributeName = (type: number): string | undefined => (type === 1 ? "name" : undefined);
    for (const kind of ["acknowledgement", "reply", "run", "dump"] as const) {
      const error = await rejection(
        connection.request(request(kind, { body: Buffer.from(body), attributeName })),
      );
      expect(error).to.include({ code: "ERR_NO_STATE", attribute: "name", errno: 2, operation: "test" });
    }
  });

  it("reports a dump that changed underneath, and one that failed at its end", async () => {
    const { kernel, connection, socket } = await bench();
    kernel.handle = (sent) => {
      socket.part(sent, NO_ANSWER, sent.command === 1 ? NLM_F_DUMP_INTR : 0);
      if (sent.command === 3) socket.done(sent, 0, 16);
      else socket.done(sent, sent.command === 2 ? NLM_F_DUMP_INTR : 0);
    };
    expect((await connection.request(request("dump", { command: 1 }))).interrupted).to.equal(true);
    expect((await connection.request(request("dump", { command: 2 }))).interrupted).to.equal(true);
    expect((await connection.request(request("dump", { command: 4 }))).interrupted).to.equal(false);
    expect((await rejection(connection.request(request("dump", { command: 3 })))).errno).to.equal(16);
  });

  it("sends no more than its window, and the rest as answers come", async () => {
    const { connection, socket } = await bench(3);
    const answers = Array.from({ length: 10 }, () => connection.request(request("reply")));
    await settled();
    expect(socket.requests).to.have.length(3);
    expect(connection.load).to.deep.equal({ queued: 7, inFlight: 3 });
    for (let done = 0; done < 10; done++) {
      await settled();
      const sent = socket.requests[done];
      if (sent === undefined) throw new Error("a request was not sent");
      socket.reply(sent, NO_ANSWER);
      expect(connection.load.inFlight).to.be.at.most(3);
    }
    await Promise.all(answers);
    expect(new Set(socket.requests.map(({ sequence }) => sequence)).size).to.equal(10);
  });

  it("sends small messages of one turn together, and none that was given up in it", async () => {
    const { connection, kernel, socket } = await bench(8);
    let count = 0;
    const abandoned = (): void => {
      count += 1;
    };
    const giving = new AbortController();
    const first = connection.request(request("reply"));
    const given = rejection(connection.request(request("reply", { signal: giving.signal, abandoned })));
    const large = connection.request(request("reply", { body: Buffer.alloc(HEADROOM + 40_000) }));
    const last = connection.request(request("reply", { command: 9 }));
    kernel.handle = (sent) => socket.reply(sent, NO_ANSWER);
    giving.abort();
    await Promise.all([first, large, last]);
    expect((await given).code).to.equal("ERR_ABORTED");
    expect(count).to.equal(1);
    expect(socket.sends.map((requests) => requests.length)).to.deep.equal([1, 1, 1]);
    await Promise.all(Array.from({ length: 8 }, () => connection.request(request("reply"))));
    expect(socket.sends.slice(3).map((requests) => requests.length)).to.deep.equal([8]);
  });

  it("gives up after the time-out, in flight or in the queue, and drops the late answer", async () => {
    const { connection, socket } = await bench(1);
    let abandoned = 0;
    const options = {
      timeout: 20,
      abandoned: (): void => {
        abandoned += 1;
      },
    };
    const first = rejection(connection.request(request("reply", options)));
    const second = rejection(connection.request(request("reply", { ...options, timeout: 10 })));
    expect((await second).code).to.equal("ERR_TIMEOUT");
    expect((await first).code).to.equal("ERR_TIMEOUT");
    expect(abandoned).to.equal(1);
    expect(socket.requests).to.have.length(1);
    const third = connection.request(request("reply"));
    await settled();
    socket.reply(socket.requests[0] ?? last(socket), Buffer.from("late"));
    socket.reply(last(socket), Buffer.from("good"));
    expect(String((await third).replies[0])).to.equal("good");
  });

  it("counts a run's time anew once it is queued, when told so", async () => {
    const { kernel, connection, socket } = await bench();
    kernel.handle = (sent) => {
      socket.acknowledge(sent);
      setTimeout(() => socket.reply(sent, NO_ANSWER), 60);
    };
    const patient = request("run", { timeout: 30, runTimeout: 5000 });
    expect((await connection.request(patient)).replies).to.have.length(1);
    const over = await rejection(connection.request(request("run", { timeout: 30 })));
    expect(over.code).to.equal("ERR_TIMEOUT");
  });

  it("asks for no word of a run's being queued where sending it says so", async () => {
    const { kernel, connection, socket } = await bench();
    socket.isSynchronous = true;
    kernel.handle = (sent) => {
      if (sent.command === 3) setTimeout(() => socket.reply(sent, NO_ANSWER), 60);
      else socket.refuse(sent, 16, "ERR_BUSY: the state runs something else");
    };
    const patient = request("run", { timeout: 30, runTimeout: 5000 });
    expect((await connection.request(patient)).replies).to.have.length(1);
    expect(last(socket).flags & NLM_F_ACK).to.equal(0);
    const over = await rejection(connection.request(request("run", { timeout: 30, runTimeout: 40 })));
    expect(over.message).to.match(/the run has not ended within 40 ms/);
    // A refusal comes all the same.
    const refused = await rejection(connection.request(request("run", { command: 4 })));
    expect(refused.code).to.equal("ERR_BUSY");
    void connection.request(request("acknowledgement", { command: 4 })).catch(() => undefined);
    await settled();
    expect(last(socket).flags & NLM_F_ACK).to.equal(NLM_F_ACK);
  });

  it("gives a run up that waits for its turn to be sent, also where sending queues it", async () => {
    const { connection, socket } = await bench(1);
    socket.isSynchronous = true;
    const first = connection.request(request("run", { timeout: 5000, runTimeout: Number.POSITIVE_INFINITY }));
    const over = await rejection(connection.request(request("run", { timeout: 20, runTimeout: 5000 })));
    expect(over.message).to.match(/no answer within 20 ms/);
    expect(connection.load).to.deep.equal({ queued: 0, inFlight: 1 });
    connection.close();
    expect((await rejection(first)).code).to.equal("ERR_CLOSED");
  });

  it("obeys an AbortSignal before, in the queue, in flight, and forgets it afterwards", async () => {
    const { connection, socket } = await bench(1);
    const controller = new AbortController();
    let abandoned = 0;
    const options = {
      signal: controller.signal,
      abandoned: (): void => {
        abandoned += 1;
      },
    };
    const flying = rejection(connection.request(request("run", options)));
    const queued = rejection(connection.request(request("run", options)));
    const other = connection.request(request("reply"));
    await settled();
    controller.abort(new Error("why"));
    for (const error of [
      await flying,
      await queued,
      await rejection(connection.request(request("run", options))),
    ]) {
      expect(error.code).to.equal("ERR_ABORTED");
      expect(error.cause).to.have.property("message", "why");
    }
    expect(abandoned).to.equal(1);
    await settled();
    socket.reply(last(socket), NO_ANSWER);
    await other;
    expect(socket.requests).to.have.length(2);
    const calm = new AbortController();
    const answered = connection.request(request("reply", { signal: calm.signal }));
    expect(getEventListeners(calm.signal, "abort")).to.have.length(1);
    await settled();
    socket.reply(last(socket), NO_ANSWER);
    await answered;
    expect(getEventListeners(calm.signal, "abort")).to.have.length(0);
  });

  it("closes after a dump that was given up, since the kernel goes on with it", async () => {
    const { connection, socket } = await bench();
    await rejection(connection.request(request("dump", { timeout: 5 })));
    expect(connection.isClosed).to.equal(true);
    expect(socket.closed).to.equal(true);
  });

  it("rejects everything when closed, by itself or by the other side", async () => {
    const own = await bench(1);
    const answers = [1, 2].map(() => rejection(own.connection.request(request("reply"))));
    own.connection.close();
    own.connection.close();
    for (const answer of answers) expect((await answer).code).to.equal("ERR_CLOSED");
    expect((await rejection(own.connection.request(request("reply")))).code).to.equal("ERR_CLOSED");
    expect(own.told).to.deep.equal([]);

    const theirs = await bench(1);
    const lost = rejection(theirs.connection.request(request("reply")));
    theirs.socket.listener.closed(new Error("gone"));
    expect(await lost).to.include({ code: "ERR_CLOSED", message: "gone" });
    expect(theirs.told).to.deep.equal(["closed ERR_CLOSED"]);
  });

  it("gives up what is in flight when the buffer overran, and goes on", async () => {
    const { connection, socket, told } = await bench(1);
    const lost = rejection(connection.request(request("reply")));
    const next = connection.request(request("reply"));
    await settled();
    socket.listener.overrun();
    expect((await lost).code).to.equal("ERR_OVERRUN");
    await settled();
    socket.reply(last(socket), NO_ANSWER);
    await next;
    expect(told).to.deep.equal(["overrun"]);
  });

  it("rejects when a message could not be sent, or is too long to be", async () => {
    const { kernel, connection } = await bench();
    kernel.sendError = Object.assign(new Error("sendmsg failed"), { errno: -90 });
    expect(await rejection(connection.request(request("reply")))).to.include({
      code: "ERR_SYSTEM",
      errno: 90,
    });
    const body = Buffer.alloc(kernel.messageMax + 1);
    expect((await rejection(connection.request(request("reply", { body })))).code).to.equal("ERR_TOO_LARGE");
    expect(connection.load).to.deep.equal({ queued: 0, inFlight: 0 });
  });

  it("keeps the process alive only while it waits for an answer", async () => {
    const { connection, socket } = await bench();
    expect(socket.alive).to.equal(false);
    const answer = connection.request(request("reply"));
    expect(socket.alive).to.equal(true);
    await settled();
    socket.reply(last(socket), NO_ANSWER);
    await answer;
    expect(socket.alive).to.equal(false);
  });

  it("hands on events, and nothing else that it did not ask for", async () => {
    const { socket, told } = await bench();
    socket.event(Buffer.from("abcd"));
    socket.raw(netlinkMessage(FAMILY_ID, 0, 77, socket.port, Buffer.from("0b0100006162", "hex")));
    socket.raw(netlinkMessage(NLMSG_ERROR, 0, 0, socket.port, Buffer.alloc(20)));
    expect(told).to.deep.equal([`event ${FAMILY_ID} 11 61626364`]);
  });

  it("ends with ERR_PROTOCOL when bytes arrive that are not netlink", async () => {
    const { connection, socket, told } = await bench();
    const lost = rejection(connection.request(request("reply")));
    await settled();
    socket.raw(Buffer.from("no netlink message"));
    expect((await lost).code).to.equal("ERR_PROTOCOL");
    expect(told).to.deep.equal(["closed ERR_PROTOCOL"]);
    expect(socket.closed).to.equal(true);
  });

  it("survives whatever arrives", async () => {
    const type = fc.constantFrom(0, 1, NLMSG_ERROR, NLMSG_DONE, 4, 16, FAMILY_ID, 0xffff);
    const bytes = fc.uint8Array({ maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(bytes, fc.record({ type, flags: fc.nat(0xffff), ours: fc.boolean(), bytes })), {
          maxLength: 8,
        }),
        fc.constantFrom<AnswerKind>("acknowledgement", "reply", "run", "dump"),
        async (arrivals, kind) => {
          const { connection, socket } = await bench();
          const outcome = connection.request(request(kind)).then(
            () => undefined,
            (error: unknown) => error,
          );
          await new Promise<void>((sent) => process.nextTick(sent));
          for (const arrival of arrivals) {
            const { sequence } = last(socket);
            if (arrival instanceof Uint8Array) socket.raw(arrival);
            else {
              const number = arrival.ours ? sequence : 0;
              socket.raw(netlinkMessage(arrival.type, arrival.flags, number, socket.port, arrival.bytes));
            }
          }
          connection.close();
          expect(await outcome).to.satisfy(
            (error: unknown) => error === undefined || error instanceof LunatikError,
          );
        },
      ),
      { numRuns: 700 },
    );
  });
});
