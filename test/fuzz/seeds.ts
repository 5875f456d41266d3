// SPDX-License-Identifier: MIT
// Writes the seeds whose bytes nobody could read, from what they mean: npm run seeds. The others (chunks of Lua, and what
// the fuzzers found) lie beside them as they are.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeRequest, HEADROOM, NLM_F_ACK, NLM_F_DUMP, padded } from "../../client/message.ts";
import {
  Command,
  CreateFlag,
  DeleteFlag,
  encodeCallRequest,
  encodeCancelRequest,
  encodeCreateRequest,
  encodeDeleteRequest,
  encodeExecuteRequest,
  encodeGetRequest,
  encodeReleaseRequest,
  encodeResultRequest,
  Library,
} from "../../client/protocol_gen.ts";

type Seeds = Readonly<Record<string, Uint8Array>>;

function bytes(...parts: readonly (string | number | readonly number[] | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.map((part) =>
      typeof part === "string"
        ? Buffer.from(part, "latin1")
        : Buffer.from(typeof part === "number" ? [part] : part),
    ),
  );
}

/* --- request.c: netlink messages; it says what a header's port means to it --- */

/** The family's number in the fuzz target, and the controller's. */
const FAMILY = 0x13;
const CONTROLLER = 0x10;
/** Message types of the embedded backend's socket. */
const MEMBERSHIP = 0x0e;
const EVENTS = 18;

interface Extra {
  readonly client?: 0 | 1;
  /** Items of work done afterwards. */
  readonly work?: number;
  /** The n-th allocation fails. */
  readonly fail?: number;
  /** The clients read nothing. */
  readonly unread?: boolean;
  readonly flags?: number;
  readonly type?: number;
}

function port({ client = 0, work = 0, fail = 0, unread = false }: Extra): number {
  return client | (unread ? 2 : 0) | (work << 8) | (fail << 24);
}

let sequence = 100;

function message(command: number, body: Buffer, extra: Extra = {}): Buffer {
  const { flags = NLM_F_ACK, type = FAMILY } = extra;
  const encoded = encodeRequest({ type, command, version: 1, body }, flags, sequence);
  sequence += 1;
  encoded.writeUInt32LE(port(extra), 12);
  return Buffer.concat([encoded, Buffer.alloc(padded(encoded.length) - encoded.length)]);
}

function join1(client: 0 | 1): Buffer {
  const out = Buffer.alloc(24);
  out.writeUInt32LE(24, 0);
  out.writeUInt16LE(MEMBERSHIP, 4);
  out.writeUInt32LE(client, 12);
  out.writeUInt32LE(EVENTS, 16);
  out.writeUInt32LE(1, 20);
  return out;
}

const text = (value: string): Buffer => Buffer.from(value);
const empty = (): Buffer => Buffer.alloc(HEADROOM);
const create = (fields: Parameters<typeof encodeCreateRequest>[0], extra?: Extra): Buffer =>
  message(Command.create, encodeCreateRequest(fields, HEADROOM), extra);
const remove = (fields: Parameters<typeof encodeDeleteRequest>[0], extra?: Extra): Buffer =>
  message(Command.delete, encodeDeleteRequest(fields, HEADROOM), extra);
const execute = (state: string, code: string, extra?: Extra, more = {}): Buffer =>
  message(
    Command.execute,
    encodeExecuteRequest({ state, code: text(code), cookie: 50n, ...more }, HEADROOM),
    extra,
  );
const call = (fields: Parameters<typeof encodeCallRequest>[0], extra?: Extra): Buffer =>
  message(Command.call, encodeCallRequest(fields, HEADROOM), extra);
const cancel = (fields: Parameters<typeof encodeCancelRequest>[0], extra?: Extra): Buffer =>
  message(Command.cancel, encodeCancelRequest(fields, HEADROOM), extra);
const result = (fields: Parameters<typeof encodeResultRequest>[0], extra: Extra = {}): Buffer =>
  message(Command.result, encodeResultRequest(fields, HEADROOM), { flags: NLM_F_DUMP, ...extra });
const release = (fields: Parameters<typeof encodeReleaseRequest>[0]): Buffer =>
  message(Command.release, encodeReleaseRequest(fields, HEADROOM));
const list = (extra: Extra = {}): Buffer =>
  message(Command.get, encodeGetRequest({}, HEADROOM), { flags: NLM_F_DUMP, ...extra });

