// SPDX-License-Identifier: MIT

import { expect } from "chai";
import fc from "fast-check";
import { errnoName, LunatikError, refusal } from "../../client/error.ts";
import {
  attributes,
  encodeRequest,
  HEADROOM,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLMSG_DONE,
  NLMSG_ERROR,
  parseAcknowledgement,
  parseMessages,
} from "../../client/message.ts";
import { netlinkMessage } from "./fake_kernel.ts";

function garbage(act: () => unknown): void {
  expect(act).to.throw(LunatikError).with.property("code", "ERR_PROTOCOL");
}

/** An acknowledgement of a request of `size` bytes. */
function acknowledgement(errno: number, flags: number, size: number, tail: string): Buffer {
  const payload = Buffer.alloc(4 + 16);
  payload.writeInt32LE(-errno, 0);
  payload.writeUInt32LE(size, 4);
  return netlinkMessage(NLMSG_ERROR, flags, 1, 2, Buffer.concat([payload, Buffer.from(tail, "hex")]));
}

/** NLMSGERR_ATTR_MSG "no", NLMSGERR_ATTR_OFFS 24. */
const EXTENDED = "070001006e6f00000800020018000000";

describe("netlink messages", () => {
  it("are laid out as struct nlmsghdr and struct genlmsghdr", () => {
    const body = Buffer.concat([Buffer.alloc(HEADROOM), Buffer.from("0500010078000000", "hex")]);
    const message = encodeRequest({ type: 0x1234, command: 5, version: 1, body }, 4, 0xfffffffe);
    expect(message.toString("hex")).to.equal("1c00000034120500feffffff00000000050100000500010078000000");
  });

  it("come back to back, each padded to 4 bytes", () => {
    const messages = parseMessages(
      Buffer.concat([
        netlinkMessage(20, 2, 7, 9, Buffer.from("abc")),
        netlinkMessage(21, 0, 8, 9, Buffer.alloc(0)),
      ]),
    );
    expect(
      messages.map(({ type, flags, sequence, port, payload }) => [
        type,
        flags,
        sequence,
        port,
        payload.toString(),
      ]),
    ).to.deep.equal([
      [20, 2, 7, 9, "abc"],
      [21, 0, 8, 9, ""],
    ]);
  });

  it("that are cut short or lie about their length are garbage", () => {
    const message = netlinkMessage(20, 0, 1, 1, Buffer.from("abcd"));
    for (let length = 1; length < message.length; length++)
      garbage(() => parseMessages(message.subarray(0, length)));
    const short = Buffer.from(message);
    short.writeUInt32LE(15, 0);
    garbage(() => parseMessages(short));
    const long = Buffer.from(message);
    long.writeUInt32LE(0xffffffff, 0);
    garbage(() => parseMessages(long));
  });

  it("of any bytes are parsed or garbage", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        for (const parse of [() => parseMessages(bytes), () => attributes(Buffer.from(bytes))]) {
          try {
            parse();
          } catch (error) {
            expect(error).to.be.instanceOf(LunatikError).with.property("code", "ERR_PROTOCOL");
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("acknowledgements", () => {
  function parse(bytes: Buffer): unknown {
    const [message] = parseMessages(bytes);
    if (message === undefined) throw new Error("no message");
    return parseAcknowledgement(message);
  }

  it("carry errno, text and the place of the attribute, capped or with the whole request", () => {
    const expected = { errno: 22, text: "no", offset: 24, missing: undefined };
    expect(parse(acknowledgement(22, NLM_F_CAPPED | NLM_F_ACK_TLVS, 1000, EXTENDED))).to.deep.equal(expected);
    expect(parse(acknowledgement(22, NLM_F_ACK_TLVS, 24, `0102030405060708${EXTENDED}`))).to.deep.equal(
      expected,
    );
  });

  it("without the flag have no text, whatever follows", () => {
    expect(parse(acknowledgement(22, NLM_F_CAPPED, 20, EXTENDED))).to.have.property("text", undefined);
  });

  it("name an attribute that is missing", () => {
    const bytes = acknowledgement(22, NLM_F_CAPPED | NLM_F_ACK_TLVS, 20, "0800050003000000");
    expect(parse(bytes)).to.have.property("missing", 3);
  });

  it("may end a dump, with a status or without", () => {
    expect(parse(netlinkMessage(NLMSG_DONE, 2, 1, 1, Buffer.alloc(0)))).to.have.property("errno", 0);
    expect(parse(netlinkMessage(NLMSG_DONE, 2, 1, 1, Buffer.from("feffffff", "hex")))).to.have.property(
      "errno",
      2,
    );
  });

  it("that are cut short or positive are garbage", () => {
    garbage(() => parse(netlinkMessage(NLMSG_ERROR, 0, 1, 1, Buffer.alloc(3))));
    garbage(() => parse(netlinkMessage(NLMSG_ERROR, NLM_F_ACK_TLVS, 1, 1, Buffer.alloc(8))));
    garbage(() => parse(acknowledgement(-5, 0, 20, "")));
  });
});

describe("refusals", () => {
  it("take code and text from the module", () => {
    const error = refusal(2, "ERR_NO_STATE: no state has this name", { operation: "get", attribute: "name" });
    expect(error).to.include({
      code: "ERR_NO_STATE",
      message: "no state has this name",
      errno: 2,
      errnoName: "ENOENT",
      operation: "get",
      attribute: "name",
    });
  });

  it("without a code of ours come from the kernel's own layers", () => {
    expect(refusal(1, undefined).code).to.equal("ERR_PERMISSION");
    expect(refusal(2, undefined).code).to.equal("ERR_NO_MODULE");
    expect(refusal(22, "Attribute failed policy validation")).to.include({
      code: "ERR_INVALID",
      message: "Attribute failed policy validation",
    });
    expect(refusal(12, undefined).code).to.equal("ERR_NO_MEMORY");
    expect(refusal(71, "odd").code).to.equal("ERR_SYSTEM");
    expect(refusal(9999, undefined).message).to.equal("the kernel answered errno 9999");
  });

  it("with a code that nobody knows keep the text whole", () => {
    expect(refusal(5, "ERR_NEWS: new").message).to.equal("ERR_NEWS: new");
    expect(refusal(5, "ERR_TIMEOUT: ours only").code).to.equal("ERR_SYSTEM");
  });

  it("become flat JSON", () => {
    const json: unknown = JSON.parse(JSON.stringify(refusal(62, "ERR_STEPS: the step budget is spent")));
    expect(json).to.deep.equal({
      code: "ERR_STEPS",
      message: "the step budget is spent",
      errno: 62,
      errnoName: "ETIME",
    });
  });

  it("have a name for every errno of the module", () => {
    expect([116, 122, 62, 91].map(errnoName)).to.deep.equal(["ESTALE", "EDQUOT", "ETIME", "EPROTOTYPE"]);
  });
});
