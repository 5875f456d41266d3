// SPDX-License-Identifier: MIT
import { expect } from "chai";
import { countTests, judge } from "../count.ts";

describe("counting tests", () => {
  it("sums mocha's lines and our own", () => {
    const output =
      "\n  12 passing (3s)\n  2 pending\n  1 failing\n\n  1) a test:\n7 passed, 3 failed\n  5 passing (10ms)\n";
    expect(countTests(output)).to.deep.equal({ passed: 24, failed: 4, skipped: 2 });
  });

  it("counts the lines of TAP", () => {
    const output = "ok 1 - create\nnot ok 2 - delete\nok 3\n1..3\n";
    expect(countTests(output)).to.deep.equal({ passed: 2, failed: 1, skipped: 0 });
  });

  it("reads through colours", () => {
    expect(countTests("\u001b[92m  3 passing\u001b[0m\u001b[90m (1s)\u001b[0m\n")).to.include({ passed: 3 });
  });

  it("takes no count from the middle of a line", () => {
    expect(countTests("it says 5 passing tests\nran: 5 passed, 0 failed\n")).to.include({
      passed: 0,
      failed: 0,
    });
  });

  it("takes a command that ran no test for a failure", () => {
    expect(judge("nothing here", 0)).to.include({ passed: 0, failed: 1 });
    expect(judge("  0 passing (1ms)\n", 0)).to.include({ passed: 0, failed: 1 });
    expect(judge("  1 pending\n", 0)).to.include({ passed: 0, failed: 0, skipped: 1 });
  });

  it("takes a command that failed without naming a test for a failure", () => {
    expect(judge("  5 passing (1s)\nSegmentation fault\n", 139)).to.include({ passed: 5, failed: 1 });
    expect(judge("  5 passing (1s)\n  2 failing\n", 2)).to.include({ passed: 5, failed: 2 });
  });
});
