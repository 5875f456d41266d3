// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { prepareWords, unmark } from "../../client/kluactl/argv.ts";
import { FakeModule } from "./fake_module.ts";
import { run } from "./world.ts";

const valued = new Map([
  ["steps", "steps"],
  ["code", "code"],
  ["e", "code"],
]);

function prepared(...argv: readonly string[]): readonly string[] {
  return prepareWords(argv, valued).words;
}

describe("the words of a command line", () => {
  it("ties a value to its option, whatever it looks like", () => {
    expect(prepared("execute", "-e", "-- a comment")).to.deep.equal(["execute", "--code=-- a comment"]);
    expect(prepared("execute", "--steps", "-5")).to.deep.equal(["execute", "--steps=-5"]);
    expect(prepared("execute", "-e", "--help")).to.deep.equal(["execute", "--code=--help"]);
    expect(prepared("execute", "-ereturn 1")).to.deep.equal(["execute", "--code=return 1"]);
    expect(prepared("execute", "--code=x")).to.deep.equal(["execute", "--code=x"]);
  });

  it("takes a negative number, a lone dash and what follows two dashes for arguments", () => {
    const words = prepared("call", "s", "f", "-1", "-0x1p4", "-.5", "-", "--", "--steps", "-e");
    expect(words.slice(1).map(unmark)).to.deep.equal(["s", "f", "-1", "-0x1p4", "-.5", "-", "--steps", "-e"]);
    expect(words.slice(1).every((word) => !word.startsWith("-"))).to.equal(true);
  });

  it("keeps an option that lacks its value, for the parser to refuse", () => {
    expect(prepared("execute", "--steps")).to.deep.equal(["execute", "--steps"]);
  });
});

describe("kluactl's command line", () => {
  const refused: readonly (readonly [argv: readonly string[], message: RegExp])[] = [
    [["lst"], /there is no command "lst"; there are create, delete, list/],
    [["list", "extra"], /Unknown argument: extra/],
    [["create"], /an argument is missing: kluactl create <state>/],
    [["call", "s"], /an argument is missing/],
    [["create", "s", "--colour", "red"], /Unknown argument: colour/],
    [["create", "s", "--steps"], /Not enough arguments following: steps/],
    [["create", "s", "--steps", "many"], /--steps: "many" is not a count/],
    [["create", "s", "--memory", "12 elephants"], /--memory: "12 elephants" is not a size/],
    [["create", "s", "--memory", "99999999999T"], /--memory: .* is too large/],
    [["create", "s", "--replace", "--if-not-exists"], /exclude each other/],
    [["create", "s", "--libraries", "string,io"], /no library "io"; there are coroutine/],
    [["execute", "s"], /give a file, -e CODE, or - for stdin/],
    [["execute", "s", "-e", "", "--args-json", "[1]", "x"], /one or the other/],
    [["execute", "s", "-e", "", "--args-json", "[1"], /--args-json: /],
    [["execute", "s", "-e", "", "--args-json", "{}"], /not a JSON array/],
    [["cancel", "s", "--run", "first"], /not the id of a run/],
    [["monitor", "--count", "0"], /not a count/],
    [["list", "--backend", "cloud"], /backend/],
    [["list", "--backend", "kernel", "--socket", "/x"], /--socket is for --backend embedded/],
    [["list", "--timeout", "0"], /leaves no time/],
    [["dmesg", "--backend", "embedded"], /read that with --file PATH/],
  ];
  for (const [argv, message] of refused) {
    it(`refuses ${argv.join(" ")}`, async () => {
      const module = new FakeModule();
      const text = await run(module, argv);
      expect(text.exit).to.equal(2);
      expect(text.stdout).to.equal("");
      expect(text.stderr).to.match(message);
      const json = await run(module, [...argv.slice(0, 1), "--json", ...argv.slice(1)]);
      expect(json.exit).to.equal(2);
      expect(JSON.parse(json.stdout)).to.have.nested.property("error.code", "ERR_USAGE");
      expect(module.kernel.sockets.length, "asks the module nothing").to.equal(0);
    });
  }

  it("refuses a backend out of the environment that there is not", async () => {
    const { exit, stderr } = await run(new FakeModule(), ["list"], {
      environment: { LUNATIK_BACKEND: "cloud" },
    });
    expect(exit).to.equal(2);
    expect(stderr).to.match(/LUNATIK_BACKEND: "cloud"/);
    const other = await run(new FakeModule(), ["list"], { environment: { LUNATIK_VIA: "carrier pigeon" } });
    expect(other.exit).to.equal(2);
    expect(other.stderr).to.match(/LUNATIK_VIA: "carrier pigeon" is none of auto, daemon and direct/);
  });

  it("says nothing beside an error when told to be quiet", async () => {
    const { stderr } = await run(new FakeModule(), ["lst", "--quiet"]);
    expect(stderr).to.match(/^kluactl: there is no command "lst".*\n$/);
  });

  it("takes the last of two values of one option", async () => {
    const module = new FakeModule();
    await run(module, ["create", "s", "--steps", "1", "--steps", "2"]);
    expect(module.created[0]?.maxSteps).to.equal(2n);
  });

  it("runs list when there is no command, with and without options", async () => {
    const module = new FakeModule();
    module.add("only");
    expect((await run(module, [])).stdout).to.match(/^NAME .*\nonly /);
    expect(JSON.parse((await run(module, ["--json"])).stdout)).to.have.nested.property(
      "states[0].name",
      "only",
    );
  });

  it("takes a state whose name is that of a command", async () => {
    const module = new FakeModule();
    module.add("completion");
    module.add("delete");
    expect((await run(module, ["show", "completion", "--json"])).exit).to.equal(0);
    expect((await run(module, ["show", "delete", "--json"])).exit).to.equal(0);
  });
});
