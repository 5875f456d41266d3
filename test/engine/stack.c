// SPDX-License-Identifier: MIT
/*
 * How deep Lua nests in a stack as small as a kernel's, and how much of it stays untouched. Under a
 * sanitizer frames are several times as large, so only the untouched part is looked at there.
 */

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "test.h"

#define RESERVE 3072 /* what Lua leaves at the very least; kmod/lua/cstack.h */
#define PAINT 0 /* as the engine itself does */

/* 16 KiB, of which 1.5 KiB are the kernel's and the module's before Lua starts. */
#define STACK (INSTRUMENTED ? 120 * 1024 : 16 * 1024 - 1536)

struct job {
	lua_State *L;
	const char *code;
	struct engine_run run;
	unsigned long untouched;
	unsigned long deepest; /* what the engine says */
};

/* The frames of the engine's own entry lie above, the stack it may use begins right here. */
static __attribute__((noinline)) void run_painted(struct job *job)
{
	unsigned char *here = __builtin_frame_address(0);
	unsigned char *end = here - STACK, *at;

	for (at = end; at < here - 512; at++)
		*(volatile unsigned char *)at = PAINT;
	host.stack_end = (unsigned long)end;
	host.stack = STACK;
	engine_run(job->L, &job->run);
	job->deepest = engine_stack_deepest(job->L);
	for (at = end; *(volatile unsigned char *)at == PAINT; at++)
		;
	job->untouched = at - end;
}

static void *run_job(void *argument)
{
	run_painted(argument);
	return NULL;
}

static struct job run_small(lua_State *L, const char *code)
{
	struct job job = {.L = L, .code = code, .run = test_limits()};
	pthread_attr_t attributes;
	unsigned long stack = host.stack;
	pthread_t thread;

	job.run.code.data = (char *)code;
	job.run.code.size = strlen(code);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 256 * 1024);
	pthread_create(&thread, &attributes, run_job, &job);
	pthread_join(thread, NULL);
	pthread_attr_destroy(&attributes);
	host.stack = stack;
	return job;
}

/* Works to a depth of 20, and far deeper ends as an error, not in the reserve. */
static const struct {
	const char *what;
	const char *code; /* of the function nest(n) */
} nestings[] = {
	{"parentheses", "assert(load('return ' .. ('('):rep(n) .. '1' .. (')'):rep(n)))"},
	{"functions", "assert(load(('return function() '):rep(n) .. ('end '):rep(n)))"},
	{"pcall", "local function f(n) if n > 0 then assert(pcall(f, n - 1)) end end f(n)"},
	{"xpcall", "local function f(n) if n > 0 then assert(xpcall(f, tostring, n - 1)) end end f(n)"},
	{"__index", "local mt = {} mt.__index = function(t, k) return k == 0 or setmetatable({}, mt)[k - 1] end assert(setmetatable({}, mt)[n])"},
	{"__newindex", "local mt = {} mt.__newindex = function(t, k, v) if k > 0 then setmetatable({}, mt)[k - 1] = v end end setmetatable({}, mt)[n] = 1"},
	{"__add", "local mt = {} mt.__add = function(t, k) return k == 0 or setmetatable({}, mt) + (k - 1) end assert(setmetatable({}, mt) + n)"},
	{"__lt", "local mt = {} mt.__lt = function(t, k) return k == 0 or setmetatable({}, mt) < k - 1 end assert(setmetatable({}, mt) < n)"},
	{"__concat", "local mt = {} mt.__concat = function(t, k) return k == 0 or setmetatable({}, mt) .. (k - 1) end assert(setmetatable({}, mt) .. n)"},
	{"__tostring", "local mt = {} mt.__tostring = function() n = n - 1 return n <= 0 and '' or tostring(setmetatable({}, mt)) end tostring(setmetatable({}, mt))"},
};

