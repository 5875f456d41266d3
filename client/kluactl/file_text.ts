// SPDX-License-Identifier: MIT

import { readFile } from "node:fs/promises";
import { decodeText } from "../text.ts";
import { ToolError } from "./failure.ts";

/** The text of a file that the command line names; bytes that are no UTF-8 as text.ts writes them. Rejects with ERR_FILE. */
export async function readText(path: string): Promise<string> {
  try {
    return decodeText(await readFile(path));
  } catch (error) {
    throw new ToolError("ERR_FILE", error instanceof Error ? error.message : String(error), error);
  }
}
