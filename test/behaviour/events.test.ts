// SPDX-License-Identifier: MIT

import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { LunatikEvent } from "../../client/event.ts";
import type { EventQueue } from "../../client/event_queue.ts";
import type { Lunatik } from "../../client/lunatik.ts";
import { rejection } from "../rejection.ts";
import { fresh, open, runProgram } from "./backend.ts";

/** The events of a state up to its deletion. */
async function story(events: EventQueue, name: string): Promise<readonly LunatikEvent[]> {
  const seen: LunatikEvent[] = [];
  for await (const event of events) {
    if (event.type === "lost") throw new Error(`${event.count} events were lost`);
    if (event.state !== name) continue;
    seen.push(event);
    if (event.type === "deleted") break;
  }
  return seen;
}

describe("events", () => {
  let lunatik: Lunatik;
  let name: string;

  beforeEach(async () => {
    lunatik = await open();
    name = fresh();
  });

  it("tell the story of a state in order", async () => {
    const events = await lunatik.events();
    const { id } = await lunatik.create(name);
    const quiet = await lunatik.execute(name, "return 1");
    const loud = await lunatik.execute(name, "print('hi')");
    await rejection(lunatik.execute(name, "error('boom')", { chunkName: "=c" }));
    await rejection(lunatik.execute(name, "while true do end", { maxSteps: 1000 }));
    await rejection(lunatik.execute(name, "x = = 1"));
    await lunatik.delete(name);
    const seen = await story(events, name);
    expect(seen.map(({ type }) => type)).to.deep.equal([
      "created",
      "print",
      "failed",
      "limit",
      "failed",
      "deleted",
    ]);
    const [, print, failed, limit, syntax] = seen;
    expect(print).to.deep.include({ run: loud.id, output: Buffer.from("hi\n"), stateId: id });
    expect(loud.id > quiet.id).to.equal(true);
    expect(failed).to.include({ code: "ERR_RUNTIME", errno: 5, message: "c:1: boom", stateId: id });
    expect(limit).to.include({ code: "ERR_STEPS", errno: 62 });
    expect(syntax).to.include({ code: "ERR_SYNTAX", errno: 8 });
    const times = seen.map((event) => (event.type === "lost" ? 0n : event.time));
    expect(times).to.deep.equal(times.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
  });

  it("are numbered one by one, and reach every listener", async () => {
    const listeners = [await lunatik.events(), await (await open()).events()];
    for (let count = 0; count < 20; count++) {
      await lunatik.create(name);
      await lunatik.delete(name);
    }
    const numbers: bigint[][] = [];
    for (const events of listeners) {
      const seen: bigint[] = [];
      for await (const event of events) {
        if (event.type === "lost") throw new Error(`${event.count} events were lost`);
        seen.push(event.sequence);
        if (seen.length === 40) break;
      }
      numbers.push(seen);
      expect(seen).to.deep.equal(seen.map((_, index) => (seen[0] ?? 0n) + BigInt(index)));
    }
    expect(numbers[0]).to.deep.equal(numbers[1]);
    expect((await lunatik.info()).eventSequence >= (numbers[0]?.at(-1) ?? 0n)).to.equal(true);
  });

  it("do not come without being asked for, nor after the listener left", async () => {
    const events = await lunatik.events();
    events.close();
    await lunatik.create(name);
    expect((await events.next()).done).to.equal(true);
  });

  it("that are many arrive all, or are said to be lost", async function () {
    this.timeout(120_000);
    const events = await lunatik.events({ queueMax: 100_000 });
    const { eventSequence: before } = await lunatik.info();
    await lunatik.create(name);
    await Promise.all(
      Array.from({ length: 20 }, () =>
        lunatik.execute(name, "for i = 1, 100 do print(i) end", { maxWait: 60_000_000_000n }),
      ),
    );
    await lunatik.delete(name);
    const { eventSequence: after } = await lunatik.info();
    let counted = 0n;
    for await (const event of events) {
      counted += event.type === "lost" ? event.count : 1n;
      if (counted >= after - before) break;
    }
    expect(counted).to.equal(after - before);
  });

  it("that overrun a reader who sleeps are said to be lost, and harm nothing", async function () {
    this.timeout(180_000);
    const events = await lunatik.events({ queueMax: 1_000_000 });
    const { eventSequence: before } = await lunatik.info();
    await lunatik.create(name, { maxSteps: 10n ** 12n, maxTime: 120n * 10n ** 9n });
    const folder = mkdtempSync(join(tmpdir(), "lunatik-overrun-"));
    const flag = join(folder, "done");
    // Each takes some 2.5 KB of a buffer of 16 MiB: twice what fits.
    const flood = "local s = ('x'):rep(1000) for i = 1, 14000 do print(s) end";
    const child = runProgram(`
      await lunatik.execute(${JSON.stringify(name)}, ${JSON.stringify(flood)});
      (await import("node:fs")).writeFileSync(${JSON.stringify(flag)}, "");
      lunatik.close();`);
    const asleep = new Int32Array(new SharedArrayBuffer(4));
    // Nothing is read meanwhile: this blocks the event loop.
    for (let tries = 0; !existsSync(flag) && tries < 1200; tries++) Atomics.wait(asleep, 0, 0, 100);
    if (child.exitCode === null) await once(child, "exit");
    rmSync(folder, { recursive: true });
    await lunatik.delete(name);
    const { eventSequence: after } = await lunatik.info();
    let counted = 0n;
    let lost = 0n;
    for await (const event of events) {
      if (event.type === "lost") lost += event.count;
      counted += event.type === "lost" ? event.count : 1n;
      if (counted >= after - before) break;
    }
    expect(counted).to.equal(after - before);
    expect(lost > 0n, `${counted} events came, none was lost`).to.equal(true);
    expect((await lunatik.info()).runs).to.equal(0);
  });
});
