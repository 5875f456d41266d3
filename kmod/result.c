// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The results and output of a run that were too large for its reply. */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "memory.h"
#include "result.h"

static void expiry_work(struct work_struct *work);

/* Guards the list. All are kept equally long, so the first one is the first to expire. */
static DEFINE_SPINLOCK(results_lock);
static LIST_HEAD(results);
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
	lunatik_memory_uncharge(result->results.size + result->output.size);
	engine_host_free(result->results.data);
	kvfree(result->output.data);
	kfree(result);
}

enum lunatik_error lunatik_result_keep(struct lunatik_run *run)
{
	struct lunatik_result *result = kzalloc(sizeof(*result), GFP_KERNEL);

	if (!result)
		return LUNATIK_ERROR_NO_MEMORY;
	if (!lunatik_memory_charge(run->engine.results.size + run->output.size)) {
		kfree(result);
		return LUNATIK_ERROR_TOTAL_MEMORY;
	}
	refcount_set(&result->references, 2);
	result->id = run->id;
	result->asker = run->asker;
	sock_hold(result->asker.sk);
	swap(result->results, run->engine.results);
	result->output.data = run->output.data;
	result->output.size = run->output.size;
	run->output.data = NULL;
	run->output.size = 0;
	run->output.room = 0;
	run->result = result;

	spin_lock(&results_lock);
	result->expires = ktime_get_ns() + LUNATIK_RESULT_TIME;
	if (list_empty(&results))
		schedule_delayed_work(&expiry, nsecs_to_jiffies(LUNATIK_RESULT_TIME) + 1);
	list_add_tail(&result->node, &results);
	spin_unlock(&results_lock);
	return 0;
}

static bool result_matches(const struct lunatik_result *result, u64 id, const u64 *cookie)
{
	if (id && result->id != id)
		return false;
	return !cookie || (result->asker.has_cookie && result->asker.cookie == *cookie);
}

struct lunatik_result *lunatik_result_find(u64 id, const u64 *cookie)
{
	struct lunatik_result *result, *found = NULL;

	spin_lock(&results_lock);
	list_for_each_entry(result, &results, node) {
		if (result_matches(result, id, cookie)) {
			refcount_inc(&result->references);
			found = result;
			break;
		}
	}
	spin_unlock(&results_lock);
	return found;
}

/* Take one out of the list; the list's reference is the caller's now. */
static void result_take(struct lunatik_result *result, struct list_head *taken)
{
	lockdep_assert_held(&results_lock);
	list_del_init(&result->node);
	list_add_tail(&result->taken, taken);
}

/* Freed outside the lock: they may be large. */
static void results_free(struct list_head *taken)
{
	struct lunatik_result *result, *next;

	list_for_each_entry_safe(result, next, taken, taken)
		result_unlisted(result);
}

void lunatik_result_release(struct lunatik_result *result)
{
	bool listed;

	spin_lock(&results_lock);
	listed = !list_empty(&result->node);
	list_del_init(&result->node);
	spin_unlock(&results_lock);
	if (listed)
		result_unlisted(result);
}

void lunatik_results_release_port(u32 port)
{
	struct lunatik_result *result, *next;
	LIST_HEAD(taken);

	spin_lock(&results_lock);
	list_for_each_entry_safe(result, next, &results, node)
		if (lunatik_asker_left(&result->asker, port))
			result_take(result, &taken);
	spin_unlock(&results_lock);
	results_free(&taken);
}

static void expiry_work(struct work_struct *work)
{
	u64 now = ktime_get_ns();
	struct lunatik_result *result, *next;
	LIST_HEAD(taken);

	spin_lock(&results_lock);
	list_for_each_entry_safe(result, next, &results, node) {
		if (result->expires > now) {
			schedule_delayed_work(&expiry,
					      nsecs_to_jiffies(result->expires - now) + 1);
			break;
		}
		result_take(result, &taken);
	}
	spin_unlock(&results_lock);
	results_free(&taken);
}

void lunatik_results_exit(void)
{
	struct lunatik_result *result, *next;
	LIST_HEAD(taken);

	spin_lock(&results_lock);
	list_for_each_entry_safe(result, next, &results, node)
		result_take(result, &taken);
	spin_unlock(&results_lock);
	results_free(&taken);
	/* on an empty list it does not start itself again */
	cancel_delayed_work_sync(&expiry);
}
