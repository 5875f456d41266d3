// SPDX-License-Identifier: MIT

import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { MESSAGE_MAX } from "../../client/control_protocol.ts";
import { DaemonError } from "../../client/daemon_error.ts";
import { integer } from "../../client/lua_value.ts";
import { type ConnectOptions, connect, type Lunatik } from "../../client/lunatik.ts";
import {
  backend,
  connectArguments,
  EmbeddedServer,
  fresh,
  open,
  PATIENT,
  printed,
  spin,
  until,
} from "../behaviour/backend.ts";
import { afterwards } from "../luarpc/support.ts";
import { rejection } from "../rejection.ts";
import { RawControl } from "./raw_control.ts";
import { Kluad, kluactl, Program, temporaryFolder } from "./support.ts";

/** A client of the states by way of a daemon, closed after the test. */
async function through(kluad: Kluad, options: ConnectOptions = {}): Promise<Lunatik> {
  const { socket } = connectArguments();
  const lunatik = await connect({ backend, socket, via: "daemon", control: kluad.control, ...options });
  afterwards(() => {
    lunatik.close();
  });
  return lunatik;
}

/** The DaemonError that a promise rejects with. */
async function daemonFailure(promise: Promise<unknown>): Promise<DaemonError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof DaemonError) return error;
    throw error;
  }
  throw new Error("it succeeded");
}

/** The options by which nobody is found at the built-in places. */
function alone(): ConnectOptions {
  const { socket } = connectArguments();
  return { backend, socket, via: "auto", control: join(temporaryFolder(), "kluad.sock") };
}

