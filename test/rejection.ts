// SPDX-License-Identifier: MIT

import { LunatikError } from "../client/error.ts";

/** The LunatikError that a promise rejects with. Throws when it resolves, or rejects with anything else. */
export async function rejection(promise: Promise<unknown>): Promise<LunatikError> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    if (error instanceof LunatikError) return error;
    throw error;
  }
  throw new Error(`resolved with ${String(value)} instead of rejecting`);
}
