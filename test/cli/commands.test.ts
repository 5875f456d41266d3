// SPDX-License-Identifier: MIT

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { LunatikError } from "../../client/error.ts";
import { float, fromJs, integer, nil, string } from "../../client/lua_value.ts";
import { decodeValues, encodeValues } from "../../client/messagepack.ts";
import { EventType } from "../../client/protocol_gen.ts";
import { FakeModule, failed, results } from "./fake_module.ts";
import { Capture, document, type Outcome, run } from "./world.ts";

/** Presses Ctrl-C once the module has a run. */
function whenRunning(module: FakeModule): (interrupt: () => void) => void {
  return function press(interrupt) {
    if (module.runs.length > 0) interrupt();
    else setImmediate(press, interrupt);
  };
}

describe("kluactl create", () => {
  it("asks for what the options say, in the module's units", async () => {
    const module = new FakeModule();
    const { exit, stdout, stderr } = await run(module, [
      "create",
      "box",
      "--description",
      "a box",
      "--memory",
      "4M",
      "--steps",
      "1e6",
      "--time",
      "100",
      "--libraries",
      "string, table",
    ]);
    expect({ exit, stdout, stderr }).to.deep.equal({ exit: 0, stdout: "", stderr: "state box created\n" });
    expect(module.created).to.deep.include.members([
      {
        name: "box",
        description: "a box",
        libraries: 6,
        maxMemory: 4n * 2n ** 20n,
        maxSteps: 1000000n,
        maxTime: 100_000_000n,
        createFlags: undefined,
      },
    ]);
  });

  it("leaves to the module what is not given", async () => {
    const module = new FakeModule();
    await run(module, ["create", "box"]);
    expect(module.created[0]).to.deep.include({
      libraries: undefined,
      maxMemory: undefined,
      createFlags: undefined,
    });
  });

  it("gives no library but base for an empty list", async () => {
    const module = new FakeModule();
    await run(module, ["create", "box", "--libraries", ""]);
    expect(module.created[0]?.libraries).to.equal(0);
  });

  it("passes the flags on", async () => {
    const module = new FakeModule();
    await run(module, ["create", "box", "--replace"]);
    await run(module, ["create", "box", "--if-not-exists"]);
    expect(module.created.map(({ createFlags }) => createFlags)).to.deep.equal([1, 2]);
  });

  it("tells of a name that is taken by its exit code, its text and its JSON", async () => {
    const module = new FakeModule();
    module.add("box");
    const text = await run(module, ["create", "box"]);
    expect(text).to.deep.include({
      exit: 11,
      stdout: "",
      stderr: "kluactl: box: a state has this name already\n",
    });
    const json = await run(module, ["create", "box", "--json"]);
    expect(json).to.deep.include({ exit: 11, stderr: "" });
    expect(document(json)).to.deep.equal({
      ok: false,
      error: {
        code: "ERR_EXISTS",
        exit_code: 11,
        message: "a state has this name already",
        errno: 17,
        errno_name: "EEXIST",
        operation: "create",
      },
    });
  });
});

describe("kluactl delete", () => {
  it("deletes what can be deleted, and exits with the first failure", async () => {
    const module = new FakeModule();
    module.add("a");
    module.add("c");
    const { exit, stdout, stderr } = await run(module, ["delete", "a", "b", "c"]);
    expect(exit).to.equal(10);
    expect(stdout).to.equal("");
    expect(stderr).to.equal("state a deleted\nkluactl: b: no state has this name\nstate c deleted\n");
    expect(module.states.size).to.equal(0);
  });

  it("says in JSON which were deleted and which were not", async () => {
    const module = new FakeModule();
    module.add("a");
    const outcome = await run(module, ["delete", "a", "b", "--json"]);
    expect(outcome.exit).to.equal(10);
    expect(document(outcome)).to.deep.include({ ok: false, deleted: ["a"] });
    expect(document(outcome)).to.have.nested.property("failed[0].state", "b");
  });
});

