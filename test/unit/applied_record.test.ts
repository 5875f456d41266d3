// SPDX-License-Identifier: MIT

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { pino } from "pino";
import { float, integer, string, table } from "../../client/lua_value.ts";
import type { DeclaredScript } from "../../client/manifest.ts";
import type { State } from "../../client/state.ts";
import { AppliedRecord } from "../../daemon/applied_record.ts";

const state = { id: 7n, created: 2n ** 62n, creator: { pid: 12, uid: 0, command: "kluad" } } as State;

const scripts: readonly DeclaredScript[] = [
  { path: "/etc/a.lua", chunkName: "@a.lua", code: Buffer.from([0x1b, 0, 0xff]), arguments: [] },
  {
    path: undefined,
    chunkName: "=(manifest)",
    code: Buffer.from("return ..."),
    arguments: [integer(2n ** 62n), float(1), string(Buffer.from([0xff])), table([[integer(1), float(-0)]])],
  },
];

describe("the record of what a manifest made", () => {
  let folder: string;
  let lines: string[];
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lunatik-record-"));
    path = join(folder, "kluad.sock.applied");
    lines = [];
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function open(file = path): Promise<AppliedRecord> {
    return AppliedRecord.open(file, pino({}, { write: (line: string) => void lines.push(line) }));
  }

  it("is there for the next daemon, with what was being made when this one ended", async () => {
    const record = await open();
    await record.creating("p", scripts);
    await record.applied("p", state, scripts);
    await record.creating("half", []);
    await record.creating("gone", []);
    await record.forget("gone");
    const next = await open();
    expect(Object.fromEntries(next.states)).to.deep.equal({
      p: { id: 7n, created: 2n ** 62n, creator: 12, scripts, isComplete: true },
      half: { id: undefined, created: undefined, creator: process.pid, scripts: [], isComplete: false },
    });
    expect(lines).to.deep.equal([]);
  });

  for (const text of [
    "",
    "{",
    '{"version":9,"states":[]}',
    '{"version":2,"states":[{"name":3}]}',
    '{"version":1,"states":[]}',
    "null",
  ]) {
    it(`is empty when the file is damaged, which is logged: ${JSON.stringify(text)}`, async () => {
      writeFileSync(path, text);
      const record = await open();
      expect([record.states.size, lines.length]).to.deep.equal([0, 1]);
      await record.applied("p", state, scripts);
      expect(JSON.parse(readFileSync(path, "utf8"))).to.have.property("version", 2);
    });
  }

  it("names where a script lies now, when that is all that changed", async () => {
    const record = await open();
    await record.applied("p", state, scripts);
    const moved = scripts.map((one) => ({ ...one, path: "/srv/a.lua" }));
    await record.applied("p", state, moved);
    expect((await open()).states.get("p")?.scripts).to.deep.equal(moved);
  });

  it("that cannot be written is logged, and kept in memory", async () => {
    const record = await open(join(folder, "nowhere", "record"));
    await record.applied("p", state, scripts);
    expect(record.states.get("p")?.id).to.equal(7n);
    expect(lines.join()).to.include("cannot be written");
  });
});
