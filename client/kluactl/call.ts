// SPDX-License-Identifier: MIT

import { defineCommand } from "./command.ts";
import { parseArguments } from "./lua_argument.ts";
import { argumentDetails, outputDetails, run, runOptions } from "./run_options.ts";

export const call = defineCommand({
  positionals: {
    state: { describe: "name of the state" },
    function: { describe: "name of the function, dotted when it lies in tables: geo.area" },
    arguments: { array: true, describe: "its arguments" },
  },
  options: runOptions,
  details: `${argumentDetails}\n\n${outputDetails}`,
  examples: [["call counter math.max 3 7.5", "prints 7.5"]],
  async run(context, values) {
    const { state = "", function: name = "" } = values;
    const args = parseArguments(values.arguments, { string: values.string, json: values["args-json"] });
    await run(context, state, values, (lunatik, options) => lunatik.call(state, name, args, options));
    return undefined;
  },
});
