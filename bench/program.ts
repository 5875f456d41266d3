// SPDX-License-Identifier: MIT

import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createInterface } from "node:readline";

/*
 * A program that a section starts and talks to by lines: what it says on standard output, and what it is told on its
 * standard input.
 */

export class Program {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<string>;
  readonly #said = new EventEmitter();
  #errors = "";

  /** Starts it. What it cannot do is found out when it is read from. */
  constructor(
    name: string,
    command: string,
    argv: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ) {
    this.#name = name;
    this.#child = spawn(command, argv, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...environment },
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-4000);
      this.#said.emit("said");
    });
    this.#child.stdin?.on("error", () => undefined);
    this.#ended = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        resolve(error.message);
      });
      this.#child.once("close", (code, signal) => {
        resolve(`ended with ${code ?? signal}`);
      });
    });
    const input = this.#child.stdout;
    if (input === null) throw new Error(`${name} has no standard output`);
    this.#lines = createInterface({ input })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Waits until it has said a text on standard error. Rejects when it ends before that. */
  async said(text: string): Promise<void> {
    const ended = this.#ended.then((how) => {
      throw new Error(`${this.#name} ${how}: ${this.#errors.trim()}`);
    });
    while (!this.#errors.includes(text)) await Promise.race([once(this.#said, "said"), ended]);
  }

  /** Its next line. Rejects when it ends without one. */
  async line(): Promise<string> {
    const next = await this.#lines.next();
    if (next.done !== true) return next.value;
    throw new Error(`${this.#name} ${await this.#ended}: ${this.#errors.trim()}`);
  }

  /** Its next line that matches. */
  async lineWith(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(await this.line());
      if (match !== null) return match;
    }
  }

  /** Tells it one line. */
  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Resolves, when it has ended, with how. */
  get ended(): Promise<string> {
    return this.#ended;
  }

  /** Ends it, and waits for that. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill("SIGTERM");
    await this.#ended;
  }
}
