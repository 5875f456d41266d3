// SPDX-License-Identifier: MIT

/* Quantities as people write them, on the command line and in a manifest: sizes, counts and times. */

/** A kind of quantity: what its units are worth, and how to tell somebody what is wanted. */
export interface QuantityKind {
  /** By their names in lower case; "" is a number without one. */
  readonly units: ReadonlyMap<string, number>;
  /** What stands behind a number with or without its unit: the B of KiB. */
  readonly tail?: RegExp;
  /** "a size such as …". */
  readonly shape: string;
}

/** A size in bytes: "65536", "64K", "64KiB", "1.5M"; the units are powers of 1024. */
export const size: QuantityKind = {
  units: new Map([
    ["", 1],
    ["k", 2 ** 10],
    ["m", 2 ** 20],
    ["g", 2 ** 30],
    ["t", 2 ** 40],
  ]),
  tail: /i?B$/i,
  shape: "a size such as 65536, 64K or 1.5M",
};

/** A count: "1000000", "1e6", "1M"; the units are powers of 1000. */
export const count: QuantityKind = {
  units: new Map([
    ["", 1],
    ["k", 1e3],
    ["m", 1e6],
    ["g", 1e9],
    ["t", 1e12],
  ]),
  shape: "a count such as 1000000, 1e6 or 1M",
};

/** A time in nanoseconds of a text in milliseconds ("250", "0.5") or with a unit ("250ms", "2s", "5min"). */
export const time: QuantityKind = {
  units: new Map([
    ["", 1e6],
    ["ns", 1],
    ["us", 1e3],
    ["ms", 1e6],
    ["s", 1e9],
    ["min", 60e9],
  ]),
  shape: "a time in milliseconds, or one such as 2s or 5min",
};

const QUANTITY = /^(\d+(?:\.\d+)?(?:[eE]\+?\d+)?)\s*([A-Za-z]*)$/;

/** What 64 bits hold. */
const MAX = 2n ** 64n - 1n;

/** The quantity that a text says; undefined when it says none, "too large" when 64 bits do not hold it. */
export function readQuantity(text: string, kind: QuantityKind): bigint | "too large" | undefined {
  const bare = kind.tail === undefined ? text.trim() : text.trim().replace(kind.tail, "");
  const [, digits = "", suffix = ""] = QUANTITY.exec(bare) ?? [];
  const unit = kind.units.get(suffix.toLowerCase());
  if (digits === "" || unit === undefined) return undefined;
  const value = /^\d+$/.test(digits) ? BigInt(digits) * BigInt(unit) : scaled(Number(digits) * unit);
  return value === undefined || value > MAX ? "too large" : value;
}

function scaled(value: number): bigint | undefined {
  return Number.isFinite(value) ? BigInt(Math.round(value)) : undefined;
}
