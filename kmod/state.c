// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A named Lua state, and the registry of all of them. state.h tells lifetimes and locks. */
#define pr_fmt(fmt) "lunatik: " fmt

#include <linux/cred.h>
#include <linux/err.h>
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/printk.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>

#include "event.h"
#include "run.h"
#include "settings.h"
#include "state.h"

/* The time finalizers have when a state is closed: somebody waits for them. */
#define CLOSE_TIME 1000000000ull /* ns */

/* The time all finalizers together have when the module is removed, and the least one gets then. */
#define EXIT_TIME 5000000000ull
#define EXIT_TIME_EACH 1000000ull

/* The registry: by name for lookups, and in the order of creation for lists. */
static DEFINE_MUTEX(states_mutex); /* guards changes to it; readers use RCU */
static DEFINE_HASHTABLE(states, 12);
static LIST_HEAD(states_by_id);
static u32 states_seed;
static u32 states_count;
static u32 states_generation = 1;
static u64 states_last_id;
static u64 exit_deadline; /* ns; 0 until the module is removed */

static struct workqueue_struct *closings;

static u32 name_hash(const char *name, size_t size)
{
	return jhash(name, size, states_seed);
}

enum lunatik_error lunatik_name_check(const char *name, size_t size)
{
	size_t i;

	if (size > LUNATIK_NAME_MAX)
		return LUNATIK_ERROR_NAME_TOO_LONG;
	if (!size)
		return LUNATIK_ERROR_INVALID;
	for (i = 0; i < size; i++)
		if ((u8)name[i] < 0x20 || name[i] == 0x7f)
			return LUNATIK_ERROR_INVALID;
	return 0;
}

static void state_free(struct rcu_head *rcu)
{
	struct lunatik_state *state = container_of(rcu, struct lunatik_state, rcu);

	if (state->label != state->name)
		kfree(state->label);
	kfree(state->name);
	kfree(state->description);
	kfree(state->last_error.message);
	kfree(state);
}

void lunatik_state_get(struct lunatik_state *state)
{
	refcount_inc(&state->references);
}

void lunatik_state_put(struct lunatik_state *state)
{
	if (!refcount_dec_and_test(&state->references))
		return;
	WARN_ON_ONCE(state->L || state->run || !list_empty(&state->waiting) || state->letter.held);
	call_rcu(&state->rcu, state_free);
}

/* --- the registry ----------------------------------------------------------------------------- */

/* Needs the RCU read lock, or states_mutex; gives no reference. */
static struct lunatik_state *states_lookup(const char *name, size_t size)
{
	struct lunatik_state *state;

	hash_for_each_possible_rcu(states, state, by_name, name_hash(name, size),
				   lockdep_is_held(&states_mutex)) {
		if (state->name_size == size && !memcmp(state->name, name, size))
			return state;
	}
	return NULL;
}

struct lunatik_state *lunatik_state_find(const char *name, size_t size)
{
	struct lunatik_state *state;

	rcu_read_lock();
	state = states_lookup(name, size);
	if (state && !refcount_inc_not_zero(&state->references))
		state = NULL;
	rcu_read_unlock();
	return state;
}

struct lunatik_state *lunatik_state_next(struct lunatik_state *previous)
{
	struct lunatik_state *state;
	struct lunatik_state *next = NULL;

	rcu_read_lock();
	/*
	 * While previous is listed its neighbour is a live node. Once it has left, that pointer is
	 * stale, and the place is found again by id: ids only grow along the list.
	 */
	if (previous && READ_ONCE(previous->listed))
		state = list_entry_rcu(previous->by_id.next, struct lunatik_state, by_id);
	else
		state = list_entry_rcu(states_by_id.next, struct lunatik_state, by_id);
	list_for_each_entry_from_rcu(state, &states_by_id, by_id) {
		if (previous && state->id <= previous->id)
			continue;
		if (refcount_inc_not_zero(&state->references)) {
			next = state;
			break;
		}
	}
	rcu_read_unlock();
	if (previous)
		lunatik_state_put(previous);
	return next;
}

