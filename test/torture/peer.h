/* SPDX-License-Identifier: MIT */
/*
 * A socket to the module: netlink in a kernel, the unix socket of the embedded backend elsewhere;
 * and the messages that go over it. Blocking, without threads, small enough to fork.
 */
#ifndef TORTURE_PEER_H
#define TORTURE_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "../../kmod/uapi/lunatik.h"

/* A message that grows as it is written. */
struct message {
	unsigned char *data;
	size_t size, room;
};

/* Write the headers of a request of the module's. The family and group come from peer_open(). */
void message_begin(struct message *message, uint8_t command, uint16_t flags, uint32_t sequence);
void message_put(struct message *message, uint16_t type, const void *data, size_t size);
void message_text(struct message *message, uint16_t type, const char *text);
void message_u32(struct message *message, uint16_t type, uint32_t value);
void message_u64(struct message *message, uint16_t type, uint64_t value);
/* Bytes that belong to no attribute. */
void message_raw(struct message *message, const void *data, size_t size);
/* Put the length into the header. */
void message_end(struct message *message);
void message_free(struct message *message);

/* The module's family and group, as the last peer_open() was told; the same for all in a process. */
extern uint16_t family;
extern uint32_t group_events;

struct peer {
	int fd;
	bool stream; /* the embedded backend's */
	unsigned char *input;
	size_t room, have, used; /* bytes */
};

/*
 * Connect and resolve the family. socket is the embedded backend's, or NULL for the kernel. 0 or a
 * negative errno.
 */
int peer_open(struct peer *peer, const char *socket);
void peer_close(struct peer *peer);
/* Set both buffers, in bytes; beyond what an ordinary process may where the rights are there. */
void peer_buffers(struct peer *peer, int receive, int send);
/* Join the event group, leave it, on a socket that has nothing under way: 0 or a negative errno. */
int peer_join(struct peer *peer);
int peer_leave(struct peer *peer);
/* Hand a message over: 0 or a negative errno. */
int peer_send(struct peer *peer, const void *data, size_t size);

/*
 * The next message, valid until the next call. 1; 0 when none came in time (milliseconds); -ENOBUFS
 * when messages were lost, once a loss; another negative errno when the socket is no more, or what
 * came is no message.
 */
int peer_receive(struct peer *peer, int patience, const struct nlmsghdr **header);

/* --- reading ---------------------------------------------------------------------------------- */

/* The first attribute of a type in a message of the module's (nested ones are not looked at). */
const struct nlattr *attribute_find(const struct nlmsghdr *header, uint16_t type);
/* In order, from NULL on; also of a nest, from its first attribute. */
const struct nlattr *attribute_next(const struct nlmsghdr *header, const struct nlattr *previous);
const struct nlattr *attribute_inside(const struct nlattr *nest, const struct nlattr *previous);
const void *attribute_data(const struct nlattr *attribute);
size_t attribute_size(const struct nlattr *attribute);
uint16_t attribute_type(const struct nlattr *attribute);
/* Of an attribute that may be missing: then 0, or "". */
uint64_t attribute_number(const struct nlattr *attribute);
const char *attribute_text(const struct nlattr *attribute);
uint8_t message_command(const struct nlmsghdr *header);

#endif
