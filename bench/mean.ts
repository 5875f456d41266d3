// SPDX-License-Identifier: MIT

/** The geometric mean of positive numbers: the mean of ratios. NaN when there are none. */
export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
