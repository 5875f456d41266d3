// SPDX-License-Identifier: MIT

import { count, type QuantityKind, readQuantity, size, time } from "../quantity.ts";
import { usage } from "./failure.ts";

/*
 * Quantities on the command line and in human output. JSON output never uses these: it has bytes, nanoseconds and
 * ISO 8601 times.
 */

function parse(text: string, option: string, kind: QuantityKind): bigint {
  const value = readQuantity(text, kind);
  if (value === undefined) throw usage(`--${option}: ${JSON.stringify(text)} is not ${kind.shape}`);
  if (value === "too large") throw usage(`--${option}: ${JSON.stringify(text)} is too large`);
  return value;
}

/** A size in bytes: "65536", "64K", "64KiB", "1.5M". Throws ERR_USAGE, which names the option. */
export function parseSize(text: string, option: string): bigint {
  return parse(text, option, size);
}

/** A count: "1000000", "1e6", "1M". Throws ERR_USAGE, which names the option. */
export function parseCount(text: string, option: string): bigint {
  return parse(text, option, count);
}

/** A time in nanoseconds of a text in milliseconds ("250", "0.5") or with a unit ("250ms", "2s", "5min"). Throws ERR_USAGE. */
export function parseTime(text: string, option: string): bigint {
  return parse(text, option, time);
}

/** Bytes for a reader: "512 B", "1.5 KiB", "32 MiB". */
export function formatSize(bytes: bigint): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
  let value = Number(bytes);
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || Number.isInteger(value) ? value : value.toFixed(1)} ${units[unit] ?? ""}`;
}

/** A count for a reader, in groups of three digits: "1,000,000". */
export function formatCount(count: bigint | number): string {
  return count.toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Nanoseconds for a reader: "850 ns", "1.2 ms", "10 s". */
export function formatDuration(nanoseconds: bigint): string {
  const value = Number(nanoseconds);
  const [name, unit] = durationUnits.findLast(([, least]) => value >= least) ?? ["ns", 1];
  const amount = value / unit;
  return `${Number.isInteger(amount) ? amount : amount.toFixed(1)} ${name}`;
}

const durationUnits: readonly (readonly [name: string, nanoseconds: number])[] = [
  ["ns", 1],
  ["us", 1e3],
  ["ms", 1e6],
  ["s", 1e9],
];

/** How long ago a time was, from nanoseconds since the epoch: "12s", "5m", "3h", "2d". */
export function formatAge(then: bigint, now: bigint): string {
  const seconds = now > then ? (now - then) / 1_000_000_000n : 0n;
  if (seconds < 120n) return `${seconds}s`;
  if (seconds < 7_200n) return `${seconds / 60n}m`;
  if (seconds < 172_800n) return `${seconds / 3_600n}h`;
  return `${seconds / 86_400n}d`;
}

/** Nanoseconds since the epoch as ISO 8601 in UTC with all nine digits: "2026-11-22T07:00:00.123456789Z". */
export function formatInstant(nanoseconds: bigint): string {
  const seconds = nanoseconds / 1_000_000_000n;
  const fraction = (nanoseconds % 1_000_000_000n).toString().padStart(9, "0");
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return nanoseconds.toString();
  return date.toISOString().replace(/\.\d+Z$/, `.${fraction}Z`);
}

/** Nanoseconds since the epoch for a reader, in local time: "2026-11-22 08:00:00". */
export function formatLocalTime(nanoseconds: bigint): string {
  const date = new Date(Number(nanoseconds / 1_000_000n));
  if (Number.isNaN(date.getTime())) return nanoseconds.toString();
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function two(digits: number): string {
  return digits.toString().padStart(2, "0");
}
