// SPDX-License-Identifier: MIT
/* Steps, time and cancel: nothing goes on when one is spent, and the state is usable after it. */

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "test.h"

/* Each never ends by itself, or tries not to be ended. */
static const char *const endless[] = {
	"while true do end",
	"repeat until false",
	"::top:: goto top",
	"for i = 1, math.huge do end",
	"for i = 1.0, math.huge do end",
	"local function f() return f() end f()",
	"local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) while true do pcall(function() return t[1] end) end",
	"while true do pcall(function() while true do end end) end",
	"while true do pcall(error) end",
	"while true do xpcall(function() while true do end end, function() while true do end end) end",
	"while true do coroutine.wrap(function() pcall(function() while true do end end) end)() end",
	"local co = coroutine.wrap(function() while true do pcall(coroutine.yield) end end) while true do co() end",
	"local function f() local t <close> = setmetatable({}, {__close = function() while true do end end}) while true do end end while true do pcall(f) end",
	"while true do local t <close> = setmetatable({}, {__close = function() end}) end",
	"setmetatable({}, {__gc = function() while true do end end}) while true do collectgarbage() end",
	"setmetatable({}, {__gc = function(o) setmetatable(o, getmetatable(o)) end}) while true do collectgarbage() end",
	"local function gc(o) setmetatable({}, {__gc = gc}) while true do pcall(gc) end end setmetatable({}, {__gc = gc}) collectgarbage()",
	"(('a'):rep(600)):find('.-.-.-b')",
	"(('a'):rep(30000)):find(('a*'):rep(20) .. 'b')",
	"(('a'):rep(1000000)):find(('a'):rep(500000) .. 'b', 1, true) while true do end",
	"('x'):rep(100000):gsub('.', function() while true do end end)",
	"local s = ('a'):rep(50000) while true do s:gsub('%w+$', 'x') end",
	"while true do ('x'):rep(1000000) end",
	"while true do ('x'):rep(1000000):upper():lower():reverse() end",
	"local t = {} for i = 1, 100000 do t[i] = i end while true do table.concat(t) end",
	"local t = {} for i = 1, 50000 do t[i] = i end while true do table.sort(t, function(a, b) return (a * 7919) % 104729 < (b * 7919) % 104729 end) end",
	"table.sort({1, 2, 3, 4, 5}, function() while true do end end)",
	"table.move(setmetatable({}, {__index = function() return 1 end, __newindex = function() end}), 1, math.maxinteger - 1, 2)",
	"table.concat(setmetatable({}, {__len = function() return 1 << 40 end, __index = function() return '' end}))",
	"table.unpack(setmetatable({}, {__index = function() while true do end end}), 1, 100)",
	"table.insert(setmetatable({}, {__len = function() return 1 << 40 end, __index = function() return 1 end, __newindex = function() end}), 1, 1)",
	"table.remove(setmetatable({}, {__len = function() return 1 << 40 end, __index = function() return 1 end, __newindex = function() end}), 1)",
	"local t = {} for i = 1, 100000 do t[i] = i end for i = 1, 100000 do t[i] = nil end while true do next(t) end",
	"local t = {} for i = 1, 100000 do t['k' .. i] = i end for k in pairs(t) do t[k] = nil end while true do next(t) end",
	"while true do load('return ' .. ('1 + '):rep(10000) .. '1') end",
	"while true do load(function() return 'x = 1 ' end) end",
	"load(function() return ' ' end)",
	"load(function() return '--' end)",
	"while true do load('--' .. (' '):rep(1000000)) end",
	"load(function() while true do end end)",
	"while true do utf8.len(('x'):rep(1000000)) end",
	"while true do utf8.offset(('\\x80'):rep(1000000), 0, 1000000) end",
	"while true do string.pack(('b'):rep(5), 1, 2, 3, 4, 5) end",
	"while true do pcall(string.packsize, ('i1'):rep(1000000)) end",
	"while true do string.pack('c1000000', '') end",
	"local t = {} for i = 1, 200000 do t[i] = {} end while true do collectgarbage() end",
	"collectgarbage('generational') local t = {} while true do for i = 1, 1000 do t[i] = {} end collectgarbage('step') end",
	"local t = {} for i = 1, 100000 do t[i] = i end local function f(...) while true do local n = select('#', ...) g = {...} end end f(table.unpack(t))",
	"local a, b = ('a'):rep(1000000) .. 'a', ('a'):rep(1000000) .. 'b' while true do local x = a < b, a == b end",
	"while true do tostring(setmetatable({}, {__tostring = function() while true do end end})) end",
	"string.format('%s', setmetatable({}, {__tostring = function() while true do end end}))",
	"while true do string.format('%99.99f', 1e308) end",
	"local t = setmetatable({}, {__concat = function() while true do end end}) return t .. t",
	"while true do print('x') end",
	"error(setmetatable({}, {__tostring = function() while true do end end}))",
	"return setmetatable({}, {__pairs = 1}), (function() while true do end end)()",
};

