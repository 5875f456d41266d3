// SPDX-License-Identifier: MIT

import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { expect } from "chai";
import fc from "fast-check";
import { ControlReader } from "../../client/control_reader.ts";

interface Reading {
  readonly messages: readonly unknown[];
  readonly error: string | undefined;
}

/** All that a reader takes of a socket. */
class FakeSocket extends EventEmitter {
  #isPaused = false;

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
  }

  isPaused(): boolean {
    return this.#isPaused;
  }
}

/** What a reader makes of these pieces, which come one after the other. */
function read(pieces: readonly Uint8Array[], most = 1000): Reading {
  const socket = new FakeSocket();
  const reader = new ControlReader(socket as unknown as Socket, most);
  const messages: unknown[] = [];
  let error: string | undefined;
  reader.onError((reason) => {
    error = reason.message;
  });
  reader.listen((message) => messages.push(message));
  for (const piece of pieces) socket.emit("data", Buffer.from(piece));
  return { messages, error };
}

function framed(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  return Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]);
}

/** Bytes in pieces that end where they say. */
function cut(bytes: Buffer, ends: readonly number[]): readonly Buffer[] {
  const places = [0, ...ends.map((end) => end % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

describe("the control socket's reader", () => {
  it("gives each message once, in order, wherever the bytes are cut", () => {
    const message = fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 6 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (messages, ends) => {
          const sent = messages.map((one) => JSON.parse(JSON.stringify(one)) as unknown);
          const pieces = cut(Buffer.concat(sent.map(framed)), ends);
          expect(read(pieces, 100_000)).to.deep.equal({ messages: sent, error: undefined });
        },
      ),
    );
    const bytes = framed({ drip: "é" });
    expect(read([...bytes].map((byte) => Uint8Array.of(byte))).messages).to.deep.equal([{ drip: "é" }]);
  });

  it("takes other headers, and the length in any case", () => {
    const bytes = Buffer.from("content-type: x\r\nCONTENT-length:2\r\n\r\n{}");
    expect(read([bytes])).to.deep.equal({ messages: [{}], error: undefined });
  });

  it("takes a message that is as long as one may be", () => {
    const message = { text: "x".repeat(1000 - '{"text":""}'.length) };
    expect(read([framed(message)])).to.deep.equal({ messages: [message], error: undefined });
  });

  it("refuses a list, which is no message", () => {
    expect(read([framed([])]).error).to.match(/no object/);
  });

  const wrong: readonly (readonly [what: string, bytes: string, error: RegExp])[] = [
    ["a header without an end", "x".repeat(1024), /no end within 1024 bytes/],
    ["a header without a length", "X: 1\r\n\r\n", /no Content-Length/],
    ["a length that is none", "Content-Length: -1\r\n\r\n", /no Content-Length/],
    ["a message that is too long", "Content-Length: 1001\r\n\r\n", /1001 bytes, over 1000/],
    ["what is not JSON", "Content-Length: 1\r\n\r\n{", /JSON/],
    ["what is no object", "Content-Length: 4\r\n\r\nnull", /no object/],
  ];
  for (const [what, bytes, error] of wrong) {
    it(`refuses ${what}, and reads no more`, () => {
      const reading = read([Buffer.from(bytes), framed({})]);
      expect(reading.error).to.match(error);
      expect(reading.messages).to.deep.equal([]);
    });
  }

  it("gives what came before the mistake", () => {
    const { messages, error } = read([Buffer.concat([framed({ id: 1 }), Buffer.from("nonsense\r\n\r\n")])]);
    expect(messages).to.deep.equal([{ id: 1 }]);
    expect(error).to.match(/no Content-Length/);
  });

  it("lets nobody send more than the library takes: one message a turn", async () => {
    const socket = new FakeSocket();
    const reader = new ControlReader(socket as unknown as Socket, 1000);
    let handed = 0;
    let taken = 0;
    const take = (): void => {
      taken += 1;
      if (taken < handed) setImmediate(take);
    };
    reader.listen(() => {
      handed += 1;
      if (handed === taken + 1) setImmediate(take);
    });
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    let most = 0;
    for (let round = 0; round < 1000; round += 1) {
      if (!socket.isPaused())
        socket.emit("data", Buffer.concat(Array.from({ length: 10 }, () => framed({}))));
      most = Math.max(most, handed - taken);
      await turn();
    }
    expect(most).to.be.within(65, 75);
    expect(taken).to.be.greaterThan(900);
    while (socket.isPaused()) await turn();
    expect(handed - taken).to.be.at.most(64);
  });

  it("reads on only when neither the library nor its owner holds it back", async () => {
    const socket = new FakeSocket();
    const reader = new ControlReader(socket as unknown as Socket, 1000);
    reader.listen(() => undefined);
    reader.restrain(true);
    expect(socket.isPaused()).to.equal(true);
    socket.emit("data", Buffer.concat(Array.from({ length: 70 }, () => framed({}))));
    reader.restrain(false);
    expect(socket.isPaused()).to.equal(true);
    while (socket.isPaused()) await new Promise((resolve) => setImmediate(resolve));
    reader.restrain(true);
    expect(socket.isPaused()).to.equal(true);
  });
});
