/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Events: what happened, told to the multicast group. */
#ifndef LUNATIK_EVENT_H
#define LUNATIK_EVENT_H

#include <linux/types.h>

#include "uapi/lunatik.h"

struct lunatik_state;

#define LUNATIK_EVENT_OUTPUT_MAX 4096
#define LUNATIK_EVENT_MESSAGE_MAX 4096

struct lunatik_event {
	enum lunatik_event_type type;
	const struct lunatik_state *state;
	u64 run;                  /* id; 0 when there is none */
	enum lunatik_error error; /* 0 when there is none */
	const char *message;      /* of the error; cut at LUNATIK_EVENT_MESSAGE_MAX */
	size_t message_size;
	const char *output;       /* printed; at most LUNATIK_EVENT_OUTPUT_MAX */
	size_t output_size;
};

/*
 * Number an event and send it. One that finds no memory, or a full buffer, is lost: the reader sees
 * the gap in the numbers. May sleep.
 */
void lunatik_event_send(const struct lunatik_event *event);

/* The number of the last event; 0 before the first. */
u64 lunatik_event_sequence(void);

/* Events go out between these two; the family is registered meanwhile. */
void lunatik_events_start(void);
void lunatik_events_stop(void);

#endif
