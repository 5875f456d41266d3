// SPDX-License-Identifier: MIT

import { arch, cpus, release, totalmem, type } from "node:os";

/** Where figures were measured: without it they say nothing. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  readonly kernel: string;
  readonly architecture: string;
  readonly node: string;
}

/** This machine. */
export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memory: totalmem(),
    kernel: `${type()} ${release()}`,
    architecture: arch(),
    node: process.version,
  };
}

/** In one line. */
export function machineText({ cpu, cores, memory, kernel, architecture, node }: Machine): string {
  return `${cpu}, ${cores} cores, ${Math.round(memory / 2 ** 30)} GiB, ${kernel} ${architecture}, node ${node}`;
}