const requests: Seeds = {
  create: create({
    name: "n",
    description: "what it is for",
    libraries: Library.math | Library.string,
    maxMemory: 500_000n,
    maxSteps: 1000n,
    maxTime: 10_000_000n,
  }),
  "create-twice": bytes(create({ name: "n" }), create({ name: "n" }), create({ name: "m" })),
  replace: create({ name: "s", createFlags: CreateFlag.replace }, { work: 3 }),
  "replace-busy": create({ name: "b", createFlags: CreateFlag.replace }),
  "if-not-exists": create({ name: "b", createFlags: CreateFlag.ifNotExists }),
  "out-of-range": create({ name: "n", maxMemory: 2n ** 63n, maxSteps: 0n }),
  delete: remove({ name: "s" }),
  "delete-busy": bytes(remove({ name: "b" }), remove({ name: "b", deleteFlags: DeleteFlag.force })),
  get: message(Command.get, encodeGetRequest({ name: "s" }, HEADROOM)),
  list: bytes(list(), list({ client: 1, unread: true }), list({ client: 1 })),
  log: message(Command.log, empty()),
  info: message(Command.info, empty()),
  execute: execute("s", "return 1, 2.5, 'x', {1, {}}", { work: 1 }),
  "execute-limits": execute(
    "s",
    "local t = {} while true do t[#t + 1] = t end",
    { work: 2 },
    {
      maxMemory: 200_000n,
      maxSteps: 900n,
      maxTime: 1_000_000n,
      chunkName: "=test",
      arguments: bytes(0x93, 1, 0xa1, "x", 0xc0),
    },
  ),
  "execute-error": execute("s", "error({})", { work: 1 }),
  "execute-syntax": execute("s", "return return", { work: 1 }),
  "execute-bytecode": execute("s", "\x1bLua", { work: 1 }),
  "execute-print": bytes(join1(1), execute("s", "print('a\\nb\\0\\27') print(1, nil)", { work: 1 })),
  "execute-waits": execute("b", "return 2", { work: 4 }, { maxWait: 1_000_000_000n }),
  "execute-busy": execute("b", "return 2", { work: 4 }),
  call: call({ state: "s", function: "f", arguments: bytes(0x92, 1, 0x80), cookie: 51n }, { work: 1 }),
  "call-dotted": call({ state: "s", function: "t.g", maxSteps: 100n, maxTime: 1_000_000n }, { work: 1 }),
  "call-index": call({ state: "s", function: "t.any" }, { work: 1 }),
  "call-nothing": call({ state: "s", function: "no.such.thing" }, { work: 1 }),
  "cancel-state": bytes(cancel({ state: "b" }, { work: 2 }), cancel({ state: "s" })),
  "cancel-cookie": bytes(cancel({ cookie: 3n }), cancel({ cookie: 2n }, { work: 3 })),
  "cancel-id": bytes(cancel({ id: 3n }), cancel({ id: 0n }), cancel({ state: "b", id: 4n, cookie: 3n })),
  "cancel-nothing": cancel({}),
  result: bytes(result({ cookie: 9n }), release({ cookie: 9n }), result({ cookie: 9n })),
  "result-twice": bytes(
    result({ cookie: 9n }, { client: 1, unread: true }),
    result({ cookie: 9n }, { client: 1 }),
  ),
  events: bytes(
    join1(0),
    create({ name: "n" }),
    execute("n", "error('x')", { work: 1 }),
    remove({ name: "n" }),
  ),
  overrun: bytes(
    join1(1),
    execute("s", "for i = 1, 99 do print(('x'):rep(999)) end", { work: 2, unread: true }),
    list({ client: 1 }),
  ),
  "no-memory": bytes(
    create({ name: "n" }, { fail: 3 }),
    execute("s", "return 1", { fail: 2, work: 1 }),
    execute("s", "return ('x'):rep(99999)", { fail: 9, work: 1 }),
    remove({ name: "s" }, { fail: 1 }),
    list({ fail: 2 }),
  ),
  controller: message(3, bytes(empty(), [12, 0, 2, 0], "lunatik\0"), { type: CONTROLLER }),
  "controller-list": message(3, empty(), { type: CONTROLLER, flags: NLM_F_DUMP }),
  "unknown-command": message(99, empty()),
  "unknown-attribute": message(Command.get, bytes(empty(), [8, 0, 99, 0, 1, 2, 3, 4])),
  "bad-length": message(Command.get, bytes(empty(), [99, 0, 1, 0], "s\0\0\0")),
  "left-over": message(Command.get, bytes(empty(), [6, 0, 1, 0], "s\0\0\0", 1, 2)),
  twice: message(Command.get, bytes(empty(), [6, 0, 1, 0], "s\0\0\0", [6, 0, 1, 0], "b\0\0\0")),
  pieces: message(
    Command.execute,
    bytes(empty(), [6, 0, 1, 0], "s\0\0\0", [11, 0, 6, 0], "return\0", [6, 0, 6, 0], " 1\0\0"),
    { work: 1 },
  ),
};

