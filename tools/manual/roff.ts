// SPDX-License-Identifier: MIT

import type { Option } from "../../client/kluactl/command.ts";

/* The type of the manual pages: roff, with the macros of man(7). */

/** Text for roff: backslashes and dashes as themselves, no line that looks like a request. */
export function roff(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^([.'])/gm, "\\&$1");
}

export function section(title: string, ...lines: readonly string[]): readonly string[] {
  return [`.SH ${title}`, ...lines];
}

/** A paragraph with a tag that hangs out to the left of it. */
export function tagged(tag: string, ...lines: readonly string[]): readonly string[] {
  return [".TP", tag, ...lines];
}

/** "<state> [file] [arguments..]" in the page's type: what is to be replaced in italics. */
export function words(usage: string): string {
  return roff(usage)
    .replace(
      /<(\w+)(\.\.)?>/g,
      (_, name: string, more?: string) => `\\fI${name}\\fR${more === undefined ? "" : "..."}`,
    )
    .replace(
      /\[(\w+)(\.\.)?\]/g,
      (_, name: string, more?: string) => `[\\fI${name}\\fR${more === undefined ? "" : "..."}]`,
    );
}

export function optionLines(options: Readonly<Record<string, Option>>): readonly string[] {
  return Object.entries(options).flatMap(([name, { alias, value, describe, choices }]) => {
    const names = [...(alias === undefined ? [] : [`-${alias}`]), `--${name}`].map(
      (flag) => `\\fB${roff(flag)}\\fR`,
    );
    const argument = choices === undefined ? value : choices.join("|");
    const tag = `${names.join(", ")}${argument === undefined ? "" : ` \\fI${roff(argument)}\\fR`}`;
    return tagged(tag, `${roff(capitalized(describe))}.`);
  });
}

export function capitalized(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
