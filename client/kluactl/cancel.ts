// SPDX-License-Identifier: MIT

import { defineCommand } from "./command.ts";
import { usage } from "./failure.ts";
import { visible } from "./terminal.ts";

export const cancel = defineCommand({
  positionals: {
    state: { describe: "name of the state" },
  },
  options: {
    run: {
      type: "string",
      value: "ID",
      describe: "this run only; all of the state, waiting ones too, unless given",
    },
  },
  async run({ lunatik, terminal, options }, { state = "", run }) {
    if (run !== undefined && !/^\d+$/.test(run))
      throw usage(`--run: ${JSON.stringify(run)} is not the id of a run`);
    const count = await (await lunatik()).cancel({ state, id: run === undefined ? undefined : BigInt(run) });
    if (options.json) terminal.json({ ok: true, count });
    else terminal.talk(`${count === 1 ? "1 run" : `${count} runs`} of ${visible(state)} cancelled`);
    return undefined;
  },
});