describe("a client of the control socket", () => {
  it("that is killed in the middle of a run has it cancelled", async () => {
    const lunatik = await open();
    const state = fresh();
    await lunatik.create(state, PATIENT);
    const kluad = await Kluad.start();
    const { backend: name, socket } = connectArguments();
    const way = ["--backend", name, ...(socket === undefined ? [] : ["--socket", socket]), "--via", "daemon"];
    const program = new Program(
      join(process.cwd(), "bin/kluactl"),
      ["execute", ...way, state, "-e", "while true do end"],
      { LUNATIK_CONTROL_SOCKET: kluad.control },
    );
    await until("its run is in progress", async () => (await lunatik.get(state)).busy);
    program.process.kill("SIGKILL");
    await until("the run has ended", async () => !(await lunatik.get(state)).busy);
    const { failures, lastError } = await lunatik.get(state);
    expect(failures.get("ERR_CANCELLED")).to.equal(1n);
    expect(lastError?.code).to.equal("ERR_CANCELLED");
  });

  it("has what waits cancelled too, and its subscriptions ended, when it goes away", async () => {
    const lunatik = await open();
    const state = fresh();
    await lunatik.create(state, PATIENT);
    const kluad = await Kluad.start();
    const leaving = await through(kluad);
    await leaving.events();
    const running = await spin(leaving, state);
    const waiting = rejection(leaving.execute(state, "x = 1", { maxWait: 30n * 10n ** 9n }));
    await until("one waits", async () => (await lunatik.get(state)).waiting === 1);
    leaving.close();
    expect((await rejection(running.result)).code).to.equal("ERR_CLOSED");
    expect((await waiting).code).to.equal("ERR_CLOSED");
    await until("the state is idle", async () => {
      const { busy, waiting: left } = await lunatik.get(state);
      return !busy && left === 0;
    });
    expect((await lunatik.execute(state, "return x")).results).to.deep.equal([{ kind: "nil" }]);
  });

  it("does not disturb another one, whatever it has underway", async () => {
    const lunatik = await open();
    const kluad = await Kluad.start();
    const [busy, other] = [await through(kluad, { window: 128 }), await through(kluad)];
    const states = [fresh(), fresh()];
    for (const state of states) await lunatik.create(state, PATIENT);
    const [mine = "", yours = ""] = states;
    const runs = Array.from({ length: 300 }, () =>
      rejection(busy.execute(mine, "while true do end", { maxWait: 60n * 10n ** 9n })),
    );
    await until("a run is in progress", async () => (await lunatik.get(mine)).busy);
    for (let value = 0; value < 20; value += 1)
      expect((await other.execute(yours, `return ${value}`)).results).to.deep.equal([integer(value)]);
    // Its own other requests do not stand behind its runs either.
    expect((await busy.get(mine)).busy).to.equal(true);
    await rejection(other.cancel({ id: 2n ** 63n }));
    busy.close();
    for (const run of await Promise.all(runs)) expect(run.code).to.be.oneOf(["ERR_CLOSED", "ERR_QUEUE_FULL"]);
    await until("the state is idle", async () => !(await lunatik.get(mine)).busy);
    expect((await other.execute(yours, "return 1")).results).to.deep.equal([integer(1)]);
  });

  it("may take a request back", async () => {
    const lunatik = await open();
    const state = fresh();
    await lunatik.create(state, PATIENT);
    const kluad = await Kluad.start();
    const raw = await RawControl.connect(kluad.control);
    raw.send({ id: 1, method: "run.execute", params: { state, code: "while true do end" } });
    await until("the run is in progress", async () => (await lunatik.get(state)).busy);
    raw.send({ method: "$/cancelRequest", params: { id: 1 } });
    const answer = await raw.receive();
    expect(answer.error?.data).to.include({ code: "ERR_ABORTED", operation: "execute" });
    await until("the run has ended", async () => !(await lunatik.get(state)).busy);
  });

  it("is given so many requests at once, and no more", async () => {
    const lunatik = await open();
    const state = fresh();
    await lunatik.create(state, PATIENT);
    const kluad = await Kluad.start();
    const raw = await RawControl.connect(kluad.control);
    for (let id = 0; id < 300; id += 1)
      raw.send({
        id,
        method: "run.execute",
        params: { state, code: "while true do end", maxWait: "60000000000" },
      });
    raw.send({ id: 300, method: "hello" });
    const refused = new Set<unknown>();
    for (let answer = await raw.receive(); answer.id !== 300; answer = await raw.receive()) {
      if (answer.error?.data?.code === "ERR_LIMIT") refused.add(answer.id);
      // Those behind the ones that the module lets wait.
      else expect(answer.error?.data?.code).to.equal("ERR_QUEUE_FULL");
    }
    expect(refused.size).to.be.greaterThan(0);
    expect((await (await kluad.client()).servants()).length).to.equal(0);
  });

  it("is dropped when it sends more than a message may have, at once", async () => {
    const kluad = await Kluad.start();
    for (const text of [
      `Content-Length: ${MESSAGE_MAX + 1}\r\n\r\n`,
      `X: ${"x".repeat(2000)}`,
      "Content-Length: 2\r\n\r\n[]",
      'Content-Length: 59\r\n\r\n{"jsonrpc":"2.0","method":"$/cancelRequest","params":null }',
    ]) {
      const raw = await RawControl.connect(kluad.control);
      raw.write(text);
      await raw.closed;
    }
    expect(kluad.program.stderr).to.include("is not the protocol");
    expect((await through(kluad)).daemon?.pid).to.equal(kluad.program.process.pid);
  });

  it("is dropped when it does not read what it asked for", async function () {
    this.timeout(60_000);
    const lunatik = await open();
    const kluad = await Kluad.start();
    const raw = await RawControl.connect(kluad.control);
    raw.pause();
    const states = Array.from({ length: 8 }, fresh);
    for (const state of states) await lunatik.create(state);
    // Base64 of about a MiB each.
    for (let id = 0; id < 120; id += 1) {
      const params = {
        state: states[id % states.length],
        code: "return ('x'):rep(1000000)",
        maxWait: "60000000000",
      };
      raw.send({ id, method: "run.execute", params });
    }
    await until("it is dropped", () => kluad.program.stderr.includes("does not read"));
    expect((await (await through(kluad)).list()).states.length).to.be.at.least(states.length);
  });
});

