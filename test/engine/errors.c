// SPDX-License-Identifier: MIT
/* What goes wrong in a run, and how it is told. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "test.h"

static void fails(lua_State *L, const char *code, enum lunatik_error error, const char *message)
{
	struct engine_run run = test_run(L, code);

	check_error(run.error, error);
	check_text(run.message, message);
	test_drop(&run);
}

static void test_messages(lua_State *L)
{
	struct engine_run run;

	fails(L, "error('boom')", LUNATIK_ERROR_RUNTIME, "chunk:1: boom");
	fails(L, "error('boom', 0)", LUNATIK_ERROR_RUNTIME, "boom");
	fails(L, "\n\nlocal x = nil + 1", LUNATIK_ERROR_RUNTIME,
	      "chunk:3: attempt to perform arithmetic on a nil value");
	fails(L, "error({})", LUNATIK_ERROR_RUNTIME, "(error object is a table value)");
	fails(L, "error()", LUNATIK_ERROR_RUNTIME, "(error object is a nil value)");
	fails(L, "error(12)", LUNATIK_ERROR_RUNTIME, "12");
	fails(L, "error(setmetatable({}, {__tostring = function() return 'shown' end}))",
	      LUNATIK_ERROR_RUNTIME, "shown");
	fails(L, "x = = 1", LUNATIK_ERROR_SYNTAX, "chunk:1: unexpected symbol near '='");
	fails(L, "\033Lua", LUNATIK_ERROR_BYTECODE,
	      "attempt to load a binary chunk (mode is 't')");
	fails(L, "assert(load('\\27Lua', 'x', 'b'))", LUNATIK_ERROR_RUNTIME,
	      "chunk:1: attempt to load a binary chunk (mode is 't')");
	fails(L, "assert(load(string.dump(function() end)))", LUNATIK_ERROR_RUNTIME,
	      "chunk:1: attempt to load a binary chunk (mode is 't')");
	fails(L, "local function f() return f() + 1 end f()", LUNATIK_ERROR_RUNTIME,
	      "chunk:1: stack overflow");
	/* a name that comes after so many constants that it is in a register */
	fails(L, "local code = {'local t = {'} for i = 1, 300 do code[#code + 1] = i .. '.5,' end "
		 "code[#code + 1] = '} t:none()' assert(load(table.concat(code), '=many'))()",
	      LUNATIK_ERROR_RUNTIME, "many:1: attempt to call a nil value (method 'none')");

	run = test_limits();
	run.chunk_name = "@some/where.lua";
	run = test_run_with(L, "local function f()\n error('boom')\nend\nf()", run);
	check_text(run.message, "some/where.lua:2: boom");
	check_text(run.traceback, "stack traceback:\n"
				  "\t[C]: in function 'error'\n"
				  "\tsome/where.lua:2: in local 'f'\n"
				  "\tsome/where.lua:4: in main chunk\n"
				  "\t[C]: in ?");
	test_drop(&run);
	test_do(L, "");
}

static struct engine_run call(lua_State *L, const char *function, const char *arguments,
			      unsigned long size)
{
	struct engine_run run = test_limits();

	run.function = function;
	run.arguments.data = (char *)arguments;
	run.arguments.size = size;
	return test_run_with(L, NULL, run);
}

static void test_functions(lua_State *L)
{
	static const char *const missing[] = {
		"nothing", "geo.nothing", "geo.area.deeper", "geo", "", ".", "geo.", "geo..area",
		"_VERSION", "_VERSION.x", "string.rep.x",
	};
	struct engine_run run;
	unsigned int i;

	test_do(L, "geo = {area = function(a, b) return a * b end, fail = function() error('no') end}\n"
		   "callable = setmetatable({}, {__call = function(self, x) return x end})\n"
		   "proxy = setmetatable({}, {__index = function(t, k)\n"
		   "  if k == 'bad' then error('index') end return function() return k end end})");
	run = call(L, "geo.area", "\x92\x06\x07", 3);
	check_error(run.error, 0);
	check(run.results.size == 2 && !memcmp(run.results.data, "\x91\x2a", 2));
	test_drop(&run);
	run = call(L, "callable", "\x91\x05", 2);
	check(run.results.size == 2 && !memcmp(run.results.data, "\x91\x05", 2));
	test_drop(&run);
	run = call(L, "proxy.anything", NULL, 0);
	check(run.results.size == 10 && !memcmp(run.results.data, "\x91\xa8" "anything", 10));
	test_drop(&run);
	run = call(L, "string.upper", "\x91\xa1x", 3);
	check(run.results.size == 3 && !memcmp(run.results.data, "\x91\xa1X", 3));
	test_drop(&run);
	run = call(L, "proxy.bad", NULL, 0);
	check_error(run.error, LUNATIK_ERROR_RUNTIME);
	test_drop(&run);
	run = call(L, "geo.fail", NULL, 0);
	check_error(run.error, LUNATIK_ERROR_RUNTIME);
	check_text(run.message, "chunk:1: no");
	test_drop(&run);
	for (i = 0; i < sizeof(missing) / sizeof(missing[0]); i++) {
		char wanted[80];

		snprintf(wanted, sizeof(wanted), "no function is named '%s'", missing[i]);
		run = call(L, missing[i], NULL, 0);
		check_error(run.error, LUNATIK_ERROR_NO_FUNCTION);
		check_text(run.message, wanted);
		test_drop(&run);
	}
}

