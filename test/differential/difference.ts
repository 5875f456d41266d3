// SPDX-License-Identifier: MIT

/** The first line in which two outputs differ; lines count from 1. */
export interface Difference {
  readonly line: number;
  /** undefined when the output has ended before. */
  readonly expected: string | undefined;
  readonly actual: string | undefined;
}

/**
 * Compares two outputs line by line, byte by byte. A line "~N …" is that of a function that may be rounded either way:
 * its last field is the result's bits as an integer, which may be up to N doubles away.
 */
export function difference(expected: Buffer, actual: Buffer): Difference | undefined {
  if (expected.equals(actual)) return undefined;
  const wanted = expected.toString("latin1").split("\n");
  const got = actual.toString("latin1").split("\n");
  for (let index = 0; index < Math.max(wanted.length, got.length); index++) {
    const [a, b] = [wanted[index], got[index]];
    if (a !== b && (a === undefined || b === undefined || !near(a, b)))
      return { line: index + 1, expected: a, actual: b };
  }
  return undefined;
}

function near(expected: string, actual: string): boolean {
  const pattern = /^(~(\d+)\t.*\t)(-?\d+)$/s;
  const a = pattern.exec(expected);
  const b = pattern.exec(actual);
  if (a === null || b === null || a[1] !== b[1]) return false;
  const distance = ordinal(a[3]) - ordinal(b[3]);
  return (distance < 0n ? -distance : distance) <= BigInt(a[2] ?? "");
}

/** Doubles in their order, one apart from its neighbour; both zeros are 0. */
function ordinal(bits: string | undefined): bigint {
  const value = BigInt(bits ?? "");
  return value >= 0n ? value : -(value + 2n ** 63n);
}

/** For a message: what the line should have been, and was. */
export function describeDifference({ line, expected, actual }: Difference): string {
  const show = (text: string | undefined): string =>
    text === undefined ? "(end of output)" : JSON.stringify(text.slice(0, 2000));
  return `line ${line}\n  lua5.4: ${show(expected)}\n  ours:   ${show(actual)}`;
}
