// SPDX-License-Identifier: MIT

import { encodeRequest } from "../luarpc/client_protocol.ts";
import type { Interface } from "../luarpc/interface.ts";
import { parseInterface } from "../luarpc/interface_parser.ts";
import { profiles } from "../luarpc/profile.ts";

/*
 * The one call that is measured: foo(3, 5). Its reply, "foo", 3 and 5, has the very bytes of its request, so that a
 * server which sends back whatever comes is one of its servants.
 */

export const DECLARED = "interface bench { string foo (inout double a, inout double b); };";

export const ARGUMENTS: readonly unknown[] = [3, 5];

export const ANSWER = JSON.stringify(["foo", 3, 5]);

/** The function in Lua. */
export const LUA = 'function foo(a, b) return "foo", a, b end';

export const declared: Interface = parseInterface(DECLARED, "bench.lua");

/** The bytes of a request, and of its reply; so many lines. */
export const LINES = 3;

/** The request of the call. */
export function request(): string {
  const method = declared.methods.get("foo");
  if (method === undefined) throw new Error("the interface has no foo");
  return encodeRequest(method, ARGUMENTS, profiles.plain, 1024);
}
