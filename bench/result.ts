// SPDX-License-Identifier: MIT

import type { Machine } from "./machine.ts";
import type { Findings } from "./section.ts";

/** What is kept of a section. */
export interface Result extends Findings {
  readonly section: string;
  readonly about: string;
  /** When it ended, ISO 8601. */
  readonly date: string;
  readonly seconds: number;
  readonly machine: Machine;
  readonly quick: boolean;
}
