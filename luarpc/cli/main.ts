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

process.exitCode = await luarpcCommand(programWords(), {
  out: (text) => {
    process.stdout.write(encodeText(text));
  },
  talk: (text) => {
    process.stderr.write(encodeText(text));
  },
  signal: stop.signal,
});
