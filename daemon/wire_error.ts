// SPDX-License-Identifier: MIT

import { LunatikError } from "../client/error.ts";

/** The error whose text a luarpc client reads: "CODE: text" for an error of the states, else what it was. */
export function wireError(error: unknown): unknown {
  return error instanceof LunatikError
    ? new Error(`${error.code}: ${error.message}`, { cause: error })
    : error;
}
