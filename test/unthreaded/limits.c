// SPDX-License-Identifier: MIT
/* Limits to the byte, to the run and to the moment, and what is counted of runs. */
#include <stdio.h>
#include <string.h>

#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/lunatik.h"
#include "kmod/memory.h"
#include "kmod/netlink_gen.h"
#include "kmod/result.h"
#include "kmod/run.h"
#include "kmod/state.h"
#include "module.h"
#include "serial.h"
#include "test.h"

#define MIB (1ull << 20)

static struct lunatik_state *found(const char *name)
{
	struct lunatik_state *state = lunatik_state_find(name, strlen(name));

	check(state);
	return state;
}

/* --- memory ----------------------------------------------------------------------------------- */

static void memory_of_all(void)
{
	check(!module_parameter_set("total_memory_mb=1"));
	load();
	check(!lunatik_memory_charge(MIB + 1));
	check(!lunatik_memory_charge(U64_MAX));
	check(lunatik_memory_charge(MIB - 5));
	check(!lunatik_memory_charge(6));
	check(!lunatik_memory_charge(U64_MAX));
	check(lunatik_memory_charge(5));
	check(!lunatik_memory_charge(1));
	check(lunatik_memory_used() == MIB);
	lunatik_memory_uncharge(MIB);
	unload();
}

/* Leave so many bytes of the account to others; what is taken is to be given back. */
static u64 leave(u64 left)
{
	u64 taken = MIB - lunatik_memory_used() - left;

	check(lunatik_memory_charge(taken));
	return taken;
}

static void memory_of_chunks(void)
{
	static const char chunk[] = "x = 1 --------------------------------------------------------";
	const int refused = -lunatik_errors[LUNATIK_ERROR_TOTAL_MEMORY].number;
	struct sock *client;
	u64 used, taken;

	check(!module_parameter_set("total_memory_mb=1"));
	load();
	client = client_open();
	check(klua_createstate("s") == 0);
	used = lunatik_memory_used();
	taken = leave(sizeof(chunk) - 2);
	check(client_execute(client, "s", chunk, 1) == refused);
	check(klua_execute("s", chunk) == refused);
	lunatik_memory_uncharge(1);
	check(client_execute(client, "s", chunk, 1) == 0);
	check(!lunatik_memory_charge(1)); /* until it has been made */
	serial_drain();
	check(klua_execute("s", chunk) == 0);
	lunatik_memory_uncharge(taken - 1);
	client_drain(client);
	check(lunatik_memory_used() == used);
	netlink_close(client);
	unload();
}

/* Results for which the account has no room are lost, and the run says so. */
static void memory_of_results(void)
{
	static const char code[] = "return f()";
	struct lunatik_run *lost;
	struct lunatik_state *state;
	struct sock *client;
	u64 taken;

	check(!module_parameter_set("total_memory_mb=1"));
	load();
	client = client_open();
	check(klua_createstate("s") == 0);
	check(klua_execute("s", "s = ('x'):rep(40000) function f() print(('y'):rep(99)) return s end return f()") == 0);
	state = found("s");
	taken = leave(20000);
	check(client_execute(client, "s", code, 1) == 0);
	serial_drain();
	check(state->statistics.failures[LUNATIK_ERROR_TOTAL_MEMORY] == 1);
	check(state->last_error.error == LUNATIK_ERROR_TOTAL_MEMORY);
	client_drain(client);
	check(client_result(client, 1) == -lunatik_errors[LUNATIK_ERROR_NO_RUN].number);
	lost = lunatik_run_new();
	lost->engine.limits = state->limits;
	lost->engine.results_max = MIB;
	lost->engine.function = kstrdup("f", GFP_KERNEL);
	lost->asker.sk = client;
	sock_hold(client);
	check(!lunatik_run_submit(lost, state, 0));
	serial_drain();
	check(lost->engine.error == LUNATIK_ERROR_TOTAL_MEMORY);
	check(!lost->engine.results.size && lost->output.size == 100 && !lost->output.dropped);
	lunatik_run_put(lost);
	lunatik_memory_uncharge(taken);
	check(client_execute(client, "s", code, 2) == 0);
	serial_drain();
	check(state->statistics.failures[LUNATIK_ERROR_TOTAL_MEMORY] == 2);
	client_drain(client);
	check(client_result(client, 2) > 40100);
	lunatik_state_put(state);
	netlink_close(client);
	unload();
}

/* Call a function of a state's, for nobody; the run has ended, and is to be put. */
static struct lunatik_run *called(struct lunatik_state *state, const char *function)
{
	struct lunatik_run *run = lunatik_run_new();

