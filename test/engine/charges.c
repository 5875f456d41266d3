// SPDX-License-Identifier: MIT
/*
 * What a script can make long costs steps: every loop in C that Lua's libraries, its compiler and
 * its collector run for as long as the script wants. Each is run short and long, in a state made
 * ready for it, and the difference has to be so many steps.
 */

#include <string.h>
#include "test.h"

#define SHORT 100
#define LONG 64100

static const struct {
	const char *what;
	const char *ready; /* run first; N is the length */
	const char *costly;
	int bytes_a_step;  /* or entries, or whatever the loop is over */
} loops[] = {
	{"string.rep", "", "x = ('x'):rep(N)", 64},
	{"string.rep of one byte, many times", "", "x = ('xy'):rep(N, ',')", 1},
	{"string.reverse", "s = ('x'):rep(N)", "x = s:reverse()", 64},
	{"string.lower", "s = ('x'):rep(N)", "x = s:lower()", 64},
	{"string.upper", "s = ('x'):rep(N)", "x = s:upper()", 64},
	{"a plain search", "s = ('x'):rep(N)", "x = s:find('y', 1, true)", 64},
	{"a plain search with many beginnings", "s = ('x'):rep(N)", "x = s:find('xy', 1, true)", 1},
	{"a pattern's repetition", "s = ('x'):rep(N)", "x = s:find('^x*y')", 1},
	{"a shortest repetition", "s = ('x'):rep(N)", "x = s:find('^.-y')", 1},
	{"a balanced match", "s = '(' .. ('x'):rep(N)", "x = s:find('%b()')", 1},
	{"a set", "p = '[' .. ('y'):rep(N) .. ']'", "x = ('x'):find(p)", 16},
	{"a capture matched again", "s = ('x'):rep(N) p = '^(' .. s .. ')%1'", "x = (s .. s):find(p)", 1},
	{"gsub", "s = ('x'):rep(N)", "x = s:gsub('x', 'y')", 1},
	{"string.packsize", "s = ('b'):rep(N)", "x = string.packsize(s)", 1},
	{"unpacking a string with an end", "s = ('x'):rep(N) .. '\\0'", "x = string.unpack('z', s)", 64},
	{"utf8.len", "s = ('x'):rep(N)", "x = utf8.len(s)", 8},
	{"utf8.offset of where one is", "s = 'x' .. ('\\x80'):rep(N)", "x = utf8.offset(s, 0, #s)", 8},
	{"utf8.offset backwards", "s = 'x' .. ('\\x80'):rep(N)", "x = utf8.offset(s, -1)", 8},
	{"utf8.offset forwards", "s = 'x' .. ('\\x80'):rep(N) .. 'x'", "x = utf8.offset(s, 2)", 8},
	{"utf8.codes", "s = 'x' .. ('\\x80'):rep(N)", "f, t = utf8.codes(s) x = f(t, 1)", 8},
	{"less than, of strings", "s = ('x'):rep(N) t = s .. 'y'", "x = s < t", 64},
	{"less or equal, of strings", "s = ('x'):rep(N) t = s .. 'y'", "x = s <= t", 64},
	{"equal, of strings", "s = ('x'):rep(N) t = ('x'):rep(N - 1) .. 'x'", "x = s == t", 64},
	{"concatenation", "s = ('x'):rep(N)", "x = s .. s", 64},
	{"table.concat", "t = {} for i = 1, N do t[i] = 'x' end", "x = table.concat(t)", 1},
	{"table.unpack", "t = {} for i = 1, N do t[i] = i end", "x = select('#', table.unpack(t))", 32},
	{"table.insert in front", "t = {} for i = 1, N do t[i] = i end", "table.insert(t, 1, 0)", 1},
	{"table.remove in front", "t = {} for i = 1, N do t[i] = i end", "table.remove(t, 1)", 1},
	{"table.move", "t = {} for i = 1, N do t[i] = i end", "table.move(t, 1, N, 2)", 1},
	{"table.sort", "t = {} for i = 1, N do t[i] = -i end", "table.sort(t)", 1},
	{"a key that makes a table grow", "t = {} for i = 1, N do t[-i] = i end", "for i = 1, N do t['k' .. i] = i end", 1},
	{"next over what was removed", "t = {} for i = 1, N do t[-i] = i end for i = 1, N - 1 do t[-i] = nil end",
	 "x = next(t)", 64},
	{"a long string in the source", "s = 'x = [[' .. ('x'):rep(N) .. ']]'", "f = load(s)", 16},
	{"a long comment in the source", "s = '--[[' .. ('x'):rep(N) .. ']]'", "f = load(s)", 16},
	{"a comment's line in the source", "s = '--' .. ('x'):rep(N)", "f = load(s)", 16},
	{"empty lines in the source", "s = ('\\n'):rep(N)", "f = load(s)", 1},
	{"tokens of the source", "s = ('x = 1 '):rep(N)", "f = load(s)", 1},
	{"a numeral in the source", "s = 'x = ' .. ('1'):rep(N)", "f = load(s)", 64},
	{"a name in the source", "s = ('x'):rep(N) .. '= 1'", "f = load(s)", 64},
	{"string.char", "t = {} for i = 1, N do t[i] = 65 end", "x = string.char(table.unpack(t))", 64},
	{"utf8.char", "t = {} for i = 1, N do t[i] = 65 end", "x = utf8.char(table.unpack(t))", 64},
	{"math.max", "t = {} for i = 1, N do t[i] = i end", "x = math.max(table.unpack(t))", 32},
	{"table.pack", "t = {} for i = 1, N do t[i] = i end", "x = table.pack(table.unpack(t))", 32},
	{"string.format of a format", "s = ('%%'):rep(N)", "x = s:format()", 64},
	{"string.format of text", "s = ('x'):rep(N)", "x = ('%s'):format(s)", 64},
	{"string.format of a quoted string", "s = ('x'):rep(N)", "x = ('%q'):format(s)", 64},
	{"os.date", "s = ('x'):rep(N)", "x = os.date(s)", 64},
	{"string.sub", "s = ('x'):rep(N)", "x = s:sub(2)", 64},
	{"gsub's replacement", "s = ('x'):rep(N)", "x = ('x'):gsub('x', s)", 64},
	{"gsub's escapes", "s = ('%0'):rep(N)", "x = ('x'):gsub('x', s)", 64},
	{"gmatch", "s = ('x'):rep(N)", "for c in s:gmatch('.') do end", 1},
	{"a reader that gives pieces", "n = 0", "f = load(function() n = n + 1 if n < N then return ' ' end end)", 1},
	{"a traceback's message", "s = ('x'):rep(N)", "x = debug.traceback(s)", 64},
	{"marking a table", "t = {} for i = 1, N do t[i] = 1 end", "collectgarbage()", 16},
	{"marking a table's hash", "t = {} for i = 1, N do t[-i] = 1 end", "collectgarbage()", 16},
	{"marking a table with weak values", "t = setmetatable({}, {__mode = 'v'}) for i = 1, N do t[-i] = 1 end",
	 "collectgarbage()", 16},
	{"marking a table with weak keys", "t = setmetatable({}, {__mode = 'k'}) for i = 1, N do t[-i] = 1 end",
	 "collectgarbage()", 16},
	{"clearing weak values",
	 "t = setmetatable({}, {__mode = 'v'}) for i = 1, N do t[-i] = 1 end", "t.x = {} collectgarbage()", 16},
	{"clearing weak values of an array",
	 "t = setmetatable({}, {__mode = 'v'}) for i = 1, N do t[i] = 1 end", "t.x = {} collectgarbage()", 16},
	{"clearing weak keys",
	 "t = setmetatable({}, {__mode = 'k'}) for i = 1, N do t[-i] = 1 end", "t[{}] = 1 collectgarbage()", 8},
	{"sweeping", "collectgarbage('stop') for i = 1, N do local x = {} end", "collectgarbage()", 8},
	{"printing", "s = ('x'):rep(N)", "print(s)", 64},
	{"a result that is a string", "s = ('x'):rep(N)", "return s", 64},
	{"a result that is a list", "t = {} for i = 1, N do t[i] = i end", "return t", 1},
	{"a frontier", "p = '%f[' .. ('y'):rep(N) .. ']'", "x = ('x'):find(p)", 16},
	{"a string as a key", "s = ('x'):rep(N) t = {}", "x = t[s]", 64},
	{"a numeral", "s = ('1'):rep(N)", "x = tonumber(s)", 64},
	{"a numeral with a base", "s = ('1'):rep(N)", "x = tonumber(s, 10)", 64},
	{"white space around a numeral", "s = (' '):rep(N) .. '1'", "x = tonumber(s)", 64},
	{"white space around a numeral with a base", "s = (' '):rep(N) .. '1'", "x = tonumber(s, 10)", 64},
	{"a numeral in an expression", "s = ('1'):rep(N)", "x = pcall(function() return s + 1 end)", 64},
	{"string.byte", "s = ('x'):rep(N)", "x = select('#', s:byte(1, N))", 64},
	{"utf8.codepoint", "s = ('x'):rep(N)", "x = utf8.codepoint(s, 1, N)", 64},
	{"the variables of coroutines that are lost", "collectgarbage('stop') for i = 1, N / 10 do coroutine.wrap(function() local a local function f() return a end coroutine.yield() return f end)() end",
	 "collectgarbage()", 10},
	{"an array that shrinks", "t = {} for i = 1, N do t[i] = i end for i = 2, N do t[i] = nil end", "t.x = 1 t.y = 2", 16},
	{"a result that is a map", "t = {} for i = 1, N do t[-i] = i end", "return t", 1},
};

static unsigned long long steps_of(int index, int length)
{
	lua_State *L = test_open(64 * MIB);
	struct engine_run run = test_limits();
	char code[600];

	snprintf(code, sizeof(code), "N = %d %s", length, loops[index].ready);
	test_do(L, code);
	run.results_max = 1 << 20;
	run = test_run_with(L, loops[index].costly, run);
	if (run.error)
		printf("%s: %.*s\n", loops[index].what, (int)run.message.size, run.message.data);
	check_error(run.error, 0);
	test_drop(&run);
	test_close(L);
	host.printed_size = 0;
	return run.steps;
}

static void test_loop(int index)
{
	unsigned long long few = steps_of(index, SHORT), many = steps_of(index, LONG);
	unsigned long long least = 0;

	if (loops[index].bytes_a_step)
		least = (LONG - SHORT) / loops[index].bytes_a_step;
	/* the first of a loop may be free */
	if (many + 2 < few + least)
		printf("%s: %llu and %llu steps, not %llu apart\n", loops[index].what, few, many, least);
	check(many + 2 >= few + least);
}

void test_charges(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(loops) / sizeof(loops[0]); i++)
		test_case(loops[i].what, test_loop(i));
}
