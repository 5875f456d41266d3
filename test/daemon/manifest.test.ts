// SPDX-License-Identifier: MIT

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Lunatik } from "../../client/lunatik.ts";
import { fresh, open, PATIENT, until } from "../behaviour/backend.ts";
import { freePort } from "../free_port.ts";
import { applied, apply, GEO, GEO_LUA, Place, steps, value } from "./manifest_support.ts";
import { failureOf, Kluad, proxyTo } from "./support.ts";

/** The example of docs/json.md. */
function documentedReport(): unknown {
  const page = readFileSync("docs/json.md", "utf8");
  const marker = "<!-- shape: apply -->\n```json\n";
  const start = page.indexOf(marker) + marker.length;
  return JSON.parse(page.slice(start, page.indexOf("```", start)));
}

/** The fields of a report, of its error, and of its steps by their outcomes. */
function fieldsOf(report: unknown): unknown {
  const {
    error,
    steps: all,
    ...rest
  } = report as {
    readonly error: object;
    readonly steps: readonly { readonly outcome: string; readonly error?: object }[];
  };
  const byOutcome = all.map(
    (step) => [step.outcome, [Object.keys(step), Object.keys(step.error ?? {})]] as const,
  );
  return { error: Object.keys(error), rest: Object.keys(rest), steps: Object.fromEntries(byOutcome) };
}

describe("a manifest", () => {
  it("is applied when the daemon starts: states, scripts, servants", async () => {
    const lunatik = await open();
    const place = new Place();
    const state = fresh();
    const port = await freePort();
    place.write(GEO, "geo.lua");
    place.write(`#!/usr/bin/lua\n${GEO_LUA}`, "area.lua");
    place.write(`
      [state.${state}]
      description = "geometry"
      memory = "4M"
      steps = "1M"
      time = "250ms"
      libraries = ["string", "math", "table"]
      script = ["area.lua", { code = "args = table.concat({...}, ' ')", arguments = [3, 2.5, "x"] }]
      [[servant]]
      state = "${state}"
      interface = "geo.lua"
      listen = "127.0.0.1:${port}"`);
    await place.start();
    expect(await proxyTo(port, GEO)["area"]?.(4)).to.deep.equal([8]);
    const shown = await lunatik.get(state);
    expect(shown).to.include({
      description: "geometry",
      maxMemory: 4_194_304n,
      maxSteps: 1_000_000n,
      maxTime: 250_000_000n,
    });
    expect(shown.libraries).to.have.members(["string", "math", "table"]);
    expect(await value(lunatik, state, "args")).to.equal("3 2.5 x");
  });

  it("that is wrong keeps the daemon from starting, and says where", async () => {
    const place = new Place();
    place.write('[state.p]\nmemory = "lots"\nsize = 1\n');
    const kluad = Kluad.launch(join(place.folder, "kluad.sock"), "--manifest", place.file);
    const { exit, stderr } = await kluad.program.ended;
    expect(exit).to.equal(1);
    expect(stderr)
      .to.include("ERR_MANIFEST")
      .and.to.include("kluad.toml:2:1: state.p.memory: expected a size");
    expect(stderr).to.include("kluad.toml:3:1: state.p.size: unknown key");
  });

  it("that the command line names must be there", async () => {
    const place = new Place();
    const kluad = Kluad.launch(join(place.folder, "kluad.sock"), "--manifest", place.file);
    const { exit, stderr } = await kluad.program.ended;
    expect([exit, stderr.includes("cannot be read")]).to.deep.equal([1, true]);
  });

  it("is not read for ever, nor is a file that it names", async () => {
    const place = new Place();
    place.write('[state.p]\n[[state.p.script]]\nfile = "/dev/zero"\n');
    for (const file of ["/dev/zero", place.file]) {
      const kluad = Kluad.launch(join(place.folder, "kluad.sock"), "--manifest", file);
      const { exit, stderr } = await kluad.program.ended;
      expect(exit).to.equal(1);
      expect(stderr).to.match(/cannot be read: it is longer than \d+ bytes/);
    }
  });

  it("whose script fails does not keep the daemon from serving the rest", async () => {
    const lunatik = await open();
    const place = new Place();
    const [bad, good] = [fresh(), fresh()];
    const port = await freePort();
    place.write(`
      [state.${bad}]
      script = [{ code = "error('no')" }]
      [state.${good}]
      script = [{ code = "${GEO_LUA}" }]
      [[servant]]
      state = "${good}"
      interface = { name = "geo.lua", text = "${GEO}" }
      listen = ${port}
      [[servant]]
      state = "${bad}"
      interface = { name = "geo.lua", text = "${GEO}" }
      listen = ${await freePort()}`);
    const kluad = await place.start();
    expect(kluad.program.stderr).to.include("ERR_RUNTIME").and.to.include("(manifest):1: no");
    expect(await proxyTo(port, GEO)["area"]?.(4)).to.deep.equal([8]);
    expect(await failureOf(lunatik.get(bad))).to.include("no state has this name");
    expect(await (await kluad.client()).servants()).to.have.length(1);
  });
});

