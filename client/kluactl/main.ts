// SPDX-License-Identifier: MIT

import process from "node:process";
import { programWords } from "../program_words.ts";
import { kluactl } from "./cli.ts";
import { thisMachine } from "./machine.ts";

/* The program: this process as the world of one command line. */

const words = programWords();
// The module notes by this name who created a state.
process.title = "kluactl";

process.exitCode = await kluactl(
  words,
  {
    environment: process.env,
    // Opened when it is read, and not before.
    get stdin() {
      return process.stdin;
    },
    // The library takes a fifth of the start-up time, and --help does without it.
    connect: async (options) => (await import("../lunatik.ts")).connect(options),
    connectDaemon: async (options) => (await import("../daemon.ts")).connectDaemon(options),
    onInterrupt(handler) {
      process.on("SIGINT", handler).on("SIGTERM", handler);
      return () => {
        process.off("SIGINT", handler).off("SIGTERM", handler);
      };
    },
    machine: thisMachine,
    now: () => BigInt(Date.now()) * 1_000_000n,
  },
  process.stdout,
  process.stderr,
);