/* What a script gets hold of through debug does not lead it out. */
static void test_inside(lua_State *L)
{
	struct engine_run run;

	test_do(L, "for level = 0, 10 do\n"
		   "  local info = debug.getinfo(level, 'f')\n"
		   "  if info and info.func ~= debug.getinfo then kept = info.func end\n"
		   "end");
	run = test_run(L, "kept()");
	check_error(run.error, LUNATIK_ERROR_RUNTIME);
	check_text(run.message, "chunk:1: a run cannot be started from inside");
	test_drop(&run);
	test_do(L, "local ok, text = pcall(kept, 1) assert(not ok)");
	test_do(L, "handler = nil\n"
		   "pcall(error, setmetatable({}, {__tostring = function() end}))");
	run = test_run(L, "error(setmetatable({}, {__tostring = function()\n"
			  "  handler = debug.getinfo(2, 'f').func return 'shown' end}))");
	check_text(run.message, "shown");
	test_drop(&run);
	run = test_run(L, "assert(handler) handler('x') handler({}) handler() return 1");
	check_error(run.error, 0);
	check(run.traceback.data == NULL);
	test_drop(&run);
	test_do(L, "assert(not debug.sethook and not debug.getregistry and not debug.setmetatable)\n"
		   "assert(not io and not require and not package and not dofile and not loadfile)\n"
		   "assert(not os.execute and not os.getenv and not os.exit)");
}

static void test_output(lua_State *L)
{
	host.printed_size = 0;
	test_do(L, "print(1, 'a', nil, 2.0) warn('@on') warn('careful', '!') warn('@off') warn('no')");
	check(!strcmp(host.printed, "1\ta\tnil\t2.0\nLua warning: careful!\n"));
	host.printed_size = 0;
	test_do(L, "t = {} print(tostring(t) == string.format('table: %p', t), tostring(t) == tostring(t),"
		   "tostring(t) == tostring({}))\n"
		   "print(string.format('%p', 1), tostring(print):match('^builtin') or tostring(print):match('^function'))");
	check(!strcmp(host.printed, "true\ttrue\tfalse\n(null)\tfunction\n"));
}

/* Neither tostring nor %p nor the seeds of math.random show where anything is. */
static void test_addresses(lua_State *L)
{
	struct engine_run run;
	unsigned long long shown, stack = (unsigned long long)__builtin_frame_address(0);
	const char *line = host.printed;
	int i, near = 0;

	host.printed_size = 0;
	test_do(L, "for i = 1, 100 do print(string.format('%p', {})) end print(math.randomseed())");
	for (i = 0; i < 100; i++) {
		shown = strtoull(line, NULL, 16);
		line = strchr(line, '\n') + 1;
		/* a heap of 64 MiB would put them all within a few pages of each other */
		if (shown >> 24 == (unsigned long long)(size_t)L >> 24 || shown >> 24 == stack >> 24)
			near++;
	}
	check(near == 0);
	run = test_run(L, "local a, b = math.randomseed() return a, b");
	check_error(run.error, 0);
	test_drop(&run);
}

static void test_libraries(void)
{
	struct engine_setup setup = {.memory = MIB, .libraries = LUNATIK_LIBRARY_STRING, .seed = 7};
	lua_State *L;

	host_stack_here();
	check_error(engine_open(&setup, &L), 0);
	test_do(L, "assert(string and print and not math and not table and not utf8 and not os)\n"
		   "assert(not coroutine and not debug)");
	test_close(L);
}

void test_errors(void)
{
	lua_State *L = test_open(64 * MIB);

	test_case("messages and tracebacks", test_messages(L));
	test_case("calls by name", test_functions(L));
	test_case("errors inside of errors", test_inside(L));
	test_case("output", test_output(L));
	test_case("addresses are not the kernel's", test_addresses(L));
	test_close(L);
	test_case("a choice of libraries", test_libraries());
}
