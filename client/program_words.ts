// SPDX-License-Identifier: MIT

import { readFileSync } from "node:fs";
import process from "node:process";
import { decodeText } from "./text.ts";

/**
 * The words of this process's command line behind the program's name, byte for byte: node puts U+FFFD in place of what is no
 * UTF-8, where a Lua string or a state's name may have any bytes (text.ts says how they look here). To be asked for before
 * `process.title` is set, which overwrites what the system knows of them.
 */
export function programWords(): readonly string[] {
  const words = process.argv.slice(2);
  if (!words.some((word) => word.includes("\ufffd"))) return words;
  const bytes = readFileSync("/proc/self/cmdline");
  return wordsOf(bytes, words.length) ?? words;
}

/** The last `count` words of a command line whose words end with a NUL each; undefined when it has fewer. */
export function wordsOf(commandLine: Uint8Array, count: number): readonly string[] | undefined {
  const words: string[] = [];
  for (let at = 0; at < commandLine.length; ) {
    const found = commandLine.indexOf(0, at);
    const end = found < 0 ? commandLine.length : found;
    words.push(decodeText(commandLine.subarray(at, end)));
    at = end + 1;
  }
  return words.length < count ? undefined : words.slice(words.length - count);
}
