// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { FakeModule } from "./fake_module.ts";
import { run, type Surroundings } from "./world.ts";

describe("completion", () => {
  let module: FakeModule;

  beforeEach(() => {
    module = new FakeModule();
    module.add("alpha");
    module.add("alps");
    module.add("b:c");
  });

  async function offers(words: readonly string[], around: Surroundings = {}): Promise<readonly string[]> {
    const argv = ["--get-yargs-completions", "kluactl", ...words];
    const { exit, stdout, stderr } = await run(module, argv, around);
    expect({ exit, stderr }).to.deep.equal({ exit: 0, stderr: "" });
    return stdout.split("\n").filter((line) => line !== "");
  }

  it("offers commands", async () => {
    expect(await offers(["e"])).to.deep.equal(["execute"]);
    expect(await offers([""])).to.include.members(["create", "list", "monitor", "doctor"]);
  });

  it("offers the names of states where one belongs", async () => {
    for (const command of ["show", "execute", "call", "cancel", "monitor", "delete"]) {
      expect(await offers([command, "al"]), command).to.deep.equal(["alpha", "alps"]);
    }
    expect(await offers(["--backend", "kernel", "show", "alph"])).to.deep.equal(["alpha"]);
  });

  it("offers names again and again to delete, each once, and none to create", async () => {
    expect(await offers(["delete", "alpha", ""])).to.deep.equal(["alps", "b:c"]);
    expect(await offers(["create", "al"])).to.deep.equal([]);
  });

  it("leaves a file's name to the shell", async () => {
    expect(await offers(["execute", "alpha", ""])).to.deep.equal([]);
  });

  it("offers a command's options", async () => {
    expect(await offers(["execute", "alpha", "--st"])).to.deep.equal(["--string", "--steps", "--stats"]);
    expect(await offers(["list", "--back"])).to.deep.equal(["--backend"]);
  });

  it("escapes colons for zsh, which splits there", async () => {
    expect(await offers(["show", "b"], { environment: { SHELL: "/usr/bin/zsh" } })).to.deep.equal(["b\\:c"]);
    expect(await offers(["show", "b"], { environment: { SHELL: "/bin/bash" } })).to.deep.equal(["b:c"]);
  });

  it("offers nothing, and says nothing, without a module", async () => {
    module.kernel.loaded = false;
    expect(await offers(["show", ""])).to.deep.equal([]);
  });

  it("prints the shell's script", async () => {
    const { exit, stdout } = await run(module, ["completion"]);
    expect(exit).to.equal(0);
    expect(stdout).to.include("--get-yargs-completions");
    expect(stdout).to.include("kluactl");
  });
});