#define ENDLESS (sizeof(endless) / sizeof(endless[0]))

static void test_ends(lua_State **L, const char *code, int what)
{
	struct engine_run run = test_limits();

	run.limits.steps = what == 0 ? 2000000 : ~0ull;
	run.limits.time = what == 1 ? SECOND / 20 : 100 * SECOND;
	host.printed_size = 0;
	run = test_run_with(*L, code, run);
	if (run.error != (what ? LUNATIK_ERROR_TIME : LUNATIK_ERROR_STEPS))
		printf("in: %s\n%.*s\n", code, (int)run.message.size, run.message.data);
	check_error(run.error, what ? LUNATIK_ERROR_TIME : LUNATIK_ERROR_STEPS);
	check(run.message.size > 10);
	if (what == 0)
		check(run.steps == 2000000);
	else
		check(run.time >= SECOND / 20 && run.time < 2 * SECOND);
	test_drop(&run);
	test_do(*L, "assert(1 + 1 == 2)"
		    "assert(coroutine.wrap(function() return pcall(error) end)() == false)");
	/* What a script has left behind (finalizers, large tables) is not the next one's. */
	test_close(*L);
	*L = test_open(64 * MIB);
}

static void test_endless(void)
{
	lua_State *L = test_open(64 * MIB);
	unsigned int i;

	for (i = 0; i < ENDLESS; i++) {
		test_case(endless[i], test_ends(&L, endless[i], 0));
		test_case(endless[i], test_ends(&L, endless[i], 1));
	}
	test_close(L);
}

struct canceller {
	struct engine_run run;
	unsigned int after; /* us */
};

static void *cancel_later(void *argument)
{
	struct canceller *canceller = argument;

	usleep(canceller->after);
	engine_cancel(&canceller->run);
	return NULL;
}

static void test_cancel(void)
{
	lua_State *L = test_open(64 * MIB);
	struct canceller canceller;
	pthread_t thread;
	unsigned int i;

	for (i = 0; i < ENDLESS; i += 5) {
		canceller.run = test_limits();
		canceller.run.limits.steps = ~0ull;
		canceller.run.limits.time = 100 * SECOND;
		canceller.run.code.data = (char *)endless[i];
		canceller.run.code.size = strlen(endless[i]);
		canceller.after = 20000;
		pthread_create(&thread, NULL, cancel_later, &canceller);
		host.printed_size = 0;
		host_stack_here();
		engine_run(L, &canceller.run);
		pthread_join(thread, NULL);
		check_error(canceller.run.error, LUNATIK_ERROR_CANCELLED);
		check(canceller.run.time < 2 * SECOND);
		test_drop(&canceller.run);
		test_close(L);
		L = test_open(64 * MIB);
	}
	canceller.run = test_limits(); /* before it starts */
	engine_cancel(&canceller.run);
	canceller.run = test_run_with(L, "while true do end", canceller.run);
	check_error(canceller.run.error, LUNATIK_ERROR_CANCELLED);
	test_drop(&canceller.run);
	test_close(L);
}

static unsigned long long steps_of(const char *code)
{
	lua_State *L = test_open(64 * MIB);
	struct engine_run run = test_run(L, code);

	check_error(run.error, 0);
	test_drop(&run);
	test_close(L);
	return run.steps;
}

static void test_counting(void)
{
	static const char *const programs[] = {
		"local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end fib(18)",
		"local t = {} for i = 1, 20000 do t[#t + 1] = {tostring(i)} end table.sort(t, function(a, b) return a[1] < b[1] end)",
		"local s = {} for i = 1, 2000 do s[i] = ('x'):rep(i % 50) end (table.concat(s)):gsub('x+', string.upper)",
		"local t = {} for i = 1, 5000 do t['k' .. i] = i end for i = 1, 5000, 3 do t['k' .. i] = nil end for k in pairs(t) do t[k] = 1 end collectgarbage()",
	};
	unsigned long long empty = steps_of(""), loop = steps_of("for i = 1, 1000 do end");
	struct engine_run run;
	unsigned int i;
	lua_State *L;

	check(loop - empty >= 999 && loop - empty < 1100);
	loop = steps_of("local f = function() end for i = 1, 1000 do f() end");
	check(loop - empty >= 1999 && loop - empty < 2200);
	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		check(steps_of(programs[i]) == steps_of(programs[i]));

	/* exactly as many as are needed are enough */
	loop = steps_of(programs[0]);
	L = test_open(64 * MIB);
	run = test_limits();
	run.limits.steps = loop;
	run = test_run_with(L, programs[0], run);
	check_error(run.error, 0);
	check(run.steps == loop);
	test_drop(&run);
	test_close(L);
	L = test_open(64 * MIB);
	run = test_limits();
	run.limits.steps = loop - 1;
	run = test_run_with(L, programs[0], run);
	check_error(run.error, LUNATIK_ERROR_STEPS);
	check(run.steps == loop - 1);
	test_drop(&run);
	run = test_limits();
	run.limits.steps = 0;
	run = test_run_with(L, "", run);
	check_error(run.error, LUNATIK_ERROR_STEPS);
	test_drop(&run);
	test_close(L);
}

