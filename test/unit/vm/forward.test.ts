// SPDX-License-Identifier: MIT
import { once } from "node:events";
import { createServer } from "node:net";
import { expect } from "chai";
import { describeForwards, networkArguments, readForward } from "../../vm/forward.ts";

/** What reading a text rejects with, or undefined. */
async function refusal(text: string): Promise<unknown> {
  try {
    await readForward(text);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("forwarded ports", () => {
  it("are those that are asked for", async () => {
    const forwards = [await readForward("8080:80"), await readForward("8443:443")];
    expect(describeForwards(forwards)).to.equal("8080:80 8443:443");
    expect(networkArguments(forwards).join(" ")).to.include(
      "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:8080-10.0.2.15:80,hostfwd=tcp:127.0.0.1:8443-10.0.2.15:443",
    );
    expect(networkArguments([])).to.deep.equal([]);
  });

  it("of the host are free ones unless given", async () => {
    const { host, guest } = await readForward("9001");
    expect(guest).to.equal(9001);
    const server = createServer().listen(host, "127.0.0.1");
    await once(server, "listening");
    server.close();
  });

  for (const text of ["", "x", "0", "65536", "1:0", "0:1", "1:2:3", "-1", " 1", "1:"]) {
    it(`are not ${JSON.stringify(text)}`, async () => {
      expect(await refusal(text)).to.be.instanceOf(TypeError);
    });
  }
});
