// SPDX-License-Identifier: MIT

import { expect } from "chai";
import {
  formatAge,
  formatCount,
  formatDuration,
  formatInstant,
  formatSize,
  parseCount,
  parseSize,
  parseTime,
} from "../../client/kluactl/quantity.ts";

describe("quantities", () => {
  it("reads sizes in powers of 1024", () => {
    expect(parseSize("0", "m")).to.equal(0n);
    expect(parseSize("65536", "m")).to.equal(65536n);
    expect(parseSize("64K", "m")).to.equal(65536n);
    expect(parseSize("64KiB", "m")).to.equal(65536n);
    expect(parseSize("64kb", "m")).to.equal(65536n);
    expect(parseSize("1.5M", "m")).to.equal(1572864n);
    expect(parseSize("18446744073709551615", "m")).to.equal(2n ** 64n - 1n);
  });

  it("reads counts in powers of 1000", () => {
    expect(parseCount("1e6", "steps")).to.equal(1000000n);
    expect(parseCount("2M", "steps")).to.equal(2000000n);
    expect(parseCount("9007199254740993", "steps")).to.equal(9007199254740993n);
  });

  it("reads times in milliseconds unless they have a unit", () => {
    expect(parseTime("250", "time")).to.equal(250_000_000n);
    expect(parseTime("0.5", "time")).to.equal(500_000n);
    expect(parseTime("2s", "time")).to.equal(2_000_000_000n);
    expect(parseTime("5min", "time")).to.equal(300_000_000_000n);
    expect(parseTime("7us", "time")).to.equal(7_000n);
  });

  for (const text of ["", "-1", "1x", "M", "1 2", "0x10", "1e", "NaN", "1e400"]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => parseSize(text, "memory")).to.throw(/--memory/);
      expect(() => parseCount(text, "steps")).to.throw(/--steps/);
      expect(() => parseTime(text, "time")).to.throw(/--time/);
    });
  }

  it("writes them for a reader", () => {
    expect([0n, 1023n, 1024n, 1536n, 33554432n].map(formatSize)).to.deep.equal([
      "0 B",
      "1023 B",
      "1 KiB",
      "1.5 KiB",
      "32 MiB",
    ]);
    expect([0, 999, 1000, 1234567].map(formatCount)).to.deep.equal(["0", "999", "1,000", "1,234,567"]);
    expect([0n, 999n, 1500n, 2_000_000n, 10_000_000_000n].map(formatDuration)).to.deep.equal([
      "0 ns",
      "999 ns",
      "1.5 us",
      "2 ms",
      "10 s",
    ]);
    const now = 10n ** 18n;
    const ages = [0n, 119n, 120n, 7_199n, 7_200n, 172_800n].map((age) =>
      formatAge(now - age * 10n ** 9n, now),
    );
    expect(ages).to.deep.equal(["0s", "119s", "2m", "119m", "2h", "2d"]);
    expect(formatAge(now + 1n, now), "a clock that was set back").to.equal("0s");
  });

  it("writes an instant with all its nanoseconds", () => {
    expect(formatInstant(1_700_000_000_123_456_789n)).to.equal("2023-11-14T22:13:20.123456789Z");
    expect(formatInstant(2n ** 64n - 1n), "beyond what a date can say").to.equal(
      "2554-07-21T23:34:33.709551615Z",
    );
  });
});
