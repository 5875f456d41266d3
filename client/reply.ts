// SPDX-License-Identifier: MIT

import { ProtocolError } from "./attributes.ts";
import { LunatikError } from "./error.ts";

/** Decodes what the module or the daemon sent. What does not decode is ERR_PROTOCOL, with the operation's name. */
export function decode<T>(operation: string, decoder: () => T): T {
  try {
    return decoder();
  } catch (cause) {
    if (cause instanceof LunatikError) throw cause;
    if (cause instanceof ProtocolError)
      throw new LunatikError("ERR_PROTOCOL", cause.message, { operation, cause });
    throw cause;
  }
}

/** Encodes a request. A number out of range becomes ERR_RANGE here, as it would be there. */
export function encode<T>(operation: string, encoder: () => T): T {
  try {
    return encoder();
  } catch (cause) {
    if (cause instanceof RangeError) throw new LunatikError("ERR_RANGE", cause.message, { operation, cause });
    throw cause;
  }
}

/** An attribute that a reply must have. Throws ERR_PROTOCOL when it has not. */
export function required<T>(value: T | undefined, attribute: string): T {
  if (value === undefined) throw new LunatikError("ERR_PROTOCOL", `a reply lacks the attribute ${attribute}`);
  return value;
}
