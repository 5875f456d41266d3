// SPDX-License-Identifier: MIT

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { errors } from "../../client/protocol_gen.ts";
import { FakeModule } from "./fake_module.ts";
import { run } from "./world.ts";

const { commands } = await import("../../client/kluactl/commands.ts");
const { exitCodes } = await import("../../client/kluactl/exit_codes.ts");
const { pagePath, pages } = await import("../../tools/manual.ts");
const { daemonOptions, helpText } = await import("../../daemon/command_line.ts");

const path = pagePath("docs/man/kluactl.1");
const page = readFileSync(path, "utf8");
/** As a reader sees it: without the dashes' backslashes and the changes of font. */
const plain = page.replaceAll("\\-", "-").replaceAll(/\\f[BIR]/g, "");

async function help(...argv: readonly string[]): Promise<string> {
  const { exit, stdout } = await run(new FakeModule(), [...argv, "--help"]);
  expect(exit).to.equal(0);
  return stdout;
}

describe("what is generated from the tables", () => {
  for (const [name, make] of pages) {
    it(`${name} is what they make it`, async () => {
      expect(await make(), "run npm run manual").to.equal(readFileSync(pagePath(name), "utf8"));
    });
  }

  for (const name of [...pages.keys()].filter((one) => one.includes("/man/"))) {
    it(`${name} is taken by man without a warning`, function () {
      const { error, stderr, status } = spawnSync("man", ["--warnings", "-l", "-Tutf8", pagePath(name)], {
        encoding: "utf8",
        env: { ...process.env, LC_ALL: "C.UTF-8", MANPAGER: "cat" },
      });
      if (error !== undefined) this.skip();
      expect({ stderr, status }).to.deep.equal({ stderr: "", status: 0 });
    });
  }

  it("has every option of kluad, in its page, its help and its completion", () => {
    const kluad = readFileSync(pagePath("docs/man/kluad.8"), "utf8").replaceAll("\\-", "-");
    const script = readFileSync(pagePath("packaging/completions/kluad.bash"), "utf8");
    for (const name of Object.keys(daemonOptions)) {
      expect(kluad).to.include(`\\fB--${name}\\fR`);
      expect(helpText()).to.match(new RegExp(`^  (-\\w, )?--${name}( |$)`, "m"));
      expect(script).to.match(new RegExp(`[" ]--${name}[" ]`));
    }
  });

  it("completes kluad's options and their values in bash", () => {
    const offers = (...words: readonly string[]): readonly string[] => {
      const script = `. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _kluad; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const path = pagePath("packaging/completions/kluad.bash");
      const { stdout, stderr } = spawnSync("bash", ["-c", script, path, "kluad", ...words], {
        encoding: "utf8",
      });
      expect(stderr).to.equal("");
      return stdout.trim().split("\n");
    };
    expect(offers("--log")).to.deep.equal(["--log-level", "--log-format"]);
    expect(offers("--log-level", "d")).to.deep.equal(["debug"]);
    expect(offers("--backend", "")).to.deep.equal(["kernel", "embedded"]);
    expect(offers("--manifest", "/etc/host")).to.include("/etc/hostname");
  });
});

describe("the manual page", () => {
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
