// SPDX-License-Identifier: MIT
// The README's table of kernels: a row for each, of its last run.
import type { Count } from "../count.ts";

/** What a run of the suite on a kernel gave. */
export interface Row {
  /** The name by which it was asked for. */
  readonly name: string;
  /** As `uname -r` prints it; "?" when the machine never said. */
  readonly release: string;
  readonly preemption: string;
  /** Year, month and day. */
  readonly date: string;
  /** "KVM" or "TCG". */
  readonly machine: string;
  readonly count: Count;
  readonly seconds: number;
}

const begin = "<!-- made by make test-kernels: begin -->";
const end = "<!-- made by make test-kernels: end -->";
const head = [
  "| kernel | release | preemption | run on | under | passed | failed | skipped | seconds |",
  "|---|---|---|---|---|---|---|---|---|",
];

/** What the guest says of its kernel, in the suite's output. */
export function readKernel(output: string): Pick<Row, "release" | "preemption"> {
  const line = /^kernel: (\S+), preemption: (.+)$/m.exec(output);
  return { release: line?.[1] ?? "?", preemption: line?.[2]?.trim() ?? "?" };
}

/** The accelerator that test/vm/run names in its first line. */
export function readMachine(talk: string): string {
  return /^vm: kernel .*\b(KVM|TCG)\b/m.exec(talk)?.[1] ?? "?";
}

function line({ name, release, preemption, date, machine, count, seconds }: Row): string {
  const { passed, failed, skipped } = count;
  const cells = [name, release, preemption, date, machine, passed, failed, skipped, Math.round(seconds)];
  return `| ${cells.join(" | ")} |`;
}

/**
 * A document with a row put into its table: in the place of the row of the same name, else at the end.
 *
 * @throws Error when the document has no table between the marks
 */
export function withRow(document: string, row: Row): string {
  const [start, stop] = [document.indexOf(begin), document.indexOf(end)];
  if (start === -1 || stop < start) throw new Error(`no ${begin} … ${end}`);
  const old = document.slice(start + begin.length, stop).split("\n");
  const rows = old.filter((text) => text.startsWith("| ") && text !== head[0]);
  const place = rows.findIndex((text) => text.startsWith(`| ${row.name} |`));
  const all = place === -1 ? [...rows, line(row)] : rows.with(place, line(row));
  return `${document.slice(0, start)}${[begin, "", ...head, ...all, "", end].join("\n")}${document.slice(stop + end.length)}`;
}