u32 lunatik_states_count(void)
{
	return READ_ONCE(states_count);
}

u32 lunatik_states_generation(void)
{
	return READ_ONCE(states_generation);
}

static void states_changed(int difference)
{
	lockdep_assert_held(&states_mutex);
	WRITE_ONCE(states_count, states_count + difference);
	WRITE_ONCE(states_generation, states_generation + 1 ? states_generation + 1 : 1);
}

/* Put a state in; its registry reference was taken when it was made. */
static void states_add(struct lunatik_state *state)
{
	lockdep_assert_held(&states_mutex);
	state->id = ++states_last_id;
	WRITE_ONCE(state->listed, true);
	list_add_tail_rcu(&state->by_id, &states_by_id);
	hash_add_rcu(states, &state->by_name, name_hash(state->name, state->name_size));
	states_changed(1);
	lunatik_event_send(&(struct lunatik_event) {
		.type = LUNATIK_EVENT_TYPE_CREATED,
		.state = state,
	});
}

static void states_remove(struct lunatik_state *state)
{
	lockdep_assert_held(&states_mutex);
	WRITE_ONCE(state->listed, false);
	hash_del_rcu(&state->by_name);
	list_del_rcu(&state->by_id);
	states_changed(-1);
	lunatik_event_send(&(struct lunatik_event) {
		.type = LUNATIK_EVENT_TYPE_DELETED,
		.state = state,
	});
}

/* --- the end of a state ----------------------------------------------------------------------- */

/* Close the Lua state. Finalizers run, no longer than time ns. */
static void state_close_lua(struct lunatik_state *state, u64 time)
{
	struct engine_run run = { .limits = state->limits };
	lua_State *L = state->L;

	run.limits.time = min(state->limits.time, time);

	/* others read L under the lock only to ask for its memory */
	spin_lock(&state->lock);
	state->L = NULL;
	spin_unlock(&state->lock);

	engine_close(L, &run);
	/* a finalizer that spent the limits leaves a message, as a run would */
	engine_host_free(run.results.data);
	engine_host_free(run.message.data);
	engine_host_free(run.traceback.data);
	lunatik_print_end(state, true);
}

static u64 close_time(void)
{
	u64 deadline = READ_ONCE(exit_deadline);
	u64 now = ktime_get_ns();

	if (!deadline)
		return CLOSE_TIME;
	if (now + EXIT_TIME_EACH >= deadline)
		return EXIT_TIME_EACH;
	return min_t(u64, CLOSE_TIME, deadline - now);
}

/* All places where the state could still run came to an end before this began. */
static void close_work(struct work_struct *work)
{
	struct lunatik_state *state = container_of(work, struct lunatik_state, close_work);

	state_close_lua(state, close_time());

	mutex_lock(&states_mutex);
	states_remove(state);
	if (state->successor)
		states_add(state->successor);
	state->successor = NULL;
	mutex_unlock(&states_mutex);

	complete_all(&state->closed);
	lunatik_state_put(state);
}

bool lunatik_state_may_close(struct lunatik_state *state)
{
	lockdep_assert_held(&state->lock);
	if (!state->dying || state->run || state->closing)
		return false;
	state->closing = true;
	return true;
}

void lunatik_state_close(struct lunatik_state *state)
{
	queue_work(closings, &state->close_work);
}

/* Let a state begin to die. The caller waits for its end, or does not. */
static enum lunatik_error state_kill(struct lunatik_state *state, bool force)
{
	enum lunatik_error error = 0;
	bool close = false;

	spin_lock(&state->lock);
	if (state->dying) {
		error = LUNATIK_ERROR_STALE;
	} else if (state->run && !force) {
		error = LUNATIK_ERROR_BUSY;
	} else {
		WRITE_ONCE(state->dying, true);
		close = lunatik_state_may_close(state);
	}
	spin_unlock(&state->lock);

