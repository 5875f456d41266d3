// SPDX-License-Identifier: MIT
import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Outside } from "../../vm/outside.ts";

describe("a program of the host", () => {
  let folder: string;
  let outside: Outside;
  let timer: NodeJS.Timeout;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lunatik-outside-"));
    const program = join(folder, "program");
    writeFileSync(program, '#!/bin/sh\nfor word; do echo "[$word]"; done\necho talk >&2\nexit $#\n');
    chmodSync(program, 0o755);
    outside = new Outside(folder, program);
    timer = setInterval(() => outside.look(), 5);
  });

  afterEach(() => {
    clearInterval(timer);
    outside.stop();
    rmSync(folder, { recursive: true });
  });

  /** Asks as the guest does. */
  function ask(...words: readonly string[]): Promise<{ readonly status: number; readonly output: string }> {
    const env = { ...process.env, LUNATIK_VM_RUN: folder, LUNATIK_VM_OUTSIDE: "1" };
    return new Promise((resolve) => {
      const child = execFile("test/vm/outside", words, { env }, (_, output) => {
        resolve({ status: child.exitCode ?? -1, output });
      });
    });
  }

  it("gets the guest's words, and the guest its output and exit code", async () => {
    expect(await ask("one", "two  words", "$HOME")).to.deep.equal({
      status: 3,
      output: "[one]\n[two  words]\n[$HOME]\ntalk\n",
    });
    expect((await ask("again")).status).to.equal(1);
    expect(readdirSync(folder)).to.deep.equal(["program"]);
  });

  it("that cannot be run is an error in the guest", async () => {
    rmSync(join(folder, "program"));
    expect((await ask("one")).status).to.be.greaterThan(0);
  });
});
