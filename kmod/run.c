// SPDX-License-Identifier: GPL-2.0 OR MIT
/* One run of Lua in a state: queued, made by a worker, answered. run.h draws its life. */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "event.h"
#include "letter.h"
#include "memory.h"
#include "netlink.h"
#include "result.h"
#include "roster.h"
#include "run.h"
#include "settings.h"
#include "state.h"

/* Its lock also guards what follows. Taken before a state's lock. */
static struct lunatik_roster runs; /* by the asker's port, until they are answered */
static u32 runs_count;             /* until they have ended */
static u64 runs_last_id;
static bool runs_stopped;

/*
 * A worker that has made a run goes on with the next one of the state by itself when both are of one
 * asker, and the first was short: then its answer can wait for the second's. Not for longer than
 * this, since it took up work: others may want their turn with the worker.
 */
#define SHORT_NS (200 * NSEC_PER_USEC)
#define ROW_NS (2 * NSEC_PER_MSEC)

static struct workqueue_struct *workers; /* make runs */
/*
 * Makes the run of an idle state whose last one was short, on the CPU of who asks: he is about to
 * wait for it, and waking up another CPU, and him from there, costs more than such a run. A worker
 * of this queue stays on its CPU, also when a run proves to be long: it has no priority over others
 * there, keeps no other work off (WQ_CPU_INTENSIVE), and is not asked again by that state.
 */
static struct workqueue_struct *near_workers;
static struct workqueue_struct *enders;  /* end runs that are not made: never behind long ones */

static void run_work(struct work_struct *work);
static void patience_work(struct work_struct *work);

struct lunatik_run *lunatik_run_new(void)
{
	struct lunatik_run *run = kzalloc(sizeof(*run), GFP_KERNEL);

	if (!run)
		return NULL;
	INIT_LIST_HEAD(&run->turn);
	INIT_WORK(&run->work, run_work);
	INIT_DELAYED_WORK(&run->patience, patience_work);
	init_completion(&run->ended);
	refcount_set(&run->references, 1);
	return run;
}

void lunatik_run_put(struct lunatik_run *run)
{
	if (!refcount_dec_and_test(&run->references))
		return;
	if (run->state)
		lunatik_state_put(run->state);
	kvfree(run->engine.code.data);
	kvfree(run->engine.arguments.data);
	kfree(run->engine.function);
	kfree(run->engine.chunk_name);
	engine_host_free(run->engine.results.data);
	engine_host_free(run->engine.message.data);
	engine_host_free(run->engine.traceback.data);
	lunatik_output_free(&run->output);
	if (run->result)
		lunatik_result_put(run->result);
	if (run->asker.sk)
		sock_put(run->asker.sk);
	lunatik_memory_uncharge(run->charged);
	kfree(run);
}

enum lunatik_error lunatik_run_charge(struct lunatik_run *run, u64 size)
{
	if (lunatik_memory_is_short(size))
		return LUNATIK_ERROR_NO_MEMORY;
	if (!lunatik_memory_charge(size))
		return LUNATIK_ERROR_TOTAL_MEMORY;
	run->charged += size;
	return 0;
}

/* --- turns ------------------------------------------------------------------------------------ */

/* Make the run the state's own: whoever calls sees to it that a worker makes it. */
static void run_ready(struct lunatik_run *run)
{
	struct lunatik_state *state = run->state;

	lockdep_assert_held(&state->lock);
	WRITE_ONCE(state->run, run);
	run->phase = LUNATIK_RUN_READY;
}

static void run_wait(struct lunatik_run *run, u64 max_wait)
{
	struct lunatik_state *state = run->state;

	lockdep_assert_held(&state->lock);
	list_add_tail(&run->turn, &state->waiting);
	state->waiting_count++;
	run->phase = LUNATIK_RUN_WAITING;
	refcount_inc(&run->references);
	/* the tick that is cut off and the one that has begun: never less than was asked for */
	queue_delayed_work(enders, &run->patience, nsecs_to_jiffies(max_wait) + 2);
}

/* Take a run out of the queue; what becomes of it is the caller's to say. */
static void run_unwait(struct lunatik_run *run)
{
	struct lunatik_state *state = run->state;

	lockdep_assert_held(&state->lock);
	list_del_init(&run->turn);
	state->waiting_count--;
	/* when it is too late to cancel, patience_work() sees that the run has left WAITING */
	if (cancel_delayed_work(&run->patience))
		refcount_dec(&run->references); /* not the last: the machinery holds one */
}

