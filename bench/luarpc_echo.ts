// SPDX-License-Identifier: MIT
// The bare server that others are held against: it sends back what comes. Prints its port.
import { type AddressInfo, createServer } from "node:net";

const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on("data", (bytes: Buffer) => {
    socket.write(bytes);
  });
  socket.on("error", () => undefined);
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
