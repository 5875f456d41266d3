// SPDX-License-Identifier: MIT
// Reads how many tests passed and failed from what a suite prints.

export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const none: Count = { passed: 0, failed: 0, skipped: 0 };

export function add(a: Count, b: Count): Count {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** Codes that colour a terminal's text. */
const colour = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

/**
 * The sum of all counts in a text: mocha's ("12 passing (3s)", "1 failing", "2 pending"), those of our own programs ("12
 * passed, 0 failed"), and TAP's lines ("ok 3 - text", "not ok 4"), each at the beginning of a line.
 */
export function countTests(output: string): Count {
  let count = none;
  for (const line of output.replace(colour, "").split(/\r?\n/)) {
    const mocha = /^\s*(\d+) (passing|failing|pending)\b/.exec(line);
    const own = /^\s*(\d+) passed, (\d+) failed\b/.exec(line);
    const tap = /^(not )?ok \d+\b/.exec(line);
    if (tap) {
      count = add(count, { ...none, [tap[1] === undefined ? "passed" : "failed"]: 1 });
    } else if (mocha) {
      const number = Number(mocha[1]);
      count = add(count, {
        passed: mocha[2] === "passing" ? number : 0,
        failed: mocha[2] === "failing" ? number : 0,
        skipped: mocha[2] === "pending" ? number : 0,
      });
    } else if (own) {
      count = add(count, { passed: Number(own[1]), failed: Number(own[2]), skipped: 0 });
    }
  }
  return count;
}

/**
 * What a command is worth once it has ended. One that fails without saying which test, or succeeds without running or
 * skipping any, counts as a failure.
 */
export function judge(output: string, exitCode: number): Count {
  const count = countTests(output);
  const silent = exitCode === 0 ? count.passed + count.skipped === 0 : count.failed === 0;
  return silent ? add(count, { passed: 0, failed: 1, skipped: 0 }) : count;
}
