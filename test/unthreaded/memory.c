// SPDX-License-Identifier: MIT
/* Every operation with its n-th allocation failing, for every n: an answer or a loss, no harm, and no leak. */
#include <string.h>

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "genetlink.h"
#include "kmod/lunatik.h"
#include "kmod/netlink.h"
#include "kmod/run.h"
#include "kmod/state.h"
#include "serial.h"
#include "test.h"

#define STATE "s"

static struct sock *client;

/* Whether this may be the answer when memory is short. */
static bool is_plausible(long result)
{
	return result >= 0 || result == -ENOMEM || result == -ENOBUFS || result == -EDQUOT ||
	       result == -ENOENT;
}

/*
 * Do it with the first allocation failing, then the second, and so on until it needs no more. least is how many it needs
 * at least.
 */
static void each(long (*operation)(void), unsigned long least)
{
	unsigned long n, left = 0;
	struct sock *listener;

	load();
	check(klua_createstate(STATE) == 0);
	listener = client_open();
	check(!netlink_membership(listener, lunatik_family.mcgrp_offset, true));
	for (n = 1; !left && n < 10000; n++) {
		client = client_open();
		slab_fail_nth(n);
		check(is_plausible(operation()));
		serial_drain();
		left = slab_fail_nth(0);
		client_drain(client);
		client_drain(listener);
		netlink_close(client);
		serial_drain();
		check(klua_execute(STATE, "assert(1 + 1 == 2)") == 0);
	}
	check(n > least);
	netlink_close(listener);
	unload();
}

static long create(void)
{
	int error = client_create(client, "other");

	klua_deletestate("other");
	return error;
}

static void creations(void)
{
	each(create, 8);
}

/* With everything that a state can have besides its Lua. */
static long create_labelled(void)
{
	static const struct lunatik_state_wish wish = {
		.name = "\xc3\xb6", .name_size = 2, .description = "text", .description_size = 4,
		.libraries = LUNATIK_LIBRARY_MASK,
	};
	struct lunatik_state *state;
	enum lunatik_error error = lunatik_state_create(&wish, &state);

	if (error)
		return -lunatik_errors[error].number;
	check(!strcmp(state->label, "\\xc3\\xb6") && !strcmp(state->description, "text"));
	check(!strcmp(state->name, wish.name));
	lunatik_state_put(state);
	return klua_deletestate(wish.name);
}

static void creations_labelled(void)
{
	each(create_labelled, 8);
}

static long run(void)
{
	return client_execute(client, STATE, "print('x') local t = {} for i = 1, 2000 do t[i] = {} end return 1", 1);
}

static void runs(void)
{
	each(run, 8);
}

static long failing_run(void)
{
	int error = client_execute(client, STATE, "error('no')", 1);
	struct lunatik_state *state = lunatik_state_find(STATE, 1);

	serial_drain();
	check(state->last_error.message || !state->last_error.size);
	lunatik_state_put(state);
	return error;
}

static void failing_runs(void)
{
	each(failing_run, 8);
}

static long large_run(void)
{
	int error = client_execute(client, STATE, "print(('x'):rep(20000)) return ('y'):rep(20000)", 1);

	serial_drain();
	return error ? error : client_result(client, 1);
}

static void large_runs(void)
{
	each(large_run, 12);
}

/* As large as a reply may be, so that its buffer is an allocation worth failing. */
static long full_run(void)
{
	return client_execute(client, STATE, "return ('y'):rep(32000)", 1);
}

static void full_runs(void)
{
	each(full_run, 8);
}

static long two_runs(void)
{
	client_submit(client, STATE, "x = 1", 1);
	client_submit(client, STATE, "x = 2", 2);
	return 0;
}

static void runs_together(void)
{
	each(two_runs, 8);
}

#define A200 "('a'):rep(200)"

/* Once something was dropped, so is all that follows: what is kept has no hole in it. */
static void output_without_memory(void)
{
	static const char code[] = "print(" A200 ") print(" A200 ") print('b')";
	struct lunatik_state *state;
	unsigned long n, left = 0;
	bool lost = false;

	load();
	check(klua_createstate(STATE) == 0);
	state = lunatik_state_find(STATE, 1);
	for (n = 1; !left && n < 100; n++) {
		struct lunatik_run *run = lunatik_run_new();

		run->engine.limits = state->limits;
		run->engine.code.size = strlen(code);
		run->engine.code.data = kmemdup(code, sizeof(code), GFP_KERNEL);
		check(!lunatik_run_submit(run, state, 0));
		slab_fail_nth(n);
		serial_drain();
		left = slab_fail_nth(0);
		if (!run->engine.error) {
			check(run->output.size + run->output.dropped == 404);
			check(!run->output.dropped || run->output.size == 0 || run->output.size == 200 ||
			      run->output.size == 201);
			lost |= run->output.dropped;
		}
		lunatik_run_put(run);
	}
	check(lost && n > 3);
	lunatik_state_put(state);
	unload();
}

/* What cannot be kept is lost, results and output, and the run says how much of the latter. */
static void results_without_memory(void)
{
	struct lunatik_state *state;
	unsigned long n, left = 0;
	bool lost = false;

	load();
	client = client_open();
	check(klua_createstate(STATE) == 0);
	check(klua_execute(STATE, "s = ('x'):rep(40000) function f() print('out') return s end") == 0);
	state = lunatik_state_find(STATE, 1);
	for (n = 1; !left && n < 100; n++) {
		struct lunatik_run *run = lunatik_run_new();

		run->engine.limits = state->limits;
		run->engine.function = kstrdup("f", GFP_KERNEL);
		run->asker.sk = client;
		sock_hold(client);
		check(!lunatik_run_submit(run, state, 0));
		slab_fail_nth(n);
		serial_drain();
		left = slab_fail_nth(0);
		if (!run->result) {
			check(run->engine.error == LUNATIK_ERROR_NO_MEMORY && !run->engine.results.size);
			check(run->output.size + run->output.dropped == 4);
			lost |= run->output.dropped;
		}
		lunatik_run_put(run);
	}
	check(lost && n > 3);
	lunatik_state_put(state);
	netlink_close(client);
	unload();
}

static long call_from_module(void)
{
	int result = klua_execute(STATE, "print('x')");

	return result == -EIO ? -1 : result;
}

static void calls_from_modules(void)
{
	each(call_from_module, 4);
}

const struct case_of memory_cases[] = {
	{ "create, whichever allocation fails", creations },
	{ "create with a description and a label, whichever allocation fails", creations_labelled },
	{ "a run, whichever allocation fails", runs },
	{ "a run that fails, whichever allocation fails", failing_runs },
	{ "a run whose results are kept, whichever allocation fails", large_runs },
	{ "a run whose results just fit, whichever allocation fails", full_runs },
	{ "runs whose answers leave together, whichever allocation fails", runs_together },
	{ "output without memory has no hole in it", output_without_memory },
	{ "results without memory are lost with the output, which is counted", results_without_memory },
	{ "a run for another module, whichever allocation fails", calls_from_modules },
	{ NULL },
};
