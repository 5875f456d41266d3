// SPDX-License-Identifier: MIT

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { Lunatik } from "../../client/lunatik.ts";
import {
  backend,
  connectArguments,
  EmbeddedServer,
  fresh,
  open,
  PATIENT,
  powerless,
  via,
} from "./backend.ts";

/* kluactl as its users run it: the program, as a process, against the module. What it does with every kind of answer is
 * tested in test/cli/, in process. */

/** Tests run in the root of the checkout, from their sources or compiled. */
const root = process.cwd();
const program = join(root, "bin/kluactl");

interface Outcome {
  readonly exit: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Options {
  readonly input?: string;
  readonly cwd?: string;
  /** Words before the command, such as those of powerless. */
  readonly under?: readonly string[];
  readonly program?: string;
  /** Without the arguments that lead to the module of the tests. */
  readonly bare?: boolean;
}

class Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Outcome>;
  stdout = "";
  stderr = "";

  constructor(argv: readonly string[], options: Options) {
    const { socket } = connectArguments();
    const way =
      options.bare === true
        ? []
        : ["--backend", backend, ...(socket === undefined ? [] : ["--socket", socket])];
    const command = [options.program ?? program, ...argv.slice(0, 1), ...way, ...argv.slice(1)];
    const [file = "", ...words] = [...(options.under ?? []), ...command];
    this.process = spawn(file, words, {
      cwd: options.cwd,
      env: {
        ...process.env,
        // A server of a test's own has no daemon.
        LUNATIK_VIA: options.bare === true ? "direct" : via,
        LUNATIK_CONTROL_SOCKET: connectArguments().control ?? "",
      },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.process.stdout?.setEncoding("latin1").on("data", (text: string) => {
      this.stdout += text;
    });
    this.process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.process.stdin?.end(options.input ?? "");
    this.ended = new Promise((resolve, reject) => {
      this.process.once("error", reject);
      this.process.once("close", (code, signal) => {
        resolve({ exit: code ?? signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }
}

/** Waits until a condition holds. Processes of an emulated machine want patience; a test's own time limit ends the wait. */
async function eventually(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

function start(argv: readonly string[], options: Options = {}): Running {
  return new Running(argv, options);
}

function kluactl(...argv: readonly string[]): Promise<Outcome> {
  return start(argv).ended;
}

/** In an emulated machine a process takes ten seconds to start. What no backend can change is tested on the quick one. */
const anywhere = backend === "embedded" ? it : it.skip;

describe("the program kluactl", function () {
  this.timeout(backend === "embedded" ? 60_000 : 300_000);

  let lunatik: Lunatik;
  let name: string;
  let folder: string;

  before(async () => {
    const [compiled, source] = await Promise.all(
      ["build/programs/kluactl.js", "client/kluactl/main.ts"].map((path) =>
        stat(join(root, path)).catch(() => undefined),
      ),
    );
    if (compiled === undefined || source === undefined || compiled.mtimeMs < source.mtimeMs) {
      throw new Error("kluactl is not compiled, or older than its source; run: npm run build");
    }
    folder = await mkdtemp(join(tmpdir(), "kluactl-"));
  });
  after(async () => {
    await rm(folder, { recursive: true });
  });

  beforeEach(async () => {
    lunatik = await open();
    name = fresh();
  });

  it("takes a state from its creation to its deletion", async () => {
    expect(await kluactl("create", name, "--description", "a test", "--memory", "4M")).to.deep.equal({
      exit: 0,
      stdout: "",
      stderr: `state ${name} created\n`,
    });
    const listed = JSON.parse((await kluactl("list", "--json")).stdout) as {
      readonly states: readonly { readonly name: string }[];
    };
    const shown = listed.states.find((state) => state.name === name);
    expect(shown).to.deep.include({ name, description: "a test", max_memory: 4194304, busy: false });
    expect(shown).to.have.nested.property("creator.command", via === "daemon" ? "kluad" : "kluactl");
    const ran = await kluactl(
      "execute",
      name,
      "-e",
      "n = ... print('got', n) function twice(x) return x * 2 end return n + 0.5",
      "3",
    );
    expect(ran).to.deep.equal({ exit: 0, stdout: "got\t3\n3.5\n", stderr: "" });
    expect(await kluactl("call", name, "twice", "-0x10")).to.deep.equal({
      exit: 0,
      stdout: "-32\n",
      stderr: "",
    });
    expect(await kluactl("delete", name, "--quiet")).to.deep.equal({ exit: 0, stdout: "", stderr: "" });
    expect((await lunatik.list()).states.map((state) => state.name)).to.not.include(name);
  });

  anywhere("runs from any folder, through a link, and from stdin", async () => {
    await lunatik.create(name);
    const link = join(folder, "kluactl");
    await symlink(program, link);
    const { ended } = start(["execute", name, "-", "x"], {
      input: "return ..., 1",
      program: link,
      cwd: "/",
    });
    expect(await ended).to.deep.equal({ exit: 0, stdout: "x\t1\n", stderr: "" });
  });

  anywhere("runs a file with its bytes as they are, and tells the line of an error in it", async () => {
    await lunatik.create(name);
    await writeFile(
      join(folder, "s.lua"),
      Buffer.from("#!skipped\nprint('\xff\x00')\nerror('boom')\n", "latin1"),
    );
    const { ended } = start(["execute", name, "s.lua"], { cwd: folder });
    const { exit, stdout, stderr } = await ended;
    expect({ exit, stdout }).to.deep.equal({ exit: 32, stdout: "\xff\x00\n" });
    expect(stderr).to.match(
      /^kluactl: s\.lua:3: boom\nstack traceback:\n\t\[C\]: in function 'error'\n\ts\.lua:3: in main chunk/,
    );
  });

  anywhere("gives every value in JSON so that nothing is lost", async () => {
    await lunatik.create(name);
    const values =
      '[null,true,3,3.0,-0.0,{"$float":"inf"},{"$integer":"-9223372036854775808"},{"$bytes":"/wA="},[[]],{"x":[1]},{"$table":[[2,"b"]]}]';
    const { stdout } = await kluactl("execute", name, "-e", "return ...", "--args-json", values, "--json");
    expect(stdout).to.include(`"results":${values},`);
  });

  const failures: readonly (readonly [what: string, argv: readonly string[], exit: number])[] = [
    ["a chunk that does not compile", ["-e", "x ="], 30],
    ["a spent step budget", ["-e", "while true do end", "--steps", "1e5"], 35],
    ["a deadline that passed", ["-e", "while true do end", "--time", "50"], 36],
    ["a memory limit", ["-e", "return #('x'):rep(8 * 1024 * 1024)", "--memory", "1M"], 34],
    ["a result that cannot leave", ["-e", "return print"], 42],
  ];
  for (const [what, argv, exit] of failures) {
    anywhere(`tells ${what} by its exit code`, async () => {
      await lunatik.create(name, PATIENT);
      const outcome = await kluactl("execute", name, ...argv);
      expect(outcome).to.deep.include({ exit, stdout: "" });
      expect(outcome.stderr).to.match(/^kluactl: /);
    });
  }

  it("cancels its run on Ctrl-C, and shows what it had printed", async () => {
    await lunatik.create(name, PATIENT);
    const events = await lunatik.events();
    const running = start(["execute", name, "-e", "print('before') while true do end"]);
    for await (const event of events) if (event.type === "print" && event.state === name) break;
    running.process.kill("SIGINT");
    const { exit, stdout, stderr } = await running.ended;
    expect({ exit, stdout }).to.deep.equal({ exit: 37, stdout: "before\n" });
    expect(stderr).to.match(/cancelled/);
    expect((await lunatik.get(name)).busy).to.equal(false);
  });

  it("leaves no run behind when it is killed", async () => {
    await lunatik.create(name, PATIENT);
    const running = start(["execute", name, "-e", "while true do end"]);
    await eventually(async () => (await lunatik.get(name)).busy);
    running.process.kill("SIGKILL");
    await running.ended;
    await eventually(async () => !(await lunatik.get(name)).busy);
  });

  it("prints events as they happen, and ends when told to", async () => {
    const running = start(["monitor", "--json"]);
    await eventually(() => running.stderr.includes("listening"));
    await lunatik.create(name);
    await lunatik.execute(name, "print('hello')");
    await eventually(() => running.stdout.includes("hello"));
    running.process.kill("SIGINT");
    const { exit, stdout } = await running.ended;
    expect(exit).to.equal(0);
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly event: string; readonly state: string });
    expect(events.filter(({ state }) => state === name).map(({ event }) => event)).to.deep.equal([
      "created",
      "print",
    ]);
  });

  anywhere("ends quietly when its reader goes away", async () => {
    await lunatik.create(name);
    const running = start(["monitor"]);
    await eventually(() => running.stderr.includes("listening"));
    running.process.stdout?.destroy();
    await eventually(async () => {
      await lunatik.execute(name, "print('hello')");
      return running.process.exitCode !== null;
    });
    expect(await running.ended).to.deep.equal({
      exit: 141,
      stdout: "",
      stderr: "listening for events; Ctrl-C ends\n",
    });
  });

  anywhere("offers the names of states to the shell", async () => {
    await lunatik.create(name);
    const { socket } = connectArguments();
    const way = socket === undefined ? [] : ["--socket", socket];
    const words = ["--get-yargs-completions", "kluactl", ...way, "show", name.slice(0, -1)];
    const { exit, stdout } = await start(words, { bare: true }).ended;
    expect(exit).to.equal(0);
    expect(stdout.split("\n")).to.include(name);
  });

  it("finds nothing missing where the tests run", async () => {
    const { exit, stdout } = await kluactl("doctor");
    expect(stdout).to.match(/^ok +answer +answers: version /m);
    expect(exit).to.equal(0);
  });

  it("has the module list its states in the kernel log, and reads that", async function () {
    if (backend !== "kernel") this.skip();
    await lunatik.create(name);
    expect((await kluactl("list", "--dmesg")).exit).to.equal(0);
    const { exit, stdout } = await kluactl("dmesg");
    expect(exit).to.equal(0);
    expect(stdout).to.match(new RegExp(`^\\[ *\\d+\\.\\d+\\] lunatik: state ${name}: memory`, "m"));
  });

  it("says what to do without the right", async function () {
    if (backend !== "kernel") this.skip();
    const { exit, stderr } = await start(["list"], { under: powerless }).ended;
    expect(exit).to.equal(4);
    expect(stderr).to.match(/CAP_NET_ADMIN/);
  });

  it("says that the server went away under it, and what to do when it is not there", async function () {
    if (backend !== "embedded") this.skip();
    const server = await EmbeddedServer.start();
    const { socket } = server;
    await start(["create", "--socket", socket, "s", "--time", "60000", "--steps", "1e14"], { bare: true })
      .ended;
    const running = start(["execute", "--socket", socket, "s", "-e", "print('before') while true do end"], {
      bare: true,
    });
    await eventually(async () => {
      const { stdout } = await start(["show", "--socket", socket, "s", "--json"], { bare: true }).ended;
      return stdout.includes('"busy":true');
    });
    await server.stop();
    expect((await running.ended).exit).to.be.oneOf([6, 13]);
    const { exit, stderr } = await start(["list", "--socket", socket], { bare: true }).ended;
    expect(exit).to.equal(5);
    expect(stderr).to.match(/Start the embedded server/);
  });
});