	run->engine.limits = state->limits;
	run->engine.function = kstrdup(function, GFP_KERNEL);
	check(!lunatik_run_submit(run, state, 0));
	serial_drain();
	return run;
}

/* What a run returns and prints is on the account from the moment it has memory, when it is more than a little. */
static void memory_of_answers(void)
{
	struct lunatik_state *state;
	struct lunatik_run *run;
	u64 used, taken;

	check(!module_parameter_set("total_memory_mb=1"));
	load();
	check(klua_createstate("s") == 0);
	check(klua_execute("s", "local s, t = ('x'):rep(6000), ('x'):rep(4000) function returns() return s end "
			   "function prints() print(s) print(s) end function little() print(t) return t end "
			   "returns() prints() little()") == 0);
	state = found("s");
	used = lunatik_memory_used();
	taken = leave(5000);
	run = called(state, "returns");
	check(run->engine.error == LUNATIK_ERROR_TOTAL_MEMORY && !run->engine.results.size);
	lunatik_run_put(run);
	run = called(state, "prints");
	check(!run->engine.error && !run->output.size && run->output.dropped == 12002);
	lunatik_run_put(run);
	run = called(state, "little");
	check(!run->engine.error && run->engine.results.size == 4004 && run->output.size == 4001);
	check(lunatik_memory_used() == used + taken);
	lunatik_run_put(run);
	lunatik_memory_uncharge(taken);
	check(lunatik_memory_used() == used);

	run = called(state, "returns");
	check(!run->engine.error && run->engine.results.size == 6004);
	check(lunatik_memory_used() - used == 8192 - 8);
	lunatik_run_put(run);
	run = called(state, "prints");
	check(run->output.size == 12002 && !run->output.dropped);
	check(lunatik_memory_used() - used == 16384);
	lunatik_run_put(run);
	check(lunatik_memory_used() == used);
	lunatik_state_put(state);
	unload();
}

/* Output that is kept to be fetched stays on the account, and leaves it when it is not kept any longer. */
static void memory_of_kept_output(void)
{
	struct sock *client = load_with_state();
	u64 used;

	check(klua_execute("s", "s = ('x'):rep(39999) print(s)") == 0);
	used = lunatik_memory_used();
	check(client_execute(client, "s", "print(s)", 1) == 0);
	serial_drain();
	client_drain(client);
	check(lunatik_memory_used() == used + 65536);
	check(client_result(client, 1) == 40001); /* and no results */
	netlink_close(client);
	check(lunatik_memory_used() == used);
	unload();
}

/* A sixteenth of the RAM is for others. */
static void memory_for_others(void)
{
	u64 ram = (u64)totalram_pages() << PAGE_SHIFT;
	u64 room = ram - (ram / 16 & PAGE_MASK);
	struct lunatik_run *run;

	check(!module_parameter_set("total_memory_mb=1000000000"));
	load();
	check(!lunatik_memory_is_short(0) && !lunatik_memory_is_short(room - PAGE_SIZE));
	check(lunatik_memory_is_short(room + PAGE_SIZE));
	run = lunatik_run_new();
	check(lunatik_run_charge(run, room + PAGE_SIZE) == LUNATIK_ERROR_NO_MEMORY);
	check(lunatik_memory_used() == 0);
	check(!lunatik_run_charge(run, room - PAGE_SIZE));
	check(lunatik_memory_used() == room - PAGE_SIZE);
	lunatik_run_put(run);
	check(lunatik_memory_used() == 0);
	unload();
}

/* What a reply holds comes with it, to the byte; one more is kept to be read. */
static void inline_results(void)
{
	struct sock *client;
	char code[64];

	load();
	client = client_open();
	check(klua_createstate("s") == 0);
	/* behind the heads of an array and of a string */
	snprintf(code, sizeof(code), "return ('x'):rep(%d)", LUNATIK_INLINE_MAX - 4);
	check(client_execute(client, "s", code, 1) == 0);
	snprintf(code, sizeof(code), "return ('x'):rep(%d)", LUNATIK_INLINE_MAX - 3);
	check(client_execute(client, "s", code, 2) == -lunatik_errors[LUNATIK_ERROR_BUSY].number);
	serial_drain();
	check(client_execute(client, "s", code, 2) == 0);
	serial_drain();
	client_drain(client);
	check(client_result(client, 1) == -lunatik_errors[LUNATIK_ERROR_NO_RUN].number);
	check(client_result(client, 2) == LUNATIK_INLINE_MAX + 1);
	/* results and output together: the x and a newline are two bytes */
	snprintf(code, sizeof(code), "print('x') return ('x'):rep(%d)", LUNATIK_INLINE_MAX - 5);
	check(client_execute(client, "s", code, 3) == 0);
	serial_drain();
	client_drain(client);
	check(client_result(client, 3) == LUNATIK_INLINE_MAX + 1);
	netlink_close(client);
	unload();
}

