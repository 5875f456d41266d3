// SPDX-License-Identifier: MIT

import { chmodSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { FAULT } from "../../client/control_protocol.ts";
import { backend, powerless } from "../behaviour/backend.ts";
import { Kluad, Program, temporaryFolder } from "./support.ts";

describe("who may use the control socket", function () {
  // In an emulated machine a process takes ten seconds to start.
  this.timeout(backend === "embedded" ? 60_000 : 400_000);

  const NOBODY = "65534";

  /** Asks a daemon about its module as another user, by a program that needs nothing of the checkout. */
  async function askAs(control: string, ...who: readonly string[]): Promise<string> {
    const program = `
      const text = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "info" });
      const socket = require("node:net").connect(${JSON.stringify(control)});
      socket.on("error", (error) => console.log(error.message));
      socket.on("data", (bytes) => process.stdout.write(bytes.toString()));
      socket.on("data", (bytes) => bytes.includes("}") && socket.end());
      socket.write("Content-Length: " + text.length + "\\r\\n\\r\\n" + text);`;
    const asked = new Program("setpriv", [...who, process.execPath, "-e", program]);
    return (await asked.ended).stdout;
  }

  it("is said by who is at the other end, and not only by the file's mode", async function () {
    if (process.getuid?.() !== 0) this.skip();
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    const kluad = await Kluad.start(join(folder, "kluad.sock"), undefined, "--group", "54321");
    const stranger = ["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"];
    expect(await askAs(kluad.control, ...stranger)).to.include("EACCES");
    chmodSync(kluad.control, 0o666);
    const refused = await askAs(kluad.control, ...stranger);
    expect(refused).to.include(`"code":${FAULT}`).and.to.include('"code":"ERR_PERMISSION"');
    expect(refused).to.include("for the group 54321; you are user 65534");
    const members = [
      ["--reuid", NOBODY, "--regid", "54321", "--clear-groups"],
      ["--reuid", NOBODY, "--regid", NOBODY, "--groups", "7,54321"],
      ["--reuid", "0", "--regid", NOBODY, "--clear-groups"],
    ];
    for (const member of members)
      expect(await askAs(kluad.control, ...member)).to.include('"luaVersion":"Lua ');
    expect(kluad.program.stderr).to.not.include("is not the protocol");
  });

  it("is told to kluactl, with the group", async function () {
    if (process.getuid?.() !== 0) this.skip();
    const kluad = await Kluad.start();
    // Root without capabilities minds a file's mode, and may be refused by it.
    chmodSync(kluad.control, 0o000);
    const { exit, stderr } = await new Program("setpriv", [
      ...powerless.slice(1),
      join(process.cwd(), "bin/kluactl"),
      "servants",
      "--control",
      kluad.control,
    ]).ended;
    expect(exit).to.equal(4);
    expect(stderr).to.match(/is for the group /);
  });

  it("is all that a caller without capabilities needs", async function () {
    if (backend !== "kernel") this.skip();
    const kluad = await Kluad.start();
    const words = [...powerless.slice(1), join(process.cwd(), "bin/kluactl"), "list", "--json"];
    const way = ["--control", kluad.control];
    expect((await new Program("setpriv", [...words, "--via", "direct"]).ended).exit).to.equal(4);
    const { exit, stdout, stderr } = await new Program("setpriv", [...words, ...way]).ended;
    expect(exit, stderr).to.equal(0);
    expect(stdout).to.include('"ok":true');
  });
});