describe("kluactl list", () => {
  it("prints a table with live figures, by name", async () => {
    const module = new FakeModule();
    module.add("zeta", { busy: 1, waiting: 3, memory: 1536n, runs: 1234n });
    module.add("alpha", {
      description: "the first",
      runs: 7n,
      failures: [
        { code: "ERR_RUNTIME", count: 2n },
        { code: "ERR_STEPS", count: 1n },
      ],
    });
    const { exit, stdout, stderr } = await run(module, ["list"]);
    expect({ exit, stderr }).to.deep.equal({ exit: 0, stderr: "" });
    expect(stdout).to.equal(
      "NAME   BUSY      MEMORY   LIMIT   RUNS  FAILED  AGE  DESCRIPTION\n" +
        "alpha  idle    19.5 KiB  32 MiB      7       3  60s  the first\n" +
        "zeta   busy+3   1.5 KiB  32 MiB  1,234       0  60s\n",
    );
  });

  it("says on stderr that there is nothing, and prints nothing", async () => {
    const { exit, stdout, stderr } = await run(new FakeModule(), ["list"]);
    expect({ exit, stdout }).to.deep.equal({ exit: 0, stdout: "" });
    expect(stderr).to.match(/^no states/);
  });

  it("keeps what strangers wrote from acting on the terminal", async () => {
    const module = new FakeModule();
    module.add("x", { description: "\u001b[31mred\n\u202e" });
    const { stdout } = await run(module, ["list"]);
    expect(stdout).to.include("\\x1b[31mred\\x0a\\u{202e}");
    expect(stdout).to.not.include("\u001b");
  });

  it("prints names that are not UTF-8 byte for byte", async () => {
    const module = new FakeModule();
    module.add("x\udcff");
    const { stdoutBytes } = await run(module, ["list"]);
    expect(stdoutBytes.includes(Buffer.from([0x78, 0xff, 0x20]))).to.equal(true);
    expect((await run(module, ["list", "--json"])).stdout).to.include('"x\\udcff"');
  });

  it("has the module write its list to the kernel log", async () => {
    const module = new FakeModule();
    const { exit, stdout } = await run(module, ["list", "--dmesg"]);
    expect({ exit, stdout, logged: module.logged }).to.deep.equal({ exit: 0, stdout: "", logged: 1 });
  });

  it("colours the head on a terminal, unless told not to", async () => {
    const module = new FakeModule();
    module.add("x");
    const on = await run(module, ["list"], { stdout: new Capture(true) });
    expect(on.stdout).to.satisfy((text: string) => text.startsWith("\u001b[1mNAME"));
    const plain = [
      await run(module, ["list", "--no-color"], { stdout: new Capture(true) }),
      await run(module, ["list"], { stdout: new Capture(true), environment: { NO_COLOR: "1" } }),
      await run(module, ["list"], { stdout: new Capture(true), environment: { TERM: "dumb" } }),
      await run(module, ["list"], { stdout: new Capture(false) }),
    ];
    for (const { stdout } of plain) expect(stdout).to.match(/^NAME/);
    const empty = await run(module, ["list"], { stdout: new Capture(true), environment: { NO_COLOR: "" } });
    expect(empty.stdout, "an empty NO_COLOR does not count").to.satisfy((text: string) =>
      text.startsWith("\u001b"),
    );
  });
});

