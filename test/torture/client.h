/* SPDX-License-Identifier: MIT */
/* One client: random operations, each checked against its account. */
#ifndef TORTURE_CLIENT_H
#define TORTURE_CLIENT_H

#include "account.h"
#include "talk.h"

struct client {
	unsigned int number; /* of its slot */
	struct slot *slot;
	struct account account;
	struct talk runs, control;
	const char *socket;
	uint64_t random;
};

/* Connect, for a life in a slot. */
void client_open(struct client *client, unsigned int number, const char *socket);
void client_close(struct client *client);

/* Begin the life: the account is read, and what the life before left open is looked at. */
void client_begin(struct client *client);

/* One operation. */
void client_step(struct client *client);

/* All that is known of the client's own states, against the module. */
void client_verify(struct client *client);

void own_name(char name[LUNATIK_NAME_MAX + 1], unsigned int number, unsigned int which);
void shared_name(char name[LUNATIK_NAME_MAX + 1], unsigned int which);

#endif
