// SPDX-License-Identifier: MIT
/* The limits on memory, and what happens when there is none. */

#include <string.h>
#include "test.h"

static const char *const eaters[] = {
	"local t = {} while true do t[#t + 1] = {} end",
	"local t = {} while true do t[#t + 1] = #t end",
	"local s = 'x' while true do s = s .. s end",
	"local t = {} for i = 1, math.huge do t['key' .. i] = i end",
	"return ('x'):rep(1 << 30)",
	"return ('x'):rep(20 << 20)",
	"local co = {} while true do co[#co + 1] = coroutine.create(print) end",
	"return (('x'):rep(1 << 20):gsub('x', ('y'):rep(100)))",
	"local t = {} for i = 1, 1e6 do t[i] = ('x'):rep(100) .. i end return table.concat(t)",
};

static void test_limit(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(eaters) / sizeof(eaters[0]); i++) {
		lua_State *L = test_open(8 * MIB);
		struct engine_run run = test_limits();

		run.limits.memory = 8 * MIB;
		run = test_run_with(L, eaters[i], run);
		if (run.error != LUNATIK_ERROR_MEMORY)
			printf("in: %s\n%.*s\n", eaters[i], (int)run.message.size, run.message.data);
		check_error(run.error, LUNATIK_ERROR_MEMORY);
		check_text(run.message, "not enough memory");
		check(run.memory_peak <= 8 * MIB);
		check(run.memory <= run.memory_peak);
		check(host.pages <= 13 * MIB);
		test_drop(&run);
		test_do(L, "u = nil collectgarbage() collectgarbage() assert(collectgarbage('count') < 1000)"
			   "local t = {} for i = 1, 1000 do t[i] = {} end");
		check(engine_memory(L) < 2 * MIB);
		check(engine_memory_peak(L) <= 8 * MIB);
		test_close(L);
	}
}

/* A string fits or does not, to the byte. */
static void test_exact(void)
{
	lua_State *L = test_open(MIB);
	struct engine_run run = test_limits();
	unsigned long long low = 0, high = MIB;

	run.limits.memory = MIB;
	while (low < high) { /* the longest string that can be made */
		unsigned long long middle = (low + high + 1) / 2;
		char code[100];

		snprintf(code, sizeof(code), "local s = ('x'):rep(%llu) s = nil collectgarbage()",
			 middle);
		run.limits.memory = MIB;
		struct engine_run got = test_run_with(L, code, run);

		check(got.memory_peak <= MIB);
		if (got.error)
			high = middle - 1;
		else
			low = middle;
		test_drop(&got);
		test_do(L, "collectgarbage()");
	}
	check(low > 400000 && low < MIB); /* a buffer and the string */
	test_close(L);
}

static void test_run_limit(void)
{
	lua_State *L = test_open(8 * MIB);
	struct engine_run run = test_limits();

	test_do(L, "kept = ('x'):rep(2 << 20)");
	run.limits.memory = MIB; /* less than there is already */
	run = test_run_with(L, "local t = {}", run);
	check_error(run.error, LUNATIK_ERROR_MEMORY);
	test_drop(&run);
	test_do(L, "assert(#kept == 2 << 20) kept = nil collectgarbage()");
	run = test_limits();
	run.limits.memory = MIB;
	run = test_run_with(L, "local t = {} for i = 1, 1000 do t[i] = i end", run);
	check_error(run.error, 0);
	test_drop(&run);
	test_close(L);
}