describe("kluactl show", () => {
  it("prints everything", async () => {
    const module = new FakeModule();
    module.add("box", {
      description: "a box",
      busy: 1,
      run: 17n,
      runs: 5n,
      failures: [{ code: "ERR_RUNTIME", count: 2n }],
      lastError: {
        errno: 5,
        code: "ERR_RUNTIME",
        message: Buffer.from("x:1: boom"),
        time: 1_700_000_000_000_000_000n,
      },
    });
    const { exit, stdout } = await run(module, ["show", "box"]);
    expect(exit).to.equal(0);
    expect(stdout).to.match(/^name: +box$/m);
    expect(stdout).to.match(/^state: +busy with run 17$/m);
    expect(stdout).to.match(/^memory: +19\.5 KiB of 32 MiB, at most 29\.3 KiB so far$/m);
    expect(stdout).to.match(/^runs: +5, 2 of them failed$/m);
    expect(stdout).to.match(/^last error: +ERR_RUNTIME \(EIO\), .*: x:1: boom$/m);
    expect(stdout).to.match(/^libraries: +base coroutine string table math utf8 os debug$/m);
  });

  it("tells of a state that is not there", async () => {
    expect(await run(new FakeModule(), ["show", "box"])).to.deep.include({
      exit: 10,
      stdout: "",
      stderr: "kluactl: box: no state has this name\n",
    });
  });
});

