// SPDX-License-Identifier: MIT
// The server of the embedded backend as a process: its options, its socket, and what strangers send to it.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

const executable = resolve(process.env["LUNATIK_EMBEDDED_SERVER"] ?? "build/embedded-asan/lunatik-embedded");

const headerSize = 16;
const typeError = 2;
const typeOverrun = 4;
const typeMembership = 14;
const typeController = 16;
const typeModule = 19;
const flagRequest = 1;
const flagAcknowledge = 4;

interface Message {
  readonly type: number;
  readonly sequence: number;
  readonly payload: Buffer;
}

/** A netlink message; length overrides what its header claims. */
function message(
  type: number,
  sequence: number,
  payload: Buffer,
  length = headerSize + payload.length,
): Buffer {
  const bytes = Buffer.alloc((headerSize + payload.length + 3) & ~3);
  bytes.writeUInt32LE(length, 0);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(flagRequest | flagAcknowledge, 6);
  bytes.writeUInt32LE(sequence, 8);
  payload.copy(bytes, headerSize);
  return bytes;
}

/** GETFAMILY of the controller itself: answered by whatever server there is. */
function question(sequence: number): Buffer {
  return message(typeController, sequence, Buffer.from("\x03\x02\0\0\x0b\0\x02\0nlctrl\0\0", "latin1"));
}

const commands = { create: 1, execute: 4, cancel: 6, event: 11 } as const;
const attributeCode = 6;

function attribute(type: number, value: string): Buffer {
  const bytes = Buffer.alloc((4 + value.length + 3) & ~3);
  bytes.writeUInt16LE(4 + value.length, 0);
  bytes.writeUInt16LE(type, 2);
  bytes.write(value, 4, "latin1");
  return bytes;
}

/** A request to the module about a state, with a chunk where it takes one. */
function demand(
  sequence: number,
  command: keyof typeof commands,
  state: string,
  ...chunk: readonly string[]
): Buffer {
  const name = attribute(1, command === "create" ? `${state}\0` : state);
  const code = chunk.map((text) => attribute(attributeCode, text));
  return message(
    typeModule,
    sequence,
    Buffer.concat([Buffer.from([commands[command], 1, 0, 0]), name, ...code]),
  );
}

/** Joins the groups of all families; of a group that does not exist the server says so. */
function membership(): Buffer {
  const groups = [17, 18, 19].map((group) =>
    message(typeMembership, 0, Buffer.from([group, 0, 0, 0, 1, 0, 0, 0])),
  );
  return Buffer.concat(groups);
}

const forEver = "while true do end";

