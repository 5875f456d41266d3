/* SPDX-License-Identifier: MIT */
/* The module, loaded into a fuzz target that is its kernel (serial.h), and clients of it. */
#ifndef LUNATIK_FUZZ_WORLD_H
#define LUNATIK_FUZZ_WORLD_H

#include <net/genetlink.h>

#include "netlink.h"
#include "uapi/lunatik.h"

/* What the module is loaded with. */
#define WORLD_STATES_MAX 3
#define WORLD_WAITING_MAX 3
#define WORLD_RUNS_MAX 12
#define WORLD_STEPS 20000ull

/* More than any attribute's type in a message of ours. */
#define WORLD_ATTRIBUTES 32

/* One message that came for a client. */
struct world_reply {
	const struct nlmsghdr *header;
	u8 command;                   /* of a message of the family */
	int error;                    /* of an acknowledgement, or of the end of a dump; 0 or negative */
	const char *text;             /* the extended acknowledgement's, or NULL */
	const struct nlattr *attributes[WORLD_ATTRIBUTES]; /* the first of each type */
};

/* Load the module, once; every later call does nothing. */
void world_load(void);

/*
 * End what an input began: close the clients, run all work, delete the states. Nothing may be left
 * then, neither a run nor a byte on the account of memory.
 */
void world_end(void);

/* A client that may leave so many bytes unread. */
struct sock *world_open(size_t buffer);
#define WORLD_BUFFER ((size_t)64 << 20) /* more than any input makes */
void world_close(struct sock *client);

/* A request with room for so many bytes of attributes. Its sequence number is *sequence, which grows by one. */
struct sk_buff *world_request(u8 command, int flags, u32 *sequence, size_t room);

/* Send the request that is complete now. */
void world_send(struct sock *client, struct sk_buff *request);

/*
 * Take what waits for a client; each message is checked to be well-formed, and handed to the
 * function unless it is NULL.
 */
void world_receive(struct sock *client, void (*take)(const struct world_reply *reply, void *context),
		   void *context);

/* The u64 or u32 of a reply's attribute; fails when it has none. */
u64 world_u64(const struct world_reply *reply, unsigned int type);
u32 world_u32(const struct world_reply *reply, unsigned int type);

#endif
