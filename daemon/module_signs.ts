// SPDX-License-Identifier: MIT

import type { Logger } from "pino";
import { watchFamilies } from "../client/family.ts";
import { FAMILY_NAME } from "../client/protocol_gen.ts";
import { netlinkTransport } from "../client/transport_netlink.ts";

/** How long the kernel may take to answer, in milliseconds. */
const TIMEOUT = 10_000;

/**
 * Calls back when the kernel tells that the module was loaded or unloaded. Resolves with how to end that. Rejects as
 * watchFamilies() of the client does.
 */
export function moduleSigns(sign: () => void, log: Logger): Promise<() => void> {
  return watchFamilies(
    netlinkTransport((text) => log.warn(text)),
    {
      changed: (name) => {
        if (name === FAMILY_NAME) sign();
      },
      closed: (reason) =>
        log.warn({ err: reason }, "the kernel tells no more when the module comes and goes"),
    },
    TIMEOUT,
  );
}
