// SPDX-License-Identifier: MIT

import { createConnection, type Socket } from "node:net";
import { afterwards } from "../luarpc/support.ts";

/** A message as it comes. */
export interface RawAnswer {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data?: { readonly code?: string; readonly [field: string]: unknown };
  };
}

/** A client of the control socket that knows of JSON-RPC only how a message is framed, closed after the test. */
export class RawControl {
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #messages: RawAnswer[] = [];
  readonly #waiters: ((message: RawAnswer) => void)[] = [];
  #rest = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once("close", () => resolve());
    });
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => this.#receive(bytes));
    afterwards(() => {
      socket.destroy();
    });
  }

  static async connect(path: string): Promise<RawControl> {
    const socket = createConnection({ path });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve).once("error", reject);
    });
    return new RawControl(socket);
  }

  #receive(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const end = this.#rest.indexOf("\r\n\r\n");
      const [, length] =
        /Content-Length: (\d+)/.exec(this.#rest.toString("latin1", 0, Math.max(end, 0))) ?? [];
      if (end < 0 || length === undefined || this.#rest.length < end + 4 + Number(length)) return;
      const body = this.#rest.toString("utf8", end + 4, end + 4 + Number(length));
      this.#rest = this.#rest.subarray(end + 4 + Number(length));
      const message = JSON.parse(body) as RawAnswer;
      const waiter = this.#waiters.shift();
      if (waiter === undefined) this.#messages.push(message);
      else waiter(message);
    }
  }

  /** Sends a request or a notification. */
  send(message: object): void {
    this.sendWhole({ jsonrpc: "2.0", ...message });
  }

  sendWhole(message: object): void {
    const body = Buffer.from(JSON.stringify(message));
    this.#socket.write(Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]));
  }

  write(text: string): void {
    this.#socket.write(text);
  }

  /** The next message that comes. */
  receive(): Promise<RawAnswer> {
    const message = this.#messages.shift();
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Reads no more. */
  pause(): void {
    this.#socket.pause();
  }

  close(): void {
    this.#socket.destroy();
  }
}
