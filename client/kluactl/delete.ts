// SPDX-License-Identifier: MIT

import { defineCommand } from "./command.ts";
import { failureExit, failureJson, reportFailure } from "./failure_report.ts";
import { visible } from "./terminal.ts";

export const remove = defineCommand({
  positionals: {
    states: { array: true, describe: "names of the states" },
  },
  options: {
    force: { type: "boolean", describe: "end the run in progress and the ones that wait" },
  },
  details:
    "States that can be deleted are, even when others cannot. The exit code is that of the first failure.",
  examples: [["delete counter box", "two states"]],
  async run({ lunatik, terminal, options }, { states, force }) {
    const connection = await lunatik();
    const deleted: string[] = [];
    const failed: { readonly state: string; readonly error: unknown }[] = [];
    for (const name of states) {
      try {
        await connection.delete(name, { force });
        deleted.push(name);
        if (!options.json) terminal.talk(`state ${visible(name)} deleted`);
      } catch (error) {
        if (states.length === 1) throw error;
        failed.push({ state: name, error });
        if (!options.json) reportFailure(terminal, error, options, name);
      }
    }
    const [first] = failed;
    if (options.json) {
      terminal.json({
        ok: first === undefined,
        deleted,
        ...(first === undefined
          ? {}
          : {
              error: failureJson(first.error),
              failed: failed.map(({ state, error }) => ({ state, error: failureJson(error) })),
            }),
      });
    }
    return first === undefined ? undefined : failureExit(first.error);
  },
});
