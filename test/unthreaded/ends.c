// SPDX-License-Identifier: MIT
/* Runs and states that are ended from outside: with which error, and who is left alone. */
#include <errno.h>
#include <string.h>

#include <linux/kernel.h>
#include <linux/ktime.h>
#include <net/sock.h>

#include "kmod/lunatik.h"
#include "kmod/memory.h"
#include "kmod/result.h"
#include "kmod/run.h"
#include "kmod/state.h"
#include "serial.h"
#include "test.h"

#define ENDLESS "while true do end"
#define LAST_WORDS "x = setmetatable({}, {__gc = function() for i = 1, 1e4 do end print('last words') end})"

static const struct lunatik_run_match all;
static u32 reached;

/* --- runs ------------------------------------------------------------------------------------- */

static void cancel_and_delete(void)
{
	struct lunatik_state *state = lunatik_state_find("s", 1);

	serial_relaxed = NULL;
	reached = lunatik_runs_cancel(&all);
	lunatik_runs_interrupt(state, LUNATIK_ERROR_STALE);
	lunatik_state_put(state);
}

static void first_verdict(void)
{
	struct sock *client = load_with_state();

	serial_relaxed = cancel_and_delete;
	check(client_execute(client, "s", ENDLESS, 1) == 0);
	serial_drain();
	check(reached == 1);
	check(client_answer(client, 1) == ECANCELED);
	netlink_close(client);
	unload();
}

static void cancel_at_the_end(const char *text)
{
	if (strstr(text, "[s] done"))
		reached = lunatik_runs_cancel(&all);
}

/* It was too late: nothing was left to be ended. */
static void ended_by_itself(void)
{
	struct sock *client = load_with_state();

	serial_logged = cancel_at_the_end;
	check(client_execute(client, "s", "print('done')", 1) == 0);
	serial_drain();
	serial_logged = NULL;
	check(reached == 1);
	check(client_answer(client, 1) == 0);
	netlink_close(client);
	unload();
}

static void a_client_goes(void)
{
	struct sock *client = load_with_state(), *other = client_open();
	u64 cookie;

	for (cookie = 1; cookie <= 4; cookie++)
		client_submit(cookie & 1 ? client : other, "s",
			      cookie & 1 ? "a = (a or 0) + 1" : "b = (b or 0) + 1", cookie);
	/* told of its port while it is there: somebody had it before */
	lunatik_runs_orphan(client->portid);
	lunatik_runs_orphan(other->portid);
	netlink_close(client);
	serial_drain();
	check(klua_execute("s", "assert(a == nil and b == 2)") == 0);
	check(client_answer(other, 4) == 0);
	netlink_close(other);
	unload();
}

static struct sock *leaving;

static void leave(void)
{
	serial_relaxed = NULL;
	netlink_close(leaving);
}

/* What a run prints is kept after its client's results were dropped. */
static void a_client_goes_in_the_middle(void)
{
	u64 used;

	leaving = load_with_state();
	check(klua_execute("s", "s = ('x'):rep(40000)") == 0);
	check(client_execute(leaving, "s", "print(s) " ENDLESS, 1) == 0);
	serial_relaxed = leave;
	serial_drain();
	used = lunatik_memory_used();
	serial_pass(61 * NSEC_PER_SEC);
	serial_drain();
	check(lunatik_memory_used() == used);
	unload();
}

/* Its results are dropped when it has gone, and not when another who had its port is heard of. */
static void who_had_the_port(void)
{
	struct sock *client = load_with_state();

	check(client_execute(client, "s", "return ('x'):rep(40000)", 1) == 0);
	serial_drain();
	client_drain(client);
	lunatik_results_release_port(client->portid);
	check(client_result(client, 1) > 40000);
	netlink_close(client);
	unload();
}

static void a_row_has_an_end(void)
{
	struct sock *client = load_with_state();
	struct lunatik_state *state = lunatik_state_find("s", 1);
	u64 cookie;

	for (cookie = 1; cookie <= 60; cookie++)
		client_submit(client, "s", "for i = 1, 2000 do end", cookie);
	serial_work(0);
	check(state->statistics.runs > 1 && state->statistics.runs < 40);
	serial_drain();
	check(state->statistics.runs == 60);
	/* neither long nor short */
	client_submit(client, "s", "for i = 1, 20000 do end", 61);
	client_submit(client, "s", "", 62);
	serial_work(0);
	check(state->statistics.runs == 61);
	serial_drain();
	lunatik_state_put(state);
	netlink_close(client);
	unload();
}

static void late(void)
{
	serial_relaxed = NULL;
	check(klua_createstate("late") == 0);
	check(klua_execute("late", "x = 1") == -ESTALE);
}

