// SPDX-License-Identifier: MIT
/*
 * A whole chunk of Lua under small budgets. The input is the text. It runs five times in one state:
 * with few steps, with little memory, with little time, with a page or a buffer refused, and
 * cancelled from the start of its third look at the clock on. However each run ends, it ends within
 * its limits, and the state does sums afterwards. At the end the state is
 * closed, finalizers and all, and nothing of it is left.
 *
 * The clock is the host's, and goes on by a fixed step whenever it is read: an input does the same
 * every time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../engine/host.h"
#include "fuzz.h"

#define MEMORY (1024ull * 1024)
#define STEPS 20000ull
#define TICK 50000ull /* ns */

/* More than Lua needs to say that it has none. */
#define MEMORY_LITTLE (8ull * 1024)
#define STEPS_CLOSE 5000ull

static struct engine_run *current_run;

static struct engine_limits limits_plenty(void)
{
	return (struct engine_limits){.memory = MEMORY, .steps = STEPS, .time = ~0ull >> 1};
}

static void run_free(struct engine_run *run)
{
	engine_host_free(run->results.data);
	engine_host_free(run->message.data);
	engine_host_free(run->traceback.data);
}

static void run_check(const struct engine_run *run, const lua_State *L, const char *what)
{
	if (run->steps > run->limits.steps)
		fuzz_fail("%s: %llu steps of %llu", what, run->steps, run->limits.steps);
	if (run->error > LUNATIK_ERROR_MAX)
		fuzz_fail("%s: there is no error %d", what, run->error);
	if (run->error && run->results.size)
		fuzz_fail("%s: an error and results as well", what);
	if (!run->error && !run->results.size)
		fuzz_fail("%s: neither an error nor results", what);
	if (run->message.size > ENGINE_TEXT_MAX || run->traceback.size > ENGINE_TEXT_MAX)
		fuzz_fail("%s: a message of %lu bytes, a traceback of %lu", what, run->message.size,
			  run->traceback.size);
	if (engine_memory(L) > MEMORY || run->memory_peak > MEMORY)
		fuzz_fail("%s: %llu bytes, %llu at the most", what, engine_memory(L),
			  run->memory_peak);
	if (host.in_fpu)
		fuzz_fail("%s: the FPU section is still open", what);
}

static void usable_check(lua_State *L, const char *after)
{
	/* nothing global: the script may have changed all of that */
	static const char sum[] = "local n = 19 for i = 1, 1 do n = n + i end return n, n / 2 - 8.5";
	static const char wanted[] = "\x92\x14\xcb\x3f\xf8\0\0\0\0\0\0";
	struct engine_run run = {
		.code = {(char *)sum, sizeof(sum) - 1},
		.limits = limits_plenty(),
		.results_max = 64,
	};

	host_stack_here();
	engine_run(L, &run);
	if (!run.error && (run.results.size != sizeof(wanted) - 1 ||
			   memcmp(run.results.data, wanted, sizeof(wanted) - 1)))
		fuzz_fail("%s: the state cannot do sums any more", after);
	/* unless the script keeps all the memory, or its finalizers spend all the steps */
	if (run.error && run.error != LUNATIK_ERROR_MEMORY && run.error != LUNATIK_ERROR_STEPS)
		fuzz_fail("%s: the state fails with error %d", after, run.error);
	run_free(&run);
}

static void run_once(lua_State *L, const uint8_t *data, size_t size, struct engine_limits limits,
		     const char *what)
{
	static const char arguments[] = "\x93\x01\xa1x\xcb\x40\x04\0\0\0\0\0\0";
	struct engine_run run = {
		.code = {(char *)data, size},
		.arguments = {(char *)arguments, sizeof(arguments) - 1},
		.limits = limits,
		.results_max = 4096,
	};

	current_run = &run;
	host_stack_here();
	engine_run(L, &run);
	current_run = NULL;
	host.printed_size = 0;
	host.fail_pages = 0;
	host.fail_alloc = 0;
	host.at_look = 0;
	run_check(&run, L, what);
	run_free(&run);
	usable_check(L, what);
}

static void cancel_current(void)
{
	if (current_run)
		engine_cancel(current_run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct engine_setup setup = {
		.libraries = LUNATIK_LIBRARY_MASK, .memory = MEMORY, .seed = 42,
	};
	struct engine_limits limits;
	struct engine_run closing;
	lua_State *L;

	host.stack = 64 * 1024; /* four times the kernel's: frames are larger under sanitizers */
	host.tick = TICK;
	host.clock = TICK;
	host.realtime = 1700000000000000000ull;
	host_stack_here();
	if (engine_open(&setup, &L))
		fuzz_fail("no state");

	run_once(L, data, size, limits_plenty(), "few steps");

	limits = limits_plenty();
	limits.memory = engine_memory(L) + MEMORY_LITTLE;
	run_once(L, data, size, limits, "little memory");

	limits = limits_plenty();
	limits.time = 10 * TICK;
	run_once(L, data, size, limits, "little time");

	host.fail_with = size % 2 ? LUNATIK_ERROR_NO_MEMORY : LUNATIK_ERROR_TOTAL_MEMORY;
	host.fail_pages = 1 + size % 3;
	host.fail_alloc = 1 + size % 5;
	run_once(L, data, size, limits_plenty(), "refused memory");

	host.at_look = 3;
	host.on_look = cancel_current;
	run_once(L, data, size, limits_plenty(), "cancelled");

	closing = (struct engine_run){.limits = limits_plenty()};
	closing.limits.steps = STEPS_CLOSE;
	host_stack_here();
	engine_close(L, &closing);
	run_free(&closing);
	host.printed_size = 0;
	host_check_nothing_left();
	return 0;
}
