// SPDX-License-Identifier: MIT

import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import { connectArguments, run } from "./backend.ts";

/** docs/client.md is right: its first example runs as it stands and prints what its comments say. */
describe("the example in docs/client.md", () => {
  it("prints what it says", async function () {
    this.timeout(60_000);
    const [, example = ""] = /```ts\n(.*?)```/s.exec(readFileSync("docs/client.md", "utf8")) ?? [];
    const extension = extname(import.meta.url);
    const program = example
      .replace("connect()", `connect(${JSON.stringify(connectArguments())})`)
      .replaceAll(/from "lunatik(\/\w+)?"/g, (_, part: string | undefined) => {
        const url = new URL(`../../client${part ?? "/lunatik"}${extension}`, import.meta.url);
        return `from ${JSON.stringify(url.href)}`;
      });
    const output = (await text(run(program).stdout)).split("\n");
    expect(output.slice(0, 3)).to.deep.equal(["[ 12.566370614359172 ]", "r is\t2.0", ""]);
    expect(output[3]).to.match(/^\d+n \d+n \d+n$/);
    expect(output[4]).to.equal("ERR_STEPS ETIME");
  });
});
