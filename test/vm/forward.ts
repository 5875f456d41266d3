// SPDX-License-Identifier: MIT
// Ports of the host's loopback that lead into the guest.
import { freePort } from "../free_port.ts";

/** The guest's address in QEMU's own network: forwarded connections arrive there, and not at its loopback. */
export const guestAddress = "10.0.2.15";

/** One forwarded port. */
export interface Forward {
  readonly host: number;
  readonly guest: number;
}

/**
 * Reads "HOST:GUEST", or "GUEST" for any free port of the host.
 *
 * @throws TypeError when it is neither
 */
export async function readForward(text: string): Promise<Forward> {
  const words = /^(?:(\d{1,5}):)?(\d{1,5})$/.exec(text);
  const [host, guest] = [words?.[1], words?.[2]].map((word) =>
    word === undefined ? undefined : Number(word),
  );
  if (guest === undefined || [host ?? 1, guest].some((port) => port < 1 || port > 65_535))
    throw new TypeError(`--forward: ${text} is neither GUEST nor HOST:GUEST, ports from 1 to 65535`);
  return { host: host ?? (await freePort()), guest };
}

/** As the guest is told, in LUNATIK_VM_FORWARD: "HOST:GUEST", with blanks between. */
export function describeForwards(forwards: readonly Forward[]): string {
  return forwards.map(({ host, guest }) => `${host}:${guest}`).join(" ");
}

/** QEMU's network card, which nothing but the forwarded ports reaches; none when there are no such ports. */
export function networkArguments(forwards: readonly Forward[]): readonly string[] {
  if (forwards.length === 0) return [];
  const rules = forwards.map(({ host, guest }) => `,hostfwd=tcp:127.0.0.1:${host}-${guestAddress}:${guest}`);
  return ["-netdev", `user,id=net,restrict=on${rules.join("")}`, "-device", "virtio-net-pci,netdev=net"];
}
