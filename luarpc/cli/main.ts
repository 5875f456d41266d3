// SPDX-License-Identifier: MIT

import process from "node:process";
import { luarpcCommand } from "./cli.ts";

/* The program: this process as the world of one command line. */

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    stop.abort();
  });

process.exitCode = await luarpcCommand(process.argv.slice(2), {
  out: (text) => {
    process.stdout.write(text);
  },
  talk: (text) => {
    process.stderr.write(text);
  },
  signal: stop.signal,
});
