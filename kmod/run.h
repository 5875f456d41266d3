/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * One run of Lua in a state: queued, made by a worker, answered.
 *
 *      submit ──▶ WAITING ──▶ READY ──▶ RUNNING ──▶ ENDED
 *          │         │          ▲  │                  ▲
 *          └─────────┼──────────┘  └── interrupted ───┘
 *                    └── patience over, interrupted ──┘ (through READY, with a verdict)
 *
 * A run that finds its state idle becomes state->run at once; else it waits its turn, as long as it
 * wants to. Whoever takes it out of WAITING queues its work, once. The work makes the run, unless a
 * verdict says that it must not be made, and then ends it: statistics, next one's turn, answer.
 * So every run that was accepted ends in one place, and is answered once.
 *
 * References: the machinery holds one from submit to the end, the armed patience one, the caller
 * of lunatik_run_new() one. A run holds a reference to its state.
 */
#ifndef LUNATIK_RUN_H
#define LUNATIK_RUN_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <net/sock.h>

#include "lua/engine.h"
#include "print.h"
#include "roster.h"

struct lunatik_result;
struct lunatik_state;

enum lunatik_run_phase {
	LUNATIK_RUN_NEW,
	LUNATIK_RUN_WAITING, /* in state->waiting */
	LUNATIK_RUN_READY,   /* its work is queued */
	LUNATIK_RUN_RUNNING,
	LUNATIK_RUN_ENDED,
};

/* Text that somebody else owns; not terminated. */
struct lunatik_text {
	const char *data;
	size_t size;
};

/*
 * Whom to answer. The socket is kept only to ask whether it is closed: its port is free a moment
 * before anybody is told so, and may be another socket's by then.
 */
struct lunatik_asker {
	struct sock *sk; /* with a reference; NULL: nobody, the caller waits for `ended` */
	u32 port;        /* its netlink port */
	u32 sequence; /* of the request */
	bool has_cookie;
	u64 cookie;
};

struct lunatik_run {
	/* what is asked for and what comes out; code, function, chunk_name, arguments are the run's */
	struct engine_run engine;
	struct lunatik_asker asker;
	struct lunatik_state *state;
	u64 id;
	u64 charged;                  /* bytes on the account of memory for code and arguments */

	struct lunatik_output output; /* the worker's */
	struct lunatik_result *result; /* what was too large for the reply, or NULL; the worker's */
	u64 submitted;                /* ns, monotonic */
	u64 wait;                     /* ns */

	struct lunatik_place place;   /* in all runs; guarded by their lock */

	/* guarded by the state's lock */
	struct list_head turn;
	enum lunatik_run_phase phase;
	enum lunatik_error verdict;   /* how it was ended from outside, if it was */

	struct work_struct work;
	struct delayed_work patience;
	struct completion ended;
	refcount_t references;
};

/* Which runs an operation means: all that match everything that is given. */
struct lunatik_run_match {
	struct lunatik_state *state; /* or NULL */
	u64 id;                            /* or 0 */
	bool has_cookie;
	u64 cookie;
};

/* A run with nothing in it, and one reference; NULL when the kernel has no memory. */
struct lunatik_run *lunatik_run_new(void);
void lunatik_run_put(struct lunatik_run *run);

/*
 * Put what the run was given on the account of memory. 0, or LUNATIK_ERROR_TOTAL_MEMORY or
 * _NO_MEMORY. It is taken off when the run is freed.
 */
enum lunatik_error lunatik_run_charge(struct lunatik_run *run, u64 size);

/*
 * Queue a run that is filled in: its limits are at most the state's. When the state is busy, the
 * run waits up to max_wait ns, in the order of arrival; 0 is not to wait. Returns 0: the run will
 * be answered. Or it will not, and nothing has happened: LUNATIK_ERROR_STALE, _BUSY, _QUEUE_FULL.
 */
enum lunatik_error lunatik_run_submit(struct lunatik_run *run, struct lunatik_state *state,
				      u64 max_wait);

/*
 * End the runs that match and were submitted before, with LUNATIK_ERROR_CANCELLED. Returns how many
 * were reached. May sleep, as the next two.
 */
u32 lunatik_runs_cancel(const struct lunatik_run_match *match);

/* End the runs of a state, the waiting ones included, with a verdict. */
void lunatik_runs_interrupt(struct lunatik_state *state, enum lunatik_error verdict);

/* A netlink port was closed: cancel the runs of those who had it and are gone. */
void lunatik_runs_orphan(u32 port);

/* The message of a run that failed: Lua's, or, where it gave none, the error's own text. */
struct lunatik_text lunatik_run_message(const struct lunatik_run *run);

/* Is this who had the port, and has closed its socket? */
static inline bool lunatik_asker_left(const struct lunatik_asker *asker, u32 port)
{
	return asker->sk && asker->port == port && sock_flag(asker->sk, SOCK_DEAD);
}

/* Drop the results and the output; the latter counts as dropped. The worker's. */
void lunatik_run_drop(struct lunatik_run *run);

/* Runs that have not ended. */
u32 lunatik_runs_count(void);

int lunatik_runs_init(void);

/* Refuse new runs, end all others with LUNATIK_ERROR_STALE and wait until they are answered. */
void lunatik_runs_stop(void);

/* After lunatik_runs_stop(). */
void lunatik_runs_exit(void);

#endif
