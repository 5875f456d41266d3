// SPDX-License-Identifier: MIT

import { readFileSync } from "node:fs";
import { expect } from "chai";
import { backend, fresh, open, printed } from "../behaviour/backend.ts";

/** What programs nest, by the names that test/engine/depth.lua prints. */
const ordinary = [
  "parens",
  "functions",
  "local functions",
  "calls in source",
  "tables",
  "pcall",
  "xpcall",
  "__index",
  "__newindex",
  "__add",
  "__lt",
  "__concat",
  "__tostring",
];

/** A kernel with KASAN has stacks twice as large. */
const withKasan = (): boolean => readFileSync("/proc/kallsyms", "utf8").includes(" __asan_store8");

describe("nesting", function () {
  this.timeout(120_000);

  before(function () {
    // Frames under a sanitizer are several times as large.
    if (backend === "embedded") this.skip();
  });

  it("goes at least 20 deep in each ordinary way, with 3 KiB of the kernel's stack left at the end of it", async () => {
    const lunatik = await open();
    const name = fresh();
    await lunatik.create(name);
    const run = await lunatik.execute(name, readFileSync("test/engine/depth.lua"));
    const depths = new Map<string, number>();
    for (const line of printed(run).split("\n")) {
      const [what = "", depth] = line.split("\t");
      if (depth !== undefined) depths.set(what, Number(depth));
    }
    for (const what of ordinary) expect(depths.get(what), what).to.be.at.least(20);
    const stack = (withKasan() ? 32 : 16) * 1024;
    const { stackDeepest } = await lunatik.get(name);
    process.stdout.write(`      ${stack - stackDeepest} bytes of the stack were never used\n`);
    expect(stack - stackDeepest).to.be.at.least(3 * 1024);
  });
});
