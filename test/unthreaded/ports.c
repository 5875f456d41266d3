// SPDX-License-Identifier: MIT
/* What belongs to netlink ports (kmod/roster.h): many runs and results, whose ports are closed. */
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/string.h>

#include "kmod/lunatik.h"
#include "kmod/memory.h"
#include "kmod/result.h"
#include "kmod/roster.h"
#include "kmod/run.h"
#include "kmod/state.h"
#include "module.h"
#include "serial.h"
#include "test.h"

#define PORTS 4096
#define PLACES (3 * LUNATIK_ROSTER_BATCH + 5)

/* From now on call this between the parts of a walk, as if it were made by a worker; NULL for no more. */
static void watch(void (*look)(void))
{
	serial_relaxed = look;
	serial_depth = look ? 1 : 0;
}

/* --- the roster by itself --------------------------------------------------------------------- */

static struct lunatik_roster roster;
static struct lunatik_place places[PLACES], late[2];
static unsigned int seen[PLACES], strangers, relaxed, since, longest;

static bool look(struct lunatik_place *place, void *context)
{
	since++;
	longest = max(longest, since);
	if (place >= places && place < places + PLACES)
		seen[place - places]++;
	else
		strangers++;
	if (place == &places[3]) /* what is looked at may go */
		lunatik_roster_remove(&roster, place);
	return context && place == context;
}

static void change(unsigned int gone, unsigned int come)
{
	spin_lock(&roster.lock);
	lunatik_roster_remove(&roster, &places[gone]);
	lunatik_roster_add(&roster, &late[come], 7);
	spin_unlock(&roster.lock);
}

static bool count(struct lunatik_place *place, void *counted)
{
	check(!place->marker);
	++*(unsigned int *)counted;
	return false;
}

/* Between two parts of the walk: the next one goes, another one comes, somebody else walks through. */
static void meanwhile(void)
{
	unsigned int counted = 0;

	since = 0;
	if (relaxed++)
		return;
	change(LUNATIK_ROSTER_BATCH, 0);
	lunatik_roster_walk_port(&roster, 7, look, &places[0]);
	watch(NULL);
	lunatik_roster_walk_port(&roster, 7, count, &counted);
	check(counted == PLACES - 2 + 1);
	watch(meanwhile);
	since = 0;
}

static void all_go(void)
{
	unsigned int i;

	check(!lunatik_roster_is_empty(&roster));
	spin_lock(&roster.lock);
	for (i = 0; i < PLACES; i++)
		lunatik_roster_remove(&roster, &places[i]);
	spin_unlock(&roster.lock);
	check(lunatik_roster_is_empty(&roster));
}

/* Of all ports, so that each list of the roster has some. */
static struct lunatik_place of_port[PORTS];

struct counting {
	const struct lunatik_place *last, *met;
	unsigned int count;
};

static bool count_up_to(struct lunatik_place *place, void *context)
{
	struct counting *counting = context;

	counting->count++;
	if (place == &of_port[PORTS / 2])
		counting->met = place;
	return place == counting->last;
}

/* A walk through all finds each, or goes on until it is told to end; one of a port goes not much further. */
static void all_and_a_port(void)
{
	struct counting all = {}, some = {}, port = {};
	unsigned int i;

	lunatik_roster_init(&roster);
	spin_lock(&roster.lock);
	for (i = 0; i < PORTS; i++)
		lunatik_roster_add(&roster, &of_port[i], i);
	spin_unlock(&roster.lock);
	for (i = 0; i < ARRAY_SIZE(roster.ports); i++)
		check(!list_empty(&roster.ports[i]));
	lunatik_roster_walk(&roster, count_up_to, &all);
	check(all.count == PORTS);
	for (i = 0; list_empty(&roster.ports[i]); i++)
		;
	some.last = list_first_entry(&roster.ports[i], struct lunatik_place, node);
	lunatik_roster_walk(&roster, count_up_to, &some);
	check(some.count == 1);
	lunatik_roster_walk_port(&roster, PORTS / 2, count_up_to, &port);
	check(port.met && port.count <= PORTS / 64);
}

static void all_go_once(void)
{
	watch(NULL);
	all_go();
}

/* A walk that is under way is nothing that belongs to a port. */
static void empty_but_for_a_walk(void)
{
	unsigned int i;

	lunatik_roster_init(&roster);
	memset(seen, 0, sizeof(seen));
	strangers = 0;
	check(lunatik_roster_is_empty(&roster));
	spin_lock(&roster.lock);
	for (i = 0; i < PLACES; i++)
		lunatik_roster_add(&roster, &places[i], i);
	spin_unlock(&roster.lock);
	check(!lunatik_roster_is_empty(&roster));
	all_go();
	spin_lock(&roster.lock);
	for (i = 0; i < PLACES; i++)
		lunatik_roster_add(&roster, &places[i], 7);
	spin_unlock(&roster.lock);
	watch(all_go_once);
	lunatik_roster_walk(&roster, look, NULL);
	watch(NULL);
	check(seen[LUNATIK_ROSTER_BATCH - 1] == 1 && !seen[LUNATIK_ROSTER_BATCH] && !strangers);
}

