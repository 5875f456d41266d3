// SPDX-License-Identifier: MIT

/*
 * What the two ends of a connection need from a stream of bytes. TCP and TLS are in tcp.ts; tests use pairs in memory.
 * Bytes are byte strings (bytes.ts).
 */

export interface Transport {
  /** Writes bytes, in one go. */
  write(bytes: string): void;
  /** Bytes that were written and have not left yet. */
  readonly pendingBytes: number;
  /** Stops and starts reading: the other side is slowed down. */
  pause(): void;
  resume(): void;
  /** Shuts the writing side after what was written. Reading goes on. */
  end(): void;
  /**
   * Finds out whether the other side has reset the connection, which is told by closed() then. A reset that comes together
   * with the last bytes looks as if the other side had only shut its writing side.
   */
  probe(): void;
  /** Gives the connection up, with whatever is on its way. */
  destroy(): void;
  /** Whether the connection keeps the process alive. */
  keepAlive(keep: boolean): void;
  /** The other side's address, for messages: "127.0.0.1:4711". */
  readonly remote: string;
}

/** What a transport tells. None may throw. */
export interface TransportListener {
  data(bytes: string): void;
  /** All that was written has left. */
  drained(): void;
  /** The other side has shut its writing side. */
  ended(): void;
  /** The connection is gone; with an error, unless both sides had ended it. */
  closed(error: Error | undefined): void;
}
