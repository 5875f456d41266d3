// SPDX-License-Identifier: MIT

/* What holds for every client, directly or through the daemon, unless its options say otherwise: see ConnectOptions and EventOptions. */

/** Milliseconds to wait for an answer. */
export const TIMEOUT = 30_000;
/** Requests underway at once on a socket, runs or others. */
export const WINDOW = 64;
/** Events that are kept for a reader that is behind. */
export const QUEUE_MAX = 10_000;
