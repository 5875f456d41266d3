// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { LunatikError } from "../../client/error.ts";
import { backend, EmbeddedServer, open } from "../behaviour/backend.ts";

const MIB = 1024 * 1024;
const TOTAL = 12;

describe("memory for all states", function () {
  this.timeout(120_000);

  it("is not exceeded when 16 states grow at once, and all of it comes back", async function () {
    // The limit is a parameter of the module.
    if (backend === "kernel") this.skip();
    const server = await EmbeddedServer.start(`total_memory_mb=${TOTAL}`);
    const lunatik = await open({ socket: server.socket, timeout: 100_000 });
    const names = Array.from({ length: 16 }, (_, index) => `grows-${index}`);
    for (const name of names) await lunatik.create(name, { maxMemory: 8 * MIB, maxTime: 60_000_000_000 });
    const { memory: empty } = await lunatik.info();
    const grow = "local t = {} for i = 1, 1e6 do t[i] = ('x'):rep(200) .. i end";
    let most = 0n;
    const growing = new AbortController();
    const watch = (async () => {
      while (!growing.signal.aborted) {
        const { memory } = await lunatik.info();
        if (memory > most) most = memory;
      }
    })();
    const codes = await Promise.all(
      names.map((name) =>
        lunatik.execute(name, grow).then(
          () => "done",
          (error: unknown) => (error instanceof LunatikError ? error.code : String(error)),
        ),
      ),
    );
    growing.abort();
    await watch;
    expect(most <= BigInt(TOTAL * MIB), `${most} bytes`).to.equal(true);
    expect(codes).to.include("ERR_TOTAL_MEMORY");
    for (const code of codes) expect(["ERR_TOTAL_MEMORY", "ERR_MEMORY"]).to.include(code);
    for (const name of names) await lunatik.execute(name, "collectgarbage() collectgarbage()");
    const { memory: after } = await lunatik.info();
    // What is left is what fragments.
    expect(after < empty + BigInt((TOTAL * MIB) / 3), `${after} bytes`).to.equal(true);
    for (const name of names) await lunatik.delete(name);
    expect((await lunatik.info()).memory).to.equal(0n);
    lunatik.close();
    await server.stop();
  });
});
