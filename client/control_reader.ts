// SPDX-License-Identifier: MIT

import type { Socket } from "node:net";
// Types only: loading the library takes longer than all of the client.
import type { DataCallback, Disposable, Message, MessageReader } from "vscode-jsonrpc/node";

/*
 * Messages of the control socket: "Content-Length: N", an empty line, N bytes of JSON. The library's own reader keeps
 * whatever comes, and hands it over later, when the socket may be closed already. This one keeps a header of 1 KiB and a
 * message of so many bytes, takes anything else for an error, and hands over at once.
 *
 * The library keeps what it was handed and takes one message a turn of the event loop. So that it keeps no more than
 * AHEAD_MAX and what came in one piece, the socket is paused while there are more.
 */

const HEADER_MAX = 1024;
/** Messages that the library has not taken, at which no more are read. */
const AHEAD_MAX = 64;
const END = "\r\n\r\n";

export class ControlReader implements MessageReader {
  readonly #socket: Socket;
  readonly #most: number;
  readonly #onError = new Set<(error: Error) => unknown>();
  /** What came and is not yet a whole message. */
  #pieces: Buffer[] = [];
  #size = 0;
  /** The length of the message that comes; undefined while its header does. */
  #expected: number | undefined;
  /** Messages that the library may not have taken yet. */
  #ahead = 0;
  #isRestrained = false;

  /** `most` is the length of the longest message, in bytes. */
  constructor(socket: Socket, most: number) {
    this.#socket = socket;
    this.#most = most;
  }

  /** For the library: calls back for bytes that are not the protocol. */
  readonly onError: MessageReader["onError"] = (listener) => {
    this.#onError.add(listener);
    return { dispose: () => this.#onError.delete(listener) };
  };

  /** For the library: calls back when the socket is closed. */
  readonly onClose: MessageReader["onClose"] = (listener) => {
    const closed = (): void => {
      listener();
    };
    this.#socket.on("close", closed);
    return { dispose: () => this.#socket.off("close", closed) };
  };

  /** For the library, which is never told: how long a message takes is nobody's business. */
  readonly onPartialMessage: MessageReader["onPartialMessage"] = () => ({ dispose: () => undefined });

  dispose(): void {
    this.#onError.clear();
  }

  /** Reads nothing more until it is told otherwise. */
  restrain(isRestrained: boolean): void {
    if (this.#isRestrained === isRestrained) return;
    this.#isRestrained = isRestrained;
    this.#flow();
  }

  /** For the library: calls back with each message. */
  listen(callback: DataCallback): Disposable {
    const receive = (bytes: Buffer): void => {
      this.#pieces.push(bytes);
      this.#size += bytes.length;
      try {
        for (let message = this.#next(); message !== undefined; message = this.#next()) {
          callback(message);
          this.#handedOver();
        }
        this.#flow();
      } catch (error) {
        this.#socket.off("data", receive);
        const reason = error instanceof Error ? error : new Error(String(error));
        for (const listener of this.#onError) listener(reason);
      }
    };
    this.#socket.on("data", receive);
    return { dispose: () => this.#socket.off("data", receive) };
  }

  #handedOver(): void {
    this.#ahead += 1;
    if (this.#ahead > 1) return;
    const turn = (): void => {
      this.#ahead -= 1;
      if (this.#ahead > 0) setImmediate(turn);
      this.#flow();
    };
    setImmediate(turn);
  }

  #flow(): void {
    if (this.#isRestrained || this.#ahead > AHEAD_MAX) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
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
    if (Number(digits) > this.#most) throw new Error(`a message of ${digits} bytes, over ${this.#most}`);
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
