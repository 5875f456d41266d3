// SPDX-License-Identifier: MIT

import { once } from "node:events";
import { closeSync, openSync, rmSync, symlinkSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { Metrics } from "../../daemon/metrics.ts";
import { STATES_MAX, StateMetrics } from "../../daemon/state_metrics.ts";
import { backend, EmbeddedServer, fresh, open } from "../behaviour/backend.ts";
import { freePort } from "../free_port.ts";
import { afterwards } from "../luarpc/support.ts";
import { type Exposition, parseExposition } from "./exposition.ts";
import { failureOf, Kluad, proxyTo, temporaryFolder } from "./support.ts";

const SUMS = "interface sums { double sum (in double a, in double b); double fail (); double table (); }";
const SUMS_LUA = `function sum(a, b) return a + b end
  function fail() error("no") end
  function table() return {} end`;

/** Where a daemon says that its metrics are. */
function metricsPlace(kluad: Kluad): string {
  const [, place] = /"metrics":"(http:[^"]+)"/.exec(kluad.program.stderr) ?? [];
  if (place === undefined) throw new Error(`it says nothing of metrics: ${kluad.program.stderr}`);
  return place;
}

async function scrape(place: string): Promise<Exposition> {
  const response = await fetch(place);
  expect(response.status).to.equal(200);
  expect(response.headers.get("content-type")).to.match(/^text\/plain; version=0\.0\.4/);
  return parseExposition(await response.text());
}

