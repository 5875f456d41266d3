// SPDX-License-Identifier: MIT

import type { Refusal } from "../luarpc/tcp.ts";

/* What somebody who counts is told about one servant. None of it may throw. */

export interface ServantMeter {
  /** A call was answered after so many milliseconds, by an error's text unless that is undefined. */
  called(milliseconds: number, error: string | undefined): void;
  /** A client was not let in. */
  refused(reason: Refusal["reason"]): void;
  /** The servant is no more. */
  closed(): void;
}

/** Makes the meter of a servant that listens at "127.0.0.1:9001". */
export type MeterMaker = (servant: string, state: string) => ServantMeter;