/* Ends as an error sooner or later; each may use all the stack there is. */
static const char *const deep[] = {
	"local function f() return coroutine.wrap(f)() end f()",
	"local function f() return (('x'):gsub('x', f)) end f()",
	"local function f() table.sort({1, 2, 3}, f) end f()",
	"local function f() return load(f) end f()",
	"local function f() return string.format('%s', setmetatable({}, {__tostring = f})) end f()",
	"local function f() return tostring(1.5e300) .. string.format('%.99f', 1e308) .. pcall(f) end f()",
	"local function f() local t <close> = setmetatable({}, {__close = f}) error('x') end f()",
	"local function f() return xpcall(f, f) end f() error(f())",
	"local function f() xpcall(error, f) end f() error('x')",
	"local function f() error(setmetatable({}, {__tostring = f})) end f()",
	"local function f() setmetatable({}, {__gc = f}) collectgarbage() end f() error('x')",
	"local function f() return require end local function g() debug.traceback(('x'):rep(10), 1) return pcall(g) end g() error('x')",
	"local function f() return os.date('%c %x %X') .. f() .. '' end f()",
	"local function f() for a in ('a,b'):gmatch('%w') do f() end end f()",
	"return ('a'):rep(300):match(('.?'):rep(300))",
	"return ('a'):rep(300):match(('(a'):rep(31) .. (')'):rep(31) .. ('.?'):rep(300))",
	"return load(('x = {'):rep(1000))",
	"assert(load('return ' .. ('-'):rep(1000) .. '1')) error('x')",
	"assert(load('return ' .. ('not '):rep(1000) .. '1')) error('x')",
	"assert(load('return ' .. ('a.b(c['):rep(1000))) error('x')",
	"assert(load(('if x then else '):rep(1000))) error('x')",
	"local t = {} for i = 1, 40 do t = {t} end return t",
	/* sorting, begun with every number of bytes left */
	"local function nest(a, b) if a > 0 then ('x'):gsub('x', function() nest(a - 1, b) end) elseif b > 0 then "
	"local good, e = pcall(nest, 0, b - 1) if not good then error(e, 0) end else table.sort({3, 1, 2}) end end "
	"for a = 1, 200, 3 do for b = 0, 16 do pcall(nest, a, b) end end",
	/* and with frames of three sizes before it, since two may be multiples of the same */
	"local function nest(a, b, c) if a > 0 then ('x'):gsub('x', function() nest(a - 1, b, c) end) elseif b > 0 then "
	"local good, e = pcall(nest, 0, b - 1, c) if not good then error(e, 0) end elseif c > 0 then "
	"return setmetatable({}, {__index = function(_, k) nest(0, 0, k) end})[c - 1] else table.sort({3, 1, 2}) end end "
	"local most = 3 while pcall(nest, most + 1, 0, 0) do most = most + 1 end "
	"for a = most - 3, most do for b = 0, 20 do for c = 0, 40 do pcall(nest, a, b, c) end end end",
};

void test_stack(void)
{
	lua_State *L = test_open(64 * MIB);
	unsigned long least = STACK;
	unsigned int i;

	for (i = 0; i < sizeof(nestings) / sizeof(nestings[0]); i++) {
		char code[1024];
		struct job job;

		test_begin();
		snprintf(code, sizeof(code), "local n = 20 %s", nestings[i].code);
		job = run_small(L, code);
		if (job.run.error)
			printf("%s: %.*s\n", nestings[i].what, (int)job.run.message.size,
			       job.run.message.data);
		check_error(job.run.error, 0);
		check(job.untouched >= RESERVE);
		test_drop(&job.run);
		snprintf(code, sizeof(code), "local n = 2000 %s", nestings[i].code);
		job = run_small(L, code);
		check_error(job.run.error, LUNATIK_ERROR_RUNTIME);
		if (job.untouched < RESERVE || !job.run.message.data || !memmem(job.run.message.data, job.run.message.size, "overflow", 8))
			printf("%s: %lu: %.*s\n", nestings[i].what, job.untouched, (int)job.run.message.size, job.run.message.data);
		check(job.run.message.data &&
		      memmem(job.run.message.data, job.run.message.size, "overflow", 8));
		check(job.untouched >= RESERVE);
		if (job.untouched < least)
			least = job.untouched;
		test_drop(&job.run);
		test_end(nestings[i].what);
	}
	for (i = 0; i < sizeof(deep) / sizeof(deep[0]); i++) {
		struct job job = run_small(L, deep[i]);

		test_begin();
		check(job.untouched >= RESERVE);
		if (job.untouched < RESERVE)
			printf("%s: %lu bytes are left\n", deep[i], job.untouched);
		if (job.untouched < least)
			least = job.untouched;
		test_drop(&job.run);
		test_do(L, "collectgarbage()");
		test_end(deep[i]);
	}
	/* the engine has seen it as well */
	test_begin();
	check(engine_stack_deepest(L) > STACK - least - 64 && engine_stack_deepest(L) < STACK - least + 64);
	test_end("the deepest use is counted");
	printf("  of %d bytes of stack, %lu were never touched\n", STACK, least);
	test_close(L);
}