describe("kluactl apply", () => {
  /** A daemon without a manifest of its own, and one of two states and a servant that has been applied. */
  async function two(): Promise<{
    readonly lunatik: Lunatik;
    readonly kluad: Kluad;
    readonly place: Place;
    readonly names: readonly [string, string];
    readonly port: number;
    readonly write: (changes?: Readonly<Record<string, string>>) => void;
  }> {
    const lunatik = await open();
    const kluad = await Kluad.start();
    const place = new Place();
    const names = [fresh(), fresh()] as const;
    const port = await freePort();
    const write = (changes: Readonly<Record<string, string>> = {}): void => {
      const keys = {
        one: 'description = "one"',
        two: 'memory = "2M"',
        servant: 'profile = "plain"',
        ...changes,
      };
      place.write(`
        [state.${names[0]}]
        ${keys.one}
        script = ["geo.lua"]
        [state.${names[1]}]
        ${keys.two}
        [[servant]]
        state = "${names[0]}"
        interface = "interface.lua"
        listen = ${port}
        ${keys.servant}`);
    };
    place.write(GEO_LUA, "geo.lua");
    place.write(GEO, "interface.lua");
    write();
    const report = await apply(kluad, place.file);
    expect(report.ok).to.equal(true);
    expect(steps(report)).to.deep.equal([
      `create ${names[0]} done`,
      `create ${names[1]} done`,
      `serve 127.0.0.1:${port} done`,
    ]);
    return { lunatik, kluad, place, names, port, write };
  }

  it("does nothing when all is as declared", async () => {
    const { lunatik, kluad, place, names } = await two();
    await lunatik.execute(names[0], "kept = true");
    const { exit, stdout, stderr } = await kluad.kluactl("apply", place.file);
    expect([exit, stdout]).to.deep.equal([0, ""]);
    expect(stderr).to.include("nothing to do").and.to.include("3 as declared");
    expect(await value(lunatik, names[0], "kept")).to.equal(true);
  });

  it("replaces only the state that has changed, while its servant's calls wait", async () => {
    const { lunatik, kluad, place, names, port, write } = await two();
    for (const name of names) await lunatik.execute(name, "kept = true");
    const proxy = proxyTo(port, GEO);
    await proxy["area"]?.(1);
    write({ one: 'description = "one"\nsteps = 100000' });
    let answered = 0;
    const end = new AbortController();
    const callers = [1, 2, 3].map(async () => {
      while (!end.signal.aborted) {
        expect(await proxy["area"]?.(4)).to.deep.equal([8]);
        answered += 1;
      }
    });
    await until("calls are answered", () => answered > 10);
    expect(steps(await apply(kluad, place.file))).to.deep.equal([`replace ${names[0]} done`]);
    end.abort();
    await Promise.all(callers);
    expect(await value(lunatik, names[0], "kept")).to.equal(null);
    expect(await value(lunatik, names[1], "kept")).to.equal(true);
    expect((await lunatik.get(names[0])).maxSteps).to.equal(100_000n);
  });

  it("notices a script that has changed", async () => {
    const { lunatik, kluad, place, names } = await two();
    place.write(`${GEO_LUA} version = 2`, "geo.lua");
    expect(steps(await apply(kluad, place.file))).to.deep.equal([`replace ${names[0]} done`]);
    expect(await value(lunatik, names[0], "version")).to.equal(2);
  });

  it("changes a servant without touching its state", async () => {
    const { lunatik, kluad, place, names, port, write } = await two();
    await lunatik.execute(names[0], "kept = true");
    write({ servant: 'profile = "quoted"' });
    expect(steps(await apply(kluad, place.file))).to.deep.equal([`replace 127.0.0.1:${port} done`]);
    expect(await value(lunatik, names[0], "kept")).to.equal(true);
    expect((await (await kluad.client()).servants()).map(({ profile }) => profile)).to.deep.equal(["quoted"]);
  });

  it("removes what a manifest made and declares no more, and leaves alone what was made by hand", async () => {
    const { lunatik, kluad, place, names, port } = await two();
    const byHand = fresh();
    await lunatik.create(byHand);
    await kluad.serve(byHand, GEO);
    place.write(`[state.${names[1]}]\nmemory = "2M"`);
    expect(steps(await apply(kluad, place.file))).to.deep.equal([
      `unserve 127.0.0.1:${port} done`,
      `delete ${names[0]} done`,
    ]);
    expect((await lunatik.get(byHand)).name).to.equal(byHand);
    expect(await (await kluad.client()).servants()).to.have.length(1);
  });

  it("says with --dry-run what it would do, and does nothing", async () => {
    const { lunatik, kluad, place, names, port } = await two();
    place.write(`[state.${names[1]}]\nmemory = "3M"`);
    const { exit, stdout } = await kluad.kluactl("apply", "--dry-run", place.file);
    expect([exit, stdout]).to.deep.equal([
      0,
      `would   unserve servant 127.0.0.1:${port}: the manifest declares it no more\n` +
        `would   delete state ${names[0]}: the manifest declares it no more\n` +
        `would   replace state ${names[1]}: differs in memory\n`,
    ]);
    expect((await lunatik.get(names[1])).maxMemory).to.equal(2_097_152n);
    expect(await (await kluad.client()).servants()).to.have.length(1);
  });

  it("says what was done before a step that failed, and leaves the rest", async () => {
    const { lunatik, kluad, place, names } = await two();
    const [broken, never] = [fresh(), fresh()];
    place.write(`
      [state.${names[0]}]
      [state.${broken}]
      script = [{ code = "x = 1" }, { code = "error('broken')" }]
      [state.${never}]`);
    const outcome = await kluad.kluactl("apply", "--json", place.file);
    expect(outcome.exit).to.equal(32);
    const report = applied(outcome);
    expect(report.error).to.include({ code: "ERR_RUNTIME", message: "(manifest):1: broken" });
    expect(steps(report).slice(1)).to.deep.equal([
      `delete ${names[1]} done`,
      `replace ${names[0]} done`,
      `create ${broken} failed`,
      `create ${never} left`,
    ]);
    expect(fieldsOf(JSON.parse(outcome.stdout))).to.deep.equal(fieldsOf(documentedReport()));
    expect(await failureOf(lunatik.get(broken))).to.include("no state has this name");
    expect(await failureOf(lunatik.get(never))).to.include("no state has this name");
    expect(steps(await apply(kluad, "--keep-going", place.file))).to.deep.equal([
      `create ${broken} failed`,
      `create ${never} done`,
    ]);
  });

  it("changes nothing when the manifest is wrong, in its text or for the module", async () => {
    const { lunatik, kluad, place, names } = await two();
    await lunatik.execute(names[0], "kept = true");
    for (const [text, what] of [
      [`[state.${names[1]}]\nmemory = `, "kluad.toml:2:10: "],
      [`[state.${names[1]}]\nscript = ["nowhere.lua"]`, "nowhere.lua"],
      [`[state.${names[1]}]\nmemory = "1000T"`, "memory: expected 1 to "],
      [`[state.${names[1]}]\ntime = 0`, "time: expected 1 to "],
    ] as const) {
      place.write(text);
      const { exit, stderr } = await kluad.kluactl("apply", place.file);
      expect([exit, stderr.includes(what)], stderr).to.deep.equal([71, true]);
    }
    expect(await value(lunatik, names[0], "kept")).to.equal(true);
  });

  it("leaves a state of a declared name alone that was made by hand, unless --prune", async () => {
    const { lunatik, kluad, place, names } = await two();
    await lunatik.delete(names[0]);
    await lunatik.create(names[0], { description: "one" });
    await lunatik.execute(names[0], "kept = true");
    const outcome = await kluad.kluactl("apply", "--json", place.file);
    expect(outcome.exit).to.equal(72);
    const report = applied(outcome);
    expect(steps(report)).to.deep.equal([]);
    expect(report.conflicts.map(({ subject }) => subject)).to.deep.equal([names[0]]);
    expect(await value(lunatik, names[0], "kept")).to.equal(true);
  });

  it("takes over a state that was made by hand just as declared", async () => {
    const { lunatik, kluad, place, names } = await two();
    await lunatik.delete(names[1]);
    await lunatik.create(names[1], { maxMemory: 2_097_152 });
    expect(steps(await apply(kluad, place.file))).to.deep.equal([]);
    place.write(`[state.${names[0]}]\ndescription = "one"\nscript = ["geo.lua"]`);
    expect(steps(await apply(kluad, place.file)).slice(1)).to.deep.equal([`delete ${names[1]} done`]);
  });

  it("needs a state to be idle, unless --force", async () => {
    const { lunatik, kluad, place, names, write } = await two();
    const running = lunatik
      .execute(names[1], "while true do end", { maxSteps: undefined })
      .catch(() => undefined);
    await until("it is busy", async () => (await lunatik.get(names[1])).busy);
    write({ two: 'memory = "3M"' });
    const outcome = await kluad.kluactl("apply", place.file);
    if ((await lunatik.get(names[1])).busy) expect(outcome.exit).to.equal(12);
    expect(steps(await apply(kluad, "--force", place.file)).length).to.be.at.most(1);
    await running;
    expect((await lunatik.get(names[1])).maxMemory).to.equal(3_145_728n);
  });
});

