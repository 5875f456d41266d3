// SPDX-License-Identifier: MIT

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeFigures } from "./figures.ts";
import { machine, machineText } from "./machine.ts";
import type { Result } from "./result.ts";
import { type Aim, isMet, type Section, type Table } from "./section.ts";
import { sections } from "./sections.ts";

/*
 * `make bench`: runs sections one after the other, says on standard error how far it is, prints the figures on standard
 * output, and keeps them: in build/bench/SECTION.json, and unless it is a quick run as a page in docs/figures.
 */

const HELP = `Usage: bench/run [--quick] [SECTION]...

Measures, and prints tables and the aims they are held against. Figures also go to build/bench/SECTION.json, and
as pages with plots to docs/figures.
On a machine that has nothing else to do: ratios of one run can be trusted, times of a busy machine cannot.

  --quick    briefly, to see that it works; docs/figures stays as it is
  --strict   exit with 1 when an aim is missed

Sections, all of them unless named:
${sections.map(({ name, about }) => `  ${name.padEnd(14)} ${about}`).join("\n")}
`;

const FOLDER = join("build", "bench");
const FIGURES = join("docs", "figures");

function say(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}

async function measure(section: Section, title: string, quick: boolean): Promise<Result> {
  say(`${title} ${section.name}: ${section.about}`);
  const begin = performance.now();
  const since = (): string => `${((performance.now() - begin) / 1000).toFixed(0)} s`;
  const found = await section.run({
    quick,
    progress: (text) => say(`${title} ${section.name}, ${since()}: ${text}`),
  });
  const result: Result = {
    section: section.name,
    about: section.about,
    date: new Date().toISOString(),
    seconds: (performance.now() - begin) / 1000,
    machine: machine(),
    quick,
    ...found,
  };
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, `${section.name}.json`);
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
  if (!quick) writeFigures(result, FIGURES);
  say(`${title} ${section.name}: done after ${since()}, kept in ${file}`);
  return result;
}

function tableText({ title, where, columns, rows }: Table): string {
  const cells = [
    ["", ...columns.map(({ label }) => label)],
    ...rows.map(({ label, values }) => [
      label,
      ...columns.map(({ key, digits }) => values[key]?.toFixed(digits) ?? "-"),
    ]),
  ];
  const widths = ["", ...columns].map((_, at) => Math.max(...cells.map((line) => line[at]?.length ?? 0)));
  const lines = cells.map((line) =>
    line
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
  return `${title}${where === undefined ? "" : ` (${where})`}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

function aimText(aim: Aim): string {
  const { about, value, bound, direction } = aim;
  return `  ${isMet(aim) ? "met   " : "MISSED"} ${about}: ${value.toFixed(2)}, ${direction} ${bound}\n`;
}

function resultText({ section, about, date, machine, quick, tables, aims, notes }: Result): string {
  const head = `=== ${section}: ${about}\n${machineText(machine)}\n${date}${quick ? ", a quick run: not for figures" : ""}\n`;
  return [
    head,
    ...tables.map(tableText),
    ...(aims.length === 0 ? [] : [`Aims\n${aims.map(aimText).join("")}`]),
    ...(notes.length === 0 ? [] : [`Notes\n${notes.map((note) => `  ${note}\n`).join("")}`]),
  ].join("\n");
}

async function run(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      strict: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const unknown = positionals.filter((name) => !sections.some((section) => section.name === name));
  if (unknown.length > 0) {
    say(`no section ${unknown.join(", ")}; there are: ${sections.map(({ name }) => name).join(" ")}`);
    return 2;
  }
  const chosen =
    positionals.length === 0 ? sections : sections.filter(({ name }) => positionals.includes(name));
  let exit = 0;
  for (const [index, section] of chosen.entries()) {
    const title = `[${index + 1}/${chosen.length}]`;
    try {
      const result = await measure(section, title, values.quick);
      process.stdout.write(`${resultText(result)}\n`);
      if (values.strict && !result.aims.every(isMet)) exit = 1;
    } catch (error) {
      // The other sections have figures to give all the same.
      say(`${title} ${section.name} failed: ${error instanceof Error ? error.message : String(error)}`);
      exit = 1;
    }
  }
  return exit;
}

process.exitCode = await run();
