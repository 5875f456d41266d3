// SPDX-License-Identifier: MIT

import { once } from "node:events";
import { expect } from "chai";
import fc from "fast-check";
import { putBytes, putU32, putU64, sizeOf } from "../../client/attributes.ts";
import { type AnswerKind, type Connection, openConnection } from "../../client/connection.ts";
import { LunatikError } from "../../client/error.ts";
import { type Family, resolveFamily } from "../../client/family.ts";
import { HEADROOM } from "../../client/message.ts";
import { attributeNames, Command, decodeCancelReply, FAMILY_VERSION } from "../../client/protocol_gen.ts";
import { rejection } from "../rejection.ts";
import { backend, fresh, open, opener, powerless, runProgram } from "./backend.ts";

/*
 * Requests that this library would not make: what the module answers is part of the contract too. Attributes of the set
 * "state": 1 name, 5 libraries, 6 max-memory, 9 create-flags; of "run": 1 state, 3 id, 4 cookie, 6 code.
 */

function text(type: number, value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value as string);
  const out = Buffer.alloc(sizeOf(bytes.length));
  putBytes(out, 0, type, bytes);
  return out;
}

function u32(type: number, value: number): Buffer {
  const out = Buffer.alloc(8);
  putU32(out, 0, type, value);
  return out;
}

function u64(type: number, value: bigint): Buffer {
  const out = Buffer.alloc(12);
  putU64(out, 0, type, value);
  return out;
}

