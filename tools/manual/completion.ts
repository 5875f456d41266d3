// SPDX-License-Identifier: MIT

import type { Option } from "../../client/kluactl/command.ts";
import { daemonOptions } from "../../daemon/command_line.ts";

/* What bash offers behind "kluad": its options, and their values where a table has them. (kluactl prints its own script.) */

const files: ReadonlySet<string> = new Set(["PATH", "FILE"]);

/** The whole script. */
export function kluadCompletion(): string {
  const table = Object.entries<Option>(daemonOptions);
  const names = table.flatMap(([name, { alias }]) => [
    ...(alias === undefined ? [] : [`-${alias}`]),
    `--${name}`,
  ]);
  const cases = table.flatMap(([name, { type, value = "", choices }]) => {
    if (type === "boolean") return [];
    const offer =
      choices === undefined
        ? files.has(value)
          ? 'compgen -f -- "$word"'
          : value === "GROUP"
            ? 'compgen -g -- "$word"'
            : "true"
        : `compgen -W "${choices.join(" ")}" -- "$word"`;
    return [`\t--${name}) mapfile -t COMPREPLY < <(${offer}) ;;`];
  });
  return [
    "# SPDX-License-Identifier: MIT",
    "# shellcheck shell=bash",
    "# Generated from the table of daemon/command_line.ts by npm run manual; edit that, or tools/manual/completion.ts.",
    "_kluad() {",
    `\tlocal word=\${COMP_WORDS[COMP_CWORD]}`,
    `\tcase \${COMP_WORDS[COMP_CWORD - 1]} in`,
    ...cases,
    `\t*) mapfile -t COMPREPLY < <(compgen -W "${names.join(" ")}" -- "$word") ;;`,
    "\tesac",
    "}",
    "complete -F _kluad kluad",
    "",
  ].join("\n");
}
