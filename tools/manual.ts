// SPDX-License-Identifier: MIT

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { kluadCompletion } from "./manual/completion.ts";
import { kluactlManual } from "./manual/kluactl.ts";
import { kluadManual } from "./manual/kluad.ts";
import { luarpcManual } from "./manual/luarpc.ts";

/*
 * Writes the manual pages and kluad's completion out of the tables that the programs parse their command lines with, so that
 * they cannot say anything else. With --check it says which are stale, and exits with 1 when one is.
 */

/** What is written, by its path in the checkout. */
export const pages: ReadonlyMap<string, () => string | Promise<string>> = new Map<
  string,
  () => string | Promise<string>
>([
  ["docs/man/kluactl.1", kluactlManual],
  ["docs/man/kluad.8", kluadManual],
  ["docs/man/luarpc.1", luarpcManual],
  ["packaging/completions/kluad.bash", kluadCompletion],
]);

/** A path of the checkout as one of this machine. */
export function pagePath(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, make] of pages) {
    const path = pagePath(name);
    const text = await make();
    if (!process.argv.includes("--check")) {
      mkdirSync(new URL(".", `file://${path}`), { recursive: true });
      writeFileSync(path, text);
    } else if (readFileSync(path, "utf8") !== text) {
      process.stderr.write(`${name} is stale; run: npm run manual\n`);
      process.exitCode = 1;
    }
  }
}
