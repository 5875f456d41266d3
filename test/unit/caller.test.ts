// SPDX-License-Identifier: MIT

import { expect } from "chai";
import type { Caller } from "../../client/caller.ts";
import { DirectLunatik } from "../../client/direct_lunatik.ts";
import { Command } from "../../client/protocol_gen.ts";
import { FAMILY_ID, FakeKernel, type FakeRequest, runReply, settled } from "./fake_kernel.ts";
import { decodeCallRequest } from "./kernel_protocol_gen.ts";

const NO_VALUES = Uint8Array.of(0x90);

function argument(request: FakeRequest): number {
  return decodeCallRequest(request.attributes).arguments?.at(-1) ?? -1;
}

/** Calls with one argument, a small number: what came of it in the end is added to `outcomes`. */
function call(caller: Caller, number: number, outcomes: string[]): { abort(reason: unknown): void } {
  return caller.call(Uint8Array.of(0x91, number), 1e9, {
    succeeded: () => outcomes.push(`${number} done`),
    failed: ({ code }) => outcomes.push(`${number} ${code}`),
  });
}

describe("the calls of a function of a module that is loaded anew", () => {
  let kernel: FakeKernel;
  let lunatik: DirectLunatik;
  let caller: Caller;
  let outcomes: string[];

  beforeEach(async () => {
    kernel = new FakeKernel();
    kernel.handle = (request, socket) => {
      const { cookie } = decodeCallRequest(request.attributes);
      socket.finish(request, runReply(cookie ?? 0n, { results: NO_VALUES }));
    };
    lunatik = await DirectLunatik.open("kernel", kernel.opener, {});
    caller = lunatik.caller("s", "f");
    outcomes = [];
    call(caller, 0, outcomes);
    await settled();
    expect(outcomes).to.deep.equal(["0 done"]);
  });

  afterEach(() => lunatik.close());

  /** The numbers of the calls that went to a family with this number, in their order. */
  function sentTo(family: number): readonly number[] {
    return kernel
      .requests(Command.call)
      .filter(({ type }) => type === family)
      .map(argument);
  }

  it("succeed, pipelined ones too, each sent once more and in their order", async () => {
    const numbers = Array.from({ length: 32 }, (_, index) => index + 1);
    kernel.familyId = 40;
    for (const number of numbers) call(caller, number, outcomes);
    await settled();
    await settled();
    expect(outcomes.slice(1)).to.deep.equal(numbers.map((number) => `${number} done`));
    expect(sentTo(FAMILY_ID)).to.deep.equal([0, ...numbers]);
    expect(sentTo(40)).to.deep.equal(numbers);
  });

  it("keep their order when the refusals come late, between them and those that are made meanwhile", async () => {
    kernel.familyId = 40;
    const [answer, late] = [kernel.take.bind(kernel), [] as (() => void)[]];
    // As a socket: what was answered is read in the order of the answers, one at a time.
    kernel.take = (request, socket) => {
      if (socket === kernel.sockets[1]) late.push(() => answer(request, socket));
      else answer(request, socket);
    };
    for (const number of [1, 2, 3]) call(caller, number, outcomes);
    await settled();
    for (let next = late.shift(), number = 4; next !== undefined; next = late.shift(), number += 1) {
      next();
      if (number < 7) call(caller, number, outcomes);
      await settled();
    }
    expect(sentTo(FAMILY_ID)).to.deep.equal([0, 1, 2, 3]);
    expect(sentTo(40)).to.deep.equal([1, 2, 3, 4, 5, 6]);
    expect(outcomes.slice(1)).to.deep.equal([1, 2, 3, 4, 5, 6].map((number) => `${number} done`));
  });

  it("fail when it is gone, and are sent twice at most", async () => {
    kernel.loaded = false;
    call(caller, 1, outcomes);
    await settled();
    kernel.loaded = true;
    // A family that is told, and is not there.
    kernel.handle = (request, socket) => socket.refuse(request, 2);
    call(caller, 2, outcomes);
    await settled();
    await settled();
    expect(outcomes.slice(1)).to.deep.equal(["1 ERR_NO_MODULE", "2 ERR_NO_MODULE"]);
    expect(sentTo(FAMILY_ID)).to.deep.equal([0, 1, 2, 2]);
  });

  it("are not sent again when they were given up meanwhile", async () => {
    kernel.familyId = 40;
    const take = kernel.take.bind(kernel);
    let given: { abort(reason: unknown): void } | undefined;
    kernel.take = (request, socket) => {
      take(request, socket);
      if (request.command === Command.call && request.type === FAMILY_ID) given?.abort("enough");
    };
    given = call(caller, 1, outcomes);
    await settled();
    await settled();
    expect(outcomes.slice(1)).to.deep.equal(["1 ERR_ABORTED"]);
    expect(sentTo(40)).to.deep.equal([]);
    await lunatik.drain();
  });
});
