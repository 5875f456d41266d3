/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Connections of clients: a unix stream socket each, with netlink messages back to back. */
#ifndef EMBEDDED_CONNECTION_H
#define EMBEDDED_CONNECTION_H

#include <stddef.h>

/* To join or leave a group: payload u32 group, u32 1 to join or 0 to leave. */
#define MESSAGE_MEMBERSHIP 0x0e

/*
 * Serve a client until it goes. limit is that of the messages that wait for it, in bytes. Takes the
 * descriptor; returns 0 or a positive errno. ended is called by a thread of the connection when it
 * is over; connections_reap() then frees it.
 */
int connection_open(int fd, size_t limit, void (*ended)(void));

/* Free the connections that are over; returns how many are not. */
size_t connections_reap(void);

/*
 * Close all of them: each gets what waits for it, if it takes that within a second. Returns when
 * every one is freed.
 */
void connections_close(void);

#endif
