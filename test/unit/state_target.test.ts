// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { DirectLunatik } from "../../client/direct_lunatik.ts";
import { StateQueue } from "../../daemon/state_queue.ts";
import { StateTarget } from "../../daemon/state_target.ts";
import { makeMethod } from "../../luarpc/interface.ts";
import type { CallContext } from "../../luarpc/servant_connection.ts";
import { FakeKernel, runReply, settled } from "./fake_kernel.ts";
import { decodeCallRequest } from "./kernel_protocol_gen.ts";

const METHOD = makeMethod("f", "void", []);
const SHORT = 1000n;

describe("how long a state's runs take", () => {
  let kernel: FakeKernel;
  let lunatik: DirectLunatik;
  let queue: StateQueue;
  let target: StateTarget;
  let client: AbortController;

  beforeEach(async () => {
    kernel = new FakeKernel();
    lunatik = await DirectLunatik.open("kernel", kernel.opener, {});
    queue = new StateQueue(64);
    target = new StateTarget(lunatik, "s", queue, { object: undefined, limits: {}, wait: 1000 });
    client = new AbortController();
  });

  afterEach(() => lunatik.close());

  /** Makes calls, all at once, and resolves with whether each succeeded, once all are over. */
  function calls(count: number): Promise<readonly boolean[]> {
    const context: CallContext = { remote: "::1", signal: client.signal };
    return Promise.all(
      Array.from(
        { length: count },
        () =>
          new Promise<boolean>((resolve) => {
            target.queue.enter({
              start: () => target.call(METHOD, [], context),
              finish: resolve,
            });
          }),
      ),
    );
  }

  function answerWith(changes: Parameters<typeof runReply>[1]): void {
    kernel.handle = (request, socket) => {
      const { cookie } = decodeCallRequest(request.attributes);
      if (cookie !== undefined) socket.finish(request, runReply(cookie, changes));
    };
  }

  it("is learned from those that ran", async () => {
    answerWith({ time: SHORT });
    expect(await calls(300)).to.not.include(false);
    expect(queue.slots).to.equal(32);
  });

  it("is not learned from those that were refused", async () => {
    kernel.handle = (request, socket) => socket.refuse(request, 16, "ERR_BUSY: it is busy");
    expect(await calls(300)).to.not.include(true);
    expect(queue.slots).to.equal(1);
  });

  it("is learned from those that were given up, which were as long as that at least", async () => {
    answerWith({ time: SHORT });
    await calls(300);
    let isThere = (): void => undefined;
    const came = new Promise<void>((resolve) => {
      isThere = resolve;
    });
    kernel.handle = () => isThere();
    const before = performance.now();
    const spinning = calls(1);
    await came;
    // Longer than the runs that may be ahead of each other.
    while (performance.now() - before < 100) await settled();
    client.abort("lost");
    expect(await spinning).to.deep.equal([false]);
    expect(queue.slots).to.equal(1);
  });
});
