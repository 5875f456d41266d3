// SPDX-License-Identifier: MIT

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { errors } from "../../client/protocol_gen.ts";
import { FakeModule } from "./fake_module.ts";
import { run } from "./world.ts";

const { commands } = await import("../../client/kluactl/commands.ts");
const { exitCodes } = await import("../../client/kluactl/exit_codes.ts");
const { manual } = await import("../../tools/manual.ts");

const path = fileURLToPath(new URL("../../docs/man/kluactl.1", import.meta.url));
const page = readFileSync(path, "utf8");
/** As a reader sees it: without the dashes' backslashes and the changes of font. */
const plain = page.replaceAll("\\-", "-").replaceAll(/\\f[BIR]/g, "");

async function help(...argv: readonly string[]): Promise<string> {
  const { exit, stdout } = await run(new FakeModule(), [...argv, "--help"]);
  expect(exit).to.equal(0);
  return stdout;
}

describe("the manual page", () => {
  it("is what the tables make it", async () => {
    expect(await manual(), "run npm run manual").to.equal(page);
  });

  for (const { name } of commands) {
    it(`has ${name}, and every option that yargs takes for it`, async () => {
      expect(plain).to.include(`.SS "kluactl ${name}`);
      const options = [...(await help(name)).matchAll(/^ +(?:-\w, )?(--[\w-]+) /gm)].map(
        ([, option]) => option ?? "",
      );
      expect(options.length).to.be.greaterThan(5);
      for (const option of options) expect(plain).to.match(new RegExp(`^(-\\w, )?${option}( |$)`, "m"));
    });
  }

  it("has every exit code", () => {
    for (const { exit, code } of exitCodes) expect(plain).to.include(`.TP\n${exit}\n${code}:`);
  });

  it("is taken by man without a warning", function () {
    const { error, stderr, status } = spawnSync("man", ["--warnings", "-l", "-Tutf8", path], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C.UTF-8", MANPAGER: "cat" },
    });
    if (error !== undefined) this.skip();
    expect({ stderr, status }).to.deep.equal({ stderr: "", status: 0 });
  });
});

describe("exit codes", () => {
  it("are there for every code of the module", () => {
    expect(exitCodes.map(({ code }) => code)).to.include.members(Object.keys(errors));
  });

  it("are one number each, but for the two ways to end a run by Ctrl-C", () => {
    const numbers = exitCodes.filter(({ code }) => code !== "ERR_ABORTED").map(({ exit }) => exit);
    expect(new Set(numbers).size).to.equal(numbers.length);
    expect(numbers).to.not.include(0);
    expect(Math.max(...numbers)).to.be.lessThan(256);
  });

  it("are all in --help", async () => {
    const text = await help();
    for (const { exit, code } of exitCodes) expect(text).to.match(new RegExp(`^ +${exit} +${code} `, "m"));
  });
});
