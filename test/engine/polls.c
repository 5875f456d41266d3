// SPDX-License-Identifier: MIT
/*
 * Work between two looks at the budget, in each C loop that a script can make long, on as much data as fits: what a cancel
 * or a deadline waits for at most. Counted as the CPU time of the thread, which other programs do not change.
 */

#include <stdio.h>
#include "test.h"

/* The aim is 50 ms for a cancel as a whole. */
#define BOUND (INSTRUMENTED ? SECOND : SECOND / 20)

#define HALF "local a, b = ('a'):rep(12 << 20), ('a'):rep(12 << 20) "

/*
 * Strings hold all the memory; with every other one freed, tables take what pages there may still be. Then the tables'
 * arrays shrink, when there is no slab for what is left of them; at last some are freed.
 */
#define SMALL_BLOCKS \
	"local kept, tables = {}, {} " \
	"for i = 1, 22000 do kept[i] = ('k%06d'):format(i) end " \
	"pcall(function() while true do kept[#kept + 1] = ('%08d'):format(#kept):rep(56) end end) " \
	"for i = 1, #kept do if i > 22000 and i % 2 == 0 or i <= 22000 and i % 30 > 0 then kept[i] = false end end " \
	"collectgarbage() " \
	"pcall(function() while true do tables[#tables + 1] = {" TEN TEN TEN "1, 2} end end) " \
	"pcall(function() for _, t in ipairs(tables) do for j = 7, 32 do t[j] = nil end t.x = 1 end end) " \
	"for i = #tables - 2000, #tables do tables[i] = nil end collectgarbage()"
#define TEN "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, "