static void walks(void)
{
	unsigned int i;

	lunatik_roster_init(&roster);
	memset(seen, 0, sizeof(seen));
	strangers = relaxed = since = longest = 0;
	spin_lock(&roster.lock);
	for (i = 0; i < PLACES; i++)
		lunatik_roster_add(&roster, &places[i], 7);
	spin_unlock(&roster.lock);

	watch(meanwhile);
	lunatik_roster_walk_port(&roster, 7, look, NULL);
	watch(NULL);
	check(longest <= LUNATIK_ROSTER_BATCH);
	check(relaxed == PLACES / LUNATIK_ROSTER_BATCH);
	check(seen[0] == 2); /* by the walk inside, which it ended */
	for (i = 1; i < PLACES; i++)
		check(seen[i] == (i != LUNATIK_ROSTER_BATCH));
	check(!strangers); /* who came later */

	since = 0;
	lunatik_roster_walk(&roster, look, NULL);
	check(strangers == 1);
	check(seen[1] == 2 && seen[3] == 1);
	check(!lunatik_roster_is_empty(&roster));
	spin_lock(&roster.lock);
	for (i = 0; i < PLACES; i++)
		if (i != 3 && i != LUNATIK_ROSTER_BATCH)
			lunatik_roster_remove(&roster, &places[i]);
	lunatik_roster_remove(&roster, &late[0]);
	spin_unlock(&roster.lock);
	check(lunatik_roster_is_empty(&roster));
}

/* --- runs ------------------------------------------------------------------------------------- */

#define RUNS 200

static void count_relaxed(void)
{
	relaxed++;
}

/* The runs of a client that leaves are ended, a few at a time, and nobody else's. */
static void many_runs(void)
{
	struct lunatik_state *state;
	struct sock *client, *other;
	unsigned int i;

	check(!module_parameter_set("max_waiting=1000"));
	client = load_with_state();
	other = client_open();
	for (i = 0; i < RUNS; i++) {
		client_submit(client, "s", "x = (x or 0) + 1", i);
		if (i % 50 == 0)
			client_submit(other, "s", "y = (y or 0) + 1", i);
	}
	check(lunatik_runs_count() == RUNS + 4);
	relaxed = 0;
	watch(count_relaxed);
	netlink_close(client);
	watch(NULL);
	check(relaxed >= RUNS / LUNATIK_ROSTER_BATCH);
	serial_drain();
	check(klua_execute("s", "assert(x == nil and y == 4)") == 0);
	state = lunatik_state_find("s", 1);
	check(state->statistics.failures[LUNATIK_ERROR_CANCELLED] == RUNS);
	lunatik_state_put(state);
	netlink_close(other);
	unload();
}

/* A state that dies with many runs that wait for it. */
static void many_wait(void)
{
	const struct lunatik_run_match match = { .has_cookie = true, .cookie = 7 };
	struct lunatik_state *state;
	struct sock *client;
	unsigned int i;

	check(!module_parameter_set("max_waiting=1000"));
	client = load_with_state();
	for (i = 0; i < RUNS; i++)
		client_submit(client, "s", "x = (x or 0) + 1", i);
	check(lunatik_runs_cancel(&match) == 1);
	state = lunatik_state_find("s", 1);
	relaxed = 0;
	watch(count_relaxed);
	check(lunatik_runs_cancel(&(struct lunatik_run_match) { .state = state }) == RUNS);
	watch(NULL);
	check(relaxed >= (RUNS - 2) / LUNATIK_ROSTER_BATCH);
	check(state->waiting_count == 0);
	/* they have not ended yet, and are reached again */
	check(lunatik_runs_cancel(&(struct lunatik_run_match) { .state = state }) == RUNS);
	serial_drain();
	check(state->statistics.failures[LUNATIK_ERROR_CANCELLED] == RUNS);
	check(lunatik_runs_count() == 0);
	check(lunatik_runs_cancel(&(struct lunatik_run_match) { .state = state }) == 0);
	lunatik_state_put(state);
	check(klua_execute("s", "assert(x == nil)") == 0);
	netlink_close(client);
	unload();
}

