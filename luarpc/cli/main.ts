// SPDX-License-Identifier: MIT

import process from "node:process";
import { programWords } from "../../client/program_words.ts";
import { encodeText } from "../../client/text.ts";
import { luarpcCommand } from "./cli.ts";

/* The program: this process as the world of one command line. */

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    stop.abort();
  });

// Where nobody reads (EPIPE) there is nothing to be said; a full disk is told.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") process.stderr.write(`luarpc: cannot write the output: ${error.message}\n`);
  process.exit(1);
});
process.stderr.on("error", () => undefined);

process.exitCode = await luarpcCommand(programWords(), {
  out: (text) => {
    process.stdout.write(encodeText(text));
  },
  talk: (text) => {
    process.stderr.write(encodeText(text));
  },
  signal: stop.signal,
});