describe("kluactl apply --force", () => {
  it("ends the calls of a state's servants, and does not wait for them", async () => {
    const lunatik = await open();
    const kluad = await Kluad.start();
    const place = new Place();
    const state = fresh();
    const write = (description: string): void =>
      place.write(`
        [state.${state}]
        description = "${description}"
        steps = ${PATIENT.maxSteps}
        time = "${PATIENT.maxTime}ns"
        script = [{ code = "function spin() while true do end end  function area(r) return r * 2 end" }]`);
    write("one");
    expect((await apply(kluad, place.file)).ok).to.equal(true);
    const text = "interface i { double spin (); double area (in double r); }";
    const { port } = await kluad.serve(state, text);
    const spinning = failureOf(proxyTo(port, text)["spin"]?.());
    await until("it is busy", async () => (await lunatik.get(state)).busy);
    write("two");
    expect(steps(await apply(kluad, "--force", place.file))).to.deep.equal([`replace ${state} done`]);
    expect(await spinning).to.not.include("ERR_TIME");
    expect(await proxyTo(port, text)["area"]?.(4)).to.deep.equal([8]);
    expect((await lunatik.get(state)).description).to.equal("two");
  });
});

describe("a daemon that starts again", () => {
  it("knows what its manifest made, and touches nothing that is as declared", async () => {
    const lunatik = await open();
    const place = new Place();
    const state = fresh();
    const text = `[state.${state}]\nscript = [{ code = "n = 1" }]\n`;
    place.write(text);
    const first = await place.start();
    await lunatik.execute(state, "n = 2");
    await first.stop("SIGKILL");
    const second = Kluad.launch(first.control, "--manifest", place.file);
    await until("kluad is ready", () => second.program.stderr.includes('"ready"'));
    expect(await value(lunatik, state, "n")).to.equal(2);
    await second.stop();
    place.write(text.replace("n = 1", "n = 3"));
    const third = Kluad.launch(first.control, "--manifest", place.file);
    await until("kluad is ready", () => third.program.stderr.includes('"ready"'));
    expect(await value(lunatik, state, "n")).to.equal(3);
    await third.stop();
    place.write("");
    const fourth = Kluad.launch(first.control, "--manifest", place.file);
    await until("kluad is ready", () => fourth.program.stderr.includes('"ready"'));
    expect(await failureOf(lunatik.get(state))).to.include("no state has this name");
  });
});