/* What a spent budget leaves behind can be used. */
static void test_afterwards(void)
{
	lua_State *L = test_open(64 * MIB);
	struct engine_run run = test_limits();

	run.limits.steps = 100000;
	run = test_run_with(L, "closed = 0\n"
			       "co = coroutine.create(function()\n"
			       "  local x <close> = setmetatable({}, {__close = function() closed = closed + 1 end})\n"
			       "  up = function() return x end\n"
			       "  while true do end end)\n"
			       "value = 5\n"
			       "local y <close> = setmetatable({}, {__close = function() closed = closed + 1 end})\n"
			       "keep = function() return y end\n"
			       "coroutine.resume(co)", run);
	check_error(run.error, LUNATIK_ERROR_STEPS);
	check_text(run.message, "chunk:5: the step budget is spent");
	check(run.traceback.size > 0);
	test_drop(&run);
	test_do(L, "assert(value == 5 and closed == 0)\n"
		   "assert(coroutine.status(co) == 'dead')\n"
		   "assert(type(keep()) == 'table' and type(up()) == 'table')\n"
		   "local ok, message = coroutine.resume(co)\n"
		   "assert(not ok and message == 'cannot resume dead coroutine')\n"
		   "assert(coroutine.close(co) == false)\n"
		   "assert(type(up()) == 'table')\n"
		   "collectgarbage()");
	test_close(L);
}

/* Coroutines that nothing refers to, with upvalues that globals share, and much to do for weak keys. */
static const char abandoned[] =
	"collectgarbage('stop') set, get, weak = {}, {}, {}\n"
	"for i = 1, 60 do\n"
	"  local co = coroutine.create(function()\n"
	"    local x set[i] = function(v) x = v end get[i] = function() return x end\n"
	"    coroutine.yield() end)\n"
	"  coroutine.resume(co) end\n"
	"for i = 1, 300 do weak[i] = setmetatable({[{}] = {}}, {__mode = 'k'}) end";

/* A value set while a cycle marks is seen by it, whenever in the cycle that is. */
static const char marked[] =
	"collectgarbage('incremental', 100, 4, 10)\n" /* a cycle in some 15 steps */
	"local i = 0\n"
	"repeat i = i + 1 local ended = collectgarbage('step', 0)\n"
	"  if set[i] then set[i]({mark = i}) end until ended\n"
	"for i = 1, 2000 do junk = {mark = 'junk'} weak[#weak + 1] = junk end\n"
	"for k = 1, math.min(i, #get) do assert(get[k]().mark == k, 'upvalue ' .. k .. ' is gone') end\n"
	"collectgarbage() collectgarbage()";

/* A collection that is given up, wherever, leaves the collector's lists and its mode in order. */
static void test_collection_given_up(const char *mode)
{
	unsigned long long steps;
	int given_up = 0;

	for (steps = 20;; steps += 151) {
		lua_State *L = test_open(64 * MIB);
		struct engine_run run = test_limits();
		char code[100];

		snprintf(code, sizeof(code), "collectgarbage('%s')", mode);
		test_do(L, code);
		test_do(L, abandoned);
		run.limits.steps = steps;
		run = test_run_with(L, "collectgarbage()", run);
		test_drop(&run);
		snprintf(code, sizeof(code), "assert(collectgarbage('incremental') == '%s')", mode);
		test_do(L, code);
		test_do(L, marked);
		test_close(L);
		if (!run.error)
			break;
		check_error(run.error, LUNATIK_ERROR_STEPS);
		given_up++;
	}
	check(given_up > 10);
}

