// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { StateQueue } from "../../daemon/state_queue.ts";
import { fresh, open, until } from "../behaviour/backend.ts";
import { RawClient } from "../luarpc/support.ts";
import { Kluad } from "./support.ts";

const NOTES =
  "interface notes { double note (in double id); double spin (); string large (in double size); };";
const NOTES_LUA = `
  noted = {}
  function note(id)
    noted[#noted + 1] = id
    if id < 0 then error("no " .. math.tointeger(id), 0) end
    return id
  end
  function spin() while true do end end
  function large(size) return ("x"):rep(size // 1 | 0) end`;

async function served(): Promise<{
  readonly lunatik: Awaited<ReturnType<typeof open>>;
  readonly state: string;
  readonly kluad: Kluad;
  readonly port: number;
}> {
  const lunatik = await open();
  const state = fresh();
  await lunatik.create(state, { maxSteps: 2n ** 40n, maxTime: 60_000_000_000n });
  await lunatik.execute(state, NOTES_LUA);
  const kluad = await Kluad.start();
  const { port } = await kluad.serve(state, NOTES);
  return { lunatik, state, kluad, port };
}

describe("calls that are pipelined", () => {
  it("run in their order and are answered in it, errors and large results among them", async () => {
    const { lunatik, state, port } = await served();
    const client = await RawClient.connect(port);
    const ids = Array.from({ length: 1000 }, (_, index) => (index % 7 === 3 ? -index : index));
    client.write(ids.map((id) => `note\n${id}\n${id === 501 ? "large\n100000\n" : ""}`).join(""));
    await client.until(({ received }) => received.split("\n").length > 1001, "all replies", 20_000);
    expect(client.received).to.equal(
      ids
        .map(
          (id) =>
            `${id < 0 ? `___ERRORPC: ERR_RUNTIME: no ${id}` : id}\n${id === 501 ? `${"x".repeat(100_000)}\n` : ""}`,
        )
        .join(""),
    );
    const { results } = await lunatik.execute(state, "return #noted, table.concat(noted, ' ')");
    const [count, noted] = results;
    expect(count).to.deep.equal({ kind: "integer", value: 1000n });
    expect(noted?.kind === "string" && Buffer.from(noted.value).toString()).to.equal(
      ids.map((id) => id.toFixed(1)).join(" "),
    );
  });

  it("are all given up when their client is lost, those that wait in the module too", async () => {
    const { lunatik, state, port } = await served();
    const client = await RawClient.connect(port);
    // Short ones first, so that several are taken at once.
    client.write("note\n1\n".repeat(200));
    await client.expects("1\n".repeat(200));
    client.write(`spin\n${"note\n2\n".repeat(10)}`);
    await until("they wait in the module", async () => (await lunatik.get(state)).waiting > 0);
    client.socket.resetAndDestroy();
    await until("nothing runs or waits", async () => {
      const { busy, waiting } = await lunatik.get(state);
      return !busy && waiting === 0;
    });
    const { results } = await lunatik.execute(state, "return #noted");
    expect(results).to.deep.equal([{ kind: "integer", value: 200n }]);
  });
});

describe("the queue of a state", () => {
  it("has one slot until its runs are known to be short, and again when one was long", () => {
    const queue = new StateQueue(64);
    expect(queue.slots).to.equal(1);
    for (let run = 0; run < 10; run += 1) queue.measured(3000);
    expect(queue.slots).to.equal(1);
    for (let run = 0; run < 200; run += 1) queue.measured(3000);
    expect(queue.slots).to.equal(32);
    queue.measured(5e6);
    expect(queue.slots).to.equal(12);
    queue.measured(1e9);
    expect(queue.slots).to.equal(1);
  });

  it("leaves half of the module's queue to others", () => {
    for (const [most, slots] of [
      [0, 1],
      [1, 1],
      [8, 4],
      [1000, 32],
    ] as const) {
      const queue = new StateQueue(most);
      for (let run = 0; run < 400; run += 1) queue.measured(1);
      expect(queue.slots).to.equal(slots);
    }
  });
});
