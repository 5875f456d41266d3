// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { wordsOf } from "../../client/program_words.ts";

describe("the words of a command line", () => {
  it("are its last ones, byte for byte", () => {
    const bytes = Buffer.from("node\0--flag\0program\0a\xe9\0\0b\0", "latin1");
    expect(wordsOf(bytes, 3)).to.deep.equal(["a\udce9", "", "b"]);
    expect(wordsOf(bytes, 1)).to.deep.equal(["b"]);
    expect(wordsOf(bytes, 0)).to.deep.equal([]);
  });

  it("are unknown where the system tells of fewer", () => {
    expect(wordsOf(Buffer.from("node\0"), 2)).to.equal(undefined);
  });
});
