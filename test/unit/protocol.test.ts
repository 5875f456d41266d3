// SPDX-License-Identifier: MIT

import { constants } from "node:os";
import { expect } from "chai";
import * as fc from "fast-check";
import { PAYLOAD_MAX, ProtocolError } from "../../client/attributes.ts";
import * as client from "../../client/protocol_gen.ts";
import { decodeText } from "../../client/text.ts";
import * as kernel from "./kernel_protocol_gen.ts";

/*
 * The generated codec. The two ends are written by one generator, so what they agree upon is checked against bytes
 * written out by hand here, and against the kernel's own generator and client in test/spec.
 */

const u8 = fc.integer({ min: 0, max: 0xff });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const u64 = fc.bigInt({ min: 0n, max: 0xffffffffffffffffn });
/** Any bytes as text, but for a NUL at the end, which a string attribute may have or not. */
const text = fc.uint8Array({ maxLength: 300 }).map((bytes) => decodeText(bytes.filter((byte) => byte !== 0)));
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const pieces = fc.oneof(
  bytes,
  fc.integer({ min: PAYLOAD_MAX - 3, max: 3 * PAYLOAD_MAX + 3 }).map((size) => {
    const value = Buffer.alloc(size);
    for (let at = 0; at < size; at++) value[at] = (at * 31) >> 3;
    return value;
  }),
);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });

const createRequest = fc.record({
  name: maybe(text),
  description: maybe(text),
  libraries: maybe(u32),
  maxMemory: maybe(u64),
  maxSteps: maybe(u64),
  maxTime: maybe(u64),
  createFlags: maybe(u32),
});

const executeRequest = fc.record({
  state: maybe(text),
  cookie: maybe(u64),
  chunkName: maybe(text),
  code: maybe(pieces),
  arguments: maybe(pieces),
  maxMemory: maybe(u64),
  maxSteps: maybe(u64),
  maxTime: maybe(u64),
  maxWait: maybe(u64),
});

const stateReply = fc.record({
  name: maybe(text),
  id: maybe(u64),
  description: maybe(text),
  libraries: maybe(u32),
  maxMemory: maybe(u64),
  maxSteps: maybe(u64),
  maxTime: maybe(u64),
  memory: maybe(u64),
  memoryPeak: maybe(u64),
  busy: maybe(u8),
  dying: maybe(u8),
  run: maybe(u64),
  waiting: maybe(u32),
  runs: maybe(u64),
  failures: fc.array(fc.record({ code: maybe(text), count: maybe(u64) }), { maxLength: 5 }),
  steps: maybe(u64),
  time: maybe(u64),
  timeLongest: maybe(u64),
  sectionLongest: maybe(u64),
  stackDeepest: maybe(u32),
  created: maybe(u64),
  creatorPid: maybe(u32),
  creatorUid: maybe(u32),
  creatorComm: maybe(text),
  lastError: maybe(
    fc.record({ errno: maybe(u32), code: maybe(text), message: maybe(bytes), time: maybe(u64) }),
  ),
});

const runReply = fc.record({
  state: maybe(text),
  id: maybe(u64),
  cookie: maybe(u64),
  errno: maybe(u32),
  errorCode: maybe(text),
  message: maybe(bytes),
  traceback: maybe(bytes),
  results: maybe(pieces),
  output: maybe(pieces),
  outputDropped: maybe(u64),
  steps: maybe(u64),
  time: maybe(u64),
  wait: maybe(u64),
  memory: maybe(u64),
  memoryPeak: maybe(u64),
  resultsSize: maybe(u64),
  outputSize: maybe(u64),
});

const eventMessage = fc.record({
  sequence: maybe(u64),
  type: maybe(u32),
  state: maybe(text),
  stateId: maybe(u64),
  run: maybe(u64),
  time: maybe(u64),
  errno: maybe(u32),
  errorCode: maybe(text),
  message: maybe(bytes),
  output: maybe(bytes),
});

const decoders: Readonly<Record<string, (message: Buffer) => unknown>> = {
  state: client.decodeStateReply,
  run: client.decodeRunReply,
  cancel: client.decodeCancelReply,
  result: client.decodeResultReply,
  info: client.decodeInfoReply,
  event: client.decodeEventMessage,
};

/** One attribute by hand: length, type, payload, padding. */
function attribute(type: number, payload: Uint8Array): Buffer {
  const out = Buffer.alloc((4 + payload.length + 3) & ~3);
  out.writeUInt16LE(4 + payload.length, 0);
  out.writeUInt16LE(type, 2);
  out.set(payload, 4);
  return out;
}

