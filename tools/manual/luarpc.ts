// SPDX-License-Identifier: MIT

import { clientVersion } from "../../client/kluactl/installation.ts";
import { loaders } from "../../luarpc/cli/cli.ts";
import { profileNames } from "../../luarpc/profile.ts";
import { optionLines, roff, section, tagged } from "./roff.ts";

/* luarpc.1, out of the table of the command luarpc. */

/** The whole page. */
export async function luarpcManual(): Promise<string> {
  const commands = await Promise.all(Object.values(loaders).map((load) => load()));
  const lines: readonly string[] = [
    '.\\" SPDX-License-Identifier: MIT',
    '.\\" Generated from the tables of luarpc/cli by npm run manual; edit those, or tools/manual/luarpc.ts.',
    `.TH LUARPC 1 "" "lunatik ${clientVersion()}" "User Commands"`,
    ...section("NAME", "luarpc \\- remote calls between Lua and TypeScript programs"),
    ...section("SYNOPSIS", ".B luarpc", "\\fICOMMAND\\fR [\\fIOPTIONS\\fR]"),
    ...section(
      "DESCRIPTION",
      ".B luarpc",
      roff(
        "calls methods of servants over TCP, looks over interface files, and measures. An interface file is Lua text that " +
          "declares methods; it is parsed, and never executed. Data goes to standard output, everything else to standard error.",
      ),
    ),
    ".SH COMMANDS",
    ...commands.flatMap(({ usage, about, options }) => [
      `.SS "luarpc ${roff(usage)}"`,
      roff(about),
      ...optionLines(
        Object.fromEntries(
          Object.entries(options).map(([name, { about: describe, ...rest }]) => [
            name,
            { describe, ...rest },
          ]),
        ),
      ),
    ]),
    ...section(
      "OPTIONS",
      "Every command takes this.",
      ...tagged("\\fB\\-\\-help\\fR", "Show help, and do nothing else."),
    ),
    ...section("PROFILES", roff(`How values are written: ${profileNames.join(", ")}.`)),
    ...section(
      "EXIT STATUS",
      ...tagged("0", "Success."),
      ...tagged("1", "The call failed, the interface is wrong, or the output cannot be written."),
      ...tagged("2", "The command line is wrong."),
    ),
    ...section("SEE ALSO", ".BR kluactl (1),", ".BR kluad (8),", ".BR lua5.4 (1)"),
  ];
  return `${lines.join("\n")}\n`;
}