describe("kluactl execute", () => {
  let module: FakeModule;

  beforeEach(() => {
    module = new FakeModule();
    module.add("s");
  });

  it("prints the output, then the results on one line as Lua's print does", async () => {
    module.onRun = () => ({
      output: Buffer.from("one\ntwo"),
      ...results(integer(1), float(2), string("three"), nil, fromJs({ x: [1, 2] })),
    });
    const { exit, stdout, stderr } = await run(module, ["execute", "s", "-e", "print(1)"]);
    expect({ exit, stdout, stderr }).to.deep.equal({
      exit: 0,
      stdout: "one\ntwo1\t2.0\tthree\tnil\t{x = {1, 2}}\n",
      stderr: "",
    });
  });

  it("prints nothing for no results, and an empty line for one empty string", async () => {
    expect((await run(module, ["execute", "s", "-e", ""])).stdout).to.equal("");
    module.onRun = () => results(string(""));
    expect((await run(module, ["execute", "s", "-e", ""])).stdout).to.equal("\n");
  });

  it("writes strings and output byte for byte", async () => {
    module.onRun = () => ({ output: Buffer.of(0xff, 0, 10), ...results(string(Buffer.of(0xfe, 9))) });
    const { stdoutBytes } = await run(module, ["execute", "s", "-e", ""]);
    expect([...stdoutBytes]).to.deep.equal([0xff, 0, 10, 0xfe, 9, 10]);
  });

  it("sends code, arguments and limits", async () => {
    const words = "3 --steps 10 -4.5 --wait 1s nil --memory 1K --time 7 --name =mine -- --x".split(" ");
    await run(module, ["execute", "s", "-e", "return ...", ...words]);
    const [asked] = module.runs;
    expect(asked).to.deep.include({
      code: "return ...",
      chunkName: "=mine",
      maxSteps: 10n,
      maxWait: 1_000_000_000n,
      maxMemory: 1024n,
      maxTime: 7_000_000n,
    });
    expect(decodeValues(asked?.arguments ?? Buffer.of())).to.deep.equal([
      integer(3),
      float(-4.5),
      nil,
      string("--x"),
    ]);
  });

  it("sends arguments as strings, or out of JSON, when told to", async () => {
    await run(module, ["execute", "s", "-e", "", "--string", "3", "true"]);
    await run(module, ["execute", "s", "-e", "", "--args-json", '[3.0, {"$bytes":"/w=="}]']);
    expect(module.runs.map((asked) => Buffer.from(asked.arguments ?? []))).to.deep.equal([
      Buffer.from(encodeValues([string("3"), string("true")])),
      Buffer.from(encodeValues([float(3), string(Buffer.of(0xff))])),
    ]);
  });

  it("takes code that starts with dashes", async () => {
    await run(module, ["execute", "s", "-e", "--[[ c ]] return 1"]);
    await run(module, ["execute", "s", "-e", "-- only a comment"]);
    expect(module.runs.map(({ code }) => code)).to.deep.equal(["--[[ c ]] return 1", "-- only a comment"]);
  });

  it("reads stdin, and names the chunk as lua does", async () => {
    await run(module, ["execute", "s", "-", "7"], { stdin: "return ...\n" });
    expect(module.runs[0]).to.deep.include({ code: "return ...\n", chunkName: "=stdin" });
    await run(module, ["execute", "s", "-e", "x"]);
    expect(module.runs[1]?.chunkName).to.equal("=(command line)");
  });

  it("refuses a chunk without an end while it reads it, and one that is too long, without asking the module", async () => {
    const limit = "a chunk has 1048576 bytes at most";
    const endless = await run(module, ["execute", "s", "/dev/zero"]);
    expect([endless.exit, endless.stderr]).to.deep.equal([19, `kluactl: /dev/zero: ${limit}\n`]);
    const long = await run(module, ["execute", "s", "-"], { stdin: `#!\n${" ".repeat(1_048_576)}` });
    expect([long.exit, long.stderr]).to.deep.equal([19, `kluactl: stdin: ${limit}\n`]);
    await run(module, ["execute", "s", "-"], { stdin: `#!\n${" ".repeat(1_048_575)}` });
    expect(module.runs.length).to.equal(1);
  });

  it("refuses an interface without an end", async () => {
    const { exit, stderr } = await run(module, ["rpc", "9001", "/dev/zero", "foo"]);
    expect([exit, stderr]).to.deep.equal([
      25,
      "kluactl: cannot read /dev/zero: it is longer than 1048576 bytes\n",
    ]);
  });

  describe("with a file", () => {
    let folder: string;

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "kluactl-"));
    });
    after(async () => {
      await rm(folder, { recursive: true });
    });

    it("sends its bytes and its name", async () => {
      const path = join(folder, "script.lua");
      await writeFile(path, Buffer.from("return '\xff'", "latin1"));
      await run(module, ["execute", "s", path, "1"]);
      expect(module.runs[0]).to.deep.include({ code: "return '\xff'", chunkName: `@${path}` });
    });

    it("skips a byte order mark and a first line that starts with #, and keeps the lines' numbers", async () => {
      const path = join(folder, "script.lua");
      await writeFile(path, "\ufeff#!/usr/bin/env kluactl\nreturn 1\n");
      await run(module, ["execute", "s", path]);
      await writeFile(path, "#");
      await run(module, ["execute", "s", path]);
      expect(module.runs.map(({ code }) => code)).to.deep.equal(["\nreturn 1\n", ""]);
    });

    it("names the chunk by the end of a path that is longer than a name may be", async () => {
      const deep = join(folder, "d".repeat(200), "\u00e9".repeat(50));
      await mkdir(deep, { recursive: true });
      const path = join(deep, "script.lua");
      await writeFile(path, "return 1");
      await run(module, ["execute", "s", path]);
      const name = module.runs[0]?.chunkName ?? "";
      expect(Buffer.byteLength(name)).to.be.within(250, 255);
      expect(name).to.match(/^@\.\.\..*\/script\.lua$/);
    });

    it("tells of one that cannot be read, without asking the module", async () => {
      const { exit, stderr } = await run(module, ["execute", "s", join(folder, "absent.lua")]);
      expect(exit).to.equal(25);
      expect(stderr).to.match(/^kluactl: cannot read .*absent\.lua: ENOENT/);
      expect(module.kernel.sockets.length).to.equal(0);
    });
  });

  it("prints message and traceback of a failed run on stderr, as lua does, after its output", async () => {
    module.onRun = () =>
      failed("ERR_RUNTIME", "x.lua:3: boom", {
        output: Buffer.from("before\n"),
        traceback: Buffer.from("stack traceback:\n\t[C]: in function 'error'\n\tx.lua:3: in main chunk"),
      });
    expect(await run(module, ["execute", "s", "-e", "x"])).to.deep.include({
      exit: 32,
      stdout: "before\n",
      stderr:
        "kluactl: x.lua:3: boom\nstack traceback:\n\t[C]: in function 'error'\n\tx.lua:3: in main chunk\n",
    });
  });

  it("tells in JSON where a run failed, and what it did before", async () => {
    module.onRun = () => failed("ERR_RUNTIME", "x.lua:3: boom", { output: Buffer.from("before\n") });
    const outcome = await run(module, ["execute", "s", "-e", "x", "--json"]);
    expect(outcome.exit).to.equal(32);
    expect(document(outcome)).to.deep.include({
      ok: false,
      error: {
        code: "ERR_RUNTIME",
        exit_code: 32,
        message: "x.lua:3: boom",
        errno: 5,
        errno_name: "EIO",
        operation: "execute",
        chunk: "x.lua",
        line: 3,
      },
      output: "before\n",
    });
  });

  const exits: readonly (readonly [code: Parameters<typeof failed>[0], exit: number])[] = [
    ["ERR_SYNTAX", 30],
    ["ERR_BYTECODE", 31],
    ["ERR_RUNTIME", 32],
    ["ERR_NO_FUNCTION", 33],
    ["ERR_MEMORY", 34],
    ["ERR_STEPS", 35],
    ["ERR_TIME", 36],
    ["ERR_CANCELLED", 37],
    ["ERR_STALE", 13],
    ["ERR_RESULT_SIZE", 40],
    ["ERR_RESULT_DEPTH", 41],
    ["ERR_RESULT_TYPE", 42],
    ["ERR_TOTAL_MEMORY", 21],
  ];
  for (const [code, exit] of exits) {
    it(`exits with ${exit} after ${code}`, async () => {
      module.onRun = () => failed(code, "message");
      expect((await run(module, ["execute", "s", "-e", "x"])).exit).to.equal(exit);
    });
  }

  it("tells what the run used when asked to, and what output was dropped", async () => {
    module.onRun = () => ({ outputDropped: 1000n, steps: 5000n, time: 1_500_000n });
    const { stderr } = await run(module, ["execute", "s", "-e", "x", "--stats"]);
    expect(stderr).to.match(/^1,000 more bytes of output were dropped/m);
    expect(stderr).to.match(/^run 9: 5,000 steps, 1\.5 ms/m);
  });

  it("cancels the run on Ctrl-C, by its cookie, and prints what it did", async () => {
    module.onRun = () => undefined;
    const outcome = await run(module, ["execute", "s", "-e", "while true do end"], {
      onListen: whenRunning(module),
    });
    expect(outcome.exit).to.equal(37);
    expect(outcome.stderr).to.match(/^kluactl: x:1: cancelled/);
    expect(module.cancels).to.deep.equal([{ state: "s", id: undefined, cookie: module.runs[0]?.cookie }]);
  });

  it("gives the run up when a cancel reaches nothing", async () => {
    module.onRun = () => undefined;
    const outcome = await run(module, ["execute", "s", "-e", "x", "--json"], {
      onListen: (interrupt) => {
        // Before the module has heard of the run.
        interrupt();
      },
    });
    expect(outcome.exit).to.equal(37);
    expect(document(outcome))
      .to.have.nested.property("error.code")
      .that.is.oneOf(["ERR_ABORTED", "ERR_CANCELLED"]);
  });

  it("stops waiting for a run's end after --timeout", async () => {
    module.onRun = () => undefined;
    const { exit } = await run(module, ["execute", "s", "-e", "x", "--timeout", "50"]);
    expect(exit).to.equal(7);
  });
});

