// SPDX-License-Identifier: MIT

/*
 * What carries netlink messages: a netlink socket, a unix socket to the embedded server, or a fake kernel in a
 * test. A transport moves bytes and knows nothing of requests and replies.
 */

/** What a transport tells its owner. None of these may throw; all are called on the event loop, never inside open(). */
export interface TransportListener {
  /** One or more whole netlink messages, back to back, each padded to 4 bytes. */
  message(bytes: Uint8Array): void;
  /** The receive buffer overran: messages were lost. The transport still works. */
  overrun(): void;
  /** The transport is gone, and nothing was done to close it. Comes once at most, and nothing comes after it. */
  closed(reason: Error): void;
}

export interface Transport {
  /** The port that the other side gave this socket, as nlmsg_pid of all it sends here; undefined while not known. */
  readonly port: number | undefined;
  /** The longest message that can be sent, in bytes. */
  readonly messageMax: number;
  /** Whether a request has been looked at, and refused or accepted, by the time that send() says `done`. Not unless given. */
  readonly isSynchronous?: boolean;
  /** How many requests may be in flight without a danger of losing replies. */
  readonly inFlightMax: number;
  /**
   * Sends one netlink message whole. The bytes must not change until `done` is called: with nothing when the
   * message was handed over, with the error when it was refused. Does not throw.
   */
  send(message: Uint8Array, done: (error?: Error) => void): void;
  /** Joins a multicast group by its number. Rejects when the other side refuses. */
  join(group: number): Promise<void>;
  /** Whether the socket keeps the process alive. It does unless told otherwise. */
  keepAlive(alive: boolean): void;
  /** Closes the socket. The other side then ends the runs that it asked for. May be called twice. */
  close(): void;
}

/** Opens a transport. Rejects with ERR_CONNECT, ERR_PERMISSION or ERR_NO_MODULE when it cannot. */
export type TransportOpener = (listener: TransportListener) => Promise<Transport>;