function hex(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(" ", ""), "hex");
}

/** Decodes and expects a value or ERR_PROTOCOL, never anything else. */
function survives(decode: (message: Buffer) => unknown, message: Buffer): void {
  try {
    decode(message);
  } catch (error) {
    expect(error).to.be.instanceOf(ProtocolError);
    expect(error).to.have.property("code", "ERR_PROTOCOL");
  }
}

describe("protocol", () => {
  describe("bytes on the wire", () => {
    it("are a header of length and type, the payload, and zeros up to 4 bytes", () => {
      const request = client.encodeDeleteRequest({ name: "ab", deleteFlags: client.DeleteFlag.force });
      expect(request).to.deep.equal(hex("07000100 61620000 08000a00 01000000"));
    });

    it("have 64-bit numbers in the machine's order, unaligned", () => {
      const request = client.encodeReleaseRequest({ id: 0x0102030405060708n });
      expect(request).to.deep.equal(hex("0c000300 0807060504030201"));
    });

    it("start behind the headroom, which is zero", () => {
      const request = client.encodeGetRequest({ name: "x" }, 20);
      expect(request.subarray(0, 20).equals(Buffer.alloc(20))).to.equal(true);
      expect(request.subarray(20)).to.deep.equal(hex("06000100 78000000"));
    });

    it("cut code over as many attributes as it needs", () => {
      const code = Buffer.alloc(2 * PAYLOAD_MAX + 1, "x");
      const request = client.encodeExecuteRequest({ code });
      expect(request.readUInt16LE(0)).to.equal(0xffff);
      expect(request.readUInt16LE(65536)).to.equal(0xffff);
      expect(request.readUInt16LE(2 * 65536)).to.equal(5);
      expect(request.length).to.equal(2 * 65536 + 8);
    });

    it("are one empty attribute for empty code", () => {
      expect(client.encodeExecuteRequest({ code: Buffer.alloc(0) })).to.deep.equal(hex("04000600"));
    });

    it("cut a text that no attribute can hold, so that the module refuses it", () => {
      const request = client.encodeGetRequest({ name: "n".repeat(100_000) });
      expect(request.length).to.equal(65536);
      expect(request.readUInt16LE(0)).to.equal(0xffff);
    });

    it("never hold what lay in memory before", () => {
      Buffer.allocUnsafe(4096).fill(0xee);
      for (let i = 0; i < 50; i++) {
        const name = "n".repeat(i);
        expect(client.encodeGetRequest({ name }, 20).includes(0xee), `${i} bytes`).to.equal(false);
      }
    });
  });

  describe("requests", () => {
    it("come back as they went", () => {
      fc.assert(
        fc.property(createRequest, (request) => {
          expect(kernel.decodeCreateRequest(client.encodeCreateRequest(request))).to.deep.equal(request);
        }),
      );
      fc.assert(
        fc.property(executeRequest, (request) => {
          expect(kernel.decodeExecuteRequest(client.encodeExecuteRequest(request))).to.deep.equal(request);
        }),
      );
    });

    it("refuse a number that does not fit its attribute", () => {
      expect(() => client.encodeReleaseRequest({ id: -1n })).to.throw(RangeError);
      expect(() => client.encodeReleaseRequest({ id: 1n << 64n })).to.throw(RangeError);
      expect(() => client.encodeDeleteRequest({ deleteFlags: 2 ** 32 })).to.throw(RangeError);
      expect(() => client.encodeDeleteRequest({ deleteFlags: -1 })).to.throw(RangeError);
    });
  });

  describe("replies", () => {
    it("come back as they went", () => {
      fc.assert(
        fc.property(stateReply, (reply) => {
          expect(client.decodeStateReply(kernel.encodeStateReply(reply))).to.deep.equal(reply);
        }),
      );
      fc.assert(
        fc.property(runReply, (reply) => {
          expect(client.decodeRunReply(kernel.encodeRunReply(reply))).to.deep.equal(reply);
        }),
      );
      fc.assert(
        fc.property(eventMessage, (event) => {
          expect(client.decodeEventMessage(kernel.encodeEventMessage(event))).to.deep.equal(event);
        }),
      );
    });

    it("may have unknown attributes, padding attributes and flags on the type", () => {
      const message = Buffer.concat([
        attribute(2, Buffer.alloc(0)),
        attribute(0x3fff, Buffer.from("newer")),
        attribute(0x8000 | 27, Buffer.from([7, 0, 0, 0])),
      ]);
      expect(client.decodeCancelReply(message)).to.deep.equal({ count: 7 });
    });

    it("have strings with or without a final NUL", () => {
      for (const ending of ["", "\0"]) {
        const message = attribute(1, Buffer.from(`name${ending}`));
        expect(client.decodeStateReply(message).name).to.equal("name");
      }
      expect(client.decodeStateReply(attribute(1, Buffer.alloc(0))).name).to.equal("");
    });

    it("keep a text's bytes that are not UTF-8", () => {
      const name = Buffer.from([0x61, 0xff, 0xc3, 0xa9, 0]);
      const decoded = client.decodeStateReply(attribute(1, name)).name;
      expect(client.encodeGetRequest({ name: decoded })).to.deep.equal(attribute(1, name));
    });

    it("join the pieces of one value in order, whatever lies between", () => {
      const message = Buffer.concat([
        attribute(17, Buffer.from("ab")),
        attribute(27, Buffer.from([1, 0, 0, 0])),
        attribute(17, Buffer.from("c")),
      ]);
      expect(client.decodeRunReply(message).results).to.deep.equal(Buffer.from("abc"));
    });

    it("may lack the last attribute's padding", () => {
      expect(client.decodeStateReply(attribute(1, Buffer.from("a")).subarray(0, 5)).name).to.equal("a");
    });

    it("with a number of the wrong size are refused", () => {
      for (const size of [0, 1, 2, 3, 5, 8]) {
        expect(() => client.decodeCancelReply(attribute(27, Buffer.alloc(size))), `${size}`).to.throw(
          ProtocolError,
        );
      }
      for (const size of [0, 4, 7, 9, 16]) {
        expect(() => client.decodeResultReply(attribute(3, Buffer.alloc(size))), `${size}`).to.throw(
          ProtocolError,
        );
      }
    });

    it("with a length beyond the end, or too short for the header, are refused", () => {
      expect(() => client.decodeCancelReply(hex("ff001b00 01000000"))).to.throw(ProtocolError);
      expect(() => client.decodeCancelReply(hex("03001b00 01000000"))).to.throw(ProtocolError);
      expect(() => client.decodeCancelReply(hex("0000"))).to.throw(ProtocolError);
    });

    it("with a nest that ends beyond itself are refused", () => {
      const nest = attribute(0x8000 | 18, hex("ff000300"));
      expect(() => client.decodeStateReply(nest)).to.throw(ProtocolError);
    });

    it("cut short anywhere are decoded or refused, never a crash", () => {
      fc.assert(
        fc.property(stateReply, runReply, fc.nat(), (state, run, cut) => {
          for (const [name, message] of [
            ["state", kernel.encodeStateReply(state)],
            ["run", kernel.encodeRunReply(run)],
          ] as const) {
            const decode = decoders[name];
            if (decode !== undefined) survives(decode, message.subarray(0, cut % (message.length + 1)));
          }
        }),
      );
    });

    it("of garbage are decoded or refused, never a crash", () => {
      const known = fc
        .tuple(fc.integer({ min: 0, max: 40 }), fc.uint8Array({ maxLength: 20 }), fc.boolean())
        .map(([type, payload, nested]) => attribute(nested ? type | 0x8000 : type, payload));
      const garbage = fc.oneof(
        fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
        fc.array(known, { maxLength: 10 }).map((list) => Buffer.concat(list)),
        fc.tuple(fc.array(known, { minLength: 1, maxLength: 6 }), fc.nat(), u8).map(([list, where, byte]) => {
          const message = Buffer.concat(list);
          message[where % message.length] = byte;
          return message;
        }),
      );
      for (const decode of Object.values(decoders)) {
        fc.assert(
          fc.property(garbage, (message) => survives(decode, message)),
          { numRuns: 300 },
        );
      }
    });
  });

  describe("names", () => {
    it("of errors have Linux's errnos", () => {
      const known: Readonly<Record<string, number>> = constants.errno;
      let compared = 0;
      for (const [code, { errno, name }] of Object.entries(client.errors)) {
        expect(code).to.match(/^ERR_[A-Z_]+$/);
        if (known[name] === undefined) continue;
        expect(errno, name).to.equal(known[name]);
        compared++;
      }
      expect(compared).to.be.greaterThan(15);
    });

    it("of attributes are the contract's, by command and number", () => {
      expect(client.attributeNames[client.Command.create]?.[1]).to.equal("name");
      expect(client.attributeNames[client.Command.execute]?.[12]).to.equal("max-wait");
    });

    it("of event types go both ways", () => {
      for (const [name, number] of Object.entries(client.EventType)) {
        expect(client.eventTypeNames[number]).to.equal(name);
      }
    });
  });
});