describe("kluactl call", () => {
  it("calls a function by its name with typed arguments", async () => {
    const module = new FakeModule();
    module.add("s");
    module.onRun = () => results(float(8.5));
    const { exit, stdout } = await run(module, ["call", "s", "geo.area", "3.5", "-5", "word"]);
    expect({ exit, stdout }).to.deep.equal({ exit: 0, stdout: "8.5\n" });
    expect(module.runs[0]).to.deep.include({ function: "geo.area", state: "s" });
    expect(decodeValues(module.runs[0]?.arguments ?? Buffer.of())).to.deep.equal([
      float(3.5),
      integer(-5),
      string("word"),
    ]);
  });
});

describe("kluactl cancel", () => {
  it("cancels all runs of a state, or one", async () => {
    const module = new FakeModule();
    module.add("s");
    expect(await run(module, ["cancel", "s"])).to.deep.include({
      exit: 0,
      stderr: "0 runs of s cancelled\n",
    });
    await run(module, ["cancel", "s", "--run", "12"]);
    expect(module.cancels).to.deep.equal([
      { state: "s", id: undefined, cookie: undefined },
      { state: "s", id: 12n, cookie: undefined },
    ]);
  });
});

describe("kluactl monitor", () => {
  const time = 1_700_000_000_000_000_000n;
  const nothing = {
    run: undefined,
    errno: undefined,
    errorCode: undefined,
    message: undefined,
    output: undefined,
  };

  function emitAll(module: FakeModule): void {
    module.emit({ ...nothing, type: EventType.created, state: "a", stateId: 5n, time });
    module.emit({ ...nothing, type: EventType.created, state: "b", stateId: 6n, time });
    module.emit({
      ...nothing,
      type: EventType.print,
      state: "a",
      stateId: 5n,
      time,
      run: 9n,
      output: Buffer.from("1\n2\n"),
    });
    module.eventSequence += 3n;
    module.emit({
      ...nothing,
      type: EventType.failed,
      state: "a",
      stateId: 5n,
      time,
      run: 9n,
      errno: 5,
      errorCode: "ERR_RUNTIME",
      message: Buffer.from("x:1: boom"),
    });
  }

  async function monitor(argv: readonly string[], stdout = new Capture()): Promise<Outcome> {
    const module = new FakeModule();
    return run(module, ["monitor", ...argv], {
      stdout,
      onListen: (interrupt) => {
        // The stream is open by then.
        setTimeout(() => {
          emitAll(module);
          setTimeout(interrupt, 50);
        }, 5);
      },
    });
  }

  it("prints a line an event, and what was missed", async () => {
    const { exit, stdout, stderr } = await monitor([]);
    expect(exit).to.equal(0);
    expect(stderr).to.equal("listening for events; Ctrl-C ends\n");
    const lines = stdout.trimEnd().split("\n");
    expect(lines.map((line) => line.replace(/^[-\d]+ [\d:]+ /, ""))).to.deep.equal([
      "created a",
      "created b",
      "print a run 9: 1",
      "print a run 9: 2",
      "lost 3 events",
      "failed a run 9 ERR_RUNTIME: x:1: boom",
    ]);
  });

  it("prints the events of one state, and losses all the same", async () => {
    const { stdout } = await monitor(["b"]);
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.split(" ")[2]),
    ).to.deep.equal(["created", "lost"]);
  });

  it("prints JSON, an object a line", async () => {
    const { stdout } = await monitor(["--json"]);
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly event: string });
    expect(events.map(({ event }) => event)).to.deep.equal(["created", "created", "print", "lost", "failed"]);
    expect(events[3]).to.deep.equal({ event: "lost", count: 3 });
    expect(events[4]).to.deep.equal({
      event: "failed",
      sequence: 7,
      time: "2023-11-14T22:13:20.000000000Z",
      state: "a",
      state_id: 5,
      run: 9,
      error: { code: "ERR_RUNTIME", errno: 5, message: "x:1: boom" },
    });
  });

  it("ends after as many events as it was told to print", async () => {
    const { stdout } = await monitor(["--count", "2", "--json"]);
    expect(stdout.trimEnd().split("\n").length).to.equal(2);
  });

  it("ends when its reader goes away", async () => {
    const { exit, stderr } = await monitor(["--quiet"], new Capture(false, 40));
    expect(exit).to.equal(141);
    expect(stderr).to.equal("");
  });

  it("ends when the disk is full, and says so", async () => {
    const { exit, stderr } = await monitor(["--quiet"], new Capture(false, 40, "ENOSPC"));
    expect(exit).to.equal(25);
    expect(stderr).to.equal("kluactl: cannot write the output: write ENOSPC\n");
  });
});