describe("the daemon's way", () => {
  it("has the same answers and errors, down to errno, attribute, traceback and report", async () => {
    const direct = await open();
    const kluad = await Kluad.start();
    const daemon = await through(kluad);
    expect(daemon.daemon).to.include({ control: kluad.control, backend });
    const state = fresh();
    await direct.create(state, { description: "the same\udcff" });
    await direct.execute(state, "function fail(x) print('before', x) error({}) end", { chunkName: "=same" });
    expect(await daemon.get(state)).to.deep.equal(await direct.get(state));
    const attempts: readonly ((client: Lunatik) => Promise<unknown>)[] = [
      (client) => client.create("a\nb"),
      (client) => client.create(state),
      (client) => client.create(fresh(), { maxTime: 0 }),
      (client) => client.create(fresh(), { maxSteps: 1.5 }),
      (client) => client.create(fresh(), { maxSteps: -1 }),
      (client) => client.delete("nowhere"),
      (client) => client.execute(state, "x = = 1"),
      (client) => client.execute(state, "print('\\255') local x <const> = nil; return x.y"),
      (client) => client.execute(state, `--${"x".repeat(1 << 20)}`),
      (client) => client.execute(state, "x".repeat(9 << 20)),
      (client) => client.call(state, "fail", [integer(1)]),
      (client) => client.call(state, "nothing"),
      (client) => client.call(state, "fail", [], { signal: AbortSignal.abort("no") }),
      (client) => client.cancel({}),
      (client) => client.cancel({ id: 2n ** 64n - 1n }),
      (client) => client.execute(state, "while true do end", { timeout: 50, maxWait: 10n ** 10n }),
    ];
    for (const attempt of attempts) {
      const [one, other] = [await rejection(attempt(direct)), await rejection(attempt(daemon))];
      const where = attempt.toString();
      expect(other.toJSON(), where).to.deep.equal({
        ...one.toJSON(),
        // Which limit a request of many MiB hits first depends on the way.
        ...(one.code === "ERR_TOO_LARGE" && one.attribute === undefined ? { message: other.message } : {}),
      });
      expect(printed(other.run), where).to.equal(printed(one.run));
      expect(Object.keys(other.run ?? {}), where).to.have.members(Object.keys(one.run ?? {}));
    }
  });

  it("leads on after the daemon was started anew, and says what is not known of a request when it dies", async () => {
    const lunatik = await open();
    const state = fresh();
    await lunatik.create(state, PATIENT);
    const kluad = await Kluad.start();
    const client = await through(kluad);
    const events = await client.events();
    const running = rejection(client.execute(state, "n = (n or 0) + 1 while true do end"));
    await until("the run is in progress", async () => (await lunatik.get(state)).busy);
    await kluad.stop("SIGKILL");
    const error = await running;
    expect(error).to.include({ code: "ERR_CLOSED", operation: "execute" });
    expect(error.message).to.match(/before it answered: whether the request was carried out is not known/);
    expect((await rejection(events.next())).code).to.equal("ERR_CLOSED");
    await until("the run has ended with it", async () => !(await lunatik.get(state)).busy);
    expect((await daemonFailure(client.get(state))).code).to.equal("ERR_NO_DAEMON");

    const heir = await Kluad.start(kluad.control);
    expect((await client.get(state)).name).to.equal(state);
    expect((await client.execute(state, "return n")).results).to.deep.equal([integer(1)]);
    expect(client.daemon?.pid).to.equal(heir.program.process.pid);
  });

  it("is given up when the daemon does not answer any more, also in the middle of a long run", async () => {
    const lunatik = await open();
    const state = fresh();
    await lunatik.create(state, PATIENT);
    const kluad = await Kluad.start();
    const client = await through(kluad, { timeout: 1000 });
    const running = rejection(client.execute(state, "while true do end"));
    await until("the run is in progress", async () => (await lunatik.get(state)).busy);
    kluad.program.process.kill("SIGSTOP");
    const error = await running;
    kluad.program.process.kill("SIGCONT");
    expect(error).to.include({ code: "ERR_CLOSED", operation: "execute" });
    expect(error.message).to.include("it does not answer within 1000 ms");
    await until("the run has ended", async () => !(await lunatik.get(state)).busy);
  });

  it("is not taken to states that were not meant", async function () {
    if (backend === "kernel") this.skip();
    const server = await EmbeddedServer.start();
    const kluad = await Kluad.start(undefined, server.socket);
    const error = await daemonFailure(through(kluad));
    expect(error).to.include({ code: "ERR_NO_DAEMON" });
    expect(error.message).to.include("serves something else").and.to.include(server.socket);
    expect(await rejectionCode(through(kluad, { backend: "kernel" }))).to.equal("ERR_NO_DAEMON");
    // Whoever does not insist goes directly.
    expect((await through(kluad, { via: "auto" })).daemon).to.equal(undefined);
    expect((await through(kluad, { socket: server.socket })).daemon?.pid).to.equal(kluad.program.process.pid);
    await kluad.stop();
    await server.stop();
  });

  it("is left, with a word, when the daemon does not answer, and without one when there is none", async () => {
    const warnings: string[] = [];
    const onWarning = (text: string): void => {
      warnings.push(text);
    };
    const nobody = await connect({ ...alone(), onWarning });
    expect(nobody.daemon).to.equal(undefined);
    nobody.close();
    expect(warnings).to.deep.equal([]);

    const control = join(temporaryFolder(), "kluad.sock");
    const sockets: Socket[] = [];
    const deaf = createServer((socket) => sockets.push(socket.resume())).listen(control);
    afterwards(() => {
      for (const socket of sockets) socket.destroy();
      deaf.close();
    });
    const patient = await connect({ ...alone(), control, onWarning, timeout: 1000 });
    patient.close();
    expect(patient.daemon).to.equal(undefined);
    expect(warnings).to.deep.equal(["going on without the daemon: no answer within 1000 ms"]);
    const { socket } = connectArguments();
    expect(await rejectionCode(connect({ backend, socket, via: "daemon", control, timeout: 50 }))).to.equal(
      "ERR_TIMEOUT",
    );
  });

  it("waits, when the daemon stops, for the runs that have come, which may still be cancelled", async () => {
    const lunatik = await open();
    const state = fresh();
    await lunatik.create(state, PATIENT);
    const kluad = await Kluad.start();
    const client = await through(kluad);
    const running = await spin(client, state);
    const ended = kluad.stop();
    await until("it is stopping", () => kluad.program.stderr.includes('"stopping"'));
    expect((await daemonFailure(client.get(state))).message).to.include("stopping");
    expect(await client.cancel({ cookie: running.cookie })).to.equal(1);
    expect((await rejection(running.result)).code).to.equal("ERR_CANCELLED");
    expect((await ended).exit).to.equal(0);
  });
});