/* Of all that asks for memory something, so many times where it is a loop. */
#define WORK(count) \
	"local t = {}\n" \
	"for i = 1, " #count " do t[i] = {name = 'n' .. i, value = ('v'):rep(i * 7)} end\n" \
	"table.sort(t, function(a, b) return a.name < b.name end)\n" \
	"local s = {} for i, v in ipairs(t) do s[i] = v.value end\n" \
	"s = table.concat(s, ',') s = s:gsub('v+', function(x) return #x end)\n" \
	"local co = coroutine.wrap(function() for i = 1, 10 do coroutine.yield(('c'):rep(i * 1000)) end end)\n" \
	"for i = 1, 10 do co() end\n" \
	"local f = load('return function(a) local b = a return function() b = b + 1 return b end end')()\n" \
	"local g = f(1) g()\n" \
	"setmetatable({}, {__gc = function() x = {} end}) collectgarbage()\n" \
	"local function deep(n) if n > 0 then return 1 + deep(n - 1) end return 0 end deep(200)\n" \
	"collectgarbage('generational') local w = setmetatable({}, {__mode = 'k'}) w[{}] = {}\n" \
	"collectgarbage() collectgarbage('incremental')\n" \
	"assert(#string.pack('s4', ('p'):rep(600)) == 604 and #('%q'):format(('q'):rep(600)) == 602)\n" \
	"debug.traceback(('m'):rep(300))\n" \
	"local ok, message = pcall(error, {}) assert(not ok)\n" \
	"local y <close> = setmetatable({}, {__close = function() z = {1, 2, 3} end})\n" \
	"return s, t[1]"

static const char work[] = WORK(300);

/* The n-th request for memory fails, for all n; and from there on every one. */
static void test_faults(void)
{
	int kind, forever, n;
	enum lunatik_error with[] = {LUNATIK_ERROR_NO_MEMORY, LUNATIK_ERROR_TOTAL_MEMORY};

	for (kind = 0; kind < 4; kind++) {
		for (forever = 0; forever < 2; forever++) {
			for (n = 1; n < 400; n++) {
				struct engine_setup setup = {
					.libraries = LUNATIK_LIBRARY_MASK, .memory = 64 * MIB,
				};
				struct engine_run run = test_limits();
				lua_State *L;
				long *countdown = kind < 2 ? &host.fail_pages : &host.fail_alloc;
				enum lunatik_error error;

				host.fail_with = with[kind & 1];
				host.fail_forever = forever;
				*countdown = n;
				host_stack_here();
				error = engine_open(&setup, &L);
				if (error) {
					check_error(error, host.fail_with);
					*countdown = 0;
					continue;
				}
				run = test_run_with(L, work, run);
				forever ? (void)0 : (void)(error = *countdown == 0);
				if (run.error)
					check_error(run.error, host.fail_with);
				test_drop(&run);
				if (*countdown > (forever ? 1 : 0) && !run.error) {
					*countdown = 0;
					test_close(L);
					break; /* more than the run needs */
				}
				*countdown = 0;
				test_do(L, work); /* usable again */
				test_close(L);
				host_check_nothing_left();
			}
			check(n < 400 && n > 2);
		}
	}
	host.fail_forever = 0;
}

/* What happens to a state whose blocks fail. */
enum failing { ONE, ALL_THEN_WORK, ALL_TO_THE_END, FAILINGS };

/*
 * Open a state and run, the n-th block failing, or all from there on, and go on using the state, or close it while they
 * still fail. Returns whether there was an n-th.
 */
static int fail_block(enum failing failing, long n)
{
	static const char small_work[] = WORK(12);
	struct engine_setup setup = {.libraries = LUNATIK_LIBRARY_MASK, .memory = 64 * MIB};
	struct engine_run run = test_limits();
	enum lunatik_error error;
	lua_State *L;
	int reached;

	host.fail_block = n;
	host.fail_forever = failing != ONE;
	host.failed_blocks = 0;
	host_stack_here();
	error = engine_open(&setup, &L);
	if (error) {
		check_error(error, LUNATIK_ERROR_NO_MEMORY);
		host.fail_block = 0;
		host_check_nothing_left();
		return 1;
	}
	run = test_run_with(L, small_work, run);
	if (run.error)
		check_error(run.error, LUNATIK_ERROR_NO_MEMORY);
	reached = host.failed_blocks > 0;
	/* one that fails may be had after a collection; when all fail, none may be had */
	check(failing == ONE || !reached || run.error);
	test_drop(&run);
	if (failing == ALL_TO_THE_END) {
		run = test_limits();
		host_stack_here();
		engine_close(L, &run);
		host.fail_block = 0;
	} else {
		host.fail_block = 0;
		test_do(L, small_work);
		test_close(L);
	}
	host_check_nothing_left();
	return reached;
}

/* Every single block that a state asks for, from its first one on. */
static void test_blocks(void)
{
	enum failing failing;
	long n;

	for (failing = 0; failing < FAILINGS; failing++) {
		for (n = 1; fail_block(failing, n); n++)
			;
		check(n > 300);
	}
	host.fail_forever = 0;
}

