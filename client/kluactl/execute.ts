// SPDX-License-Identifier: MIT

import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { CHUNK_NAME_MAX } from "../protocol_gen.ts";
import { decodeText, encodeText } from "../text.ts";
import { type Context, defineCommand } from "./command.ts";
import { ToolError, usage } from "./failure.ts";
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

/** A chunk out of a file or stdin, with the name that lua would give it. */
async function readChunk(
  { world }: Context,
  file: string,
): Promise<{ readonly text: Uint8Array; readonly name: string }> {
  try {
    const bytes = file === "-" ? await buffer(world.stdin) : await readFile(file);
    return { text: withoutFirstComment(bytes), name: file === "-" ? "=stdin" : chunkName(file) };
  } catch (error) {
    throw new ToolError(
      "ERR_FILE",
      `cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
}

/** "@file". Of a path that is longer than a chunk's name may be, its end: messages show no more of it anyway. */
function chunkName(file: string): string {
  const bytes = Buffer.from(encodeText(file));
  if (bytes.length < CHUNK_NAME_MAX) return `@${file}`;
  return `@...${decodeText(bytes.subarray(bytes.length - CHUNK_NAME_MAX + 4))}`;
}

/** Skips what luaL_loadfile() skips: a byte order mark, and a first line that starts with #, but not its end. */
function withoutFirstComment(bytes: Buffer): Uint8Array {
  const mark = bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? 3 : 0;
  if (bytes[mark] !== 0x23) return bytes.subarray(mark);
  const end = bytes.indexOf("\n", mark);
  return end < 0 ? Buffer.alloc(0) : bytes.subarray(end);
}