/* End a run from outside. False when it has ended already. */
static bool run_interrupt(struct lunatik_run *run, enum lunatik_error verdict)
{
	lockdep_assert_held(&run->state->lock);
	switch (run->phase) {
	case LUNATIK_RUN_WAITING:
		run_unwait(run);
		run->state->ending_count++;
		run->phase = LUNATIK_RUN_READY;
		run->verdict = verdict;
		queue_work(enders, &run->work);
		return true;
	case LUNATIK_RUN_READY:
	case LUNATIK_RUN_RUNNING:
		if (!run->verdict)
			run->verdict = verdict;
		engine_cancel(&run->engine);
		/* it need not wait for a worker just to learn that it is over */
		if (cancel_work(&run->work))
			queue_work(enders, &run->work);
		return true;
	default:
		return false;
	}
}

/* It has waited as long as it wanted to. */
static void patience_work(struct work_struct *work)
{
	struct lunatik_run *run = container_of(to_delayed_work(work), struct lunatik_run, patience);

	spin_lock(&run->state->lock);
	if (run->phase == LUNATIK_RUN_WAITING)
		run_interrupt(run, LUNATIK_ERROR_BUSY);
	spin_unlock(&run->state->lock);
	lunatik_run_put(run);
}

static enum lunatik_error run_submit_locked(struct lunatik_run *run, u64 max_wait)
{
	struct lunatik_state *state = run->state;

	lockdep_assert_held(&runs.lock);
	lockdep_assert_held(&state->lock);
	if (runs_stopped || state->dying)
		return LUNATIK_ERROR_STALE;
	if (state->run && !max_wait)
		return LUNATIK_ERROR_BUSY;
	if (runs_count >= lunatik_settings.max_runs ||
	    (state->run && state->waiting_count >= lunatik_settings.max_waiting))
		return LUNATIK_ERROR_QUEUE_FULL;

	WRITE_ONCE(runs_count, runs_count + 1);
	run->id = ++runs_last_id;
	lunatik_roster_add(&runs, &run->place, run->asker.port);
	refcount_inc(&run->references);
	if (state->run) {
		run_wait(run, max_wait);
	} else {
		run_ready(run);
		queue_work(state->brisk ? near_workers : workers, &run->work);
	}
	return 0;
}

enum lunatik_error lunatik_run_submit(struct lunatik_run *run, struct lunatik_state *state,
				      u64 max_wait)
{
	enum lunatik_error error;

	lunatik_state_get(state);
	run->state = state;
	run->submitted = ktime_get_ns();
	run->engine.results_max = lunatik_settings.max_results;

	spin_lock(&runs.lock);
	spin_lock(&state->lock);
	error = run_submit_locked(run, max_wait);
	spin_unlock(&state->lock);
	spin_unlock(&runs.lock);
	return error;
}

/* --- a worker's part -------------------------------------------------------------------------- */

/*
 * What is too large for the reply is kept to be read later. When it cannot be, the run fails, and
 * its output counts as dropped.
 */
static void run_keep(struct lunatik_run *run)
{
	enum lunatik_error error;

	if (!run->asker.sk || run->engine.results.size + run->output.size <= LUNATIK_INLINE_MAX)
		return;
	error = lunatik_result_keep(run);
	if (!error)
		return;
	if (!run->engine.error)
		run->engine.error = error;
	lunatik_run_drop(run);
}

void lunatik_run_drop(struct lunatik_run *run)
{
	engine_host_free(run->engine.results.data);
	run->engine.results.data = NULL;
	run->engine.results.size = 0;
	run->output.dropped += run->output.size;
	lunatik_output_free(&run->output);
}

/* Make the run; the worker and nobody else has the state's Lua meanwhile. */
static void run_make(struct lunatik_run *run)
{
	struct lunatik_state *state = run->state;

	engine_run(state->L, &run->engine);
	lunatik_print_end(state, false);
	if (run->engine.error == LUNATIK_ERROR_CANCELLED) {
		spin_lock(&state->lock);
		if (run->verdict)
			run->engine.error = run->verdict;
		spin_unlock(&state->lock);
	}
	run_keep(run);
}

/* Count a run, and remember its error; the message's copy, if any, becomes the state's. */
static void run_count(struct lunatik_run *run, struct lunatik_last_error *last)
{
	struct lunatik_state *state = run->state;
	struct lunatik_statistics *statistics = &state->statistics;

	lockdep_assert_held(&state->lock);
	statistics->runs++;
	statistics->steps += run->engine.steps;
	statistics->time += run->engine.time;
	if (run->engine.time) /* it was made */
		state->brisk = run->engine.time < SHORT_NS;
	statistics->time_longest = max_t(u64, statistics->time_longest, run->engine.time);
	if (run->engine.error) {
		statistics->failures[run->engine.error]++;
		swap(state->last_error, *last);
	}
}

