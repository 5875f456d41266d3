// SPDX-License-Identifier: MIT

/*
 * What `make bench` is made of. A section measures one thing and gives tables of figures and the aims they are held
 * against; main.ts runs sections, prints what they found and keeps it as JSON. A new section is a file and a line in
 * sections.ts.
 */

export interface Section {
  /** One word: what `make bench SECTIONS=` takes, and the name of the file with its figures. */
  readonly name: string;
  readonly about: string;
  /** Measures. Rejects when it cannot: what is missing is said in the error's text. */
  readonly run: (context: Context) => Promise<Findings>;
}

export interface Context {
  /** Says how far it is: one line on standard error. */
  readonly progress: (text: string) => void;
  /** Measure briefly: to see that it works, not for the figures. */
  readonly quick: boolean;
}

export interface Findings {
  readonly tables: readonly Table[];
  readonly aims: readonly Aim[];
  /** What the figures do not say by themselves, a sentence each. */
  readonly notes: readonly string[];
}

export interface Table {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Where it was measured, when that is not the machine that runs the bench: "guest, TCG, kernel 6.12.1". */
  readonly where?: string | undefined;
  /** Columns to draw as bars, and what their axis says. */
  readonly plot?: { readonly columns: readonly string[]; readonly axis: string } | undefined;
}

export interface Column {
  readonly key: string;
  /** With its unit: "p50, ms". */
  readonly label: string;
  /** Digits behind the point. */
  readonly digits: number;
}

export interface Row {
  readonly label: string;
  /** By the columns' keys; one that was not measured is missing. */
  readonly values: Readonly<Record<string, number>>;
}

export interface Aim {
  readonly about: string;
  readonly value: number;
  readonly bound: number;
  readonly direction: "at least" | "at most";
}

/** Whether an aim is met. */
export function isMet({ value, bound, direction }: Aim): boolean {
  return direction === "at least" ? value >= bound : value <= bound;
}

/** An aim that a value must not be below. */
export function atLeast(about: string, value: number, bound: number): Aim {
  return { about, value, bound, direction: "at least" };
}

/** An aim that a value must not be above. */
export function atMost(about: string, value: number, bound: number): Aim {
  return { about, value, bound, direction: "at most" };
}