/* --- runs ------------------------------------------------------------------------------------- */

/* Submit a run of a chunk, or of none. */
static struct lunatik_run *submit(struct lunatik_state *state, const char *code, u64 wait,
				  enum lunatik_error expected)
{
	struct lunatik_run *run = lunatik_run_new();

	run->engine.limits = state->limits;
	if (code) {
		run->engine.code.size = strlen(code);
		run->engine.code.data = kmemdup(code, run->engine.code.size + 1, GFP_KERNEL);
	}
	check(lunatik_run_submit(run, state, wait) == expected);
	return run;
}

static void as_many_as_may_be(void)
{
	struct lunatik_run *runs[8];
	struct lunatik_state *one, *two;
	unsigned int i;

	check(!module_parameter_set("max_waiting=2"));
	check(!module_parameter_set("max_runs=4"));
	load();
	check(klua_createstate("one") == 0);
	check(klua_createstate("two") == 0);
	one = found("one");
	two = found("two");
	runs[0] = submit(one, NULL, 0, 0);
	runs[1] = submit(one, NULL, 0, LUNATIK_ERROR_BUSY);
	runs[2] = submit(one, NULL, NSEC_PER_SEC, 0);
	runs[3] = submit(one, NULL, NSEC_PER_SEC, 0);
	runs[4] = submit(one, NULL, NSEC_PER_SEC, LUNATIK_ERROR_QUEUE_FULL);
	check(one->waiting_count == 2);
	check(lunatik_runs_count() == 3);
	runs[5] = submit(two, NULL, 0, 0);
	runs[6] = submit(two, NULL, NSEC_PER_SEC, LUNATIK_ERROR_QUEUE_FULL);
	check(lunatik_runs_count() == 4);
	serial_drain();
	check(lunatik_runs_count() == 0);
	check(one->waiting_count == 0);
	check(one->statistics.runs == 3 && two->statistics.runs == 1);
	check(runs[0]->id < runs[2]->id && runs[2]->id < runs[3]->id && runs[3]->id < runs[5]->id);
	runs[7] = submit(two, NULL, 0, 0);
	serial_drain();
	for (i = 0; i < ARRAY_SIZE(runs); i++)
		lunatik_run_put(runs[i]);
	lunatik_state_put(one);
	lunatik_state_put(two);
	unload();
}

#define WAIT (10 * NSEC_PER_MSEC)
#define TICK (NSEC_PER_SEC / HZ)

static struct {
	struct lunatik_state *state;
	struct lunatik_run *run;
	u64 began, ended;
} waiting;

/* While another run goes on: a run begins to wait at the end of a tick, and is looked at from then on. */
static void wait_meanwhile(void)
{
	if (!waiting.run) {
		serial_pass(TICK - ktime_get_ns() % TICK + TICK * 9 / 10);
		waiting.began = ktime_get_ns();
		waiting.run = submit(waiting.state, NULL, WAIT, 0);
	}
	if (waiting.ended)
		return;
	serial_pass(TICK / 20);
	while (serial_work(0))
		;
	if (!waiting.state->waiting_count)
		waiting.ended = ktime_get_ns();
}

/* A wait ends no sooner than was asked for, and not much later. */
static void patience(void)
{
	struct lunatik_run *run;

	load();
	check(klua_createstate("s") == 0);
	waiting.state = found("s");
	serial_relaxed = wait_meanwhile;
	check(klua_execute("s", "for i = 1, 2000000 do end") == 0);
	serial_relaxed = NULL;
	run = waiting.run;
	check(run && waiting.ended);
	check(waiting.ended - waiting.began >= WAIT);
	check(waiting.ended - waiting.began < WAIT + 3 * TICK);
	check(run->engine.error == LUNATIK_ERROR_BUSY);
	check(run->wait >= WAIT && run->wait < WAIT + 3 * TICK);
	/* a run that was not made tells what the state holds all the same */
	check(run->engine.memory > 10000 && run->engine.memory_peak == run->engine.memory);
	check(waiting.state->statistics.failures[LUNATIK_ERROR_BUSY] == 1);
	check(waiting.state->statistics.runs == 2);
	lunatik_run_put(run);
	lunatik_state_put(waiting.state);
	unload();
}

/* --- what is counted -------------------------------------------------------------------------- */

