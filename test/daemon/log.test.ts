// SPDX-License-Identifier: MIT

import { execFileSync } from "node:child_process";
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { isJournalStream, journalLine } from "../../daemon/log.ts";
import { fresh, open, until } from "../behaviour/backend.ts";
import { afterwards } from "../luarpc/support.ts";
import { failureOf, Kluad, proxyTo, temporaryFolder } from "./support.ts";

const FAILS = "interface fails { double lacking (); }";

/** A file of a test, opened, and closed after it. */
function opened(path: string, flags: number): number {
  const descriptor = openSync(path, flags, 0o600);
  afterwards(() => {
    closeSync(descriptor);
  });
  return descriptor;
}

function fifo(): string {
  const path = join(temporaryFolder(), "fifo");
  execFileSync("mkfifo", [path]);
  return path;
}

/** Has a daemon log more than a pipe holds, and shows that it lives on. */
async function fillLog(kluad: Kluad): Promise<void> {
  const lunatik = await open();
  const state = fresh();
  await lunatik.create(state);
  const { port } = await kluad.serve(state, FAILS);
  const proxy = proxyTo(port, FAILS);
  for (let call = 0; call < 500; call += 1)
    expect(await failureOf(proxy["lacking"]?.())).to.match(/^ERR_NO_FUNCTION: /);
  expect(await (await kluad.client()).servants()).to.have.length(1);
}

describe("a line of the log for the journal", () => {
  const line = (fields: object): string => journalLine(JSON.stringify({ time: "now", pid: 1, ...fields }));

  it("has its priority, its message, and the rest as key=value", () => {
    expect(line({ level: 30, msg: "ready", control: "/run/kluad.sock" })).to.equal(
      "<6>ready control=/run/kluad.sock\n",
    );
    expect([10, 20, 30, 40, 50, 60].map((level) => line({ level, msg: "x" }).slice(0, 3))).to.deep.equal([
      "<7>",
      "<7>",
      "<6>",
      "<4>",
      "<3>",
      "<2>",
    ]);
    expect(line({ level: 40, port: 9001, error: 'say "no"' })).to.equal(
      '<4>port=9001 error="say \\"no\\""\n',
    );
  });

  it("stays one line, whatever somebody puts into it", () => {
    const text = line({ level: 30, msg: "a\n<0>forged\x9b", error: "b\r\n<0>forged\x7f" });
    expect(text).to.equal('<6>a\\u000a<0>forged\\u009b error="b\\r\\n<0>forged\\u007f"\n');
  });
});

describe("the log", () => {
  it("is in the journal's form when standard error is the journal, and JSON when it is not", async () => {
    const forms: string[] = [];
    for (const offset of [0n, 1n]) {
      const path = join(temporaryFolder(), "journal");
      const descriptor = opened(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND);
      const { dev, ino } = fstatSync(descriptor, { bigint: true });
      const environment = { JOURNAL_STREAM: `${dev}:${ino + offset}` };
      expect(isJournalStream(descriptor, environment)).to.equal(offset === 0n);
      const kluad = await Kluad.within({ environment, stdio: ["ignore", "ignore", descriptor] });
      expect((await kluad.stop()).exit).to.equal(0);
      forms.push(readFileSync(path, "utf8"));
    }
    expect(forms[0]).to.match(/^(?:<[67]>[^\n]*\n)+$/);
    expect(forms[0]).to.include("<6>ready control=/").and.to.include("<6>stopped\n");
    for (const line of forms[1]?.trim().split("\n") ?? [])
      expect(JSON.parse(line)).to.include({ name: "kluad" });
    expect(forms[1]).to.include('"msg":"stopped"');
  });

  it("may be on a disk that is full: the daemon serves, and stops with 0", async () => {
    const full = opened("/dev/full", constants.O_WRONLY);
    const kluad = await Kluad.within({ stdio: ["ignore", "ignore", full] }, "--log-level", "debug");
    await fillLog(kluad);
    expect((await kluad.stop()).exit).to.equal(0);
  });

  it("may be a pipe whose reader has gone", async () => {
    const path = fifo();
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = opened(path, constants.O_WRONLY);
    const kluad = await Kluad.within({ stdio: ["ignore", "ignore", writer] }, "--log-level", "debug");
    closeSync(reader);
    await fillLog(kluad);
    expect((await kluad.stop()).exit).to.equal(0);
  });

  it("may be a pipe whose reader has stopped to read; once it reads again, it is told what it missed", async () => {
    const path = fifo();
    const reader = opened(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = opened(path, constants.O_WRONLY);
    const kluad = await Kluad.within({ stdio: ["ignore", "ignore", writer] }, "--log-level", "debug");
    await fillLog(kluad);
    let text = "";
    const read = (): boolean => {
      const bytes = Buffer.alloc(65_536);
      try {
        text += bytes.toString("utf8", 0, readSync(reader, bytes));
      } catch (error) {
        expect((error as NodeJS.ErrnoException).code).to.equal("EAGAIN");
      }
      return text.includes('"stopped"');
    };
    read();
    expect(text).to.not.include("log lines were lost");
    kluad.program.process.kill("SIGTERM");
    await until("the last line has come", read);
    const lines = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { msg: string; lost?: number });
    expect(lines.filter(({ msg }) => msg === "log lines were lost").map(({ lost }) => lost)).to.have.length(
      1,
    );
    expect(lines.filter(({ msg }) => msg === "call failed").length)
      .to.be.greaterThan(10)
      .and.lessThan(500);
    expect((await kluad.program.ended).exit).to.equal(0);
  });
});
