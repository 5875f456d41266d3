// SPDX-License-Identifier: MIT

import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { openConnection } from "../../client/connection.ts";
import { connect } from "../../client/lunatik.ts";
import { HEADROOM } from "../../client/message.ts";
import { defaultSocket, embeddedTransport } from "../../client/transport_embedded.ts";
import { rejection } from "../rejection.ts";
import { familyAttributes, netlinkMessage } from "./fake_kernel.ts";

/** A unix server whose answers the test gives byte by byte. */
describe("the embedded transport", () => {
  let folder: string;
  let path: string;
  let server: Server;
  let peer: Promise<Socket>;
  let received: Buffer;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "lunatik-test-"));
    path = join(folder, "socket");
    received = Buffer.alloc(0);
    server = createServer();
    peer = new Promise((resolve) => {
      server.once("connection", (socket) => {
        socket.on("error", () => undefined);
        socket.on("data", (bytes) => {
          received = Buffer.concat([received, bytes]);
        });
        resolve(socket);
      });
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
  });

  afterEach(async () => {
    const listening = server.listening;
    if (listening) await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  async function until(condition: () => boolean): Promise<void> {
    for (let tries = 0; !condition(); tries++) {
      if (tries > 500) throw new Error("it did not happen");
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  function request(size = HEADROOM) {
    const body = Buffer.alloc(size, 0x5a);
    return { operation: "t", kind: "reply", type: 30, command: 1, version: 1, body, timeout: 3000 } as const;
  }

  it("does not take an empty path for a port of TCP", async () => {
    const error = await rejection(connect({ backend: "embedded", socket: "" }));
    expect([error.code, error.message]).to.deep.equal([
      "ERR_CONNECT",
      "the path of the embedded server's socket is empty",
    ]);
  });

  it("says where nobody listens", async () => {
    const error = await rejection(connect({ backend: "embedded", socket: join(folder, "nothing") }));
    expect(error.code).to.equal("ERR_CONNECT");
    expect(error.message).to.contain(join(folder, "nothing"));
    server.close();
  });

  it("pads what it sends, and puts pieces of what it gets together", async () => {
    const connection = await openConnection(embeddedTransport(path), 8);
    const socket = await peer;
    const answer = connection.request(request(HEADROOM + 1));
    await until(() => received.length >= 24);
    expect(received.readUInt32LE(0)).to.equal(21);
    expect(received).to.have.length(24);
    const reply = netlinkMessage(
      30,
      0,
      received.readUInt32LE(8),
      4711,
      Buffer.from("\u0001\u0001\0\0hello there"),
    );
    for (let at = 0; at < reply.length; at++) {
      socket.write(reply.subarray(at, at + 1));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(String((await answer).replies[0])).to.equal("hello there");
    connection.close();
  });

  it("takes several messages, and a large one, from any pieces", async () => {
    const connection = await openConnection(embeddedTransport(path), 8);
    const socket = await peer;
    const answers = [1, 2, 3].map(() => connection.request(request()));
    await until(() => received.length >= 60);
    const big = Buffer.concat([Buffer.from([1, 1, 0, 0]), Buffer.alloc(700_001, 7)]);
    const replies = [0, 20, 40].map((at, index) =>
      netlinkMessage(
        30,
        0,
        received.readUInt32LE(at + 8),
        4711,
        index === 1 ? big : Buffer.from([1, 1, 0, 0, index]),
      ),
    );
    const all = Buffer.concat(replies);
    for (let at = 0; at < all.length; at += 99_991) socket.write(all.subarray(at, at + 99_991));
    expect((await Promise.all(answers)).map(({ replies: [first] }) => first?.length)).to.deep.equal([
      1, 700_001, 1,
    ]);
    connection.close();
  });

  it("believes only the port that the server gave it", async () => {
    const connection = await openConnection(embeddedTransport(path), 8);
    const socket = await peer;
    const first = connection.request(request());
    await until(() => received.length >= 20);
    socket.write(netlinkMessage(30, 0, received.readUInt32LE(8), 4711, Buffer.from([1, 1, 0, 0, 1])));
    await first;
    const second = rejection(connection.request({ ...request(), timeout: 50 }));
    await until(() => received.length >= 40);
    socket.write(netlinkMessage(30, 0, received.readUInt32LE(28), 4712, Buffer.from([1, 1, 0, 0, 1])));
    expect((await second).code).to.equal("ERR_TIMEOUT");
    connection.close();
  });

  it("asks for membership with a message of its own", async () => {
    const connection = await openConnection(embeddedTransport(path), 8);
    await peer;
    await connection.join(9);
    await until(() => received.length >= 24);
    expect(received.toString("hex")).to.equal("180000000e00010000000000000000000900000001000000");
    connection.close();
  });

  it("ends with the connection, on garbage and on a server that goes away", async () => {
    const told: string[] = [];
    const open = () => openConnection(embeddedTransport(path), 8, { closed: ({ code }) => told.push(code) });
    const connection = await open();
    const socket = await peer;
    const lost = rejection(connection.request(request()));
    socket.write(Buffer.alloc(16, 0xff));
    expect((await lost).code).to.equal("ERR_PROTOCOL");
    const next = new Promise<Socket>((resolve) => server.once("connection", resolve));
    const another = await open();
    const gone = rejection(another.request(request()));
    (await next).destroy();
    expect((await gone).code).to.equal("ERR_CLOSED");
    expect(told).to.deep.equal(["ERR_PROTOCOL", "ERR_CLOSED"]);
  });

  it("connects the client to a server that answers as the kernel does", async () => {
    const connecting = connect({ backend: "embedded", socket: path });
    const socket = await peer;
    await until(() => received.length >= 32);
    const payload = Buffer.concat([Buffer.from([1, 2, 0, 0]), familyAttributes()]);
    socket.write(netlinkMessage(16, 0, received.readUInt32LE(8), 3, payload));
    const lunatik = await connecting;
    expect(lunatik.backend).to.equal("embedded");
    lunatik.close();
  });

  it("finds the socket in the environment", () => {
    expect(defaultSocket({ LUNATIK_EMBEDDED_SOCKET: "/x", XDG_RUNTIME_DIR: "/run/user/1" })).to.equal("/x");
    expect(defaultSocket({ XDG_RUNTIME_DIR: "/run/user/1" })).to.equal("/run/user/1/lunatik.sock");
    expect(defaultSocket({})).to.match(/^\/tmp\/lunatik-\d+\.sock$/);
  });
});
