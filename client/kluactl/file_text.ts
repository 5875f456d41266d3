// SPDX-License-Identifier: MIT

import { readFile } from "node:fs/promises";
import { ToolError } from "./failure.ts";

/** The text of a file that the command line names. Rejects with ERR_FILE. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new ToolError("ERR_FILE", error instanceof Error ? error.message : String(error), error);
  }
}