	if (close)
		lunatik_state_close(state);
	else if (!error)
		lunatik_runs_interrupt(state, LUNATIK_ERROR_STALE);
	return error;
}

static enum lunatik_error state_wait_closed(struct lunatik_state *state)
{
	if (wait_for_completion_killable(&state->closed))
		return LUNATIK_ERROR_CANCELLED;
	return 0;
}

enum lunatik_error lunatik_state_delete(struct lunatik_state *state, bool force)
{
	enum lunatik_error error = state_kill(state, force);

	might_sleep();
	return error ? error : state_wait_closed(state);
}

/* --- the beginning ---------------------------------------------------------------------------- */

/* Free a state that never was in the registry: nobody else knows it. */
static void state_discard(struct lunatik_state *state)
{
	if (state->L)
		state_close_lua(state, CLOSE_TIME);
	refcount_set(&state->references, 1);
	lunatik_state_put(state);
}

/* A state with an open Lua, and two references: the caller's and the registry's. */
static enum lunatik_error state_make(const struct lunatik_state_wish *wish,
				     struct lunatik_state **made)
{
	const struct engine_limits *defaults = &lunatik_settings.defaults;
	struct lunatik_state *state = kzalloc(sizeof(*state), GFP_KERNEL);
	struct engine_setup setup = { .owner = state, .seed = get_random_u64() };
	char label[4 * LUNATIK_NAME_MAX + 1];
	enum lunatik_error error;

	if (!state)
		return LUNATIK_ERROR_NO_MEMORY;
	spin_lock_init(&state->lock);
	INIT_LIST_HEAD(&state->waiting);
	INIT_WORK(&state->close_work, close_work);
	lunatik_letter_init(&state->letter);
	init_completion(&state->closed);
	refcount_set(&state->references, 2);

	state->name_size = wish->name_size;
	state->libraries = wish->libraries;
	state->limits.memory = wish->limits.memory ?: defaults->memory;
	state->limits.steps = wish->limits.steps ?: defaults->steps;
	state->limits.time = wish->limits.time ?: defaults->time;
	state->created = ktime_get_real_ns();
	state->creator_pid = task_tgid_nr(current);
	state->creator_uid = from_kuid(&init_user_ns, current_uid());
	get_task_comm(state->creator_comm, current);

	state->name = kmemdup_nul(wish->name, wish->name_size, GFP_KERNEL);
	if (lunatik_print_escape(label, wish->name, wish->name_size) == wish->name_size)
		state->label = state->name;
	else
		state->label = kstrdup(label, GFP_KERNEL);
	if (wish->description_size) {
		state->description_size = wish->description_size;
		state->description = kmemdup_nul(wish->description, wish->description_size,
						 GFP_KERNEL);
	}
	error = LUNATIK_ERROR_NO_MEMORY;
	if (!state->name || !state->label || (wish->description_size && !state->description))
		goto err_discard;

	setup.libraries = state->libraries;
	setup.memory = state->limits.memory;
	error = engine_open(&setup, &state->L);
	if (error)
		goto err_discard;
	*made = state;
	return 0;

err_discard:
	state_discard(state);
	return error;
}

/*
 * What a name that is taken means to create. 0: the state is to be replaced, or, with
 * LUNATIK_CREATE_FLAG_IF_NOT_EXISTS, is the answer.
 */
static enum lunatik_error taken_check(struct lunatik_state *other, u32 flags)
{
	if (READ_ONCE(other->dying))
		return LUNATIK_ERROR_STALE;
	if (flags & LUNATIK_CREATE_FLAG_IF_NOT_EXISTS)
		return 0;
	if (!(flags & LUNATIK_CREATE_FLAG_REPLACE))
		return LUNATIK_ERROR_EXISTS;
	return READ_ONCE(other->run) ? LUNATIK_ERROR_BUSY : 0;
}

/* Let an idle state die in favour of another, which takes its place in the registry. */
static enum lunatik_error state_succeed(struct lunatik_state *other, struct lunatik_state *state)
{
	enum lunatik_error error;

