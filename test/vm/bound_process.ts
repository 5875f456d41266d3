// SPDX-License-Identifier: MIT
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";

/** Starts a program that dies with this process, however that ends. */
export function spawnBound(program: string, args: readonly string[], stdio: StdioOptions): ChildProcess {
  return spawn("setpriv", ["--pdeathsig", "KILL", program, ...args], { stdio });
}
