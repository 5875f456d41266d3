// SPDX-License-Identifier: MIT

import { dirname, resolve } from "node:path";
import { cwd } from "node:process";
import { writeAtomically } from "../atomic_file.ts";
import { defineCommand } from "./command.ts";
import { ToolError } from "./failure.ts";
import { visible } from "./terminal.ts";

export const save = defineCommand({
  positionals: {
    file: { describe: "the file; that of the daemon's own manifest unless given, - for stdout" },
  },
  options: {},
  details:
    "Asks the daemon kluad, which must be running, for the manifest of the states and servants that there are, and writes it. " +
    "The file is written whole or not at all. What was executed in a state is known for those that a manifest made; " +
    "what the text lacks is told. Applied at once, it changes nothing. Comments of a file that is there are lost.",
  examples: [["save -", "the manifest, to look at"]],
  async run(context, { file }) {
    const { terminal, options } = context;
    const path = file === undefined || file === "-" ? undefined : resolve(file);
    const folder = path === undefined ? (file === "-" ? cwd() : undefined) : dirname(path);
    const report = await (await context.daemon()).save({ folder });
    const { text, missing } = report;
    const target = file === "-" ? undefined : (path ?? report.file);
    if (target !== undefined) await write(target, text);
    if (options.json)
      terminal.json({ ok: true, ...(target === undefined ? { text } : { file: target }), missing });
    else {
      if (target === undefined) terminal.data(Buffer.from(text));
      else terminal.talk(`saved in ${visible(target)}`);
      for (const one of missing) terminal.talk(`not in it: ${visible(one)}`);
    }
    return undefined;
  },
});

async function write(path: string, text: string): Promise<void> {
  try {
    await writeAtomically(path, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ToolError("ERR_FILE", `${path} was not written, and is as it was: ${reason}`, error);
  }
}
