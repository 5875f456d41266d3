// SPDX-License-Identifier: MIT
// How often each line of each file ran: read from gcov, and summed.

/** Line numbers, from 1, and how often each ran; a line without code is not there. */
export type FileLines = ReadonlyMap<number, number>;

/** Files by their paths. */
export type Lines = ReadonlyMap<string, FileLines>;

/** Of so many lines so many ran. */
export interface Share {
  readonly covered: number;
  readonly total: number;
}

interface GcovFile {
  readonly file: string;
  readonly lines: readonly { readonly line_number: number; readonly count: number }[];
}

function isGcovReport(value: unknown): value is { readonly files: readonly GcovFile[] } {
  return typeof value === "object" && value !== null && "files" in value && Array.isArray(value.files);
}

/** One report of `gcov --json-format`. Throws an Error when it is something else. */
export function parseGcov(text: string): Lines {
  const report: unknown = JSON.parse(text);
  if (!isGcovReport(report)) throw new Error("this is no report of gcov's");
  return mergeLines(
    report.files.map(({ file, lines }) => {
      const counts = new Map<number, number>();
      // A line may be there several times: once for each function that it is a part of.
      for (const line of lines)
        counts.set(line.line_number, (counts.get(line.line_number) ?? 0) + line.count);
      return new Map([[file, counts]]);
    }),
  );
}

/** The sum of several programs' counts. */
export function mergeLines(parts: readonly Lines[]): Lines {
  const all = new Map<string, Map<number, number>>();
  for (const part of parts) {
    for (const [file, lines] of part) {
      const sum = all.get(file) ?? new Map<number, number>();
      for (const [line, count] of lines) sum.set(line, (sum.get(line) ?? 0) + count);
      all.set(file, sum);
    }
  }
  return all;
}

/** How many of a file's lines ran; of those in the set alone, if there is one. */
export function share(lines: FileLines, only?: ReadonlySet<number>): Share {
  const counts = [...lines].filter(([line]) => only === undefined || only.has(line));
  return { covered: counts.filter(([, count]) => count > 0).length, total: counts.length };
}

export function addShares(shares: readonly Share[]): Share {
  return shares.reduce(
    (sum, { covered, total }) => ({ covered: sum.covered + covered, total: sum.total + total }),
    { covered: 0, total: 0 },
  );
}

/** In percent; nothing is covered completely. */
export function percent({ covered, total }: Share): number {
  return total === 0 ? 100 : (100 * covered) / total;
}

/** The lines that did not run, as "3, 7-9". */
export function missing(lines: FileLines, only?: ReadonlySet<number>): string {
  const numbers = [...lines]
    .filter(([line, count]) => count === 0 && (only === undefined || only.has(line)))
    .map(([line]) => line)
    .toSorted((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const line of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === line - 1) last[1] = line;
    else ranges.push([line, line]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(", ");
}

/** The lines of the new file that a `diff -U0` of one file adds or changes. */
export function addedLines(diff: string): ReadonlySet<number> {
  const added = new Set<number>();
  for (const [, start = "0", count = "1"] of diff.matchAll(/^@@ -\S+ \+(\d+)(?:,(\d+))? @@/gm)) {
    for (let line = 0; line < Number(count); line += 1) added.add(Number(start) + line);
  }
  return added;
}
