/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A named Lua state, and the registry of all of them.
 *
 * Life of a state: lunatik_state_create() makes it and puts it in the registry, which owns one
 * reference; each run owns one; so does whoever looked it up. lunatik_state_delete() marks it
 * dying, and from then on no run can begin. When none is in progress, a work item closes the Lua
 * state under a budget (finalizers run), takes it out of the registry and drops the registry's
 * reference. The memory goes a grace period after the last reference, since lookups hold none.
 *
 * Locks: states_mutex (in state.c; registry) is outermost, then the lock of all runs (in run.c), then
 * a state's lock. A run is made with none of them held: being state->run is what makes two runs
 * impossible.
 */
#ifndef LUNATIK_STATE_H
#define LUNATIK_STATE_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "letter.h"
#include "lua/engine.h"
#include "print.h"

struct lunatik_run;

/* The longest message kept as a state's last error, in bytes. */
#define LUNATIK_LAST_ERROR_MAX 512

struct lunatik_statistics {
	u64 runs;                             /* ended, failed ones included */
	u64 failures[LUNATIK_ERROR_MAX + 1];  /* of them, by kind */
	u64 steps;
	u64 time;                             /* ns */
	u64 time_longest;
};

struct lunatik_last_error {
	enum lunatik_error error; /* 0: there was none */
	u64 time;                 /* ns since the epoch */
	char *message;
	u32 size;
};

struct lunatik_state {
	lua_State *L;    /* used by run, or by the closing; NULL once it is closed */
	spinlock_t lock;
	char *name;      /* the unique ID */

	/* fixed at creation */
	u64 id;
	u32 name_size;
	u32 libraries;
	char *label;     /* the name as the kernel log shows it */
	char *description;
	u32 description_size;
	struct engine_limits limits;
	u64 created;     /* ns since the epoch */
	u32 creator_pid;
	u32 creator_uid;
	char creator_comm[TASK_COMM_LEN];

	/* the registry's, changed under states_mutex, read under RCU */
	struct hlist_node by_name;
	struct list_head by_id;
	bool listed;
	struct lunatik_state *successor; /* takes our place when we leave; its reference is ours */

	/* guarded by lock */
	bool dying;
	bool closing;
	struct lunatik_run *run; /* in progress, or next for a worker; not NULL is "busy" */
	struct list_head waiting;
	u32 waiting_count;
	u32 ending_count; /* of those that were ended while they waited, until they have ended */
	bool brisk; /* its last run was short */
	struct lunatik_statistics statistics;
	struct lunatik_last_error last_error;

	/* used by run, or by the closing */
	struct lunatik_print print;

	struct lunatik_letter letter; /* the worker's and its own clock's */

	struct work_struct close_work;
	struct completion closed;
	refcount_t references;
	struct rcu_head rcu;
};

/* What create asks for. Text is not terminated; a limit of 0 is the module's default. */
struct lunatik_state_wish {
	const char *name;
	size_t name_size;
	const char *description;
	size_t description_size;
	u32 libraries; /* LUNATIK_LIBRARY_* */
	struct engine_limits limits;
	u32 flags;     /* LUNATIK_CREATE_FLAG_* */
};

/* 0, or LUNATIK_ERROR_INVALID or LUNATIK_ERROR_NAME_TOO_LONG when this cannot name a state. */
enum lunatik_error lunatik_name_check(const char *name, size_t size);

/*
 * Create a state. The wish's name, flags and limits have been checked. Returns 0 and sets *state,
 * with a reference for the caller; or LUNATIK_ERROR_EXISTS, _STALE, _BUSY (replace, and it runs),
 * _TOO_MANY_STATES, _MEMORY, _TOTAL_MEMORY, _NO_MEMORY, or _CANCELLED when the caller was killed
 * while the state to replace was closing. May sleep; with replace, waits for finalizers.
 */
enum lunatik_error lunatik_state_create(const struct lunatik_state_wish *wish,
					struct lunatik_state **state);

/* The state of this name, dying ones included, with a reference for the caller; or NULL. */
struct lunatik_state *lunatik_state_find(const char *name, size_t size);

/*
 * The state after previous in the order of creation, the first one for NULL; NULL after the last.
 * Takes the caller's reference to previous and gives one to what it returns. States created or
 * deleted meanwhile are seen or not; no other is skipped or seen twice.
 */
struct lunatik_state *lunatik_state_next(struct lunatik_state *previous);

void lunatik_state_get(struct lunatik_state *state);
void lunatik_state_put(struct lunatik_state *state);

/*
 * Delete a state: with force, end its runs, those that wait included. Returns 0 when it is gone,
 * its finalizers run; or LUNATIK_ERROR_STALE (somebody else is at it), _BUSY, or _CANCELLED when
 * the caller was killed while it waited: the deletion goes on. May sleep.
 */
enum lunatik_error lunatik_state_delete(struct lunatik_state *state, bool force);

/*
 * Under the state's lock: is it time to close? True once: after the state began to die, and when no
 * run is left. The caller then calls lunatik_state_close() when it has dropped the lock.
 */
bool lunatik_state_may_close(struct lunatik_state *state);
void lunatik_state_close(struct lunatik_state *state);

/* States in the registry, and a number, never 0, that changes when one enters or leaves it. */
u32 lunatik_states_count(void);
u32 lunatik_states_generation(void);

/* Write the states to the kernel log. */
void lunatik_states_log(void);

int lunatik_states_init(void);

/* Delete all states, with force, and wait. Nothing may create one any more. */
void lunatik_states_exit(void);

#endif