describe("kluactl version", () => {
  it("prints the versions of client, module and Lua", async () => {
    const { exit, stdout } = await run(new FakeModule(), ["version"]);
    expect(exit).to.equal(0);
    expect(stdout).to.match(/^kluactl \d+\.\d+\.\d+\nlunatik 0\.9 \(kernel\)\nLua 5\.4\.8\n$/);
  });

  it("is what --version stands for", async () => {
    const module = new FakeModule();
    expect(await run(module, ["--version"])).to.deep.equal(await run(module, ["version"]));
    expect((await run(module, ["list", "--version"])).exit).to.equal(2);
  });

  it("knows its own version without a module", async () => {
    const module = new FakeModule();
    module.kernel.loaded = false;
    const { exit, stdout, stderr } = await run(module, ["version"]);
    expect(exit).to.equal(0);
    expect(stdout).to.match(/^kluactl \d+\.\d+\.\d+\n$/);
    expect(stderr).to.match(/module is not loaded/);
  });
});

describe("kluactl without a way to the states", () => {
  async function refusal(
    prepare: (module: FakeModule) => void,
    ...argv: readonly string[]
  ): Promise<Outcome> {
    const module = new FakeModule();
    prepare(module);
    return run(module, argv);
  }

  it("says how to load a module that is not loaded", async () => {
    const { exit, stdout, stderr } = await refusal((module) => {
      module.kernel.loaded = false;
    }, "list");
    expect({ exit, stdout }).to.deep.equal({ exit: 3, stdout: "" });
    expect(stderr).to.match(/^kluactl: .*the module is not loaded\n/);
    expect(stderr).to.match(/sudo modprobe lunatik/);
    expect(stderr).to.match(/sudo insmod lunatik\.ko/);
  });

  it("says how to get a right that is missing", async () => {
    const { exit, stderr } = await refusal((module) => {
      module.kernel.handle = (request, socket) => {
        socket.refuse(request, 1);
      };
    }, "list");
    expect(exit).to.equal(4);
    expect(stderr).to.match(/CAP_NET_ADMIN.*sudo kluactl/s);
    expect(stderr).to.match(/setcap/);
  });

  it("says how to start an embedded server that is not running", async () => {
    const absent = new LunatikError("ERR_CONNECT", "no embedded server answers");
    const prepare = (module: FakeModule): void => {
      module.kernel.openError = absent;
    };
    const argv = ["list", "--backend", "embedded"];
    const { exit, stderr } = await refusal(prepare, ...argv);
    expect(stderr).to.match(/Start the embedded server/);
    expect(exit).to.equal(5);
  });

  it("says that another version of the protocol is spoken", async () => {
    const { exit, stderr } = await refusal((module) => {
      module.kernel.familyVersion = 99;
    }, "list");
    expect(exit).to.equal(9);
    expect(stderr).to.match(/version 99/);
  });

  it("says that an answer did not come in time", async () => {
    const { exit, stderr } = await refusal(
      (module) => {
        module.kernel.handle = () => undefined;
      },
      "list",
      "--timeout",
      "30",
    );
    expect(exit).to.equal(7);
    expect(stderr).to.match(/^kluactl: /);
  });

  it("says that the connection was lost", async () => {
    const { exit } = await refusal((module) => {
      module.kernel.handle = (_, socket) => {
        socket.listener.closed(new LunatikError("ERR_CLOSED", "the server closed the connection"));
      };
    }, "list");
    expect(exit).to.equal(6);
  });

  it("closes every socket when it is done, however it ended", async () => {
    const module = new FakeModule();
    module.add("s");
    await run(module, ["execute", "s", "-e", "x"]);
    await run(module, ["execute", "absent", "-e", "x"]);
    await run(module, ["list"]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(module.kernel.sockets.map(({ closed }) => closed)).to.not.include(false);
  });
});
