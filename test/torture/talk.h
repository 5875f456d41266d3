/* SPDX-License-Identifier: MIT */
/* Requests to the module and what they answer: each one is acknowledged or refused with a code. */
#ifndef TORTURE_TALK_H
#define TORTURE_TALK_H

#include "account.h"
#include "peer.h"

/* Milliseconds; after that it hangs. */
#define PATIENCE 120000

struct talk {
	struct peer peer;
	struct message request;
	uint32_t sequence;
	uint64_t cookies; /* the high half of each cookie */
};

struct state_view {
	bool there;
	uint64_t id, runs, failures[LUNATIK_ERROR_MAX + 1];
	unsigned int busy, dying, waiting;
	char name[LUNATIK_NAME_MAX + 1];
};

struct run_request {
	const char *state;
	const char *code;     /* or */
	const char *function;
	uint64_t max_steps, max_memory, max_time, max_wait; /* 0: the state's */
};

struct run_view {
	uint32_t sequence;
	bool acknowledged, finished;
	int refusal, error; /* enum lunatik_error; 0: none */
	uint64_t id, results_size, output_size;
	unsigned int count; /* of results that are numbers */
	uint64_t numbers[4];
};

struct info_view {
	uint64_t states, runs, memory, events;
};

/*
 * Connect; the cookies' high half tells clients apart, and the sequence numbers begin after the one
 * given, so that an answer to somebody else is seen for one. Ends the process when it cannot.
 */
void talk_open(struct talk *talk, const char *socket, uint32_t identity, uint32_t sequence);
void talk_close(struct talk *talk);

/* Each returns 0 or the enum lunatik_error of the refusal; a view's `there` tells whether it answered. */
int talk_create(struct talk *talk, const char *name, uint32_t flags, struct state_view *view);
int talk_delete(struct talk *talk, const char *name, bool force);
int talk_get(struct talk *talk, const char *name, struct state_view *view);
int talk_cancel(struct talk *talk, const char *state, uint64_t cookie, unsigned int *count);
int talk_log(struct talk *talk);
int talk_info(struct talk *talk, struct info_view *view);
int talk_release(struct talk *talk, uint64_t run);

/* All states; each is handed to the function. True when nothing was created or deleted meanwhile. */
bool talk_list(struct talk *talk, void (*each)(const struct state_view *view, void *context),
	       void *context);

/* End the process when the module has states or runs: the test needs it for itself. */
void talk_expect_empty(const char *socket);
/* Delete all states and wait until nothing is left, memory included; ends the process when it stays. */
void talk_empty(struct talk *talk);

/* Send a run; the view is then to be handed to talk_runs_wait(), in an array with others'. */
void talk_run_send(struct talk *talk, const struct run_request *request, struct run_view *run);
uint64_t talk_cookie(const struct talk *talk, const struct run_view *run);
/* Until each is acknowledged, or each has ended. */
void talk_runs_wait(struct talk *talk, struct run_view *runs, unsigned int count, bool ended);
/* The size of what is kept for a run, results and output together; and its refusal, or 0. */
int talk_result(struct talk *talk, uint64_t run, uint64_t *size);

/* The two halves of such a dump (the first one ends when it has begun), and the first of talk_list(). */
void talk_result_send(struct talk *talk, uint64_t run);
int talk_result_read(struct talk *talk, uint64_t *size);
void talk_list_send(struct talk *talk);

/* Ask for a state, and take no answer. */
void talk_create_send(struct talk *talk, const char *name);

#endif
