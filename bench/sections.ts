// SPDX-License-Identifier: MIT

import { engine } from "./engine.ts";
import { kernel } from "./kernel.ts";
import { luarpc, luarpcKernel } from "./luarpc.ts";
import type { Section } from "./section.ts";

/* What `make bench` measures, in this order. */

export const sections: readonly Section[] = [engine, kernel, luarpc, luarpcKernel];