/* A state that stays generational after a collection was given up goes on to collect young objects. */
static void test_generational_afterwards(void)
{
	unsigned long long steps;

	for (steps = 20;; steps += 211) {
		lua_State *L = test_open(64 * MIB);
		struct engine_run run = test_limits();

		test_do(L, "collectgarbage('generational')");
		test_do(L, abandoned);
		run.limits.steps = steps;
		run = test_run_with(L, "collectgarbage()", run);
		test_drop(&run);
		test_do(L, "collectgarbage('restart')\n"
			   "for i = 1, 20000 do local t = {{mark = i}} set[i % 60 + 1](t)\n"
			   "  weak[i % 300 + 1] = setmetatable({[t] = {}}, {__mode = 'k'})\n"
			   "  assert(get[i % 60 + 1]()[1].mark == i) end\n"
			   "for i = 20000 - 59, 20000 do assert(get[i % 60 + 1]()[1].mark == i) end\n"
			   "assert(collectgarbage('count') < 2000)\n"
			   "assert(collectgarbage('incremental') == 'generational')");
		test_close(L);
		if (!run.error)
			break;
	}
}

/* Where the run was is looked for in all the globals; how many there are does not decide how long. */
static void test_long_traceback(void)
{
	lua_State *L = test_open(64 * MIB);
	struct engine_run run = test_limits();
	const unsigned long long look = 1000;

	test_do(L, "for i = 1, 200000 do _G['k' .. i] = i end");
	test_do(L, "collectgarbage() collectgarbage('stop')");
	run.limits.steps = 100000;
	host.tick = look;
	run = test_run_with(L, "local function f(n) if n == 0 then while true do end end return (f(n - 1)) end f(15)",
			    run);
	host.tick = 0;
	check_error(run.error, LUNATIK_ERROR_STEPS);
	check_text(run.message, "chunk:1: the step budget is spent");
	check(run.traceback.size == 0);
	check(run.time < 500 * look); /* a tenth of what all would take */
	test_drop(&run);
	run = test_limits();
	run.limits.steps = 100000;
	run = test_run_with(L, "for k in pairs(_G) do if k:find('^k%d') then _G[k] = nil end end", run);
	check_error(run.error, LUNATIK_ERROR_STEPS);
	test_drop(&run);
	test_close(L);

	L = test_open(64 * MIB); /* an ordinary one, of a deep stack */
	run = test_limits();
	run.limits.steps = 200000;
	run = test_run_with(L, "local function f(n) if n == 0 then while true do end end return (f(n - 1)) end f(30000)",
			    run);
	check_error(run.error, LUNATIK_ERROR_STEPS);
	check(run.traceback.size > 500);
	test_drop(&run);
	test_close(L);
}

/* Closing a state runs its finalizers, under the limits it is given. */
static void test_closing(void)
{
	lua_State *L = test_open(64 * MIB);
	struct engine_run run;

	host.printed_size = 0;
	test_do(L, "for i = 1, 3 do _G[i] = setmetatable({}, {__gc = function() print('gone', i) end}) end");
	test_close(L);
	check(!strcmp(host.printed, "gone\t3\ngone\t2\ngone\t1\n"));

	L = test_open(64 * MIB);
	test_do(L, "for i = 1, 100 do _G[i] = setmetatable({}, {__gc = function() while true do end end}) end");
	run = test_limits();
	run.limits.time = SECOND / 20;
	run.limits.steps = ~0ull;
	host_stack_here();
	engine_close(L, &run);
	check_error(run.error, LUNATIK_ERROR_TIME);
	check(run.time < SECOND);
	test_drop(&run);

	L = test_open(64 * MIB);
	test_do(L, "x = setmetatable({}, {__gc = function() error('in a finalizer') end})"
		   "y = setmetatable({}, {__gc = function() y = setmetatable({}, {__gc = function() end}) end})");
	test_close(L);
}

/* The FPU section is left every now and then. */
static void test_slices(void)
{
	lua_State *L = test_open(64 * MIB);
	struct engine_run run = test_limits();

	/* a clock that goes whenever somebody looks: none is longer than its slice and the poll that ends it */
	host.relaxed = 0;
	host.longest_section = 0;
	host.tick = 20000;
	run.limits.steps = 1000000;
	run = test_run_with(L, "while true do end", run);
	host.tick = 0;
	check_error(run.error, LUNATIK_ERROR_STEPS);
	check(host.relaxed > 80); /* 1000 polls, 10 a slice */
	check(host.longest_section >= 200000 && host.longest_section <= 300000);
	test_drop(&run);
	test_close(L);
}

void test_budgets(void)
{
	test_case("steps are counted", test_counting());
	test_case("slices of the FPU section", test_slices());
	test_endless();
	test_case("cancelling", test_cancel());
	test_case("nothing runs on afterwards", test_afterwards());
	test_case("a collection given up", test_collection_given_up("incremental"));
	test_case("a generational collection given up", test_collection_given_up("generational"));
	test_case("generational afterwards", test_generational_afterwards());
	test_case("a traceback that would take long", test_long_traceback());
	test_case("closing has a budget", test_closing());
}