describe("metrics", () => {
  it("have calls, errors by code, durations and connections by servant, and go with the servant", async () => {
    const lunatik = await open();
    const state = fresh();
    await lunatik.create(state);
    await lunatik.execute(state, SUMS_LUA);
    const kluad = await Kluad.start(undefined, undefined, "--metrics", "0");
    const place = metricsPlace(kluad);
    const { port } = await kluad.serve(state, SUMS);
    const labels = { servant: `127.0.0.1:${port}`, state };
    const proxy = proxyTo(port, SUMS);
    await failureOf(proxy["fail"]?.());
    await failureOf(proxy["fail"]?.());
    await failureOf(proxy["table"]?.());
    for (let call = 0; call < 5; call += 1) await proxy["sum"]?.(1, 2);

    const { value, types, samples } = await scrape(place);
    expect(value("kluad_calls_total", labels)).to.equal(8);
    expect(value("kluad_call_errors_total", { ...labels, code: "ERR_RUNTIME" })).to.equal(2);
    expect(value("kluad_call_errors_total", { ...labels, code: "other" })).to.equal(1);
    expect(value("kluad_connections", labels)).to.be.at.least(1);
    expect(value("kluad_servants")).to.equal(1);
    expect(value("kluad_control_clients")).to.equal(1);
    expect(value("kluad_log_lines_lost_total")).to.equal(0);
    expect(value("kluad_call_duration_seconds_count", labels)).to.equal(8);
    expect(value("kluad_call_duration_seconds_sum", labels)).to.be.greaterThan(0);
    const buckets = samples.filter(({ name }) => name === "kluad_call_duration_seconds_bucket");
    const counts = buckets.map((sample) => sample.value);
    expect(counts).to.deep.equal(counts.toSorted((a, b) => a - b));
    expect(buckets.at(-1)).to.deep.include({ labels: { ...labels, le: "+Inf" }, value: 8 });
    expect(types.get("kluad_call_duration_seconds")).to.equal("histogram");
    expect(types.get("kluad_calls_total")).to.equal("counter");

    await (await kluad.client()).unserve({ port });
    const after = await scrape(place);
    expect(after.samples.filter((sample) => sample.labels["servant"] !== undefined)).to.deep.equal([]);
    expect(after.value("kluad_servants")).to.equal(0);
  });

  it("have the module, its states and the process", async () => {
    const lunatik = await open();
    const state = `${fresh()} "quoted\\"`;
    await lunatik.create(state);
    await lunatik.execute(state, SUMS_LUA);
    await failureOf(lunatik.call(state, "fail", []));
    const { memory, maxMemory, steps } = await lunatik.get(state);
    const kluad = await Kluad.start(undefined, undefined, "--metrics", "127.0.0.1:0");
    const { value, types } = await scrape(metricsPlace(kluad));
    expect(value("lunatik_up")).to.equal(1);
    expect(value("lunatik_state_memory_bytes", { state })).to.equal(Number(memory));
    expect(value("lunatik_state_memory_max_bytes", { state })).to.equal(Number(maxMemory));
    expect(value("lunatik_state_runs_total", { state })).to.equal(2);
    expect(value("lunatik_state_steps_total", { state })).to.equal(Number(steps));
    expect(value("lunatik_state_run_seconds_total", { state })).to.be.greaterThan(0);
    expect(value("lunatik_state_failures_total", { state, code: "ERR_RUNTIME" })).to.equal(1);
    expect(value("lunatik_state_busy", { state })).to.equal(0);
    const info = await lunatik.info();
    expect(value("lunatik_states")).to.be.at.least(1).and.at.most(info.statesMax);
    expect(value("lunatik_memory_max_bytes")).to.equal(Number(info.memoryMax));
    expect(value("lunatik_events_total")).to.be.at.least(1);
    expect(value("lunatik_build_info", { version: info.version, backend, lua: info.luaVersion })).to.equal(1);
    expect(value("kluad_build_info", { node: process.version, backend })).to.equal(1);
    expect(value("process_resident_memory_bytes")).to.be.greaterThan(1e6);
    expect(types.get("process_cpu_seconds_total")).to.equal("counter");
  });

  it("say when the module does not answer, and when it does again", async function () {
    // The module cannot be unloaded under the other tests.
    if (backend === "kernel") this.skip();
    const socket = join(temporaryFolder(), "socket");
    const first = await EmbeddedServer.start();
    symlinkSync(first.socket, socket);
    const kluad = await Kluad.start(undefined, socket, "--metrics", "0");
    const place = metricsPlace(kluad);
    expect((await scrape(place)).value("lunatik_up")).to.equal(1);
    await first.stop();
    const down = await scrape(place);
    expect(down.value("lunatik_up")).to.equal(0);
    expect(down.value("lunatik_states")).to.equal(undefined);
    const second = await EmbeddedServer.start();
    rmSync(socket);
    symlinkSync(second.socket, socket);
    const up = await scrape(place);
    expect([up.value("lunatik_up"), up.value("lunatik_states")]).to.deep.equal([1, 0]);
    await kluad.stop();
    await second.stop();
  });

  it("count the log lines that were lost", async () => {
    const lunatik = await open();
    const state = fresh();
    await lunatik.create(state);
    const metrics = await freePort();
    const full = openSync("/dev/full", "w");
    afterwards(() => {
      closeSync(full);
    });
    const kluad = await Kluad.within({ stdio: ["ignore", "ignore", full] }, "--metrics", String(metrics));
    const place = `http://127.0.0.1:${metrics}/metrics`;
    const before = (await scrape(place)).value("kluad_log_lines_lost_total") ?? 0;
    expect(before).to.be.greaterThan(0);
    await kluad.serve(state, SUMS);
    // A line of the start may be found to be lost later than the first look.
    expect((await scrape(place)).value("kluad_log_lines_lost_total")).to.be.greaterThan(before);
  });

  it("count what was missed and refused", async () => {
    const metrics = new Metrics({
      version: "1",
      backend: "kernel",
      servants: () => [],
      controlClients: () => 2,
      logLinesLost: () => 3,
      eventsLost: () => 4n,
      states: () => Promise.resolve(undefined),
    });
    const meter = metrics.meter("127.0.0.1:1", "s");
    meter.refused("address");
    meter.refused("address");
    meter.refused("tls");
    for (const round of [1, 2]) {
      const { value } = parseExposition(await metrics.text());
      expect(value("kluad_events_lost_total"), `round ${round}`).to.equal(4);
      expect(value("kluad_log_lines_lost_total")).to.equal(3);
      expect(value("kluad_control_clients")).to.equal(2);
      expect(value("kluad_refused_total", { reason: "address" })).to.equal(2);
      expect(value("kluad_refused_total", { reason: "tls" })).to.equal(1);
    }
    meter.closed();
    const { samples } = parseExposition(await metrics.text());
    expect(samples.filter(({ labels }) => "servant" in labels)).to.deep.equal([]);
  });

  it("have series for so many states only, those that use the most memory", async () => {
    const lunatik = await open();
    const state = fresh();
    await lunatik.create(state);
    const model = await lunatik.get(state);
    const many = Array.from({ length: STATES_MAX + 50 }, (_, index) => ({
      ...model,
      name: `state ${index}`,
      memory: BigInt(index),
    }));
    const { samples, value } = parseExposition(await new StateMetrics().text(await lunatik.info(), many));
    const listed = samples.filter(({ name }) => name === "lunatik_state_memory_bytes");
    expect(listed).to.have.length(STATES_MAX);
    expect(Math.min(...listed.map((sample) => sample.value))).to.equal(50);
    expect(value("lunatik_states_unlisted")).to.equal(50);
  });

  it("are told at /metrics, to those who read", async () => {
    const kluad = await Kluad.start(undefined, undefined, "--metrics", "0");
    const place = metricsPlace(kluad);
    expect((await fetch(new URL("/", place))).status).to.equal(404);
    expect((await fetch(place, { method: "POST", body: "x" })).status).to.equal(405);
    expect((await fetch(place, { method: "HEAD" })).status).to.equal(200);
    const gone = connect({ host: "127.0.0.1", port: Number(new URL(place).port) });
    gone.on("error", () => undefined);
    await once(gone, "connect");
    gone.write("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    gone.resetAndDestroy();
    expect((await scrape(place)).value("kluad_servants")).to.equal(0);
  });

  it("are told on loopback addresses, unless others are asked for", async () => {
    const control = join(temporaryFolder(), "kluad.sock");
    const refused = await Kluad.launch(control, "--metrics", "0.0.0.0:0").program.ended;
    expect([refused.exit, refused.stderr.includes("--metrics-anywhere")]).to.deep.equal([2, true]);
    expect((await Kluad.launch(control, "--metrics", "nonsense").program.ended).exit).to.equal(2);
    const kluad = await Kluad.start(undefined, undefined, "--metrics", "0.0.0.0:0", "--metrics-anywhere");
    expect(metricsPlace(kluad)).to.include("0.0.0.0");
  });

  it("need a port that is free, and the daemon says so", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    afterwards(() => {
      taken.close();
    });
    const { port } = taken.address() as { port: number };
    const kluad = Kluad.launch(join(temporaryFolder(), "kluad.sock"), "--metrics", String(port));
    const { exit, stderr } = await kluad.program.ended;
    expect([exit, stderr.includes("ERR_PORT"), stderr.includes("the port is taken")]).to.deep.equal([
      1,
      true,
      true,
    ]);
  });

  it("are not told by a daemon that was not asked to", async () => {
    const kluad = await Kluad.start();
    expect(kluad.program.stderr).to.not.include("metrics");
  });
});
