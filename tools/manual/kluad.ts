// SPDX-License-Identifier: MIT

import { clientVersion } from "../../client/kluactl/installation.ts";
import { daemonExitCodes, daemonOptions } from "../../daemon/command_line.ts";
import { capitalized, optionLines, roff, section, tagged } from "./roff.ts";

/* kluad.8, out of the table that kluad parses its command line with. */

/** Names that stand for themselves, apart by commas. */
function names(...all: readonly string[]): string {
  return all.map((name) => `\\fB${name}\\fR`).join(", ");
}

/** The whole page. */
export function kluadManual(): string {
  const lines: readonly string[] = [
    '.\\" SPDX-License-Identifier: MIT',
    '.\\" Generated from the table of daemon/command_line.ts by npm run manual; edit that, or tools/manual/kluad.ts.',
    `.TH KLUAD 8 "" "lunatik ${clientVersion()}" "System Administration"`,
    // Long names leave lines that cannot be adjusted.
    ".ad l",
    ...section("NAME", "kluad \\- puts functions of Lua states in the kernel on the network"),
    ...section("SYNOPSIS", ".B kluad", "[\\fIOPTIONS\\fR]"),
    ...section(
      "DESCRIPTION",
      ".B kluad",
      "serves functions of the states of the kernel module",
      ".B lunatik",
      "to luarpc clients, over TCP, one port a servant: each method of an interface is a call of the Lua function of that",
      "name. It serves what",
      ".B kluactl serve",
      "asks it to, and what its manifest declares, and does for",
      ".B kluactl",
      "what needs rights that a member of its group has not.",
    ),
    ...section("OPTIONS", ...optionLines(daemonOptions)),
    ...section(
      "SIGNALS",
      ...tagged(
        names("SIGTERM", "SIGINT"),
        "Nothing new is taken, every call that has come is answered, and the daemon ends with 0. A second one ends it at once.",
      ),
      ...tagged(".B SIGHUP", "The manifest is read again, and applied."),
    ),
    ...section(
      "SERVICE MANAGER",
      roff(
        "Where NOTIFY_SOCKET is set, it is told when the daemon is ready, reloads and stops, with a line about what it does; " +
          "where WATCHDOG_USEC is, it gets signs of life twice in that time.",
      ),
      ".PP",
      roff(
        "Of the sockets that LISTEN_FDS announces, the one that is named control or kluad.socket, or a single one without " +
          "a name, is the control socket. A listening TCP socket is that of the servant with the same address and port.",
      ),
      ".PP",
      roff(
        "The log goes to standard error: texts with syslog priorities when that is the journal (JOURNAL_STREAM), JSON lines " +
          "when not. Lines that cannot be written are lost, and counted; the daemon goes on.",
      ),
    ),
    ...section(
      "EXIT STATUS",
      ...daemonExitCodes.flatMap(({ exit, meaning }) =>
        tagged(String(exit), `${roff(capitalized(meaning))}.`),
      ),
    ),
    ...section(
      "ENVIRONMENT",
      ...tagged(".B LUNATIK_BACKEND", roff("Stands for --backend.")),
      ...tagged(".B LUNATIK_CONTROL_SOCKET", roff("Stands for --control.")),
      ...tagged(
        names(
          "NOTIFY_SOCKET",
          "WATCHDOG_USEC",
          "LISTEN_FDS",
          "LISTEN_PID",
          "LISTEN_FDNAMES",
          "JOURNAL_STREAM",
        ),
        roff("As the service manager sets them; see sd_notify(3), sd_listen_fds(3) and systemd.exec(5)."),
      ),
    ),
    ...section(
      "FILES",
      ...tagged(".I /run/lunatik/kluad.sock", roff("The control socket of root's daemon, mode 0660.")),
      ...tagged(
        "\\fI$XDG_RUNTIME_DIR/lunatik/kluad.sock\\fR, \\fI/tmp/kluad\\-UID/kluad.sock\\fR",
        "That of another user's.",
      ),
      ...tagged(".I /etc/lunatik/kluad.toml", "The manifest of root's daemon."),
    ),
    ...section(
      "SEE ALSO",
      ".BR kluactl (1),",
      ".BR luarpc (1),",
      ".BR systemd.socket (5),",
      ".BR capabilities (7)",
    ),
  ];
  return `${lines.join("\n")}\n`;
}
