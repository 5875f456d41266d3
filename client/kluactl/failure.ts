// SPDX-License-Identifier: MIT

import type { ToolErrorCode } from "./exit_codes.ts";

/** A failure that kluactl finds itself: a wrong command line, an unreadable file. */
export class ToolError extends Error {
  override readonly name = "ToolError";
  readonly code: ToolErrorCode;

  constructor(code: ToolErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** A wrong command line; exit code 2. */
export function usage(message: string): ToolError {
  return new ToolError("ERR_USAGE", message);
}
