// SPDX-License-Identifier: MIT

import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { Context } from "./section.ts";

/*
 * What is measured in the kernel: test/vm/run boots a VM, and a program of ours runs in it as root. It says how far it is by
 * lines, and its figures in a last one: see tell() and answer().
 */

const PROGRESS = "progress ";
const ANSWER = "answer ";

/** What a guest measured, and what it is. */
export interface GuestAnswer<T> {
  readonly figures: T;
  /** "guest, TCG, kernel 6.12.1". */
  readonly where: string;
  /** Whether the guest ran on the CPU itself. */
  readonly isKvm: boolean;
}

/**
 * Runs bench/PROGRAM.ts, compiled, in the guest; resolves with what it answered, which the caller knows the type of. `options`
 * are test/vm/run's. Rejects with the guest's last words when it fails.
 */
export async function inGuest<T>(
  program: string,
  { quick, progress }: Context,
  options: readonly string[] = [],
): Promise<GuestAnswer<T>> {
  progress("building the module, booting");
  await promisify(execFile)(join("tools", "build-module"), { maxBuffer: 1 << 26 });
  const script = join("build", "js-bench", "bench", `${program}.js`);
  const words = ["--name", "bench", ...options, "--", "node", script, ...(quick ? ["--quick"] : [])];
  const vm = spawn(join("test", "vm", "run"), words, { stdio: ["ignore", "pipe", "pipe"] });
  let figures: T | undefined;
  const said: string[] = [];
  createInterface({ input: vm.stdout }).on("line", (line) => {
    if (line.startsWith(PROGRESS)) progress(line.slice(PROGRESS.length));
    else if (line.startsWith(ANSWER)) figures = JSON.parse(line.slice(ANSWER.length)) as T;
    else said.push(line);
  });
  createInterface({ input: vm.stderr }).on("line", (line) => said.push(line));
  const code = await new Promise<number | null>((resolve, reject) => {
    vm.once("error", reject);
    vm.once("close", resolve);
  });
  if (code !== 0 || figures === undefined)
    throw new Error(`the guest failed (${code}): ${said.slice(-15).join("\n")}`);
  const about = /kernel (\S+), (KVM|TCG)/.exec(said.join("\n"));
  return {
    figures,
    where: `guest, ${about?.[2] ?? "?"}, kernel ${about?.[1] ?? "?"}`,
    isKvm: about?.[2] === "KVM",
  };
}

/** In the guest: says how far it is. */
export function tell(text: string): void {
  process.stdout.write(`${PROGRESS}${text}\n`);
}

/** In the guest: gives the figures, the last thing it does. */
export function answer(figures: unknown): void {
  process.stdout.write(`${ANSWER}${JSON.stringify(figures)}\n`);
}
