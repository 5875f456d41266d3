// SPDX-License-Identifier: MIT

import { readFileSync, writeFileSync } from "node:fs";

/** KiB that the kernel itself holds: neither free, nor a file's, nor a process's. */
export function kernelMemory(): number {
  writeFileSync("/proc/sys/vm/drop_caches", "3");
  const text = readFileSync("/proc/meminfo", "utf8");
  const field = (name: string): number => Number(new RegExp(`^${name}: +(\\d+)`, "m").exec(text)?.[1]);
  // Pages that a CPU keeps at hand for itself are free, and not in MemFree: tens of MiB since 6.7.
  const zones = readFileSync("/proc/zoneinfo", "utf8");
  const atHand = [...zones.matchAll(/^ +count: +(\d+)$/gm)].reduce(
    (sum, match) => sum + 4 * Number(match[1]),
    0,
  );
  const others = ["MemFree", "Buffers", "Cached", "AnonPages", "PageTables", "SReclaimable"];
  return field("MemTotal") - others.map(field).reduce((sum, value) => sum + value) - atHand;
}