static void statistics(void)
{
	struct lunatik_run *runs[3];
	struct lunatik_state *state;
	unsigned int i;
	u64 realtime;

	load();
	check(klua_createstate("s") == 0);
	state = found("s");
	for (i = 0; i < 3; i++) {
		runs[i] = submit(state, i == 1 ? "for i = 1, 200000 do end" :
				 "for i = 1, 2000 do end", 0, 0);
		serial_drain();
		check(runs[i]->engine.steps >= 2000 && runs[i]->engine.time);
	}
	check(state->statistics.runs == 3);
	check(state->statistics.steps ==
	      runs[0]->engine.steps + runs[1]->engine.steps + runs[2]->engine.steps);
	check(state->statistics.time ==
	      runs[0]->engine.time + runs[1]->engine.time + runs[2]->engine.time);
	check(runs[1]->engine.time > runs[2]->engine.time);
	check(state->statistics.time_longest == runs[1]->engine.time);
	check(!state->last_error.error);

	check(klua_execute("s", "error(('e'):rep(512), 0)"));
	check(state->last_error.size == 512);
	check(klua_execute("s", "error(('e'):rep(513), 0)"));
	check(state->last_error.size == 512);
	realtime = ktime_get_real_ns();
	check(state->last_error.time <= realtime &&
	      state->last_error.time > realtime - NSEC_PER_SEC);
	check(state->statistics.failures[LUNATIK_ERROR_RUNTIME] == 2);
	check(state->statistics.runs == 5);
	for (i = 0; i < 3; i++)
		lunatik_run_put(runs[i]);
	lunatik_state_put(state);
	unload();
}

/* --- the time of finalizers ------------------------------------------------------------------- */

#define ENDLESS "x = setmetatable({}, {__gc = function() while true do end end})"

static void hurry(void)
{
	serial_pass(10 * NSEC_PER_MSEC);
}

static void create_with_time(const char *name, u64 time)
{
	struct lunatik_state_wish wish = {
		.name = name, .name_size = strlen(name), .libraries = LUNATIK_LIBRARY_MASK,
		.limits.time = time,
	};
	struct lunatik_state *state;

	check(!lunatik_state_create(&wish, &state));
	lunatik_state_put(state);
	check(klua_execute(name, ENDLESS) == 0);
}

static void finalizers(void)
{
	char name[16];
	unsigned int i;
	u64 began, took;

	load();
	create_with_time("s", 60 * NSEC_PER_SEC);
	create_with_time("short", NSEC_PER_SEC / 10);
	serial_relaxed = hurry;
	began = ktime_get_ns();
	check(klua_deletestate("s") == 0);
	took = ktime_get_ns() - began;
	check(took >= NSEC_PER_SEC && took < NSEC_PER_SEC * 5 / 4);
	began = ktime_get_ns();
	check(klua_deletestate("short") == 0);
	took = ktime_get_ns() - began;
	check(took >= NSEC_PER_SEC / 10 && took < NSEC_PER_SEC / 4);
	serial_relaxed = NULL;

	/* all that are left when the module goes */
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "s%u", i);
		create_with_time(name, i ? 60 * NSEC_PER_SEC : NSEC_PER_SEC / 2);
	}
	serial_relaxed = hurry;
	began = ktime_get_ns();
	unload();
	took = ktime_get_ns() - began;
	serial_relaxed = NULL;
	check(took >= 5 * NSEC_PER_SEC && took < 5 * NSEC_PER_SEC + NSEC_PER_SEC / 2);
}

static void last_finalizer(void)
{
	u64 began, took;

	load();
	create_with_time("s", 60 * NSEC_PER_SEC);
	serial_relaxed = hurry;
	began = ktime_get_ns();
	unload();
	took = ktime_get_ns() - began;
	serial_relaxed = NULL;
	check(took >= NSEC_PER_SEC && took < NSEC_PER_SEC * 5 / 4);
}

const struct case_of limit_cases[] = {
	{ "the memory of all states is refused at its limit", memory_of_all },
	{ "chunks are on the account of memory", memory_of_chunks },
	{ "results that are kept are on the account of memory", memory_of_results },
	{ "results and output are on the account of memory while a run is underway", memory_of_answers },
	{ "output that is kept is on the account of memory", memory_of_kept_output },
	{ "some of the machine's memory is for others", memory_for_others },
	{ "a reply holds as much as it may", inline_results },
	{ "as many runs wait as may, and are underway", as_many_as_may_be },
	{ "a wait lasts as long as was asked for", patience },
	{ "runs, steps, times and errors are counted", statistics },
	{ "finalizers have a time, all of them together as well", finalizers },
	{ "finalizers of one state have no longer when the module goes", last_finalizer },
	{ NULL },
};