describe("a request by hand", () => {
  let connection: Connection;
  let family: Family;

  beforeEach(async () => {
    connection = await openConnection(opener(), 64);
    family = await resolveFamily(connection, "lunatik", 20_000);
  });

  afterEach(() => connection.close());

  async function send(command: number, attributes: readonly Buffer[], kind: AnswerKind = "acknowledgement") {
    const names: Readonly<Record<number, readonly string[]>> = attributeNames;
    return connection.request({
      operation: "test",
      kind,
      type: family.id,
      command,
      version: FAMILY_VERSION,
      body: Buffer.concat([Buffer.alloc(HEADROOM), ...attributes]),
      attributeName: (type) => names[command]?.[type],
      timeout: 20_000,
    });
  }

  it("with an attribute that the operation does not take is refused", async () => {
    const name = fresh();
    for (const stranger of [u32(4000, 1), u64(11, 5n), u64(3, 1n), text(0, "")]) {
      const error = await rejection(send(Command.create, [text(1, name), stranger]));
      expect(error).to.include({ code: "ERR_UNSUPPORTED", errnoName: "EOPNOTSUPP" });
    }
    expect(await rejection(send(Command.create, [text(1, name), u64(11, 5n)]))).to.include({
      attribute: "memory",
    });
    expect((await rejection(send(Command.get, [text(1, name)]))).code).to.equal("ERR_NO_STATE");
  });

  it("with an unknown flag or library is refused", async () => {
    const name = fresh();
    for (const [attribute, bits] of [
      [9, 4],
      [9, 0x80000000],
      [5, 128],
      [5, 0xffffffff],
    ] as const) {
      expect(await rejection(send(Command.create, [text(1, name), u32(attribute, bits)]))).to.include({
        code: "ERR_UNSUPPORTED",
        attribute: attributeNames[Command.create][attribute],
      });
    }
    expect((await rejection(send(Command.delete, [text(1, name), u32(10, 2)]))).code).to.equal(
      "ERR_UNSUPPORTED",
    );
  });

  it("with an attribute of the wrong length is refused", async () => {
    const name = fresh();
    for (const wrong of [text(6, "abc"), text(6, ""), text(5, "12345"), text(9, "1")]) {
      const error = await rejection(send(Command.create, [text(1, name), wrong]));
      // The kernel's own check says ERANGE to what is too short, the module EINVAL.
      expect(error, wrong.toString("hex")).to.include({ code: "ERR_INVALID" });
    }
  });

  it("that lacks what it needs is refused", async () => {
    const name = fresh();
    await (await open()).create(name);
    const lacking: readonly (readonly [number, readonly Buffer[], string])[] = [
      [Command.create, [], "name"],
      [Command.delete, [], "name"],
      [Command.get, [], "name"],
      [Command.execute, [text(6, "return 1")], "state"],
      [Command.execute, [text(1, name)], "code"],
      [Command.call, [text(1, name)], "function"],
      [Command.call, [text(7, "f")], "state"],
      [Command.cancel, [], ""],
      [Command.release, [], "id"],
    ];
    for (const [command, attributes, attribute] of lacking) {
      const error = await rejection(send(command, attributes));
      expect(error, `command ${command} without ${attribute}`).to.include({ code: "ERR_INVALID" });
      if (attribute !== "") expect(error.attribute ?? attribute).to.equal(attribute);
    }
  });

  it("of a command that there is not is refused", async () => {
    for (const command of [0, Command.event, Command.finished, 13, 200]) {
      expect((await rejection(send(command, []))).errnoName).to.equal("EOPNOTSUPP");
    }
  });

  it("for results or runs that there are not is refused", async () => {
    expect(await rejection(send(Command.release, [u64(3, 2n ** 64n - 1n)]))).to.include({
      code: "ERR_NO_RUN",
      errnoName: "ENOENT",
    });
    expect((await rejection(send(Command.result, [u64(3, 2n ** 64n - 1n)], "dump"))).code).to.equal(
      "ERR_NO_RUN",
    );
    expect((await rejection(send(Command.cancel, [u64(3, 2n ** 64n - 1n)], "reply"))).code).to.equal(
      "ERR_NO_RUN",
    );
  });

  it("may give strings with a final NUL or without, and binary in any pieces", async () => {
    const name = fresh();
    await send(Command.create, [text(1, `${name}\0`)]);
    const pieces = ["ret", "", "urn 4", "2"].map((piece) => text(6, piece));
    const answer = await send(Command.execute, [text(1, name), u64(4, 9n), ...pieces], "run");
    expect(answer.replies).to.have.length(1);
    const cancel = await send(Command.cancel, [text(1, name)], "reply");
    expect(decodeCancelReply(cancel.replies[0] ?? Buffer.alloc(0)).count).to.equal(0);
  });

  it("with arguments that are no MessagePack array fails, and harms nothing", async () => {
    const lunatik = await open();
    const name = fresh();
    await lunatik.create(name);
    for (const garbage of [
      "c0",
      "80",
      "91",
      "9000",
      "91c1",
      "ddffffffff",
      "dbffffffff",
      "91cf8000000000000000",
      "9181c001",
      "9181cb7ff800000000000001",
    ]) {
      const request = [
        text(1, name),
        text(6, "return ..."),
        u64(4, 9n),
        text(8, Buffer.from(garbage, "hex")),
      ];
      const outcome = await send(Command.execute, request, "run").then(
        ({ replies: [reply] }) => reply?.toString("latin1") ?? "",
        (error: LunatikError) => error.code,
      );
      expect(outcome, garbage).to.contain("ERR_INVALID");
    }
    expect((await lunatik.execute(name, "return 1")).results).to.have.length(1);
  });

  it("of any bytes gets an answer, and the module lives on", async function () {
    this.timeout(120_000);
    const lunatik = await open();
    const before = new Set((await lunatik.list()).states.map(({ id }) => id));
    const attribute = fc
      .tuple(fc.oneof(fc.nat(30), fc.nat(0xffff)), fc.uint8Array({ maxLength: 24 }), fc.boolean())
      .map(([type, value, lie]) => {
        const bytes = text(type, value);
        if (lie) bytes.writeUInt16LE(value.length * 3, 0);
        return bytes;
      });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(1, 2, 3, 6, 8, 9, 10, 11, 12),
        fc.array(attribute, { maxLength: 6 }),
        async (command, attributes) => {
          const outcome = await send(command, attributes).catch((error: unknown) => error);
          if (outcome instanceof LunatikError) expect(outcome.code).to.not.equal("ERR_TIMEOUT");
        },
      ),
      { numRuns: 1000 },
    );
    const { states } = await lunatik.list();
    for (const { id, name } of states) if (!before.has(id)) await lunatik.delete(name, { force: true });
    expect((await lunatik.info()).luaVersion).to.equal("Lua 5.4.8");
  });
});

describe("a caller without the right", () => {
  it("may do nothing", async function () {
    // The embedded server has no rights: who may open its socket may do everything.
    if (backend === "embedded" || process.getuid?.() !== 0) this.skip();
    this.timeout(60_000);
    const program = `
      const codes = [];
      for (const act of [
        () => lunatik.create("x"), () => lunatik.delete("x"), () => lunatik.get("x"), () => lunatik.list(),
        () => lunatik.execute("x", ""), () => lunatik.call("x", "f"), () => lunatik.cancel({ state: "x" }),
        () => lunatik.log(), () => lunatik.info(), () => lunatik.events(),
      ]) codes.push(await act().then(() => "done", (error) => error.code));
      console.log(codes.join(" "));
      lunatik.close();`;
    const child = runProgram(program, { under: powerless });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      output += piece;
    });
    await once(child, "exit");
    expect(output.trim().split(" ")).to.deep.equal(Array.from({ length: 10 }, () => "ERR_PERMISSION"));
  });
});