/* A limit anywhere in a run: the n-th byte is the one too many. */
static void test_tight(void)
{
	unsigned long long limit;

	for (limit = 1000; limit < 300000; limit += 997) {
		struct engine_setup setup = {.libraries = LUNATIK_LIBRARY_MASK, .memory = limit};
		struct engine_run run = test_limits();
		enum lunatik_error error;
		lua_State *L;

		host_stack_here();
		error = engine_open(&setup, &L);
		if (error) {
			check_error(error, LUNATIK_ERROR_MEMORY);
			continue;
		}
		run.limits.memory = limit;
		run = test_run_with(L, work, run);
		if (run.error)
			check_error(run.error, LUNATIK_ERROR_MEMORY);
		check(run.memory_peak <= limit);
		test_drop(&run);
		run = test_limits();
		run.limits.memory = limit;
		run = test_run_with(L, "x, z = nil", run);
		if (run.error)
			check_error(run.error, LUNATIK_ERROR_MEMORY);
		test_drop(&run);
		run = test_limits();
		host_stack_here();
		engine_close(L, &run);
		test_drop(&run);
	}
}

/*
 * What a buffer held is free after a run that was ended while it filled it; the next run had no
 * memory to call the buffer's finalizer.
 */
static void test_buffer_of_a_spent_run(void)
{
	lua_State *L = test_open(16 * MIB);
	struct engine_run run = test_limits();

	run.limits.memory = 16 * MIB;
	run.limits.steps = 1000;
	run = test_run_with(L, "collectgarbage('stop') return ('x'):rep(9 << 20)", run);
	check_error(run.error, LUNATIK_ERROR_STEPS);
	check(run.memory > 9 * MIB);
	test_drop(&run);
	run = test_limits();
	run.limits.memory = 16 * MIB;
	run = test_run_with(L, "return ('x'):rep(9 << 20)", run);
	check_error(run.error, LUNATIK_ERROR_MEMORY);
	test_drop(&run);
	test_do(L, "collectgarbage() assert(#('x'):rep(6 << 20) == 6 << 20) collectgarbage()");
	check(engine_memory(L) < MIB);
	test_close(L);
}

/* The same when the budget is spent where the finalizers are called. */
static void test_buffer_in_a_spent_collection(void)
{
	unsigned long long steps;

	for (steps = 0; steps < 6000; steps += 1 + steps / 4000 * 20) {
		lua_State *L = test_open(16 * MIB);
		struct engine_run run = test_limits();

		run.limits.steps = 1000;
		run = test_run_with(L, "collectgarbage('stop') return ('x'):rep(9 << 20)", run);
		check_error(run.error, LUNATIK_ERROR_STEPS);
		test_drop(&run);
		run = test_limits();
		run.limits.steps = steps;
		run = test_run_with(L, "collectgarbage()", run);
		test_drop(&run);
		test_do(L, "collectgarbage() collectgarbage()");
		check(engine_memory(L) < MIB);
		test_close(L);
		if (!run.error)
			return;
	}
	check(!"the collection ends");
}

static void test_footprint(void)
{
	lua_State *L = test_open(MIB);

	check(host.pages <= 32 * 1024);
	check(engine_memory(L) <= 24 * 1024);
	test_do(L, "return 1 + 1");
	check(host.pages <= 32 * 1024);
	test_do(L, "local t = {} for i = 1, 10000 do t[i] = {} end");
	test_do(L, "collectgarbage()");
	check(host.pages <= 320 * 1024); /* of 1.2 MiB: a segment in which anything lives stays */
	test_close(L);
}

void test_memory(void)
{
	test_case("footprint", test_footprint());
	test_case("the limit", test_limit());
	test_case("counted to the byte", test_exact());
	test_case("the limit of a run", test_run_limit());
	test_case("the buffer of a run that was ended", test_buffer_of_a_spent_run());
	test_case("the buffer in a collection that was ended", test_buffer_in_a_spent_collection());
	test_case("a limit anywhere in a run", test_tight());
	test_case("an allocation fails, whichever", test_faults());
	test_case("a block fails, whichever", test_blocks());
}
