// SPDX-License-Identifier: MIT

import { type LibraryName, libraryNames } from "../state.ts";
import { defineCommand } from "./command.ts";
import { usage } from "./failure.ts";
import { parseCount, parseSize, parseTime } from "./quantity.ts";
import { stateJson } from "./report.ts";
import { visible } from "./terminal.ts";

export const create = defineCommand({
  positionals: {
    state: { describe: "name of the state: 1 to 63 bytes, no control characters" },
  },
  options: {
    description: { type: "string", value: "TEXT", describe: "what the state is for" },
    memory: { type: "string", value: "SIZE", describe: "limit on its memory: bytes, or with K, M or G" },
    steps: { type: "string", value: "N", describe: "limit on the steps of one run" },
    time: { type: "string", value: "MS", describe: "limit on the time of one run, in milliseconds" },
    libraries: {
      type: "string",
      value: "LIST",
      describe: `libraries besides base, apart by commas (${libraryNames.join(",")}); all unless given, "" for none`,
    },
    replace: { type: "boolean", describe: "delete a state of the same name first; it must not be busy" },
    "if-not-exists": { type: "boolean", describe: "succeed, and change nothing, when the name is taken" },
  },
  examples: [
    ["create counter", "a state with the module's default limits and all libraries"],
    ["create box --memory 4M --time 100 --libraries string,table", "a small one"],
  ],
  async run({ lunatik, terminal, options }, values) {
    const { state: name = "", replace, description } = values;
    const ifNotExists = values["if-not-exists"];
    if (replace === true && ifNotExists === true)
      throw usage("--replace and --if-not-exists exclude each other");
    const given = {
      description,
      maxMemory: values.memory === undefined ? undefined : parseSize(values.memory, "memory"),
      maxSteps: values.steps === undefined ? undefined : parseCount(values.steps, "steps"),
      maxTime: values.time === undefined ? undefined : parseTime(values.time, "time"),
      libraries: values.libraries === undefined ? undefined : parseLibraries(values.libraries),
      replace,
      ifNotExists,
    };
    const state = await (await lunatik()).create(name, given);
    if (options.json) terminal.json({ ok: true, state: stateJson(state) });
    else terminal.talk(`state ${visible(name)} ${ifNotExists === true ? "exists" : "created"}`);
    return undefined;
  },
});

function parseLibraries(text: string): readonly LibraryName[] {
  const names = text.split(",").map((name) => name.trim());
  return names.filter((name) => name !== "" && name !== "base").map(libraryName);
}

function libraryName(text: string): LibraryName {
  const known = libraryNames.find((name) => name === text);
  if (known === undefined)
    throw usage(`--libraries: no library ${JSON.stringify(text)}; there are ${libraryNames.join(", ")}`);
  return known;
}
