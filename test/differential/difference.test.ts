// SPDX-License-Identifier: MIT

import { expect } from "chai";
import { difference } from "./difference.ts";

const compare = (expected: string, actual: string) =>
  difference(Buffer.from(expected, "latin1"), Buffer.from(actual, "latin1"));

describe("the comparison of outputs", () => {
  it("finds nothing in equal outputs", () => {
    expect(compare("a\nb\n", "a\nb\n")).to.equal(undefined);
  });

  it("names the first line that differs, and what ends too early", () => {
    expect(compare("a\nb\nc\n", "a\nx\ny\n")).to.deep.equal({ line: 2, expected: "b", actual: "x" });
    expect(compare("a\nb", "a")).to.deep.equal({ line: 2, expected: "b", actual: undefined });
    expect(compare("a", "a\n")).to.deep.equal({ line: 2, expected: undefined, actual: "" });
  });

  it("sees every byte", () => {
    expect(compare("\xff", "\xfe")).to.deep.equal({ line: 1, expected: "\xff", actual: "\xfe" });
  });

  it("allows a marked result to be so many doubles off, and no more", () => {
    expect(compare("~1\tsin\t5\n~2\tx\t9\n", "~1\tsin\t6\n~2\tx\t7\n")).to.equal(undefined);
    expect(compare("~1\tsin\t5", "~1\tsin\t7")?.line).to.equal(1);
    expect(compare("~1\tsin\t5", "~1\tcos\t5")?.line).to.equal(1);
    expect(compare("~1\tsin\t5", "~1\tsin\t-5")?.line).to.equal(1);
    expect(compare("5", "6")?.line).to.equal(1);
  });

  it("takes the smallest numbers of both signs for neighbours of zero", () => {
    const negativeZero = `${-(2n ** 63n)}`;
    const smallestNegative = `${-(2n ** 63n) + 1n}`;
    expect(compare(`~1\tsin\t${negativeZero}`, "~1\tsin\t0")).to.equal(undefined);
    expect(compare(`~1\tsin\t${smallestNegative}`, "~1\tsin\t0")).to.equal(undefined);
    expect(compare(`~1\tsin\t${smallestNegative}`, "~1\tsin\t1")?.line).to.equal(1);
  });
});
