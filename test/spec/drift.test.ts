// SPDX-License-Identifier: MIT

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";

const root = join(import.meta.dirname, "../..");
const generated = [
  "kmod/uapi/lunatik.h",
  "kmod/netlink_gen.h",
  "kmod/netlink_gen.c",
  "client/protocol_gen.ts",
  "test/unit/kernel_protocol_gen.ts",
];

function check(...contract: readonly string[]): { readonly status: number | null; readonly stderr: string } {
  const tsx = join(root, "node_modules/.bin/tsx");
  const { status, stderr } = spawnSync(tsx, [join(root, "tools/generate.ts"), "--check", ...contract], {
    cwd: tmpdir(),
    encoding: "utf8",
  });
  return { status, stderr };
}

describe("generated files", function () {
  this.timeout(60_000);
  let folder = "";

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "lunatik-drift-"));
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("follow from the contract", () => {
    expect(check()).to.deep.equal({ status: 0, stderr: "" });
  });

  it("are each told to be stale when the contract changes", () => {
    const contract = join(folder, "lunatik.yaml");
    const text = readFileSync(join(root, "kmod/lunatik.yaml"), "utf8");
    const last = "            - create-flags\n";
    expect(text).to.include(last);
    // A request without its last attribute, and an error more: every output shows one of the two.
    writeFileSync(
      contract,
      text
        .replace(last, "")
        .replace(
          "      -\n        name: result-type\n",
          "      -\n        name: extra\n        doc: EIO. Extra.\n      -\n        name: result-type\n",
        ),
    );
    const { status, stderr } = check(contract);
    expect(status).to.equal(1);
    for (const path of generated) expect(stderr).to.include(`${path} does not follow`);
  });

  it("are not compared when the contract cannot be read", () => {
    const { status, stderr } = check(join(folder, "missing.yaml"));
    expect(status).to.equal(1);
    expect(stderr).to.include("ENOENT");
  });
});
