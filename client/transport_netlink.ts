// SPDX-License-Identifier: MIT

import { createRequire } from "node:module";
import { constants } from "node:os";
import type { ErrnoException, RawNetlinkSocket } from "netlink/dist/raw.js";
import { LunatikError } from "./error.ts";
import {
  NETLINK_CAP_ACK,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
  NETLINK_NO_ENOBUFS,
  SO_RCVBUFFORCE,
  SO_SNDBUFFORCE,
  setOptions,
} from "./socket_options.ts";
import type { Transport, TransportListener, TransportOpener } from "./transport.ts";

/*
 * A generic netlink socket, on the raw socket of the package netlink. Three things about that socket shape this file:
 * an exception in one of its listeners ends the process, so does a receive overrun (unless NETLINK_NO_ENOBUFS
 * is set), and closing it inside one of its callbacks is not safe.
 */

const NETLINK_GENERIC = 16;
const { EPERM } = constants.errno;

/** Room for a full window of the largest inline replies, and for a chunk and arguments of 1 MiB each. */
const RECEIVE_BUFFER = 8 * 1024 * 1024;
const SEND_BUFFER = 4 * 1024 * 1024;

/** Requests in flight that the default receive buffer (208 KiB) holds the replies of, however large they are. */
const IN_FLIGHT_DEGRADED = 2;

/**
 * Opens netlink sockets. `warn` is told, in one sentence, what a socket has to do without. Rejects with
 * ERR_CONNECT when the machine has no netlink sockets or the native add-on does not load.
 */
export function netlinkTransport(warn: (text: string) => void): TransportOpener {
  return (listener) =>
    new Promise((resolve) => {
      resolve(new NetlinkTransport(openSocket(), listener, warn));
    });
}

function openSocket(): RawNetlinkSocket {
  try {
    // The package's index would load all its families as well.
    const raw = createRequire(import.meta.url)("netlink/dist/raw.js") as {
      readonly RawNetlinkSocket: new (protocol: number) => RawNetlinkSocket;
    };
    return new raw.RawNetlinkSocket(NETLINK_GENERIC);
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new LunatikError("ERR_CONNECT", `no netlink socket can be opened (${text})`, {
      operation: "connect",
      cause,
    });
  }
}

class NetlinkTransport implements Transport {
  /** The kernel carries requests out inside sendmsg(). */
  readonly isSynchronous = true;
  readonly port: number;
  readonly messageMax: number;
  readonly inFlightMax: number;
  readonly #socket: RawNetlinkSocket;
  readonly #listener: TransportListener;
  readonly #overrunKills: boolean;
  #closed = false;

  constructor(socket: RawNetlinkSocket, listener: TransportListener, warn: (text: string) => void) {
    this.#socket = socket;
    this.#listener = listener;
    socket.on("message", (bytes, from) => {
      // Port 0 is the kernel; nobody else is to be believed.
      if (!this.#closed && from.port === 0) this.#guard(() => listener.message(bytes));
    });
    socket.on("error", (error) => this.#guard(() => this.#failed(error)));
    this.port = socket.address().port;
    const failures = setOptions(this.port, [
      [NETLINK_NO_ENOBUFS, 1],
      [NETLINK_EXT_ACK, 1],
      [NETLINK_CAP_ACK, 1],
      [NETLINK_GET_STRICT_CHK, 1],
      [SO_RCVBUFFORCE, RECEIVE_BUFFER],
      [SO_SNDBUFFORCE, SEND_BUFFER],
    ]);
    // Who may not raise the buffers may not use the module either, and is told so by its answers.
    for (const { errno, text } of failures) if (errno !== EPERM) warn(text);
    this.#overrunKills = failures.some(({ option }) => option === undefined || option === NETLINK_NO_ENOBUFS);
    this.inFlightMax =
      socket.getRecvBufferSize() >= RECEIVE_BUFFER ? Number.POSITIVE_INFINITY : IN_FLIGHT_DEGRADED;
    // netlink_sendmsg() refuses what is longer than the buffer less 32 bytes.
    this.messageMax = socket.getSendBufferSize() - 32;
  }

  /** Runs a listener. One that throws is a bug of this library, told as such; it must not end the process. */
  #guard(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error), { code: "LUNATIK_LISTENER" });
    }
  }

  #failed(error: ErrnoException): void {
    if (this.#closed) return;
    if (error.code === "ENOBUFS") {
      this.#listener.overrun();
    } else {
      this.close();
      this.#listener.closed(error);
    }
  }

  send(message: Uint8Array, done: (error?: Error) => void): void {
    if (this.#closed) {
      setImmediate(done, new LunatikError("ERR_CLOSED", "the socket is closed"));
      return;
    }
    try {
      this.#socket.send(message, undefined, (error) => this.#guard(() => done(error)));
    } catch (error) {
      setImmediate(done, error instanceof Error ? error : new Error(String(error)));
    }
  }

  join(group: number): Promise<void> {
    if (this.#overrunKills) {
      return Promise.reject(
        new LunatikError(
          "ERR_CONNECT",
          "events need the socket option NETLINK_NO_ENOBUFS, which cannot be set",
          {
            operation: "events",
          },
        ),
      );
    }
    return new Promise((resolve, reject) => {
      try {
        this.#socket.addMembership(group);
        resolve();
      } catch (cause) {
        const { code, errno, message } = cause as ErrnoException;
        reject(
          code === "EPERM"
            ? new LunatikError("ERR_PERMISSION", "events need the capability CAP_NET_ADMIN", {
                operation: "events",
                errno,
                cause,
              })
            : new LunatikError("ERR_SYSTEM", message, { operation: "events", errno, cause }),
        );
      }
    });
  }

  keepAlive(alive: boolean): void {
    if (this.#closed) return;
    if (alive) this.#socket.ref();
    else this.#socket.unref();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    setImmediate(() => this.#socket.close());
  }
}
