// SPDX-License-Identifier: MIT

import type { Socket } from "node:net";
import { AbstractMessageReader, type DataCallback, type Disposable, type Message } from "vscode-jsonrpc/node";
import { MESSAGE_MAX } from "../client/control_protocol.ts";

/*
 * Messages of a control client: "Content-Length: N", an empty line, N bytes of JSON. The library's own reader keeps whatever
 * comes; this one keeps a header of 1 KiB and a message of MESSAGE_MAX, and takes anything else for an error.
 */

const HEADER_MAX = 1024;
const END = "\r\n\r\n";

export class ControlReader extends AbstractMessageReader {
  readonly #socket: Socket;
  /** What came and is not yet a whole message. */
  #pieces: Buffer[] = [];
  #size = 0;
  /** The length of the message that comes; undefined while its header does. */
  #expected: number | undefined;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on("close", () => this.fireClose());
  }

  /** For the library: calls back with each message. */
  listen(callback: DataCallback): Disposable {
    const receive = (bytes: Buffer): void => {
      this.#pieces.push(bytes);
      this.#size += bytes.length;
      try {
        for (let message = this.#next(); message !== undefined; message = this.#next()) callback(message);
      } catch (error) {
        this.#socket.off("data", receive);
        this.fireError(error);
      }
    };
    this.#socket.on("data", receive);
    return { dispose: () => this.#socket.off("data", receive) };
  }

  /** The next whole message; undefined when more has to come first. Throws for what is none. */
  #next(): Message | undefined {
    this.#expected ??= this.#header();
    if (this.#expected === undefined || this.#size < this.#expected) return undefined;
    const body = this.#take(this.#expected);
    this.#expected = undefined;
    const message: unknown = JSON.parse(body.toString("utf8"));
    if (typeof message !== "object" || message === null || Array.isArray(message))
      throw new Error("a message is no object");
    return message as Message;
  }

  #header(): number | undefined {
    const all = this.#joined();
    const end = all.subarray(0, HEADER_MAX).indexOf(END);
    if (end < 0) {
      if (all.length >= HEADER_MAX) throw new Error(`a header has no end within ${HEADER_MAX} bytes`);
      return undefined;
    }
    const header = this.#take(end + END.length).toString("latin1");
    const [, digits] = /^content-length: *(\d{1,10})\r$/im.exec(header) ?? [];
    if (digits === undefined) throw new Error("a header has no Content-Length");
    if (Number(digits) > MESSAGE_MAX) throw new Error(`a message of ${digits} bytes, over ${MESSAGE_MAX}`);
    return Number(digits);
  }

  #joined(): Buffer {
    const [first] = this.#pieces;
    const all = this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces);
    this.#pieces = [all];
    return all;
  }

  #take(size: number): Buffer {
    const all = this.#joined();
    this.#pieces = [all.subarray(size)];
    this.#size -= size;
    return all.subarray(0, size);
  }
}
