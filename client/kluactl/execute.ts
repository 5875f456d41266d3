// SPDX-License-Identifier: MIT

import { FileLengthError, readBounded } from "../bounded_file.ts";
import { CHUNK_FILE_MAX, chunkName, withoutFirstComment } from "../chunk_file.ts";
import { LunatikError } from "../error.ts";
import { CHUNK_MAX } from "../protocol_gen.ts";
import { type Context, defineCommand } from "./command.ts";
import { usage } from "./failure.ts";
import { cannotRead } from "./file_text.ts";
import { parseArguments } from "./lua_argument.ts";
import { argumentDetails, outputDetails, run, runOptions } from "./run_options.ts";

export const execute = defineCommand({
  positionals: {
    state: { describe: "name of the state" },
    file: { describe: "file with the chunk, - for stdin; with -e the first argument instead" },
    arguments: { array: true, describe: "the chunk's arguments, its ... in Lua" },
  },
  options: {
    code: { type: "string", alias: "e", value: "CODE", describe: "the chunk itself" },
    name: {
      type: "string",
      value: "CHUNK",
      describe: 'name of the chunk in messages, "=name" or "@file" as Lua has it',
    },
    ...runOptions,
  },
  details: `${argumentDetails}\n\n${outputDetails}\n\nA first line that starts with # is skipped, as lua does.`,
  examples: [
    ["execute counter -e 'n = (n or 0) + 1 return n'", "globals of a state stay between runs"],
    ["execute counter script.lua 3 4.5 word", "a file with an integer, a float and a string"],
    ["execute counter - < script.lua", "a chunk from stdin"],
  ],
  async run(context, values) {
    const { state = "", file, code } = values;
    if (code === undefined && file === undefined)
      throw usage("execute: give a file, -e CODE, or - for stdin");
    const words = code !== undefined && file !== undefined ? [file, ...values.arguments] : values.arguments;
    const args = parseArguments(words, { string: values.string, json: values["args-json"] });
    const chunk =
      code === undefined ? await readChunk(context, file ?? "-") : { text: code, name: "=(command line)" };
    await run(context, state, values, (lunatik, options) =>
      lunatik.execute(state, chunk.text, {
        ...options,
        arguments: args,
        chunkName: values.name ?? chunk.name,
      }),
    );
    return undefined;
  },
});

/** A chunk out of a file or stdin, with the name that lua would give it. Rejects with ERR_FILE, ERR_TOO_LARGE. */
async function readChunk(
  { world }: Context,
  file: string,
): Promise<{ readonly text: Uint8Array; readonly name: string }> {
  try {
    const bytes = await readBounded(file === "-" ? world.stdin : file, CHUNK_FILE_MAX);
    const text = withoutFirstComment(bytes);
    if (text.length > CHUNK_MAX) throw new FileLengthError(CHUNK_MAX);
    return { text, name: file === "-" ? "=stdin" : chunkName(file) };
  } catch (error) {
    if (!(error instanceof FileLengthError)) throw cannotRead(file, error);
    const what = `${file === "-" ? "stdin" : file}: a chunk has ${CHUNK_MAX} bytes at most`;
    throw new LunatikError("ERR_TOO_LARGE", what, { operation: "execute" });
  }
}