static const struct {
	const char *what;
	const char *code;
	unsigned long long memory; /* MiB; 0 is 64 */
} loops[] = {
	{"rep of a byte", "local s = ('x'):rep(24 << 20)"},
	{"rep of a long string", "local s = ('x'):rep(3 << 20) s = s:rep(6)"},
	{"concatenation", HALF "local s = a .. b"},
	{"equality", HALF "assert(a == b and rawequal(a, b))"},
	{"order", HALF "assert(a <= b and not (a < b))"},
	{"hashing a key", HALF "local t = {[a] = 1} assert(t[b] == 1)"},
	{"a key of a table, for next", HALF "local t = {[a] = 1} assert(next(t, b) == nil)"},
	{"plain find", HALF "a:find('ab', 1, true) a:find('b')"},
	{"find of a long string", HALF "a:find(b:sub(1, 6 << 20) .. 'b', 1, true)"},
	{"looking for special characters", HALF "a:find(b)"},
	{"a pattern", HALF "a:find('a*b') a:find('.-b')"},
	{"a set of a pattern", "('x'):rep(100):find('[' .. ('y'):rep(6 << 20) .. ']')"},
	{"the frontier of a pattern", "('x'):rep(100):find('%f[' .. ('y'):rep(6 << 20) .. ']')"},
	{"gsub", HALF "b = nil a:gsub('a', 'c')"},
	{"upper, lower, reverse", "local a = ('a'):rep(6 << 20) a:upper() a:lower() a:reverse()"},
	{"byte", "local a = ('a'):rep(300000) a:byte(1, -1)"},
	{"format", HALF "b = nil a:format()"},
	{"format, quoted", "('a'):rep(8 << 20):byte(1) ; ('%q'):format(('a'):rep(8 << 20))"},
	{"format, a string", HALF "b = nil ('%s'):format(a)"},
	{"pack", "local s = string.pack('z', ('a'):rep(8 << 20)) string.unpack('z', s)"},
	{"padding of pack", "string.pack('c8000000', '')"},
	{"a long format of pack", "pcall(string.packsize, ('i1'):rep(6 << 20))"},
	{"utf8", "local s = ('a'):rep(6 << 20) utf8.len(s) utf8.offset(s, -1) pcall(utf8.codepoint, s, 1, 300000)"},
	{"utf8, continuation bytes", "local s = ('\\x80'):rep(6 << 20) pcall(utf8.offset, s, 2, 1) utf8.offset(s, 0, #s)"},
	{"texts of numbers", "tonumber(('9'):rep(6 << 20)) tonumber(('9'):rep(6 << 20), 36) for i = 1, 50 do tonumber(('9'):rep(16000)) end"},
	{"a long name of a chunk", "local n = ('n'):rep(6 << 20) load('x =', n) load('x =', n)"},
	{"insert and remove", "local t = {} for i = 1, 500000 do t[i] = i end table.insert(t, 1, 0) table.remove(t, 1)"},
	{"move, unpack and concat", "local t = {} for i = 1, 300000 do t[i] = i end table.move(t, 1, #t, 2) select('#', table.unpack(t)) table.concat(t)"},
	{"sort", "local t = {} for i = 1, 100000 do t[i] = i * 7919 % 104729 end table.sort(t)"},
	{"rehash, integers", "local t = {} for i = 1, 1000000 do t[i] = i end"},
	{"rehash, strings", "local t = {} for i = 1, 200000 do t['k' .. i] = i end"},
	{"next in an empty table", "local t = {} for i = 1, 200000 do t['k' .. i] = i end for k in pairs(t) do t[k] = nil end next(t)"},
	{"a collection of tables", "local t = {} for i = 1, 300000 do t[i] = {} end collectgarbage() t = nil collectgarbage()"},
	{"a collection of one table", "local t = {} for i = 1, 2000000 do t[i] = i end collectgarbage()"},
	{"a collection of weak tables", "local w = setmetatable({}, {__mode = 'k'}) for i = 1, 100000 do w[{}] = {} end collectgarbage()"},
	{"a generational collection", "collectgarbage('generational') local t = {} for i = 1, 300000 do t[i] = {} end collectgarbage() collectgarbage('incremental')"},
	{"a collection for want of memory", "local t = {} pcall(function() for i = 1, 1e7 do t[i] = {} end end)"},
	{"a finalizer for an old object", "local t = {} for i = 1, 300000 do t[i] = {} end for i = 1, 10 do setmetatable(t[i], {__gc = function() end}) end"},
	{"the parser", "load('return {' .. ('1,'):rep(400000) .. '}') load('--' .. ('x'):rep(6 << 20)) load('x = [[' .. ('x'):rep(6 << 20) .. ']]')"},
	{"a chain of __call", "local t = setmetatable({}, {}) getmetatable(t).__call = t pcall(t)"},
	{"varargs", "local t = {} for i = 1, 100000 do t[i] = i end local function f(...) return select('#', ...) end f(table.unpack(t))"},
	{"a traceback of a deep stack", "local function f(n) if n == 0 then return debug.traceback('x') end return (f(n - 1)) end f(30000)"},
	{"gotos to one label", "load(('goto a '):rep(12000) .. '::a::')"},
	{"a list of jumps", "load('x = y' .. (' or y'):rep(16000))"},
	{"names for messages", "local f = load('local a = ... if a then goto l end do ' .. ('z = 1 '):rep(200000) .. 'end ::l:: a.b.c = 1') for i = 1, 300 do pcall(f, {}) end"},
	{"lines for messages", "local s = {} for i = 1, 30000 do s[i] = 'z = 1' .. ('\\n'):rep(130) end local f = load('local a = ... if a then goto l end do ' .. table.concat(s) .. 'end ::l:: error()') for i = 1, 1500 do pcall(f, 1) end"},
	{"escapes of gsub's replacement", "local a = ('a'):rep(20):gsub('(b*)a', ('%1'):rep(500000))"},
	{"spaces skipped in a text", "local s, n = (' '):rep(4 << 20), 0 load(function() n = n + 1 return n == 1 and 'x = \"\\\\z' or n < 20 and s or nil end)"},
	{"floats of one place", "local t = {} for i = 1, 8000 do t[1 + i * 2.0 ^ -50] = i end for i = 1, 3000 do t[1 + i * 2.0 ^ -49] = i end"},
	{"results handed on", "local t = {} for i = 1, 100000 do t[i] = i end local function r(n) if n == 0 then return table.unpack(t) end return 1, r(n - 1) end r(1000)"},
	{"byte code that is written", "local s = {} for i = 1, 100000 do s[i] = i .. '.5' end string.dump(load('return {' .. table.concat(s, ',') .. '}'))"},
	{"many variables that are still used", "local k = {} local function f(n) local a, b, c, d, e, g, h, i k[n] = function() return a, b, c, d, e, g, h, i end if n > 0 then f(n - 1) end return a end pcall(f, 15000)"},
	{"a deep stack that is given up", "local function f(n) if n > 0 then return 1 + f(n - 1) end collectgarbage() return 0 end pcall(f, 90000) collectgarbage() collectgarbage()"},
	{"blocks that are small and in no slab", SMALL_BLOCKS, 16},
	{"a print", "print(('x'):rep(8 << 20))"},
};

static void test_loop(const char *what, const char *code, unsigned long long memory)
{
	lua_State *L = test_open(memory * MIB);
	struct engine_run run = test_limits();

	run.limits.steps = ~0ull >> 2;
	run.limits.time = 2 * SECOND; /* some of them are quadratic */
	host.printed_size = 0;
	host.watch_polls = 1;
	host.longest_work = 0;
	run = test_run_with(L, code, run);
	host.watch_polls = 0;
	if ((run.error && run.error != LUNATIK_ERROR_TIME) || host.longest_work >= BOUND)
		printf("%s: %llu us between two polls %.*s\n", what, host.longest_work / 1000,
		       (int)run.message.size, run.message.data ? run.message.data : "");
	check(!run.error || run.error == LUNATIK_ERROR_TIME);
	check(host.longest_work > 0 && host.longest_work < BOUND);
	test_drop(&run);
	test_close(L);
}

void test_polls(void)
{
	unsigned long long longest = 0;
	unsigned int i;

	for (i = 0; i < sizeof(loops) / sizeof(loops[0]); i++) {
		test_case(loops[i].what, test_loop(loops[i].what, loops[i].code, loops[i].memory ? loops[i].memory : 64));
		if (host.longest_work > longest)
			longest = host.longest_work;
	}
	printf("  between two polls at most %llu us of the CPU\n", longest / 1000);
}