/* Whether the worker that made a run is to make the next one as well. */
static bool run_goes_on(const struct lunatik_run *run, const struct lunatik_run *next, u64 began)
{
	return run->asker.sk && run->asker.sk == next->asker.sk && !run->engine.error &&
	       run->engine.time < SHORT_NS && ktime_get_ns() - began < ROW_NS;
}

/*
 * The state is free: the next one's turn, or the end of the state, when *close is set. Returns the
 * next run if this worker, which took up work at `began`, is to make it.
 */
static struct lunatik_run *run_release(struct lunatik_run *run, u64 began, bool *close)
{
	struct lunatik_state *state = run->state;
	struct lunatik_run *next = NULL;

	lockdep_assert_held(&state->lock);
	run->phase = LUNATIK_RUN_ENDED;
	*close = false;
	if (state->run != run) { /* it was ended while it waited */
		state->ending_count--;
		return NULL;
	}
	WRITE_ONCE(state->run, NULL);
	if (!state->dying && !list_empty(&state->waiting)) {
		next = list_first_entry(&state->waiting, struct lunatik_run, turn);
		run_unwait(next);
		run_ready(next);
		if (!run_goes_on(run, next, began)) {
			queue_work(workers, &next->work);
			next = NULL;
		}
	}
	*close = lunatik_state_may_close(state);
	return next;
}

struct lunatik_text lunatik_run_message(const struct lunatik_run *run)
{
	const struct engine_bytes *message = &run->engine.message;
	const char *text = lunatik_errors[run->engine.error].text;

	if (message->size)
		return (struct lunatik_text) { message->data, message->size };
	return (struct lunatik_text) { text, strlen(text) };
}

static void run_event(struct lunatik_run *run)
{
	struct lunatik_text message = lunatik_run_message(run);
	enum lunatik_event_type type;

	if (!run->engine.error)
		return;
	switch (run->engine.error) {
	case LUNATIK_ERROR_STEPS:
	case LUNATIK_ERROR_TIME:
	case LUNATIK_ERROR_MEMORY:
	case LUNATIK_ERROR_TOTAL_MEMORY:
		type = LUNATIK_EVENT_TYPE_LIMIT;
		break;
	default:
		type = LUNATIK_EVENT_TYPE_FAILED;
		break;
	}
	lunatik_event_send(&(struct lunatik_event) {
		.type = type,
		.state = run->state,
		.run = run->id,
		.error = run->engine.error,
		.message = message.data,
		.message_size = message.size,
	});
}

/*
 * The state is free again, and says so in its statistics, before the asker hears of the end: what
 * it asks for next finds it so. Returns the run that this worker is to make next, or NULL.
 */
static struct lunatik_run *run_end(struct lunatik_run *run, u64 began)
{
	struct lunatik_state *state = run->state;
	struct lunatik_last_error last = {};
	struct sk_buff *letter = NULL;
	struct lunatik_run *next;
	bool close;

	if (run->engine.error) {
		struct lunatik_text message = lunatik_run_message(run);

		last.error = run->engine.error;
		last.time = ktime_get_real_ns();
		last.size = min_t(u32, message.size, LUNATIK_LAST_ERROR_MAX);
		last.message = kmemdup(message.data, last.size, GFP_KERNEL);
		if (!last.message)
			last.size = 0;
	}

	spin_lock(&runs.lock);
	WRITE_ONCE(runs_count, runs_count - 1);
	spin_unlock(&runs.lock);

	spin_lock(&state->lock);
	run_count(run, &last);
	if (state->run == run) /* else the letter, if any, is another's */
		letter = lunatik_letter_take(state);
	next = run_release(run, began, &close);
	spin_unlock(&state->lock);
	kfree(last.message); /* of the error before, if this run failed */
	if (close)
		lunatik_state_close(state);

	if (run->asker.sk)
		lunatik_run_answer(run, letter, next);
	run_event(run);
	complete(&run->ended);

	/* until now whoever closed the asker's port had to find it */
	spin_lock(&runs.lock);
	lunatik_roster_remove(&runs, &run->place);
	spin_unlock(&runs.lock);
	lunatik_run_put(run);
	return next;
}

/* Make a run whose turn it is, unless it must not be made, and end it. Returns as run_end() does. */
static struct lunatik_run *run_through(struct lunatik_run *run, u64 began)
{
	struct lunatik_state *state = run->state;
	enum lunatik_error verdict;

	run->wait = ktime_get_ns() - run->submitted;
	spin_lock(&state->lock);
	verdict = run->verdict;
	if (!verdict) {
		run->phase = LUNATIK_RUN_RUNNING;
	} else if (state->L) {
		run->engine.memory = engine_memory(state->L);
		run->engine.memory_peak = run->engine.memory;
	}
	spin_unlock(&state->lock);

