// SPDX-License-Identifier: MIT
// Reads what libFuzzer says of itself.

export interface Statistics {
  readonly executions: number;
  readonly perSecond: number;
  /** Edges of the program that any input reached. */
  readonly coverage: number;
  /** Inputs in the corpus. */
  readonly kept: number;
}

/** The figures at the end of a log; 0 for those that it does not hold. */
export function parseStatistics(log: string): Statistics {
  const last = (pattern: RegExp): number => Number([...log.matchAll(pattern)].at(-1)?.[1] ?? 0);
  return {
    executions: last(/^stat::number_of_executed_units:\s*(\d+)/gm),
    perSecond: last(/^stat::average_exec_per_sec:\s*(\d+)/gm),
    coverage: last(/ cov: (\d+) /g),
    kept: last(/ corp: (\d+)/g),
  };
}
