// SPDX-License-Identifier: MIT

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterwards } from "./support.ts";

/* A proxy on the network that delays, splits, drops and resets, by a seeded generator. */

export interface Weather {
  /** The chance that a piece waits, and for how many milliseconds at most. */
  readonly delay: readonly [chance: number, most: number];
  /** The chance that a piece is cut in two. */
  readonly split: number;
  /** The chance that the connection ends here, quietly or with a reset; the piece is lost. */
  readonly drop: number;
  readonly reset: number;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Listens on loopback and passes on to a port, in that weather. Returns its own port. */
export async function chaos(port: number, weather: Weather, seed: number): Promise<number> {
  const random = generator(seed);
  const sockets = new Set<Socket>();

  function pass(from: Socket, to: Socket): void {
    let last = Promise.resolve();
    from.on("data", (bytes: Buffer) => {
      last = last.then(() => forward(bytes, from, to));
    });
    from.on("end", () => {
      last = last.then(() => {
        to.end();
      });
    });
    from.on("error", () => to.destroy());
    from.on("close", () => sockets.delete(from));
    sockets.add(from);
  }

  async function forward(bytes: Buffer, from: Socket, to: Socket): Promise<void> {
    if (to.destroyed) return;
    const luck = random();
    if (luck < weather.drop) {
      from.destroy();
      to.destroy();
      return;
    }
    if (luck < weather.drop + weather.reset) {
      from.resetAndDestroy();
      to.resetAndDestroy();
      return;
    }
    const cut = random() < weather.split ? Math.floor(random() * bytes.length) : 0;
    for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
      if (piece.length === 0) continue;
      const [chance, most] = weather.delay;
      if (random() < chance)
        await new Promise((resolve) => {
          setTimeout(resolve, random() * most);
        });
      if (!to.destroyed) to.write(piece);
    }
  }

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const servant = connect({ host: "127.0.0.1", port, allowHalfOpen: true, noDelay: true });
    pass(client, servant);
    pass(servant, client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  afterwards(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}
