// SPDX-License-Identifier: MIT

import { BlockList, isIP } from "node:net";

/* Who may connect, by address. */

/** Addresses and networks ("10.0.0.0/8", "::1") as a list to look up in. Throws TypeError, which names the one that is none. */
export function networkList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", prefix, ...more] = network.split("/");
    const family = isIP(address);
    const most = family === 4 ? 32 : 128;
    // Number() alone takes "" for 0, which is everybody.
    const bits = prefix === undefined ? most : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
    if (family === 0 || bits < 0 || bits > most || more.length > 0)
      throw new TypeError(`'${network}' is no address and no network`);
    list.addSubnet(address, bits, family === 4 ? "ipv4" : "ipv6");
  }
  return list;
}

/** Whether a client with this address is in the list. */
export function isAllowed(list: BlockList, address: string): boolean {
  // An IPv4 client of an IPv6 socket.
  const plain =
    address.startsWith("::ffff:") && address.includes(".") ? address.slice("::ffff:".length) : address;
  const family = isIP(plain);
  return family !== 0 && list.check(plain, family === 4 ? "ipv4" : "ipv6");
}
