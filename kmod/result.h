/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The results and output of a run that were too large for its reply. Kept until they are released,
 * until the port that asked for the run is closed, or for LUNATIK_RESULT_TIME; on the account of
 * memory meanwhile. One that is being read outlives its release by that.
 */
#ifndef LUNATIK_RESULT_H
#define LUNATIK_RESULT_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/types.h>

#include "lua/engine.h"
#include "print.h"
#include "roster.h"
#include "run.h"

#define LUNATIK_RESULT_TIME 60000000000ull /* ns */

struct lunatik_result {
	struct lunatik_place place;
	struct hlist_node by_id;  /* unhashed once it is released */
	struct list_head by_time; /* then used by whoever released it */
	refcount_t references; /* one is the list's */
	u64 id;                /* of the run */
	struct lunatik_asker asker; /* its socket only while it is listed */
	u64 expires;           /* ns, monotonic */
	struct engine_bytes results;
	struct lunatik_output output;
};

/*
 * Move a run's results and output here; run->result is a reference to them. 0, or
 * LUNATIK_ERROR_NO_MEMORY, and nothing was moved.
 */
enum lunatik_error lunatik_result_keep(struct lunatik_run *run);

/* What was kept for the run with this id (or 0) and cookie (or NULL), with a reference; or NULL. */
struct lunatik_result *lunatik_result_find(u64 id, const u64 *cookie);
void lunatik_result_put(struct lunatik_result *result);

/* Forget it: it is not found any more. */
void lunatik_result_release(struct lunatik_result *result);

/* A netlink port was closed: forget what the runs of those left who had it and are gone. */
void lunatik_results_release_port(u32 port);

void lunatik_results_init(void);

/* Forget everything, for good. No run may be left. */
void lunatik_results_exit(void);

#endif
