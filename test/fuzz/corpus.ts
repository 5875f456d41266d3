// SPDX-License-Identifier: MIT
// What the fuzzers found worth keeping, committed as one text file a target: an input a line, in base64, the shortest first.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Inputs as text, as many of the shortest as fit into so many bytes of text. */
export function packCorpus(inputs: readonly Uint8Array[], limit: number): string {
  const lines = inputs
    .map((input) => Buffer.from(input).toString("base64"))
    .toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1));
  let text = "";
  for (const line of lines) {
    if (text.length + line.length + 1 > limit) break;
    text += `${line}\n`;
  }
  return text;
}

/** The inputs of a text. */
export function unpackCorpus(text: string): readonly Buffer[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => Buffer.from(line, "base64"));
}

/** Reads every file of a folder. */
export function readInputs(folder: string): readonly Buffer[] {
  return readdirSync(folder).map((name) => readFileSync(join(folder, name)));
}

/** Writes inputs to a folder, which holds nothing else then. */
export function writeInputs(folder: string, inputs: readonly Uint8Array[]): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [index, input] of inputs.entries()) writeFileSync(join(folder, String(index)), input);
}
