// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The results and output of a run that were too large for its reply. */
#include <linux/hashtable.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "result.h"

static void expiry_work(struct work_struct *work);

/*
 * By the asker's port, by the run's id, and by time: all are kept equally long, so the first one is
 * the first to expire. The roster's lock guards all three. There are as many as the account of
 * memory has room for, at LUNATIK_INLINE_MAX bytes and more.
 */
static struct lunatik_roster results;
static DEFINE_HASHTABLE(results_by_id, 12);
static LIST_HEAD(results_by_time);
static DECLARE_DELAYED_WORK(expiry, expiry_work);

/*
 * Give back the list's reference, and the socket. That is not kept any longer: a kernel may end a
 * dump that was left only with its socket, and the dump's reference would keep that for ever.
 */
static void result_unlisted(struct lunatik_result *result)
{
	sock_put(result->asker.sk);
	lunatik_result_put(result);
}

void lunatik_result_put(struct lunatik_result *result)
{
	if (!refcount_dec_and_test(&result->references))
		return;
	engine_host_free(result->results.data);
	lunatik_output_free(&result->output);
	kfree(result);
}

enum lunatik_error lunatik_result_keep(struct lunatik_run *run)
{
	struct lunatik_result *result = kzalloc(sizeof(*result), GFP_KERNEL);

	if (!result)
		return LUNATIK_ERROR_NO_MEMORY;
	refcount_set(&result->references, 2);
	result->id = run->id;
	result->asker = run->asker;
	sock_hold(result->asker.sk);
	swap(result->results, run->engine.results);
	swap(result->output.data, run->output.data);
	swap(result->output.size, run->output.size);
	swap(result->output.room, run->output.room);
	run->result = result;

	spin_lock(&results.lock);
	result->expires = ktime_get_ns() + LUNATIK_RESULT_TIME;
	if (list_empty(&results_by_time))
		schedule_delayed_work(&expiry, nsecs_to_jiffies(LUNATIK_RESULT_TIME) + 1);
	list_add_tail(&result->by_time, &results_by_time);
	hash_add(results_by_id, &result->by_id, result->id);
	lunatik_roster_add(&results, &result->place, result->asker.port);
	spin_unlock(&results.lock);
	return 0;
}

static bool cookie_matches(const struct lunatik_result *result, const u64 *cookie)
{
	return !cookie || (result->asker.has_cookie && result->asker.cookie == *cookie);
}

/* What a walk looks for, and what it found, with a reference. */
struct finding {
	const u64 *cookie;
	struct lunatik_result *found;
};

static bool result_look(struct lunatik_place *place, void *context)
{
	struct lunatik_result *result = container_of(place, struct lunatik_result, place);
	struct finding *finding = context;

	if (!cookie_matches(result, finding->cookie))
		return false;
	refcount_inc(&result->references);
	finding->found = result;
	return true;
}

struct lunatik_result *lunatik_result_find(u64 id, const u64 *cookie)
{
	struct finding finding = { .cookie = cookie };
	struct lunatik_result *result;

	if (!id) {
		lunatik_roster_walk(&results, result_look, &finding);
		return finding.found;
	}
	spin_lock(&results.lock);
	hash_for_each_possible(results_by_id, result, by_id, id)
		if (result->id == id && result_look(&result->place, &finding))
			break;
	spin_unlock(&results.lock);
	return finding.found;
}

/* Take one out; the reference that being in was is the caller's now. */
static void result_take(struct lunatik_result *result)
{
	lockdep_assert_held(&results.lock);
	lunatik_roster_remove(&results, &result->place);
	hash_del(&result->by_id);
	list_del_init(&result->by_time);
}

void lunatik_result_release(struct lunatik_result *result)
{
	bool listed;

	spin_lock(&results.lock);
	listed = hash_hashed(&result->by_id);
	if (listed)
		result_take(result);
	spin_unlock(&results.lock);
	if (listed)
		result_unlisted(result);
}

/* The results of a port's askers who are gone: freed outside the lock, they may be large. */
struct leaving {
	u32 port;
	struct list_head taken;
};

static bool result_leaves(struct lunatik_place *place, void *context)
{
	struct lunatik_result *result = container_of(place, struct lunatik_result, place);
	struct leaving *leaving = context;

	if (lunatik_asker_left(&result->asker, leaving->port)) {
		result_take(result);
		list_add_tail(&result->by_time, &leaving->taken);
	}
	return false;
}

void lunatik_results_release_port(u32 port)
{
	struct leaving leaving = { .port = port, .taken = LIST_HEAD_INIT(leaving.taken) };
	struct lunatik_result *result, *next;

	lunatik_roster_walk_port(&results, port, result_leaves, &leaving);
	list_for_each_entry_safe(result, next, &leaving.taken, by_time) {
		result_unlisted(result);
		cond_resched();
	}
}

/* The first of those that have expired by a time, taken out; or NULL. */
static struct lunatik_result *result_take_expired(u64 now)
{
	struct lunatik_result *result;

	spin_lock(&results.lock);
	result = list_first_entry_or_null(&results_by_time, struct lunatik_result, by_time);
	if (result && result->expires > now) {
		schedule_delayed_work(&expiry, nsecs_to_jiffies(result->expires - now) + 1);
		result = NULL;
	}
	if (result)
		result_take(result);
	spin_unlock(&results.lock);
	return result;
}

static void results_expire(u64 now)
{
	struct lunatik_result *result;

	while ((result = result_take_expired(now))) {
		result_unlisted(result);
		cond_resched();
	}
}

static void expiry_work(struct work_struct *work)
{
	results_expire(ktime_get_ns());
}

void lunatik_results_init(void)
{
	lunatik_roster_init(&results);
}

void lunatik_results_exit(void)
{
	results_expire(U64_MAX);
	/* when nothing is kept it does not start itself again */
	cancel_delayed_work_sync(&expiry);
}