/* --- value.c: MessagePack --- */

const values: Seeds = {
  nothing: bytes(),
  none: bytes(0x90),
  scalars: bytes(0x95, 0xc0, 0xc2, 0xc3, 0x7f, 0xe0),
  integers: bytes(
    0x98,
    [0xcc, 0xff],
    [0xcd, 1, 0],
    [0xce, 1, 0, 0, 0],
    [0xcf, 0, 0, 0, 1, 0, 0, 0, 0],
    [0xd0, 0x80],
    [0xd1, 0x80, 0],
    [0xd2, 0x80, 0, 0, 0],
    [0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0],
  ),
  "too-large": bytes(0x91, [0xcf, 0x80, 0, 0, 0, 0, 0, 0, 0]),
  floats: bytes(0x92, [0xca, 0x3f, 0xc0, 0, 0], [0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0]),
  strings: bytes(0x94, 0xa1, "x", [0xd9, 2], "\xc3\xa9", [0xc4, 2, 0xff, 0], [0xda, 0, 3], "abc"),
  "utf-8": bytes(0x92, 0xa4, "\xf0\x9f\x98\x80", 0xa3, "\xed\xa0\x80"),
  arrays: bytes(0x91, 0x93, 1, 0x92, 2, 3, [0xdc, 0, 2], 4, 5),
  holes: bytes(0x91, 0x93, 1, 0xc0, 3),
  maps: bytes(0x91, 0x83, 0xa1, "a", 1, 2, 0x81, 3, 4, 0xc3, 0x80),
  sequence: bytes(0x91, 0x82, 2, 0xa1, "b", 1, 0xa1, "a"),
  "float-key": bytes(0x91, 0x82, [0xcb, 0x40, 0, 0, 0, 0, 0, 0, 0], 1, 2, 2),
  "nil-key": bytes(0x91, 0x81, 0xc0, 1),
  "nan-key": bytes(0x91, 0x81, [0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0], 1),
  "same-key": bytes(0x91, 0x83, 0xa1, "k", 1, 0xa1, "k", 2, 0xa1, "k", 0xc0),
  "table-key": bytes(0x91, 0x82, 0x91, 1, 2, 0x91, 1, 2),
  deep: bytes(0x91, ...Array<number>(32).fill(0x91), 0x90),
  "too-deep": bytes(
    0x91,
    ...Array<number>(33)
      .fill(0x81)
      .flatMap((map) => [map, 1]),
    0x90,
  ),
  "long-string": bytes(0x91, [0xda, 1, 44], "s".repeat(300)),
  "long-array": bytes(0x91, [0xdc, 0, 40], ...Array<number>(40).fill(7)),
  extension: bytes(0x91, [0xd4, 1, 2]),
  "cut-short": bytes(0x92, 1),
  "something-follows": bytes(0x90, 1),
  "false-count": bytes(0x91, [0xdd, 0xff, 0xff, 0xff, 0xff]),
};

/* --- number.c: a byte for the format, a double, a text --- */

function number(format: number, value: number, numeral: string): Buffer {
  const out = Buffer.alloc(9);
  out.writeUInt8(format, 0);
  out.writeDoubleLE(value, 1);
  return bytes(out, numeral);
}

const numbers: Seeds = Object.fromEntries(
  (
    [
      [0, 0.1, "0.1"],
      [1, 1e22, "1e22"],
      [2, 5e-324, "5e-324"],
      [3, 1.7976931348623157e308, "1.7976931348623159e308"],
      [4, 123456789.5, "9007199254740993"],
      [5, 2.5, "2.4703282292062328e-324"],
      [6, 9.5, "0x1.fffffffffffff8p1023"],
      [8, 2 ** -1022, "0x.8p-1073"],
      [9, 1 / 3, "  -1.5e3x"],
      [10, -0, "1e999999999999"],
      [11, 1.5, "0x1p-1074"],
      [12, 1e15, ".5e+"],
      [13, 4.35, "123456789012345678901234567890e-10"],
      [20, Number.POSITIVE_INFINITY, "0x"],
      [21, Number.NaN, "1.00000000000000011102230246251565404236316680908203125"],
      [23, 99999999999999.5, "0.000000000000000000000000000000000000001"],
    ] as const
  ).map(([format, value, numeral], index) => [`number-${index}`, number(format, value, numeral)]),
);

