/* SPDX-License-Identifier: MIT */
/*
 * The model. Each client keeps an account of what it did and was told, in memory that survives its
 * death: its successor takes the account over, looks at the module, and must find one of the
 * outcomes that the unfinished operation may have had. The states of a client's own are nobody
 * else's to create, delete or run in, so all about them is known to the last run.
 */
#ifndef TORTURE_ACCOUNT_H
#define TORTURE_ACCOUNT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "../../kmod/uapi/lunatik.h"

#define CLIENTS_MAX 64
#define OWN 3     /* states of a client's own */
#define SHARED 8  /* names that all fight for */
#define TEXT 128

/* The error codes as they go over the wire, by enum lunatik_error; "" for 0. */
extern const char *const codes[LUNATIK_ERROR_MAX + 1];
/* The error of a code, also of a text that begins "ERR_CODE: "; -1 when there is no such code. */
int code_find(const char *text);

struct own {
	bool exists;
	uint64_t id;
	uint64_t runs;
	uint64_t failures[LUNATIK_ERROR_MAX + 1];
	uint64_t least, most; /* what its counter may be: more than one only after a run of ours was cut */
	/* runs that were waiting when their asker died may be counted yet, as cancelled, in a calm state */
	uint64_t late;
};

enum operation { NONE, CREATE_OWN, REPLACE_OWN, DELETE_OWN, RUN_OWN, CREATE, DELETE, RUN };

struct account {
	struct own own[OWN];

	/* what is under way; its outcome is not in the rest yet */
	struct {
		enum operation operation;
		unsigned int which; /* of own */
		unsigned int count; /* of runs */
	} pending;

	/* told by the module; and what a death left open */
	uint64_t created, maybe_created;
	uint64_t deleted, maybe_deleted;
	uint64_t failed, maybe_failed; /* runs */
	uint64_t maybe_counted;        /* in shared states */
	uint64_t operations, runs, lives, dumps, kept;
	uint64_t codes[LUNATIK_ERROR_MAX + 1]; /* how often each was told, refusals included */
};

/* Two copies, of which `version` picks one: a death in the middle of a change leaves the other. */
struct slot {
	_Atomic uint32_t version;
	struct account copies[2];
};

/* One event of a state's life, as the observer of the group saw it. */
struct witness {
	uint64_t created, deleted, failed; /* events */
	uint64_t last;                     /* sequence number */
	uint64_t live[4096];               /* ids */
	uint32_t count;
};

/* Pairs (token, number) that a shared state gave out: none may come twice. */
#define SEEN_MAX (1u << 22)

struct world {
	_Atomic int failed;
	_Atomic int stop; /* no operation begins any more */
	uint64_t seed;
	struct slot slots[CLIENTS_MAX];
	struct witness witness;
	_Atomic int watching;        /* the observer has joined */
	_Atomic uint64_t watch_until; /* the last event's number, once nothing happens any more */
	_Atomic uint32_t seen_count;
	_Atomic uint64_t seen[SEEN_MAX];
};

extern struct world *world;

/* Map the world, before any fork. */
void world_open(uint64_t seed);

/* Say what is wrong, for all to stop, and end this process. */
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

void account_read(const struct slot *slot, struct account *account);
void account_commit(struct slot *slot, const struct account *account);

/* Note a pair; false when it was there already. */
bool seen_add(uint64_t token, uint64_t number);
/* How many pairs a token has. */
uint64_t seen_tokens(uint64_t token);

/* Monotonic, in milliseconds. */
uint64_t now(void);

/* Random numbers that a seed decides. */
uint64_t random_next(uint64_t *state);
uint64_t random_below(uint64_t *state, uint64_t limit);

#endif