/** Rejects when it takes longer than ten seconds. */
async function soon<Value>(what: string, value: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain until ${what}`)), 10_000);
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}

class Client {
  readonly socket: Socket;
  #bytes = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => undefined;

  constructor(path: string) {
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    this.socket = connect(path);
    this.socket.on("error", end);
    this.socket.on("end", end);
    this.socket.on("data", (data) => {
      this.#bytes = Buffer.concat([this.#bytes, data]);
      this.#wake();
    });
  }

  /** The next message; undefined at the end of the stream. */
  async next(): Promise<Message | undefined> {
    for (;;) {
      const length =
        this.#bytes.length >= headerSize ? this.#bytes.readUInt32LE(0) : Number.POSITIVE_INFINITY;
      if (this.#bytes.length >= length) {
        const bytes = this.#bytes.subarray(0, length);
        this.#bytes = this.#bytes.subarray((length + 3) & ~3);
        return {
          type: bytes.readUInt16LE(4),
          sequence: bytes.readUInt32LE(8),
          payload: bytes.subarray(headerSize),
        };
      }
      if (this.#ended) return undefined;
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
  }

  /** The error number of the acknowledgement of a request, other messages skipped. */
  async acknowledgement(sequence: number): Promise<number | undefined> {
    for (;;) {
      const received = await this.next();
      if (received === undefined) return undefined;
      if (received.type === typeError && received.sequence === sequence)
        return received.payload.readInt32LE(0);
    }
  }

  async isServed(sequence = 77): Promise<boolean> {
    this.socket.write(question(sequence));
    return (await this.acknowledgement(sequence)) === 0;
  }
}

/** A small generator of the same bytes every time. */
function* randomBytes(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state >>> 24;
  }
}

describe("lunatik-embedded", () => {
  let folder: string;
  let path: string;
  let server: ChildProcess | undefined;
  let talk: string;
  const clients: Client[] = [];

  async function start(...options: readonly string[]): Promise<string> {
    talk = "";
    const child = spawn(executable, ["--socket", path, ...options], { stdio: ["ignore", "pipe", "pipe"] });
    server = child;
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      talk += text;
    });
    const lines = createInterface({ input: child.stdout });
    const [line] = await Promise.race([once(lines, "line"), once(child, "exit").then(() => [""])]);
    return String(line);
  }

  async function stop(signal: NodeJS.Signals): Promise<number | null> {
    if (server === undefined) return null;
    const child = server;
    const exit = once(child, "exit");
    child.kill(signal);
    await exit;
    server = undefined;
    return child.exitCode;
  }

  function client(): Client {
    const made = new Client(path);
    clients.push(made);
    return made;
  }

  /** Runs the server for what it does before it listens. */
  function refusal(...options: readonly string[]): { readonly status: number; readonly text: string } {
    try {
      execFileSync(executable, ["--socket", path, ...options], { stdio: "pipe", encoding: "utf8" });
      return { status: 0, text: "" };
    } catch (error) {
      const { status, stderr } = error as { status: number; stderr: string };
      return { status, text: stderr };
    }
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lunatik-server-"));
    path = join(folder, "socket");
  });

  afterEach(async () => {
    for (const { socket } of clients.splice(0)) socket.destroy();
    const child = server;
    const status = await stop("SIGTERM");
    rmSync(folder, { recursive: true, force: true });
    if (child !== undefined) expect(status, talk).to.equal(0);
  });

  it("says where it listens, and leaves nothing behind", async () => {
    expect(await start()).to.equal(`lunatik-embedded: listening on ${path}`);
    expect(await client().isServed()).to.equal(true);
    expect(await stop("SIGINT"), talk).to.equal(0);
    expect(existsSync(path)).to.equal(false);
  });

  it("lets nobody else in", async () => {
    await start();
    expect(statSync(path).mode & 0o777).to.equal(0o600);
  });

  it("does not take the socket of another server, but one that was left behind", async () => {
    await start();
    expect(refusal()).to.deep.equal({
      status: 1,
      text: `lunatik-embedded: cannot listen on ${path}: Address already in use\n`,
    });
    await stop("SIGKILL");
    expect(existsSync(path)).to.equal(true);
    await start();
    expect(await client().isServed()).to.equal(true);
  });

  it("does not remove what is no socket", () => {
    path = executable;
    expect(refusal().status).to.equal(1);
    expect(statSync(executable).isFile()).to.equal(true);
  });

  it("explains itself", () => {
    const help = execFileSync(executable, ["--help"], { encoding: "utf8" });
    expect(help).to.match(/^usage: lunatik-embedded/);
    expect(help).to.match(/^ {2}max_states=16384 \(uint\) ./m);
    expect(execFileSync(executable, ["--version"], { encoding: "utf8" })).to.match(
      /^lunatik-embedded \d+\.\d+\.\d+ \(Lua 5\.4\.8\)\n$/,
    );
  });

  it("refuses options that it does not know, and parameters as the module would", () => {
    expect(refusal("--nonsense").status).to.equal(2);
    expect(refusal("more").status).to.equal(2);
    expect(refusal("--buffer", "12").status).to.equal(2);
    expect(refusal("--fail-every", "1").status).to.equal(2);
    expect(refusal("--param", "max_states").text).to.include("Invalid argument");
    expect(refusal("--param", "max_states=many").text).to.include("Invalid argument");
    expect(refusal("--param", "max_states=5000000000").text).to.include("Numerical result out of range");
    expect(refusal("--param", "max_stats=5").text).to.include("no such parameter");
    expect(refusal("--log", join(folder, "none", "log")).status).to.equal(1);
    expect(refusal("--socket", join(folder, "x".repeat(120))).text).to.include("longer than 107 bytes");
  });

  it("writes its log as dmesg shows the kernel's", async () => {
    const log = join(folder, "log");
    await start("--log", log);
    await stop("SIGTERM");
    expect(readFileSync(log, "utf8")).to.match(/^\[ *\d+\.\d{6}\] lunatik: version /);
  });

  it("refuses a message that is too long, and goes on", async () => {
    await start();
    const one = client();
    one.socket.write(message(typeController, 5, Buffer.alloc((5 << 20) + 1)));
    expect(await one.acknowledgement(5)).to.equal(-90);
    expect(await one.isServed()).to.equal(true);
  });

  it("ends a connection whose stream is not one of messages", async () => {
    await start();
    const one = client();
    one.socket.write(message(typeController, 6, Buffer.alloc(0), 7));
    expect(await one.acknowledgement(6)).to.equal(-22);
    expect(await one.next()).to.equal(undefined);
    expect(await client().isServed()).to.equal(true);
  });

  it("survives any bytes", async () => {
    await start();
    const random = randomBytes(20);
    for (let round = 0; round < 200; round++) {
      const one = client();
      const size = [1, 15, 16, 17, 100, 5000][round % 6] ?? 0;
      one.socket.write(Buffer.from(Array.from({ length: size }, () => random.next().value)));
      await once(one.socket, "connect");
      one.socket.end();
    }
    expect(await client().isServed()).to.equal(true);
  });

  it("survives any body of a message", async () => {
    await start();
    const random = randomBytes(21);
    const one = client();
    for (let round = 0; round < 3000; round++) {
      const body = Buffer.from(Array.from({ length: random.next().value % 64 }, () => random.next().value));
      /* the controller, the module, the message of membership */
      const type = [typeController, 0x13, 0x13, 0x0e][random.next().value % 4] ?? 0;
      one.socket.write(message(type, 1, body));
    }
    expect(await one.isServed()).to.equal(true);
  });

  it("survives allocations that fail, and leaks nothing", async () => {
    await start("--fail-every", "5");
    const random = randomBytes(22);
    for (let round = 0; round < 50; round++) {
      const one = client();
      for (let sequence = 0; sequence < 50; sequence++) {
        const command = random.next().value % 12;
        const chunk = command === 4 ? "\x0c\0\x06\0return 1" : "";
        const body = `${String.fromCharCode(command)}\x01\0\0\x06\0\x01\0a\0\0\0${chunk}`;
        one.socket.write(message(0x13, sequence, Buffer.from(body, "latin1")));
      }
      one.socket.end();
      /* the server closes when it has done all that was asked */
      for (let received = await one.next(); received !== undefined; ) received = await one.next();
    }
    expect(await stop("SIGTERM"), talk).to.equal(0);
  });

  it("serves others while one does not read, and then tells that one of its loss", async () => {
    await start("--buffer", "100000");
    const deaf = client();
    deaf.socket.pause();
    const many = Buffer.concat(Array.from({ length: 1000 }, (_, index) => question(index + 100)));
    for (let round = 0; round < 30; round++) {
      if (!deaf.socket.write(many)) await once(deaf.socket, "drain");
    }
    expect(await client().isServed()).to.equal(true);
    deaf.socket.resume();
    let received: Message | undefined;
    do received = await deaf.next();
    while (received !== undefined && received.type !== typeOverrun);
    expect(received?.type).to.equal(typeOverrun);
    /* until all that waited has been read, what comes on top of it is lost too */
    for (let sequence = 200000; ; sequence++) {
      deaf.socket.write(question(sequence));
      do received = await deaf.next();
      while (received?.type !== typeOverrun && received?.sequence !== sequence);
      expect(received).to.not.equal(undefined);
      if (received?.sequence === sequence) break;
    }
  });

  describe("with runs of a minute", () => {
    beforeEach(() => start("--param", "default_time_ms=60000", "--param", "default_steps=1000000000000000"));

    async function created(...states: readonly string[]): Promise<Client> {
      const one = client();
      for (const [index, state] of states.entries()) {
        one.socket.write(demand(index, "create", state));
        expect(await one.acknowledgement(index)).to.equal(0);
      }
      return one;
    }

    /** Resolves when nothing runs in the state any more. */
    async function free(state: string): Promise<void> {
      const one = client();
      for (let sequence = 1; ; sequence++) {
        one.socket.write(demand(sequence, "execute", state, "return 1"));
        const error = await one.acknowledgement(sequence);
        if (error === 0) return;
        expect(error).to.equal(-16);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }

    it("ends the run of a client that goes before anything could be written to it", async () => {
      const states = Array.from({ length: 10 }, (_, index) => `gone${index}`);
      await created(...states);
      for (const state of states) {
        const one = client();
        await once(one.socket, "connect");
        /* the questions keep the server busy until the client has gone */
        const questions = Array.from({ length: 50 }, (_, index) => question(index));
        one.socket.write(Buffer.concat([...questions, demand(99, "execute", state, forEver)]));
        one.socket.destroy();
      }
      await soon("all runs have ended", Promise.all(states.map(free)));
    });

    it("reads the cancel of a client whose run floods it with events", async () => {
      const one = await created("flood");
      one.socket.write(membership());
      one.socket.pause();
      const flood = `local line = ('x'):rep(1000) for i = 1, 20000 do print(line) end ${forEver}`;
      one.socket.write(Buffer.concat([demand(50, "execute", "flood", flood), demand(51, "cancel", "flood")]));
      await soon("the run is cancelled", free("flood"));
    });

    it("writes the events of a long run to its own client at once", async () => {
      const one = await created("late");
      one.socket.write(membership());
      const late = `local from = os.clock() while os.clock() < from + 0.3 do end print('here') ${forEver}`;
      one.socket.write(demand(50, "execute", "late", late));
      const told = async (): Promise<boolean> => {
        for (;;) {
          const received = await one.next();
          if (received === undefined) return false;
          if (received.payload[0] === commands.event && received.payload.includes("here")) return true;
        }
      };
      expect(await soon("the event comes", told())).to.equal(true);
    });

    it("serves a client with any number of long runs", async () => {
      const states = Array.from({ length: 20 }, (_, index) => `long${index}`);
      const one = await created(...states);
      for (const state of states) one.socket.write(demand(50, "execute", state, forEver));
      expect(await soon("the client is served", one.isServed())).to.equal(true);
    });
  });

  it("ends in good order with many connections open", async () => {
    await start();
    const open = Array.from({ length: 100 }, () => client());
    for (const one of open) expect(await one.isServed()).to.equal(true);
    expect(await stop("SIGTERM"), talk).to.equal(0);
    for (const one of open) expect(await one.next()).to.equal(undefined);
  });
});