static void the_module_goes(void)
{
	struct sock *client = load_with_state();

	check(klua_execute("s", LAST_WORDS) == 0);
	client_submit(client, "s", "error('it was made')", 1);
	client_submit(client, "s", "error('it was made')", 2);
	serial_relaxed = late;
	unload();
	check(!serial_relaxed);
	check(client_answer(client, 1) == ESTALE);
	check(client_answer(client, 2) == ESTALE);
	netlink_close(client);
}

/* --- states ----------------------------------------------------------------------------------- */

static unsigned int words, dying, busy;

static void count_words(const char *text)
{
	words += !!strstr(text, "[s] last words");
	dying += strstr(text, "state s: ") && strstr(text, ", dying");
	busy += strstr(text, "state s: ") && strstr(text, ", busy");
}

static enum lunatik_error create(const char *name, u32 flags)
{
	struct lunatik_state_wish wish = {
		.name = name, .name_size = strlen(name), .libraries = LUNATIK_LIBRARY_MASK, .flags = flags,
	};
	struct lunatik_state *state;
	enum lunatik_error error = lunatik_state_create(&wish, &state);

	if (!error)
		lunatik_state_put(state);
	return error;
}

static void meddle(void)
{
	serial_relaxed = NULL;
	check(klua_execute("s", "") == -ESTALE);
	check(klua_deletestate("s") == -ESTALE);
	check(klua_createstate("s") == -ESTALE);
	check(create("s", LUNATIK_CREATE_FLAG_REPLACE) == LUNATIK_ERROR_STALE);
	check(create("s", LUNATIK_CREATE_FLAG_IF_NOT_EXISTS) == LUNATIK_ERROR_STALE);
	klua_liststates();
	check(!words);
}

static void while_it_dies(void)
{
	load();
	check(klua_createstate("s") == 0);
	check(klua_execute("s", LAST_WORDS) == 0);
	serial_logged = count_words;
	serial_relaxed = meddle;
	check(klua_deletestate("s") == 0);
	check(!serial_relaxed && words == 1 && dying == 1 && !busy);
	check(klua_execute("s", "") == -ENOENT);
	unload();
}

static void meddle_with_a_run(void)
{
	serial_relaxed = NULL;
	check(create("s", LUNATIK_CREATE_FLAG_REPLACE) == LUNATIK_ERROR_BUSY);
	check(create("s", LUNATIK_CREATE_FLAG_IF_NOT_EXISTS) == 0);
	klua_liststates();
}

static void replaced(void)
{
	load();
	check(klua_createstate("s") == 0);
	serial_logged = count_words;
	serial_relaxed = meddle_with_a_run;
	check(klua_execute("s", "for i = 1, 100000 do end " LAST_WORDS) == 0);
	check(!serial_relaxed && busy == 1 && !dying && !words);
	check(create("s", LUNATIK_CREATE_FLAG_REPLACE) == 0);
	check(words == 1);
	check(klua_execute("s", "assert(x == nil)") == 0);
	check(lunatik_states_count() == 1);
	unload();
}

/* Names that begin alike, and names as long: some share a place in the table. */
static void alike(void)
{
	char name[LUNATIK_NAME_MAX + 1] = "";
	int letter, size;

	load();
	for (size = LUNATIK_NAME_MAX; size > 0; size--) {
		for (letter = 'a'; letter <= 'z'; letter++) {
			memset(name, letter, size);
			name[size] = '\0';
			check(klua_createstate(name) == 0);
		}
	}
	check(lunatik_states_count() == 26 * LUNATIK_NAME_MAX);
	for (size = LUNATIK_NAME_MAX; size > 0; size--) {
		struct lunatik_state *state;

		memset(name, 'q', size);
		state = lunatik_state_find(name, size);
		check(state && state->name_size == size && !memcmp(state->name, name, size));
		if (state)
			lunatik_state_put(state);
	}
	unload();
}

const struct case_of end_cases[] = {
	{ "the first who ends a run says how it ended", first_verdict },
	{ "a run that came to its end was not cancelled", ended_by_itself },
	{ "a client that goes takes its runs along, and nobody else's", a_client_goes },
	{ "a client that goes leaves nothing of its run", a_client_goes_in_the_middle },
	{ "results are kept when another had the port before", who_had_the_port },
	{ "a worker gives way after some short runs", a_row_has_an_end },
	{ "the module goes: what was not made is told so, and nothing new begins", the_module_goes },
	{ "nothing begins in a state that dies", while_it_dies },
	{ "a state is replaced when it is idle, and its finalizers have run", replaced },
	{ "names are told apart, however alike", alike },
	{ NULL },
};
