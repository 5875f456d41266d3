// SPDX-License-Identifier: MIT
import { expect } from "chai";
import { packCorpus, unpackCorpus } from "../fuzz/corpus.ts";

describe("a corpus in one file", () => {
  const inputs = [Buffer.from("longer"), Buffer.alloc(0), Buffer.from([0, 255])];

  it("holds every input, the empty one too, the shortest first", () => {
    expect(unpackCorpus(packCorpus(inputs, 1000))).to.deep.equal([inputs[1], inputs[2], inputs[0]]);
  });

  it("leaves out what does not fit", () => {
    expect(unpackCorpus(packCorpus(inputs, 6))).to.deep.equal([inputs[1], inputs[2]]);
  });
});
