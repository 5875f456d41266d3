// SPDX-License-Identifier: MIT

import { defineCommand } from "./command.ts";
import { failureJson, reportFailure } from "./failure_report.ts";
import { clientVersion } from "./installation.ts";
import { moduleJson } from "./report.ts";
import { visible } from "./terminal.ts";

export const version = defineCommand({
  positionals: {},
  options: {},
  details:
    "The daemon is told when kluactl goes through it. The client's own version is always known: when the module cannot be " +
    "asked, the reason is told on stderr (or in the field error of the JSON output), and the exit code is 0 all the same.",
  async run({ lunatik, terminal, options }) {
    const client = clientVersion();
    if (!options.json) terminal.line(`kluactl ${client}`);
    try {
      const connection = await lunatik();
      const info = await connection.info();
      const { daemon } = connection;
      if (options.json) {
        terminal.json({
          ok: true,
          client,
          via: daemon === undefined ? "direct" : "daemon",
          daemon:
            daemon === undefined
              ? undefined
              : { version: daemon.version, pid: daemon.pid, control: daemon.control },
          module: moduleJson(info),
          lua: info.luaVersion,
        });
      } else {
        if (daemon !== undefined)
          terminal.line(`kluad ${daemon.version} (process ${daemon.pid}, at ${visible(daemon.control)})`);
        terminal.line(`lunatik ${info.version} (${info.backend})`);
        terminal.line(info.luaVersion);
      }
    } catch (error) {
      if (options.json)
        terminal.json({ ok: true, client, module: null, lua: null, error: failureJson(error) });
      else reportFailure(terminal, error, options);
    }
    return undefined;
  },
});