	lockdep_assert_held(&states_mutex);
	spin_lock(&other->lock);
	error = taken_check(other, LUNATIK_CREATE_FLAG_REPLACE);
	if (!error) {
		WRITE_ONCE(other->dying, true);
		other->successor = state;
		WARN_ON_ONCE(!lunatik_state_may_close(other));
	}
	spin_unlock(&other->lock);
	return error;
}

enum lunatik_error lunatik_state_create(const struct lunatik_state_wish *wish,
					struct lunatik_state **made)
{
	struct lunatik_state *other, *state;
	enum lunatik_error error = 0;

	might_sleep();

	/* refuse what is hopeless before any work is done; the mutex decides below */
	other = lunatik_state_find(wish->name, wish->name_size);
	if (other) {
		error = taken_check(other, wish->flags);
		if (!error && (wish->flags & LUNATIK_CREATE_FLAG_IF_NOT_EXISTS)) {
			*made = other;
			return 0;
		}
		lunatik_state_put(other);
	} else if (lunatik_states_count() >= lunatik_settings.max_states) {
		error = LUNATIK_ERROR_TOO_MANY_STATES;
	}
	if (error)
		return error;

	error = state_make(wish, &state);
	if (error)
		return error;

	mutex_lock(&states_mutex);
	other = states_lookup(wish->name, wish->name_size);
	if (!other) {
		if (states_count >= lunatik_settings.max_states)
			error = LUNATIK_ERROR_TOO_MANY_STATES;
		else
			states_add(state);
	} else {
		lunatik_state_get(other); /* the registry still has one */
		error = taken_check(other, wish->flags);
		if (!error && (wish->flags & LUNATIK_CREATE_FLAG_REPLACE))
			error = state_succeed(other, state);
	}
	mutex_unlock(&states_mutex);

	if (error) {
		if (other)
			lunatik_state_put(other);
		state_discard(state);
		return error;
	}
	if (!other) {
		*made = state;
		return 0;
	}
	if (wish->flags & LUNATIK_CREATE_FLAG_IF_NOT_EXISTS) {
		state_discard(state);
		*made = other;
		return 0;
	}
	lunatik_state_close(other);
	error = state_wait_closed(other);
	lunatik_state_put(other);
	if (error)
		lunatik_state_put(state);
	else
		*made = state;
	return error;
}

/* --- all of them ------------------------------------------------------------------------------ */

static void state_log(struct lunatik_state *state)
{
	u64 memory, runs;
	bool busy, dying;

	spin_lock(&state->lock);
	memory = state->L ? engine_memory(state->L) : 0;
	runs = state->statistics.runs;
	busy = state->run;
	dying = state->dying;
	spin_unlock(&state->lock);

	pr_info("state %s: memory %llu/%llu bytes, %llu runs, %s\n", state->label, memory,
		state->limits.memory, runs, dying ? "dying" : busy ? "busy" : "idle");
}

void lunatik_states_log(void)
{
	struct lunatik_state *state = NULL;

	might_sleep();
	pr_info("%u states\n", lunatik_states_count());
	while ((state = lunatik_state_next(state))) {
		state_log(state);
		cond_resched();
	}
}

int lunatik_states_init(void)
{
	states_seed = get_random_u32();
	closings = alloc_workqueue("lunatik-close", WQ_UNBOUND, 0);
	return closings ? 0 : -ENOMEM;
}

void lunatik_states_exit(void)
{
	struct lunatik_state *state = NULL;

	WRITE_ONCE(exit_deadline, ktime_get_ns() + EXIT_TIME);
	while ((state = lunatik_state_next(state)))
		state_kill(state, true);
	/* a state that was being replaced leaves another one behind: look until none is left */
	while ((state = lunatik_state_next(NULL))) {
		state_kill(state, true);
		wait_for_completion(&state->closed);
		lunatik_state_put(state);
	}
	destroy_workqueue(closings);
	rcu_barrier(); /* state_free() is our code */
}