describe("SIGHUP", () => {
  it("has the daemon read its manifest anew; a wrong one is logged, and the old one stays", async () => {
    const lunatik = await open();
    const place = new Place();
    const [one, two] = [fresh(), fresh()];
    place.write(`[state.${one}]`);
    const kluad = await place.start();
    place.write(`[state.${one}]\n[state.${two}]`);
    kluad.program.process.kill("SIGHUP");
    await until("the second state is there", async () => {
      return (await lunatik.list()).states.some(({ name }) => name === two);
    });
    place.write(`[state.${one}]\nwrong = 1`);
    kluad.program.process.kill("SIGHUP");
    await until("it is logged", () => kluad.program.stderr.includes("kluad.toml:2:1: state."));
    expect((await lunatik.get(two)).name).to.equal(two);
    expect((await kluad.stop()).exit).to.equal(0);
  });

  it("does not keep a daemon from ending that is asked to while it reads its manifest", async () => {
    const lunatik = await open();
    const place = new Place();
    const state = fresh();
    place.write("");
    const kluad = await place.start();
    // Reading it takes until somebody has written it.
    const script = join(place.folder, "slow.lua");
    expect(spawnSync("mkfifo", [script]).status).to.equal(0);
    place.write(`
      [state.${state}]
      script = ["slow.lua"]
      [[servant]]
      state = "${state}"
      interface = { name = "geo.lua", text = "${GEO}" }
      listen = ${await freePort()}`);
    kluad.program.process.kill("SIGHUP");
    await until("it reloads", () => kluad.program.stderr.includes('"reloading"'));
    kluad.program.process.kill("SIGTERM");
    await until("it is stopped", () => kluad.program.stderr.includes('"stopped"'));
    writeFileSync(script, GEO_LUA);
    const { exit, stderr } = await kluad.program.ended;
    expect([exit, stderr.includes("ERR_NO_DAEMON")]).to.deep.equal([0, true]);
    expect(await failureOf(lunatik.get(state))).to.include("no state has this name");
  });
});
