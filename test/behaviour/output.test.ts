// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { toJs } from "../../client/lua_value.ts";
import type { Lunatik } from "../../client/lunatik.ts";
import { rejection } from "../rejection.ts";
import { fresh, kernelLog, open, PATIENT, printed, until } from "./backend.ts";

describe("print", () => {
  let lunatik: Lunatik;
  let name: string;

  beforeEach(async () => {
    lunatik = await open();
    name = fresh();
    await lunatik.create(name);
  });

  it("comes back with the run, as Lua writes it", async () => {
    const run = await lunatik.execute(
      name,
      "print('a', 1, 2.0, nil, true) print() print(1e15, -0.0, 1/0) return 5",
    );
    expect(printed(run)).to.equal("a\t1\t2.0\tnil\ttrue\n\n1e+15\t-0.0\tinf\n");
    expect(run.outputDropped).to.equal(0n);
    expect(run.results.map(toJs)).to.deep.equal([5]);
  });

  it("uses __tostring and __name, and fails as Lua does", async () => {
    const run = await lunatik.execute(
      name,
      "print(setmetatable({}, {__tostring = function() return 'me' end}))",
    );
    expect(printed(run)).to.equal("me\n");
    const error = await rejection(
      lunatik.execute(name, "print(setmetatable({}, {__tostring = function() return {} end}))"),
    );
    expect(error.message).to.match(/'__tostring' must return a string/);
  });

  it("keeps every byte", async () => {
    const run = await lunatik.execute(name, "print('\\0\\255\\27[2J')");
    expect(Buffer.from(run.output).toString("hex")).to.equal("00ff1b5b324a0a");
  });

  it("comes back with a run that failed", async () => {
    const error = await rejection(lunatik.execute(name, "print('before') error('boom')"));
    expect(printed(error.run)).to.equal("before\n");
    const spent = await rejection(
      lunatik.execute(name, "print('first') while true do end", { maxSteps: 1000 }),
    );
    expect(printed(spent.run)).to.equal("first\n");
  });

  it("drops what is beyond the module's limit, and says how much", async () => {
    const { outputMax } = await lunatik.info();
    const run = await lunatik.execute(
      name,
      `for i = 1, ${Number(outputMax) / 64 + 10} do print(('x'):rep(63)) end`,
    );
    expect(BigInt(run.output.length)).to.equal(outputMax);
    expect(run.outputDropped).to.equal(640n);
    expect(printed(run)).to.equal(`${"x".repeat(63)}\n`.repeat(Number(outputMax) / 64));
  });

  it("arrives whole together with large results", async () => {
    const run = await lunatik.execute(name, "print(('o'):rep(40000)) return ('r'):rep(40000)");
    expect(printed(run)).to.equal(`${"o".repeat(40_000)}\n`);
    expect(run.results.map(toJs)).to.deep.equal(["r".repeat(40_000)]);
    const failed = await rejection(lunatik.execute(name, "print(('o'):rep(40000)) error('boom', 0)"));
    expect(failed.message).to.equal("boom");
    expect(printed(failed.run)).to.equal(`${"o".repeat(40_000)}\n`);
  });

  it("is an event", async () => {
    const events = await lunatik.events();
    const run = await lunatik.execute(name, "print('one') print('two')");
    let text = "";
    for await (const event of events) {
      if (event.type !== "print" || event.state !== name) continue;
      expect(event.run).to.equal(run.id);
      text += Buffer.from(event.output).toString();
      if (text.length >= 8) break;
    }
    expect(text).to.equal("one\ntwo\n");
  });

  it("reaches the kernel log, a line at a time, with the state's name", async () => {
    await lunatik.execute(name, "print('hello log') print('two\\nlines')");
    await until("the lines are in the log", () => kernelLog().includes(`lunatik: [${name}] lines`));
    const log = kernelLog();
    expect(log).to.contain(`lunatik: [${name}] hello log\n`);
    expect(log).to.contain(`lunatik: [${name}] two\n`);
  });

  it("does not let control bytes into the kernel log", async () => {
    await lunatik.execute(name, "print('esc\\27[31m tab\\t nul\\0 high\\255 end')");
    await until("the line is in the log", () => kernelLog().includes(`[${name}] esc`));
    const line = kernelLog()
      .split("\n")
      .find((each) => each.includes(`[${name}] esc`));
    expect(line).to.match(/esc\\x1b\[31m tab(\\t|\\x09) nul\\x00 high\\xff end$/);
  });

  it("ends with the time of its run in the middle of a long string", async () => {
    const large = fresh();
    await lunatik.create(large, { ...PATIENT, maxMemory: 256n << 20n });
    await lunatik.execute(large, "s = ('x'):rep(1 << 16):rep(1 << 10)");
    const error = await rejection(lunatik.execute(large, "print(s)", { maxTime: 50_000_000n }));
    expect(error.code).to.equal("ERR_TIME");
    const size = BigInt(error.run?.output.length ?? 0) + (error.run?.outputDropped ?? 0n);
    expect(size < 64n << 20n).to.equal(true);
    await lunatik.delete(large);
  });

  it("floods the kernel log no more than is bearable", async () => {
    await lunatik.execute(name, "for i = 1, 5000 do print('flood', i) end");
    await new Promise((resolve) => setTimeout(resolve, 500));
    const lines = kernelLog().split(`[${name}] flood`).length - 1;
    expect(lines).to.be.within(1, 1000);
  });
});

describe("the kernel log", () => {
  it("gets a list of the states when asked for", async () => {
    const lunatik = await open();
    const name = fresh();
    await lunatik.create(name);
    await lunatik.execute(name, "x = 1");
    await lunatik.log();
    const entry = new RegExp(`lunatik: state ${name}: memory \\d+/\\d+ bytes, 1 runs?, idle`);
    await until("the state is in the log", () => entry.test(kernelLog()));
    const { states } = await lunatik.info();
    expect(kernelLog()).to.match(new RegExp(`lunatik: ${states} states?\\n`));
  });

  it("shows a name's odd bytes escaped", async () => {
    const lunatik = await open();
    const name = `${fresh()} ü\udcff`;
    await lunatik.create(name);
    await lunatik.log();
    await until("the state is in the log", () => kernelLog().includes(name.slice(0, -2)));
    expect(kernelLog()).to.contain(`${name.slice(0, -2)}\\xc3\\xbc\\xff`);
  });
});