/* Those that match all that is given, and no others. */
static void who_is_meant(void)
{
	struct lunatik_state *state, *other;
	struct sock *client;
	unsigned int i;

	client = load_with_state();
	check(client_create(client, "o") == 0);
	state = lunatik_state_find("s", 1);
	other = lunatik_state_find("o", 1);
	for (i = 1; i <= 4; i++)
		client_submit(client, "s", "x = (x or 0) + 1", i);
	check(lunatik_runs_cancel(&(struct lunatik_run_match) {
		.state = other, .has_cookie = true, .cookie = 2 }) == 0);
	check(lunatik_runs_cancel(&(struct lunatik_run_match) { .state = other, .id = state->run->id }) == 0);
	check(lunatik_runs_cancel(&(struct lunatik_run_match) { .state = other }) == 0);
	check(lunatik_runs_cancel(&(struct lunatik_run_match) {
		.state = state, .has_cookie = true, .cookie = 2 }) == 1);
	check(lunatik_runs_cancel(&(struct lunatik_run_match) { .state = state, .id = state->run->id }) == 1);
	check(state->waiting_count == 2 && state->run);
	serial_drain();
	check(state->statistics.failures[LUNATIK_ERROR_CANCELLED] == 2);
	check(klua_execute("s", "assert(x == 2)") == 0);
	for (i = 1; i <= 4; i++)
		client_submit(client, "s", "x = nil", i);
	lunatik_runs_interrupt(state, LUNATIK_ERROR_STALE);
	serial_drain();
	check(state->statistics.failures[LUNATIK_ERROR_STALE] == 4);
	lunatik_state_put(state);
	lunatik_state_put(other);
	netlink_close(client);
	unload();
}

/* --- results ---------------------------------------------------------------------------------- */

#define KEPT 70
#define RESULT_BITS 12 /* of the table by id */
#define BYTES 40004 /* behind the heads of an array and of a string */
#define ROOM 65528  /* what they have, and is on the account of memory */

static void keep(struct sock *client, u64 cookie)
{
	check(client_execute(client, "s", "return ('x'):rep(40000)", cookie) == 0);
	serial_drain();
	client_drain(client);
}

static void many_results(void)
{
	struct sock *client = load_with_state(), *other = client_open();
	struct lunatik_result *result;
	u64 used, cookie;

	keep(other, 1000);
	for (cookie = 1; cookie <= KEPT; cookie++)
		keep(client, cookie);
	cookie = 5;
	result = lunatik_result_find(0, &cookie);
	check(result && result->asker.cookie == 5);
	cookie = 6;
	check(!lunatik_result_find(result->id, &cookie));
	lunatik_result_put(result);
	result = lunatik_result_find(result->id, NULL);
	check(result && result->asker.cookie == 5);
	lunatik_result_put(result);
	used = lunatik_memory_used();
	relaxed = 0;
	watch(count_relaxed);
	netlink_close(client);
	watch(NULL);
	check(relaxed >= KEPT / LUNATIK_ROSTER_BATCH);
	check(used - lunatik_memory_used() == KEPT * ROOM);
	check(client_result(other, 5) == -ENOENT);
	check(client_result(other, 1000) == BYTES);
	netlink_close(other);
	unload();
}

static u64 found_by_id(u64 id)
{
	struct lunatik_result *result = lunatik_result_find(id, NULL);
	u64 cookie = result ? result->asker.cookie : 0;

	if (result)
		lunatik_result_put(result);
	return cookie;
}

/* Ids are hashed, and two may lie in one place of the table. */
static void two_ids_in_one_place(void)
{
	struct sock *client = load_with_state();
	u64 cookie = 1, first, second;
	struct lunatik_result *result;

	keep(client, 1);
	result = lunatik_result_find(0, &cookie);
	first = result->id;
	lunatik_result_put(result);
	for (second = first + 1; hash_64(second, RESULT_BITS) != hash_64(first, RESULT_BITS); second++)
		check(klua_execute("s", "") == 0);
	check(found_by_id(first) == 1 && found_by_id(second) == 0);
	keep(client, 2);
	check(found_by_id(first) == 1 && found_by_id(second) == 2);
	cookie = 2;
	check(!lunatik_result_find(first, &cookie));
	netlink_close(client);
	check(!found_by_id(first) && !found_by_id(second));
	unload();
}

const struct case_of port_cases[] = {
	{ "a walk takes the lock for a few at a time, and misses and repeats nothing", walks },
	{ "a walk that is under way does not make a roster full", empty_but_for_a_walk },
	{ "a walk goes through all ports, or through one", all_and_a_port },
	{ "what ends runs means those that match all of it", who_is_meant },
	{ "many runs end with their client, a few at a time", many_runs },
	{ "many runs that wait are cancelled, a few at a time", many_wait },
	{ "many results go with their client, a few at a time", many_results },
	{ "results are told apart whose ids fall together", two_ids_in_one_place },
	{ NULL },
};
