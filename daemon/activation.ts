// SPDX-License-Identifier: MIT

import type { Logger } from "pino";

/*
 * Sockets that the service manager has opened, as sd_listen_fds(3) has it: LISTEN_FDS descriptors from 3 on, named by
 * LISTEN_FDNAMES, for the process LISTEN_PID.
 *
 *   control, kluad.socket   the control socket; so is a single one without a name
 *   others                  listeners of servants, which are told by the address that they are bound to
 */

const FIRST = 3;
/** The name that systemd gives to the socket of kluad.socket unless FileDescriptorName= says another. */
const CONTROL: ReadonlySet<string> = new Set(["control", "kluad.socket"]);

/** The control socket. */
export interface InheritedControl {
  readonly fd: number;
  readonly path: string;
}

interface Listener {
  readonly descriptor: number;
  readonly host: string;
  readonly port: number;
}

export class InheritedSockets {
  readonly control: InheritedControl | undefined;
  readonly #listeners: readonly Listener[];
  readonly #duplicate: (descriptor: number) => number;

  private constructor(
    control: InheritedControl | undefined,
    listeners: readonly Listener[],
    duplicate: (descriptor: number) => number,
  ) {
    this.control = control;
    this.#listeners = listeners;
    this.#duplicate = duplicate;
  }

  /** Those of this process, or undefined when there are none. */
  static async find(
    log: Logger,
    environment: NodeJS.ProcessEnv = process.env,
  ): Promise<InheritedSockets | undefined> {
    const names = inheritedNames(environment);
    if (names.length === 0) return undefined;
    const { boundAddress, duplicate } = await import("./native_socket.ts");
    let control: InheritedControl | undefined;
    const listeners: Listener[] = [];
    for (const [index, name] of names.entries()) {
      const descriptor = FIRST + index;
      try {
        const address = boundAddress(descriptor);
        if (address.kind === "unix" && control === undefined && CONTROL.has(name))
          control = { fd: descriptor, path: address.path };
        else if (address.kind === "ip")
          listeners.push({ descriptor, host: address.host, port: address.port });
        else log.warn({ descriptor, name }, "an inherited socket is of no use");
      } catch (error) {
        log.warn({ err: error, descriptor, name }, "an inherited descriptor is of no use");
      }
    }
    return new InheritedSockets(control, listeners, duplicate);
  }

  /**
   * A descriptor that listens on an address and port, for the caller to close; undefined when none was inherited. The
   * inherited one stays, and clients that come while nobody serves wait in its queue.
   */
  listener(host: string, port: number): number | undefined {
    const found = this.#listeners.find((one) => one.port === port && one.host === host);
    return found === undefined ? undefined : this.#duplicate(found.descriptor);
  }
}

/** A name, perhaps empty, for each descriptor that this process inherited. */
function inheritedNames(environment: NodeJS.ProcessEnv): readonly string[] {
  const count = Number(environment["LISTEN_FDS"] ?? "");
  if (environment["LISTEN_PID"] !== String(process.pid) || !Number.isSafeInteger(count) || count < 1)
    return [];
  const names = environment["LISTEN_FDNAMES"];
  if (names === undefined && count === 1) return ["control"];
  const given = (names ?? "").split(":");
  return Array.from({ length: count }, (_, index) => given[index] ?? "");
}
