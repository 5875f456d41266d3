// SPDX-License-Identifier: MIT

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as echarts from "echarts";
import { machineText } from "./machine.ts";
import type { Result } from "./result.ts";
import { type Aim, isMet, type Table } from "./section.ts";

/* What a section found, as a page with tables and plots for people to read: docs/figures/SECTION.md and its SVGs. */

const WIDTH = 860;
const HEIGHT = 360;

/** Writes the page of a section and its plots into a folder. Throws what writing files throws. */
export function writeFigures(result: Result, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const parts = result.tables.map((table, index) => {
    const text = tableMarkdown(table);
    if (table.plot === undefined) return text;
    const file = `${result.section}-${index + 1}.svg`;
    writeFileSync(join(folder, file), plot(table, table.plot.columns, table.plot.axis));
    return `${text}\n![${table.title}](${file})\n`;
  });
  writeFileSync(join(folder, `${result.section}.md`), page(result, parts));
}

function page({ section, about, date, machine, aims, notes }: Result, parts: readonly string[]): string {
  return [
    `# ${section}\n`,
    `${about}. Written by \`make bench SECTIONS=${section}\` on ${date.slice(0, 10)}: ${machineText(machine)}.\n`,
    ...parts,
    ...(aims.length === 0 ? [] : [aimsMarkdown(aims)]),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}\n`).join("")]),
  ].join("\n");
}

function tableMarkdown({ title, where, columns, rows }: Table): string {
  return [
    `## ${title}\n`,
    ...(where === undefined ? [] : [`In the ${where}.\n`]),
    line(["", ...columns.map(({ label }) => label)]),
    line(["---", ...columns.map(() => "--:")]),
    ...rows.map(({ label, values }) =>
      line([label, ...columns.map(({ key, digits }) => values[key]?.toFixed(digits) ?? "")]),
    ),
    "",
  ].join("\n");
}

function aimsMarkdown(aims: readonly Aim[]): string {
  return [
    "## Aims\n",
    line(["aim", "", "bound", "found", ""]),
    line(["---", "---", "--:", "--:", "---"]),
    ...aims.map((aim) =>
      line([
        aim.about,
        aim.direction,
        String(aim.bound),
        aim.value.toFixed(2),
        isMet(aim) ? "met" : "missed",
      ]),
    ),
    "",
  ].join("\n");
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** A table's columns as groups of bars, an SVG document. */
function plot({ title, where, columns, rows }: Table, keys: readonly string[], axis: string): string {
  const drawn = rows.filter(({ values }) => keys.some((key) => values[key] !== undefined));
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height: HEIGHT });
  chart.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    title: { text: title, subtext: where ?? "", left: "center", textStyle: { fontSize: 15 } },
    legend: { bottom: 0 },
    grid: { left: 70, right: 20, top: 60, bottom: 70 },
    xAxis: { type: "category", data: drawn.map(({ label }) => label), axisLabel: { interval: 0 } },
    yAxis: { type: "value", name: axis },
    series: columns
      .filter(({ key }) => keys.includes(key))
      .map(({ key, label }) => ({
        type: "bar",
        name: label,
        data: drawn.map(({ values }) => values[key] ?? null),
      })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
}
