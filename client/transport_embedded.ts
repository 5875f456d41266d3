// SPDX-License-Identifier: MIT

import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { LunatikError } from "./error.ts";
import { HEADER_SIZE, messageSize, padded } from "./message.ts";
import type { Transport, TransportListener, TransportOpener } from "./transport.ts";

/*
 * The embedded server: the module's own sources in a process, behind a unix stream socket. The stream carries netlink
 * messages back to back, each padded to 4 bytes. What a netlink socket does by setsockopt is asked for by a message of a
 * type below NLMSG_MIN_TYPE: membership of a group.
 */

/** nlmsg_type of the request to join (1) or leave (0) a group; its payload is two u32, the group and which. */
const MEMBERSHIP = 0x0e;

/** A message longer than this is taken for garbage. The longest real one is a chunk and arguments, 1 MiB each. */
const MESSAGE_MAX = 8 * 1024 * 1024;

/** Where the server listens unless told otherwise. */
export function defaultSocket(environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment["LUNATIK_EMBEDDED_SOCKET"];
  if (given !== undefined && given !== "") return given;
  const directory = environment["XDG_RUNTIME_DIR"];
  if (directory !== undefined && directory !== "") return `${directory}/lunatik.sock`;
  return `${tmpdir()}/lunatik-${process.getuid?.() ?? 0}.sock`;
}

/** Opens connections to the embedded server at a path. Rejects with ERR_CONNECT when nobody listens there, or the path is empty. */
export function embeddedTransport(path: string): TransportOpener {
  return async (listener) => {
    // node would connect to a port of TCP.
    if (path === "")
      throw new LunatikError("ERR_CONNECT", "the path of the embedded server's socket is empty", {
        operation: "connect",
      });
    const socket = await connect(path);
    return new EmbeddedTransport(socket, listener);
  };
}

function connect(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path });
    const failed = (cause: Error): void => {
      socket.destroy();
      reject(
        new LunatikError("ERR_CONNECT", `no embedded server answers at ${path} (${cause.message})`, {
          operation: "connect",
          cause,
        }),
      );
    };
    socket.once("error", failed);
    socket.once("connect", () => {
      socket.off("error", failed);
      resolve(socket);
    });
  });
}

class EmbeddedTransport implements Transport {
  readonly port = undefined;
  readonly messageMax = MESSAGE_MAX;
  readonly inFlightMax = Number.POSITIVE_INFINITY;
  readonly #socket: Socket;
  readonly #listener: TransportListener;
  /** What came and is not yet a whole message. */
  #rest: Buffer[] = [];
  #restSize = 0;
  #closed = false;

  constructor(socket: Socket, listener: TransportListener) {
    this.#socket = socket;
    this.#listener = listener;
    socket.on("data", (bytes) => this.#receive(bytes));
    socket.on("error", (error) => this.#lost(error));
    socket.on("close", () => this.#lost(new Error("the embedded server closed the connection")));
  }

  #lost(reason: Error): void {
    if (this.#closed) return;
    this.close();
    this.#listener.closed(reason);
  }

  #receive(bytes: Buffer): void {
    this.#rest.push(bytes);
    this.#restSize += bytes.length;
    const first = this.#rest[0] ?? bytes;
    // Joining the pieces only once a whole message is there keeps a large one from being copied again and again.
    if (first.length >= 4 && this.#restSize < messageSize(first) && messageSize(first) <= MESSAGE_MAX) return;
    const all = this.#rest.length === 1 ? first : Buffer.concat(this.#rest, this.#restSize);
    let end = 0;
    while (all.length - end >= HEADER_SIZE) {
      const size = messageSize(all, end);
      if (size < HEADER_SIZE || size > MESSAGE_MAX) {
        this.#lost(new LunatikError("ERR_PROTOCOL", `the embedded server sent a message of ${size} bytes`));
        return;
      }
      if (padded(size) > all.length - end) break;
      end += padded(size);
    }
    this.#rest = end === all.length ? [] : [all.subarray(end)];
    this.#restSize = all.length - end;
    if (end > 0 && !this.#closed) this.#listener.message(all.subarray(0, end));
  }

  send(message: Uint8Array, done: (error?: Error) => void): void {
    const size = message.length;
    const bytes = size === padded(size) ? message : Buffer.concat([message], padded(size));
    this.#socket.write(bytes, (error) => {
      // A stream that one message cannot be written to is broken for all.
      if (error != null) this.#lost(error);
      done(error ?? undefined);
    });
  }

  join(group: number): Promise<void> {
    const message = Buffer.alloc(HEADER_SIZE + 8);
    message.writeUInt32LE(message.length, 0);
    message.writeUInt16LE(MEMBERSHIP, 4);
    message.writeUInt16LE(1, 6);
    message.writeUInt32LE(group, HEADER_SIZE);
    message.writeUInt32LE(1, HEADER_SIZE + 4);
    return new Promise((resolve, reject) => {
      this.send(message, (error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  keepAlive(alive: boolean): void {
    if (alive) this.#socket.ref();
    else this.#socket.unref();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.destroy();
  }
}