async function rejectionCode(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return (error as { readonly code?: unknown }).code;
  }
  throw new Error("it succeeded");
}

describe("kluactl", () => {
  it("tells by version and doctor which way it goes, and goes the way it is told", async () => {
    const kluad = await Kluad.start();
    const { backend: name, socket } = connectArguments();
    const way = ["--backend", name, ...(socket === undefined ? [] : ["--socket", socket])];
    const shown = JSON.parse((await kluad.kluactl("version", "--json", ...way)).stdout) as unknown;
    expect(shown).to.deep.include({ via: "daemon" });
    expect(shown).to.have.nested.property("daemon.control", kluad.control);
    expect(shown).to.have.nested.property("daemon.pid", kluad.program.process.pid);
    expect((await kluad.kluactl("doctor", ...way)).stdout).to.match(/^ok +daemon +used: kluad /m);
    const direct = (await kluad.kluactl("doctor", "--via", "direct", ...way)).stdout;
    expect(direct).to.match(/^ok +daemon +not used: --via direct$/m);
    const nowhere = join(temporaryFolder(), "kluad.sock");
    expect((await kluactl(nowhere, "list", "--via", "daemon", ...way)).exit).to.equal(60);
    expect((await kluactl(nowhere, "list", ...way)).exit).to.equal(0);
  });
});

/** Fields whose values no two runs share. */
const VOLATILE: ReadonlySet<string> = new Set(
  "pid socket version memory memoryPeak maxMemory created time timeLongest sectionLongest stackDeepest steps wait uid command".split(
    " ",
  ),
);

function settled(json: unknown): unknown {
  return JSON.parse(
    JSON.stringify(json, (key, value: unknown) => (VOLATILE.has(key) ? typeof value : value)),
  ) as unknown;
}

describe("docs/control.md", () => {
  it("shows the protocol as it is", async function () {
    if (backend === "kernel") this.skip();
    const page = readFileSync("docs/control.md", "utf8");
    const [, exchange = ""] = /<!-- exchange -->\n```\n(.*?)```/s.exec(page) ?? [];
    const server = await EmbeddedServer.start();
    const kluad = await Kluad.start(undefined, server.socket);
    const raw = await RawControl.connect(kluad.control);
    // Each is a request and what comes back, in any order.
    const turns = exchange.split("→ ").slice(1);
    expect(turns.length).to.be.greaterThan(8);
    for (const turn of turns) {
      const [request = "", ...answers] = turn.trimEnd().split("\n← ");
      raw.sendWhole(JSON.parse(request) as object);
      const shown = answers.map((answer) => settled(JSON.parse(answer)));
      const came: unknown[] = [];
      for (const _ of answers) came.push(settled(await raw.receive()));
      expect(came, request).to.have.deep.members(shown);
    }
    raw.close();
    await kluad.stop();
    await server.stop();
  });

  it("has a program in Python that works", async () => {
    const page = readFileSync("docs/control.md", "utf8");
    const [, program = ""] = /<!-- program -->\n```python\n(.*?)```/s.exec(page) ?? [];
    const kluad = await Kluad.start();
    const ran = await new Program("python3", ["-c", program, kluad.control]).ended;
    expect(ran).to.deep.equal({ exit: 0, stdout: "1.4142135623731\n", stderr: "" });
    const again = await new Program("python3", ["-c", program.replaceAll("from-python", ""), kluad.control])
      .ended;
    expect(again).to.include({ exit: 1, stdout: "" });
    expect(again.stderr).to.match(/^ERR_INVALID: /);
  });
});
