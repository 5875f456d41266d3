// SPDX-License-Identifier: MIT
/*
 * A value in and out. The input is a MessagePack array, handed to `return ...`. A second reader
 * (messagepack.c) says whether it is well-formed and what it means: the run must be refused exactly
 * when it is not, and what comes back must mean the same, in the forms that value.h promises. What
 * came back then goes in and out once more, and means the same still.
 */
#include <stdlib.h>
#include <string.h>

#include "../engine/host.h"
#include "fuzz.h"
#include "messagepack.h"

#define MEMORY (4ull * 1024 * 1024)
#define RUNS_PER_STATE 1000

static lua_State *state;
static int runs;

static void state_renew(void)
{
	struct engine_setup setup = {
		.libraries = LUNATIK_LIBRARY_MASK, .memory = MEMORY, .seed = 42,
	};
	struct engine_run closing = {.limits = {.memory = MEMORY, .steps = 1000, .time = ~0ull >> 1}};

	if (state && runs++ < RUNS_PER_STATE)
		return;
	if (state) {
		engine_close(state, &closing);
		host_check_nothing_left();
	}
	runs = 0;
	if (engine_open(&setup, &state))
		fuzz_fail("no state");
}

static struct engine_run echo(const void *data, size_t size)
{
	static const char code[] = "return ...";
	struct engine_run run = {
		.code = {(char *)code, sizeof(code) - 1},
		.arguments = {(char *)data, size},
		.limits = {.memory = MEMORY, .steps = 10000000, .time = ~0ull >> 1},
		.results_max = 1 << 20,
	};

	engine_run(state, &run);
	return run;
}

static void run_free(struct engine_run *run)
{
	engine_host_free(run->results.data);
	engine_host_free(run->message.data);
	engine_host_free(run->traceback.data);
}

/* What is no mistake of the input's: it takes more room than there is. */
static int is_excused(const struct engine_run *run)
{
	return run->error == LUNATIK_ERROR_MEMORY || run->error == LUNATIK_ERROR_STEPS ||
	       run->error == LUNATIK_ERROR_RESULT_SIZE;
}

static void round_trip(const struct engine_run *first)
{
	struct engine_run run = echo(first->results.data, first->results.size);
	struct value *before, *after;

	if (!is_excused(&run)) {
		if (run.error)
			fuzz_fail("what was written cannot be read: error %d", run.error);
		before = values_read((void *)first->results.data, first->results.size);
		after = values_read_strictly((void *)run.results.data, run.results.size);
		if (!after || !values_equal(before, after))
			fuzz_fail("the values change on their second way");
	}
	run_free(&run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct value *wanted, *got;
	struct engine_run run;

	host.stack = 64 * 1024;
	host.tick = 1000;
	host_stack_here();
	state_renew();
	wanted = values_read(data, size);
	run = echo(data, size);
	if (!is_excused(&run)) {
		if (!wanted && run.error != LUNATIK_ERROR_INVALID)
			fuzz_fail("malformed, and error %d", run.error);
		if (wanted && run.error)
			fuzz_fail("well-formed, and error %d: %.*s", run.error, (int)run.message.size,
				  run.message.data);
		if (wanted) {
			got = values_read_strictly((void *)run.results.data, run.results.size);
			if (!got)
				fuzz_fail("the results are not in the forms they should have");
			if (!values_equal(wanted, got))
				fuzz_fail("the values change on their way");
			round_trip(&run);
		}
	}
	run_free(&run);
	values_free();
	return 0;
}
