// SPDX-License-Identifier: MIT

import { readBounded, TEXT_FILE_MAX } from "../bounded_file.ts";
import { decodeText } from "../text.ts";
import { ToolError } from "./failure.ts";

/** The text of a file that the command line names; bytes that are no UTF-8 as text.ts writes them. Rejects with ERR_FILE. */
export async function readText(path: string): Promise<string> {
  try {
    return decodeText(await readBounded(path, TEXT_FILE_MAX));
  } catch (error) {
    throw cannotRead(path, error);
  }
}

/** ERR_FILE for a file that cannot be read: not every error of node's names the file. */
export function cannotRead(path: string, error: unknown): ToolError {
  return new ToolError(
    "ERR_FILE",
    `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`,
    error,
  );
}
