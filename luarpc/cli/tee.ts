// SPDX-License-Identifier: MIT

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { address, type Command, count } from "./command.ts";

/* A tee: clients connect to it instead of to the servant, and it prints what goes by. It changes nothing. */

export const tee: Command = {
  usage: "proxy HOST:PORT",
  about: "Listens, passes everything on to HOST:PORT and back, and prints the exchange, a line a line.",
  options: {
    listen: {
      type: "string",
      value: "ADDR:PORT",
      about: "where to listen: any free port on loopback unless given",
    },
    width: { type: "string", value: "N", about: "bytes of a line that are shown: 200 unless given" },
  },
  async run([where], values, world) {
    const target = address(where);
    const own =
      typeof values["listen"] === "string" ? address(values["listen"], "--listen ADDR:PORT") : undefined;
    const width = count(values["width"], 200, "width");
    const sockets = new Set<Socket>();
    let number = 0;
    const server = createServer({ allowHalfOpen: true }, (client) => {
      number += 1;
      const name = `#${number}`;
      const begun = performance.now();
      const say = (mark: string, text: string) => {
        world.out(`${name} ${(performance.now() - begun).toFixed(1).padStart(8)} ms ${mark} ${text}\n`);
      };
      const servant = connect({ ...target, allowHalfOpen: true });
      say("*", `${client.remoteAddress}:${client.remotePort} connected`);
      pass(client, servant, ">", "the client", say);
      pass(servant, client, "<", "the servant", say);
      for (const socket of [client, servant]) {
        sockets.add(socket);
        socket.on("close", () => sockets.delete(socket));
      }
    });
    server.listen({ host: own?.host ?? "127.0.0.1", port: own?.port ?? 0 });
    await once(server, "listening");
    const { address: ip, port } = server.address() as AddressInfo;
    world.talk(`luarpc: ${ip}:${port} passes on to ${target.host}:${target.port}\n`);
    if (!world.signal.aborted) await once(world.signal, "abort");
    server.close();
    for (const socket of sockets) socket.destroy();
    return 0;

    function pass(
      from: Socket,
      to: Socket,
      mark: string,
      who: string,
      say: (mark: string, text: string) => void,
    ): void {
      let rest = "";
      from.on("data", (bytes: Buffer) => {
        const lines = (rest + bytes.toString("latin1")).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) say(mark, shown(line));
        if (rest.length > width) {
          say(mark, `${shown(rest)} (unfinished)`);
          rest = "";
        }
        if (!to.write(bytes)) from.pause();
      });
      to.on("drain", () => {
        from.resume();
      });
      from.on("end", () => {
        if (rest !== "") say(mark, `${shown(rest)} (without an end)`);
        say("*", `${who} has ended its side`);
        to.end();
      });
      from.on("error", (error) => {
        say("*", `${who}: ${error.message}`);
        // What one side sees, the other sees too.
        if (to.connecting) to.destroy();
        else to.resetAndDestroy();
      });
    }

    /** A line for a terminal: control bytes and what is no ASCII as escapes, long lines cut. */
    function shown(line: string): string {
      const escaped = line
        .slice(0, width)
        .replaceAll(/[^ -~]/g, (byte) =>
          byte === "\r" ? "\\r" : `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`,
        );
      return line.length > width ? `${escaped}… (${line.length} bytes)` : escaped;
    }
  },
};