	if (verdict)
		run->engine.error = verdict;
	else
		run_make(run);
	return run_end(run, began);
}

static void run_work(struct work_struct *work)
{
	struct lunatik_run *run = container_of(work, struct lunatik_run, work);
	u64 began = ktime_get_ns();

	while ((run = run_through(run, began)))
		cond_resched();
}

/* --- from outside ----------------------------------------------------------------------------- */

static bool run_matches(const struct lunatik_run *run, const struct lunatik_run_match *match)
{
	if (match->state && run->state != match->state)
		return false;
	if (match->id && run->id != match->id)
		return false;
	if (match->has_cookie &&
	    (!run->asker.has_cookie || run->asker.cookie != match->cookie))
		return false;
	return true;
}

/* What a walk through all runs does, and has done. */
struct ending {
	const struct lunatik_run_match *match;
	u32 port; /* of askers who are gone, when there is no match */
	enum lunatik_error verdict;
	u32 count;
};

static bool run_look(struct lunatik_place *place, void *context)
{
	struct lunatik_run *run = container_of(place, struct lunatik_run, place);
	struct ending *ending = context;

	if (ending->match ? !run_matches(run, ending->match) :
			    !lunatik_asker_left(&run->asker, ending->port))
		return false;
	spin_lock(&run->state->lock);
	ending->count += run_interrupt(run, ending->verdict);
	spin_unlock(&run->state->lock);
	return ending->match && ending->match->id;
}

/*
 * End the runs of a state: first those that wait, a few at a time, then the one that has it. What
 * comes to wait meanwhile may be among them.
 */
static u32 state_runs_end(struct lunatik_state *state, enum lunatik_error verdict)
{
	u32 count, left, batch;

	might_sleep();
	spin_lock(&state->lock);
	count = state->ending_count; /* these were reached before, and have not ended yet */
	left = state->waiting_count;
	for (batch = 0; left && !list_empty(&state->waiting); left--) {
		count += run_interrupt(list_first_entry(&state->waiting, struct lunatik_run, turn),
				       verdict);
		if (++batch % LUNATIK_ROSTER_BATCH)
			continue;
		spin_unlock(&state->lock);
		cond_resched();
		spin_lock(&state->lock);
	}
	if (state->run)
		count += run_interrupt(state->run, verdict);
	spin_unlock(&state->lock);
	return count;
}

u32 lunatik_runs_cancel(const struct lunatik_run_match *match)
{
	struct ending ending = { .match = match, .verdict = LUNATIK_ERROR_CANCELLED };

	if (match->state && !match->id && !match->has_cookie)
		return state_runs_end(match->state, ending.verdict);
	lunatik_roster_walk(&runs, run_look, &ending);
	return ending.count;
}

void lunatik_runs_interrupt(struct lunatik_state *state, enum lunatik_error verdict)
{
	state_runs_end(state, verdict);
}

void lunatik_runs_orphan(u32 port)
{
	struct ending ending = { .port = port, .verdict = LUNATIK_ERROR_CANCELLED };

	lunatik_roster_walk_port(&runs, port, run_look, &ending);
}

u32 lunatik_runs_count(void)
{
	return READ_ONCE(runs_count);
}

int lunatik_runs_init(void)
{
	lunatik_roster_init(&runs);
	workers = alloc_workqueue("lunatik", WQ_UNBOUND, WQ_MAX_ACTIVE);
	near_workers = alloc_workqueue("lunatik-near", WQ_CPU_INTENSIVE, WQ_MAX_ACTIVE);
	enders = alloc_workqueue("lunatik-end", WQ_UNBOUND, 0);
	if (workers && near_workers && enders)
		return 0;
	if (enders)
		destroy_workqueue(enders);
	if (near_workers)
		destroy_workqueue(near_workers);
	if (workers)
		destroy_workqueue(workers);
	return -ENOMEM;
}

void lunatik_runs_stop(void)
{
	const struct lunatik_run_match all = {};
	struct ending ending = { .match = &all, .verdict = LUNATIK_ERROR_STALE };

	spin_lock(&runs.lock);
	runs_stopped = true;
	spin_unlock(&runs.lock);
	lunatik_roster_walk(&runs, run_look, &ending);

	/* nothing waits any more, so no work begets another one */
	flush_workqueue(near_workers);
	flush_workqueue(workers);
	flush_workqueue(enders);
	WARN_ON_ONCE(!lunatik_roster_is_empty(&runs));
}

void lunatik_runs_exit(void)
{
	destroy_workqueue(enders);
	destroy_workqueue(near_workers);
	destroy_workqueue(workers);
}
