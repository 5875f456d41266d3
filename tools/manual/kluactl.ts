// SPDX-License-Identifier: MIT

import type { Command } from "../../client/kluactl/command.ts";
import { type CommandEntry, commands, defaultCommand } from "../../client/kluactl/commands.ts";
import { exitCodes } from "../../client/kluactl/exit_codes.ts";
import { clientVersion } from "../../client/kluactl/installation.ts";
import { globalOptions } from "../../client/kluactl/parser.ts";
import { capitalized, optionLines, roff, section, tagged, words } from "./roff.ts";

/* kluactl.1, out of the tables that kluactl parses its command line with. */

async function commandLines(entry: CommandEntry): Promise<readonly string[]> {
  const command: Command | undefined = await entry.load?.();
  const lines = [`.SS "kluactl ${words(entry.usage === "" ? entry.name : `${entry.name} ${entry.usage}`)}"`];
  lines.push(`${roff(capitalized(entry.description))}.`);
  for (const [name, { describe }] of Object.entries(command?.positionals ?? {})) {
    lines.push(...tagged(`\\fI${name}\\fR`, `${roff(capitalized(describe))}.`));
  }
  lines.push(...optionLines(command?.options ?? {}));
  for (const paragraph of command?.details?.split("\n\n") ?? []) lines.push(".PP", roff(paragraph));
  for (const [line, what] of command?.examples ?? []) {
    lines.push(
      ".PP",
      `${roff(capitalized(what))}:`,
      ".PP",
      ".RS 4",
      ".nf",
      roff(`kluactl ${line}`),
      ".fi",
      ".RE",
    );
  }
  return lines;
}

/** The whole page. */
export async function kluactlManual(): Promise<string> {
  const lines: string[] = [
    '.\\" SPDX-License-Identifier: MIT',
    '.\\" Generated from the tables of client/kluactl by npm run manual; edit those, or tools/manual/kluactl.ts.',
    `.TH KLUACTL 1 "" "lunatik ${clientVersion()}" "User Commands"`,
    ...section("NAME", "kluactl \\- named Lua states inside the Linux kernel"),
    ...section("SYNOPSIS", ".B kluactl", "[\\fICOMMAND\\fR] [\\fIOPTIONS\\fR]"),
    ...section(
      "DESCRIPTION",
      ".B kluactl",
      "drives the kernel module",
      ".B lunatik",
      "over generic netlink, or its embedded server over a unix socket: it creates and deletes named Lua states, runs chunks",
      "and calls functions in them under limits on steps, time and memory, and shows what they do.",
      ".PP",
      `Without a command it does what \\fBkluactl ${defaultCommand}\\fR does. Data goes to standard output, everything else to`,
      "standard error. Colours are used on a terminal only.",
      ".PP",
      "Every operation of the module needs the capability CAP_NET_ADMIN in the initial namespaces, which root has.",
    ),
    ".SH COMMANDS",
  ];
  for (const entry of commands) lines.push(...(await commandLines(entry)));
  lines.push(
    ...section("OPTIONS", "Every command takes these.", ...optionLines(globalOptions)),
    ...tagged("\\fB\\-h\\fR, \\fB\\-\\-help\\fR", "Show help, on a command or on all, and do nothing else."),
    ...section(
      "QUANTITIES",
      roff("A SIZE is in bytes, or has one of the units K, M, G and T, powers of 1024, as in 64K or 1.5MiB."),
      roff("A count may be written as 1e6 or with one of the units k, M, G and T, powers of 1000."),
      roff("A time is in milliseconds, or has one of the units ns, us, ms, s and min."),
    ),
    ...section(
      "JSON",
      roff(
        "With --json a command writes one object on one line, monitor and dmesg one object a line. Success is",
      ),
      '.BR "{\\(dqok\\(dq:true, ...}" ,',
      "failure",
      '.BR "{\\(dqok\\(dq:false,\\(dqerror\\(dq:{\\(dqcode\\(dq:...,\\(dqmessage\\(dq:..., ...}}" .',
      roff("What JSON cannot say of a Lua value is an object with one key,"),
      roff('"$integer", "$float", "$bytes" or "$table". The file docs/json.md has all fields and rules.'),
    ),
    ...section("EXIT STATUS", "One number for each kind of failure:", ...tagged("0", "Success.")),
  );
  for (const { exit, code, meaning } of exitCodes) {
    lines.push(...tagged(String(exit), `\\fB${code}\\fR: ${roff(meaning)}.`));
  }
  lines.push(
    ...section(
      "ENVIRONMENT",
      ...tagged(".B LUNATIK_BACKEND", roff("Stands for --backend: kernel or embedded.")),
      ...tagged(
        ".B LUNATIK_EMBEDDED_SOCKET",
        roff(
          "The path of the embedded server's socket. Without it: $XDG_RUNTIME_DIR/lunatik.sock, or /tmp/lunatik-UID.sock.",
        ),
      ),
      ...tagged(".B LUNATIK_VIA", roff("Stands for --via: auto, daemon or direct.")),
      ...tagged(
        ".B LUNATIK_CONTROL_SOCKET",
        roff(
          "The path of kluad's control socket. Without it: /run/lunatik/kluad.sock for root, else $XDG_RUNTIME_DIR/lunatik/kluad.sock or /tmp/kluad-UID/kluad.sock, and then root's.",
        ),
      ),
      ...tagged(".B NO_COLOR", "No colours when it is set and not empty."),
    ),
    ...section(
      "FILES",
      ...tagged(".I /dev/kmsg", roff("The kernel log, which dmesg reads.")),
      ...tagged(".I /sys/module/lunatik/parameters", "The module's limits and defaults."),
    ),
    ...section(
      "SEE ALSO",
      ".BR kluad (8),",
      ".BR luarpc (1),",
      ".BR dmesg (1),",
      ".BR lua5.4 (1),",
      ".BR modprobe (8),",
      ".BR capabilities (7)",
    ),
  );
  return `${lines.join("\n")}\n`;
}
