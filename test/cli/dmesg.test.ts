// SPDX-License-Identifier: MIT

import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { parseRecord } from "../../client/kluactl/kernel_log.ts";
import { FakeModule } from "./fake_module.ts";
import { Capture, run } from "./world.ts";

describe("a record of the kernel log", () => {
  it("is taken apart", () => {
    expect(parseRecord("6,1234,5678901,-;lunatik: [s] hello")).to.deep.equal({
      text: "lunatik: [s] hello",
      time: 5678901n,
      priority: 6,
      sequence: 1234n,
    });
    expect(parseRecord("4,1,2,-,caller=T12;x")?.text, "with flags of newer kernels").to.equal("x");
  });

  it("has its escapes undone, once", () => {
    expect(parseRecord("6,1,2,-;a\\x5cx1bb")?.text).to.equal("a\\x1bb");
  });

  it("has no text of its own in a KEY=value line, and may be a plain line", () => {
    expect(parseRecord(" SUBSYSTEM=net")).to.equal(undefined);
    expect(parseRecord("")).to.equal(undefined);
    expect(parseRecord("lunatik: x")).to.deep.equal({ text: "lunatik: x" });
  });
});

describe("kluactl dmesg", () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "kluactl-"));
    file = join(folder, "log");
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it("prints lunatik's lines as dmesg does, and no others", async () => {
    await writeFile(
      file,
      "6,1,1000000,-;lunatik: 2 states\n6,2,2000000,-;usb 1-1: lunatik: no\n6,3,12345678901,-;lunatik: [s] hi\n KEY=x\n",
    );
    const { exit, stdout } = await run(new FakeModule(), ["dmesg", "--file", file]);
    expect(exit).to.equal(0);
    expect(stdout).to.equal("[    1.000000] lunatik: 2 states\n[12345.678901] lunatik: [s] hi\n");
  });

  it("reads plain lines, the last one without an end too", async () => {
    await writeFile(file, "lunatik: one\nother: two\nlunatik: three");
    expect((await run(new FakeModule(), ["dmesg", "--file", file])).stdout).to.equal(
      "lunatik: one\nlunatik: three\n",
    );
  });

  it("follows until Ctrl-C, and needs no module", async () => {
    await writeFile(file, "lunatik: one\nluna");
    const stdout = new Capture();
    const module = new FakeModule();
    const { exit } = await run(module, ["dmesg", "-f", "--file", file], {
      stdout,
      onListen: (interrupt) => {
        void (async () => {
          await until(() => stdout.bytes.includes("one"));
          await appendFile(file, "tik: two\n");
          await until(() => stdout.bytes.includes("two"));
          interrupt();
        })();
      },
    });
    expect(exit).to.equal(0);
    expect(stdout.bytes.toString()).to.equal("lunatik: one\nlunatik: two\n");
    expect(module.kernel.sockets.length).to.equal(0);
  });

  it("tells of a log that is not there", async () => {
    const { exit, stderr } = await run(new FakeModule(), ["dmesg", "--file", join(folder, "absent")]);
    expect(exit).to.equal(25);
    expect(stderr).to.match(/^kluactl: the log cannot be read \(ENOENT/);
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
