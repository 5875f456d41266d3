// SPDX-License-Identifier: MIT

import type { Logger } from "pino";

/*
 * What the service manager is told, as sd_notify(3) has it: one datagram with lines "NAME=value" to the socket that
 * NOTIFY_SOCKET names. Without that variable nobody wants to know, and nothing happens.
 *
 *   READY=1      the daemon serves, or has read its configuration again
 *   RELOADING=1  it reads it, since MONOTONIC_USEC
 *   STOPPING=1   it takes nothing new
 *   WATCHDOG=1   its event loop turns: twice in every WATCHDOG_USEC
 */

type Send = (address: string, text: string, how: { readonly wait: boolean }) => void;

export class ServiceManager {
  readonly #address: string;
  readonly #send: Send;
  readonly #log: Logger;
  readonly #watchdog: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #hasFailed = false;

  private constructor(address: string, send: Send, log: Logger, watchdog: number | undefined) {
    this.#address = address;
    this.#send = send;
    this.#log = log;
    this.#watchdog = watchdog;
  }

  /** The one that started this process, or undefined when none wants to be told. */
  static async find(
    log: Logger,
    environment: NodeJS.ProcessEnv = process.env,
  ): Promise<ServiceManager | undefined> {
    const address = environment["NOTIFY_SOCKET"];
    if (address === undefined || address === "") return undefined;
    if (!/^[@/]/.test(address)) {
      log.warn({ address }, "NOTIFY_SOCKET is neither a path nor an abstract name: nobody is told");
      return undefined;
    }
    const { sendDatagram } = await import("./native_socket.ts");
    return new ServiceManager(address, sendDatagram, log, watchdogInterval(environment));
  }

  /** The daemon serves. `status` is asked for a line about it now, and with every sign of life. */
  ready(status: () => string): void {
    this.#tell(["READY=1", `STATUS=${status()}`]);
    if (this.#watchdog === undefined || this.#timer !== undefined) return;
    this.#timer = setInterval(() => {
      this.#tell(["WATCHDOG=1", `STATUS=${status()}`], { wait: false });
    }, this.#watchdog);
    this.#timer.unref();
  }

  /** The daemon reads its configuration; ready() tells that it has. */
  reloading(): void {
    this.#tell(["RELOADING=1", `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`, "STATUS=reloading"]);
  }

  /** The daemon takes nothing new. Signs of life go on until the process ends. */
  stopping(): void {
    this.#tell(["STOPPING=1", "STATUS=answering what has come"]);
  }

  #tell(lines: readonly string[], how = { wait: true }): void {
    try {
      this.#send(this.#address, lines.join("\n"), how);
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed) this.#log.warn({ err: error }, "the service manager cannot be told");
      this.#hasFailed = true;
    }
  }
}

/** Half of WATCHDOG_USEC in milliseconds, when it is this process that is watched. */
function watchdogInterval(environment: NodeJS.ProcessEnv): number | undefined {
  const microseconds = Number(environment["WATCHDOG_USEC"] ?? "");
  const pid = environment["WATCHDOG_PID"] ?? "";
  if (!Number.isSafeInteger(microseconds) || microseconds <= 0) return undefined;
  if (pid !== "" && pid !== String(process.pid)) return undefined;
  return Math.max(1, Math.min(microseconds / 2000, 2 ** 31 - 1));
}
