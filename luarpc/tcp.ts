// SPDX-License-Identifier: MIT

import { type AddressInfo, createServer, type Server, Socket } from "node:net";
import {
  connect as connectTls,
  createServer as createTlsServer,
  type TLSSocket,
  type TlsOptions as TlsServerOptions,
} from "node:tls";
import type { Transport, TransportListener } from "./transport.ts";

/* TCP and TLS as transports. */

/** PEM texts. With `ca` on a servant, clients must show a certificate that one of these signed. */
export interface TlsOptions {
  readonly key?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly ca?: string | Buffer | readonly (string | Buffer)[] | undefined;
  /** The name that the servant's certificate must have; the host unless given. */
  readonly servername?: string | undefined;
}

class SocketTransport implements Transport {
  readonly #socket: Socket;
  readonly remote: string;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.remote = `${socket.remoteAddress ?? "?"}:${socket.remotePort ?? "?"}`;
    socket.setNoDelay(true);
    // A peer that vanished without a word is found out in the end.
    socket.setKeepAlive(true, 60_000);
    socket.setEncoding("latin1");
  }

  write(bytes: string): void {
    this.#socket.write(bytes, "latin1");
  }

  get pendingBytes(): number {
    return this.#socket.writableLength;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  probe(): void {
    // Nothing is sent; but a socket that has been reset refuses even that.
    this.#socket.write("");
  }

  destroy(): void {
    this.#socket.destroy();
  }

  keepAlive(keep: boolean): void {
    if (keep) this.#socket.ref();
    else this.#socket.unref();
  }
}

function attach(socket: Socket, listener: TransportListener): void {
  let failure: Error | undefined;
  let isEnded = false;
  socket
    .on("data", (bytes) => {
      listener.data(bytes as unknown as string);
    })
    .on("drain", () => {
      listener.drained();
    })
    .on("end", () => {
      isEnded = true;
      listener.ended();
    })
    .on("error", (error) => {
      failure ??= error;
    })
    .on("close", () => {
      listener.closed(failure ?? (isEnded ? undefined : new Error("the connection was given up")));
    });
}

/** A client that may not connect. */
export interface Refusal {
  /** The client's address: "127.0.0.1:4711". */
  readonly remote: string;
  /** It is not in the list of addresses; its TLS handshake failed, without a certificate perhaps; there are too many. */
  readonly reason: "address" | "tls" | "connections";
  /** The reason in words. */
  readonly text: string;
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** A descriptor that is bound already, instead of both; it is closed with the listener. */
  readonly fd?: number | undefined;
  readonly tls?: TlsOptions | undefined;
  /** Whether a client may connect from this address. */
  readonly allows: (address: string) => boolean;
  /** Told of each client that may not connect. */
  readonly refused: (refusal: Refusal) => void;
  /** Takes a new connection; its listener is asked for at once. */
  readonly accept: (transport: Transport) => TransportListener | undefined;
}

export interface Listener {
  readonly address: AddressInfo;
  /** Stops listening. Resolves when the port is free. */
  close(): Promise<void>;
  keepAlive(keep: boolean): void;
}

/** How long a client may take for its TLS handshake, in milliseconds. */
const HANDSHAKE = 10_000;

/** Listens. Rejects with node's error: EADDRINUSE … */
export async function listen(options: ListenOptions): Promise<Listener> {
  const accept = (socket: Socket) => {
    // Whatever happens before a listener is attached must not end the process.
    socket.on("error", () => undefined);
    const listener = options.accept(new SocketTransport(socket));
    if (listener !== undefined) attach(socket, listener);
  };
  const { tls } = options;
  const server: Server =
    tls === undefined ? createServer({ allowHalfOpen: true }) : createTlsServer(serverOptions(tls));
  const handshakes = tls === undefined ? undefined : watchHandshakes(server, options.refused);
  server.on("connection", (socket: Socket) => {
    if (options.allows(socket.remoteAddress ?? "")) {
      if (tls === undefined) accept(socket);
      return;
    }
    options.refused({ remote: peer(socket), reason: "address", text: "its address may not connect" });
    socket.destroy();
  });
  server.on("secureConnection", (socket: TLSSocket) => {
    handshakes?.delete(peer(socket));
    accept(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    const { host, port, fd } = options;
    server.listen(fd === undefined ? { host, port, backlog: 1024 } : { fd, backlog: 1024 }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  // Out of file descriptors: the connection is not made, and the server lives on.
  server.on("error", () => undefined);
  return {
    address: server.address() as AddressInfo,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of handshakes?.values() ?? []) socket.destroy();
      }),
    keepAlive: (keep) => {
      if (keep) server.ref();
      else server.unref();
    },
  };
}

function serverOptions(tls: TlsOptions): TlsServerOptions {
  return {
    ...tlsOptions(tls),
    allowHalfOpen: true,
    handshakeTimeout: HANDSHAKE,
    requestCert: tls.ca !== undefined,
    rejectUnauthorized: true,
  };
}

/** The sockets whose handshake is not over, by their clients: one that goes away in its middle is not waited for. */
function watchHandshakes(server: Server, refused: ListenOptions["refused"]): Map<string, Socket> {
  const handshakes = new Map<string, Socket>();
  server.on("tlsClientError", (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    // A client that went away by itself, or that was sent away for its address, is none that TLS refuses.
    if (error.code !== "ECONNRESET") refused({ remote: peer(socket), reason: "tls", text: error.message });
    socket.destroy();
  });
  server.on("connection", (socket: Socket) => {
    const name = peer(socket);
    handshakes.set(name, socket);
    socket.on("end", () => {
      if (handshakes.get(name) === socket) socket.destroy();
    });
    socket.on("close", () => {
      if (handshakes.get(name) === socket) handshakes.delete(name);
    });
  });
  return handshakes;
}

function peer(socket: Socket): string {
  return `${socket.remoteAddress}:${socket.remotePort}`;
}

/** Connects. `ready` is called once connected; a failure before that is the listener's closed(). */
export function connect(
  address: { readonly host: string; readonly port: number; readonly tls?: TlsOptions | undefined },
  listener: TransportListener,
  ready: (transport: Transport) => void,
): { readonly destroy: () => void } {
  const { host, port, tls } = address;
  if (tls === undefined) {
    const socket = new Socket({ allowHalfOpen: true });
    attach(socket, listener);
    socket.connect({ host, port }, () => {
      ready(new SocketTransport(socket));
    });
    return socket;
  }
  const servername = tls.servername ?? (/^[0-9.]+$|:/.test(host) ? "" : host);
  const socket: TLSSocket = connectTls({ ...tlsOptions(tls), host, port, servername });
  attach(socket, listener);
  socket.on("secureConnect", () => {
    ready(new SocketTransport(socket));
  });
  return socket;
}

function tlsOptions(tls: TlsOptions): {
  key?: string | Buffer;
  cert?: string | Buffer;
  ca?: (string | Buffer)[];
} {
  const ca = tls.ca === undefined ? undefined : authorities(tls.ca);
  return {
    ...(tls.key === undefined ? {} : { key: tls.key }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(ca === undefined ? {} : { ca }),
  };
}

function authorities(ca: NonNullable<TlsOptions["ca"]>): (string | Buffer)[] {
  return typeof ca === "string" || Buffer.isBuffer(ca) ? [ca] : [...ca];
}