/* --- operations.c: an operation is a byte for its kind, one for the client, one for the state's name, and more --- */

const Kind = {
  create: 0,
  delete: 2,
  execute: 3,
  call: 5,
  cancelState: 6,
  cancelCookie: 7,
  get: 8,
  list: 9,
  info: 10,
  result: 11,
  release: 12,
  pass: 13,
  client: 14,
  work: 15,
} as const;
const Chunk = { count: 0, endless: 2, large: 4, output: 5, print: 6, long: 8, finalizer: 9 } as const;

const made = [Kind.create, 0, 0, 0];
const long = [Kind.execute, 0, 0, Chunk.long, 0];
const operations: Seeds = {
  lifecycle: bytes(made, [Kind.get, 1, 0], [Kind.list, 2, 0], [Kind.info, 0, 0], [Kind.delete, 0, 0, 0], 0),
  "too-many": bytes(...[0, 1, 2, 3].map((name) => [Kind.create, 0, name, 0]), [Kind.list, 0, 0], 0),
  replace: bytes(made, long, [Kind.create, 1, 0, 1], [Kind.work, 0, 0, 0, 0], [Kind.create, 1, 0, 1], 0),
  queue: bytes(
    made,
    ...[1, 2, 0, 1].map((client) => [Kind.execute, client, 0, Chunk.count, 9]),
    ...[0, 1, 2, 3].map(() => [Kind.work, 0, 0, 0]),
    0,
  ),
  tired: bytes(
    made,
    long,
    [Kind.execute, 1, 0, Chunk.count, 5],
    [Kind.pass, 0, 0, 20],
    [Kind.work, 0, 0, 1],
    0,
  ),
  cancel: bytes(
    made,
    long,
    [Kind.execute, 1, 0, Chunk.endless, 9],
    [Kind.cancelCookie, 2, 0, 1],
    [Kind.cancelState, 0, 0],
    0,
  ),
  kept: bytes(
    made,
    [Kind.execute, 0, 0, Chunk.large, 0],
    [Kind.work, 0, 0, 0],
    [Kind.result, 1, 0, 0],
    [Kind.release, 1, 0, 0],
    [Kind.execute, 1, 0, Chunk.output, 0],
    [Kind.work, 0, 0, 0],
    [Kind.pass, 0, 0, 128],
    [Kind.work, 0, 0, 0],
    [Kind.result, 1, 0, 1],
    0,
  ),
  force: bytes(
    made,
    long,
    [Kind.execute, 1, 0, Chunk.count, 99],
    [Kind.delete, 2, 0, 1],
    [Kind.list, 0, 0],
    0,
  ),
  gone: bytes(
    made,
    [Kind.execute, 1, 0, Chunk.large, 0],
    [Kind.client, 1, 0, 1],
    [Kind.work, 0, 0, 0],
    [Kind.info, 0, 0],
    0,
  ),
  events: bytes(
    [Kind.client, 2, 0, 2],
    made,
    [Kind.execute, 0, 0, Chunk.print, 0],
    [Kind.work, 0, 0, 0],
    [Kind.delete, 0, 0, 0],
    0,
  ),
  "in-the-middle": bytes(
    made,
    [Kind.create, 1, 1, 0],
    long,
    [Kind.work, 0, 0, 0],
    3,
    [Kind.execute, 1, 0, Chunk.count, 50],
    [Kind.cancelState, 2, 0],
    [Kind.delete, 1, 1, 0],
    1,
    [Kind.get, 0, 0],
    0,
  ),
  finalizer: bytes(
    made,
    [Kind.execute, 0, 0, Chunk.finalizer, 0],
    [Kind.work, 0, 0, 0],
    [Kind.delete, 0, 0, 0],
    1,
    [Kind.list, 0, 0],
    0,
  ),
};

/* --- */

function write(target: string, seeds: Seeds): void {
  const folder = join(import.meta.dirname, "seeds", target);
  mkdirSync(folder, { recursive: true });
  for (const [name, seed] of Object.entries(seeds)) writeFileSync(join(folder, name), seed);
}

write("request", requests);
write("value", values);
write("number", numbers);
write("operations", operations);
