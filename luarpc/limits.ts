// SPDX-License-Identifier: MIT

/* What a servant puts up with. Bytes, milliseconds, numbers; 0 milliseconds means no time-out. */

export interface Limits {
  /** The longest line. */
  readonly line: number;
  /** Bytes of one connection that wait to be read or written. */
  readonly pending: number;
  /** Connections of one servant. */
  readonly connections: number;
  /** Calls that wait for one object. */
  readonly waiting: number;
  /** From the first byte of a request to its last, and for a client that does not read its replies. */
  readonly readTimeout: number;
  /** Without a request. */
  readonly idleTimeout: number;
  /** How long a closed connection waits for what is still on its way. */
  readonly linger: number;
}

export const defaultLimits: Limits = {
  line: 1024 * 1024,
  pending: 4 * 1024 * 1024,
  connections: 1024,
  waiting: 4096,
  readTimeout: 30_000,
  idleTimeout: 0,
  linger: 2_000,
};

/** Fills what is missing with defaults. Throws RangeError. */
export function limitsOf(given: Partial<Limits> = {}): Limits {
  const limits = {
    ...defaultLimits,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
  for (const [name, value] of Object.entries(limits)) {
    const least = name === "readTimeout" || name === "idleTimeout" || name === "linger" ? 0 : 1;
    if (!Number.isSafeInteger(value) || value < least)
      throw new RangeError(
        `the limit '${name}' must be a whole number of at least ${least}, not ${String(value)}`,
      );
  }
  // A line must fit among the pending bytes, or a request could never complete.
  return limits.pending > limits.line ? limits : { ...limits, pending: limits.line + 1024 };
}
