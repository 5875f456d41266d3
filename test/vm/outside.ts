// SPDX-License-Identifier: MIT
// Runs the one program of the host that --outside allows, when the guest asks for it, with the guest's words.
//
//   guest: test/vm/outside WORD...        host: this file
//   outside.request (a word a line) ────▶ PROGRAM WORD...
//   prints, exits ◀──── outside.output, then outside.status
import type { ChildProcess } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawnBound } from "./bound_process.ts";

/** One request at a time, as the guest makes them. */
export class Outside {
  readonly #folder: string;
  readonly #program: string;
  #running: ChildProcess | undefined;

  /**
   * @param folder that of the run, shared with the guest
   * @param program what may be run
   */
  constructor(folder: string, program: string) {
    this.#folder = folder;
    this.#program = program;
  }

  /** Looks whether the guest wants it run, and starts it. */
  look(): void {
    const request = join(this.#folder, "outside.request");
    if (this.#running !== undefined || !existsSync(request)) return;
    const words = readFileSync(request, "utf8").split("\n").slice(0, -1);
    rmSync(request);
    const output = openSync(join(this.#folder, "outside.output"), "w");
    const child = spawnBound(this.#program, words, ["ignore", output, output]);
    closeSync(output);
    this.#running = child;
    child.on("error", () => this.#end(127));
    child.on("close", (code) => this.#end(code ?? 128));
  }

  #end(status: number): void {
    this.#running = undefined;
    const draft = join(this.#folder, "outside.status.draft");
    writeFileSync(draft, `${status}\n`);
    renameSync(draft, join(this.#folder, "outside.status"));
  }

  /** Ends what runs. */
  stop(): void {
    this.#running?.removeAllListeners("close").kill("SIGKILL");
  }
}
