// SPDX-License-Identifier: MIT
/*
 * What a script can make long costs steps: every loop in C that Lua's libraries, its compiler and
 * its collector run for as long as the script wants. Each is run short and long, in a state made
 * ready for it, and the difference has to be so many steps: half a per cent less than it is, since
 * most of these work through several loops, and the loss of any one's charge must be seen.
 */

#include <stdlib.h>
#include <string.h>
#include "test.h"

#define SHORT 100
#define LONG 64100

static const struct {
	const char *what;
	const char *ready; /* run first; N is the length */
	const char *costly;
	unsigned int least; /* steps that the long one takes more */
} loops[] = {
	{"string.rep", "", "x = ('x'):rep(N)", 64743},
	{"string.rep of one byte, many times", "", "x = ('xy'):rep(N, ',')", 66724},
	{"string.reverse", "s = ('x'):rep(N)", "x = s:reverse()", 1991},
	{"string.lower", "s = ('x'):rep(N)", "x = s:lower()", 1991},
	{"string.upper", "s = ('x'):rep(N)", "x = s:upper()", 1991},
	{"a plain search", "s = ('x'):rep(N)", "x = s:find('y', 1, true)", 992},
	{"a plain search with many beginnings", "s = ('x'):rep(N)", "x = s:find('xy', 1, true)", 63680},
	{"a pattern's repetition", "s = ('x'):rep(N)", "x = s:find('^x*y')", 191040},
	{"a shortest repetition", "s = ('x'):rep(N)", "x = s:find('^.-y')", 191040},
	{"a balanced match", "s = '(' .. ('x'):rep(N)", "x = s:find('%b()')", 127360},
	{"a set", "p = '[' .. ('y'):rep(N) .. ']'", "x = ('x'):find(p)", 10945},
	{"a capture matched again", "s = ('x'):rep(N) p = '^(' .. s .. ')%1'", "x = (s .. s):find(p)", 67723},
	{"gsub", "s = ('x'):rep(N)", "x = s:gsub('x', 'y')", 128360},
	{"string.packsize", "s = ('b'):rep(N)", "x = string.packsize(s)", 63680},
	{"unpacking a string with an end", "s = ('x'):rep(N) .. '\\0'", "x = string.unpack('z', s)", 1990},
	{"utf8.len", "s = ('x'):rep(N)", "x = utf8.len(s)", 7960},
	{"utf8.offset of where one is", "s = 'x' .. ('\\x80'):rep(N)", "x = utf8.offset(s, 0, #s)", 7960},
	{"utf8.offset backwards", "s = 'x' .. ('\\x80'):rep(N)", "x = utf8.offset(s, -1)", 7960},
	{"utf8.offset forwards", "s = 'x' .. ('\\x80'):rep(N) .. 'x'", "x = utf8.offset(s, 2)", 7960},
	{"utf8.codes", "s = 'x' .. ('\\x80'):rep(N)", "f, t = utf8.codes(s) x = f(t, 1)", 7960},
	{"less than, of strings", "s = ('x'):rep(N) t = s .. 'y'", "x = s < t", 992},
	{"less or equal, of strings", "s = ('x'):rep(N) t = s .. 'y'", "x = s <= t", 992},
	{"equal, of strings", "s = ('x'):rep(N) t = ('x'):rep(N - 1) .. 'x'", "x = s == t", 992},
	{"concatenation", "s = ('x'):rep(N)", "x = s .. s", 1990},
	{"table.concat", "t = {} for i = 1, N do t[i] = 'x' end", "x = table.concat(t)", 68823},
	{"table.unpack", "t = {} for i = 1, N do t[i] = i end", "x = select('#', table.unpack(t))", 69805},
	{"table.insert in front", "t = {} for i = 1, N do t[i] = i end", "table.insert(t, 1, 0)", 131495},
	{"table.remove in front", "t = {} for i = 1, N do t[i] = i end", "table.remove(t, 1)", 131495},
	{"table.move", "t = {} for i = 1, N do t[i] = i end", "table.move(t, 1, N, 2)", 131495},
	{"table.sort", "t = {} for i = 1, N do t[i] = -i end", "table.sort(t)", 1782969},
	{"a key that makes a table grow", "t = {} for i = 1, N do t[-i] = i end", "for i = 1, N do t['k' .. i] = i end", 220320},
	{"next over what was removed", "t = {} for i = 1, N do t[-i] = i end for i = 1, N - 1 do t[-i] = nil end",
	 "x = next(t)", 4221},
	{"a long string in the source", "s = 'x = [[' .. ('x'):rep(N) .. ']]'", "f = load(s)", 12007},
	{"a long comment in the source", "s = '--[[' .. ('x'):rep(N) .. ']]'", "f = load(s)", 5970},
	{"a comment's line in the source", "s = '--' .. ('x'):rep(N)", "f = load(s)", 5970},
	{"empty lines in the source", "s = ('\\n'):rep(N)", "f = load(s)", 65670},
	{"tokens of the source", "s = ('x = 1 '):rep(N)", "f = load(s)", 525360},
	{"a numeral in the source", "s = 'x = ' .. ('1'):rep(N)", "f = load(s)", 12934},
	{"a name in the source", "s = ('x'):rep(N) .. '= 1'", "f = load(s)", 8026},
	{"string.char", "t = {} for i = 1, N do t[i] = 65 end", "x = string.char(table.unpack(t))", 79923},
	{"utf8.char", "t = {} for i = 1, N do t[i] = 65 end", "x = utf8.char(table.unpack(t))", 143604},
	{"math.max", "t = {} for i = 1, N do t[i] = i end", "x = math.max(table.unpack(t))", 69805},
	{"table.pack", "t = {} for i = 1, N do t[i] = i end", "x = table.pack(table.unpack(t))", 147583},
	{"string.format of a format", "s = ('%%'):rep(N)", "x = s:format()", 2990},
	{"string.format of text", "s = ('x'):rep(N)", "x = ('%s'):format(s)", 1991},
	{"string.format of a quoted string", "s = ('x'):rep(N)", "x = ('%q'):format(s)", 1995},
	{"os.date", "s = ('x'):rep(N)", "x = os.date(s)", 1994},
	{"string.sub", "s = ('x'):rep(N)", "x = s:sub(2)", 992},
	{"gsub's replacement", "s = ('x'):rep(N)", "x = ('x'):gsub('x', s)", 2985},
	{"gsub's escapes", "s = ('%0'):rep(N)", "x = ('x'):gsub('x', s)", 64679},
	{"gmatch", "s = ('x'):rep(N)", "for c in s:gmatch('.') do end", 191040},
	{"a reader that gives pieces", "n = 0", "f = load(function() n = n + 1 if n < N then return ' ' end end)", 127360},
	{"a traceback's message", "s = ('x'):rep(N)", "x = debug.traceback(s)", 2985},
	{"marking a table", "t = {} for i = 1, N do t[i] = 1 end", "collectgarbage()", 8201},
	{"marking a table's hash", "t = {} for i = 1, N do t[-i] = 1 end", "collectgarbage()", 8200},
	{"marking a table with weak values", "t = setmetatable({}, {__mode = 'v'}) for i = 1, N do t[-i] = 1 end",
	 "collectgarbage()", 16346},
	{"marking a table with weak keys", "t = setmetatable({}, {__mode = 'k'}) for i = 1, N do t[-i] = 1 end",
	 "collectgarbage()", 16346},
	{"clearing weak values",
	 "t = setmetatable({}, {__mode = 'v'}) for i = 1, N do t[-i] = 1 end", "t.x = {} collectgarbage()", 20414},
	{"clearing weak values of an array",
	 "t = setmetatable({}, {__mode = 'v'}) for i = 1, N do t[i] = 1 end", "t.x = {} collectgarbage()", 10240},
	{"clearing weak keys",
	 "t = setmetatable({}, {__mode = 'k'}) for i = 1, N do t[-i] = 1 end", "t[{}] = 1 collectgarbage()", 24481},
	{"sweeping", "collectgarbage('stop') for i = 1, N do local x = {} end", "collectgarbage()", 8916},
	{"printing", "s = ('x'):rep(N)", "print(s)", 995},
	{"a result that is a string", "s = ('x'):rep(N)", "return s", 1951},
	{"a result that is a list", "t = {} for i = 1, N do t[i] = i end", "return t", 199242},
	{"a frontier", "p = '%f[' .. ('y'):rep(N) .. ']'", "x = ('x'):find(p)", 21890},
	{"a string as a key", "s = ('x'):rep(N) t = {}", "x = t[s]", 993},
	{"a numeral", "s = ('1'):rep(N)", "x = tonumber(s)", 999},
	{"a numeral with a base", "s = ('1'):rep(N)", "x = tonumber(s, 10)", 999},
	{"white space around a numeral", "s = (' '):rep(N) .. '1'", "x = tonumber(s)", 999},
	{"white space around a numeral with a base", "s = (' '):rep(N) .. '1'", "x = tonumber(s, 10)", 999},
	{"a numeral in an expression", "s = ('1'):rep(N)", "x = pcall(function() return s + 1 end)", 1010},
	{"string.byte", "s = ('x'):rep(N)", "x = select('#', s:byte(1, N))", 10016},
	{"utf8.codepoint", "s = ('x'):rep(N)", "x = utf8.codepoint(s, 1, N)", 8955},
	{"the variables of coroutines that are lost", "collectgarbage('stop') for i = 1, N / 10 do coroutine.wrap(function() local a local function f() return a end coroutine.yield() return f end)() end",
	 "collectgarbage()", 17194},
	{"an array that shrinks", "t = {} for i = 1, N do t[i] = i end for i = 2, N do t[i] = nil end", "t.x = 1 t.y = 2", 10236},
	{"a numeral as a float", "s = ('1'):rep(N)", "x = pcall(math.sin, s)", 1104},
	{"a numeral as an integer", "s = ('1'):rep(N)", "x = pcall(string.rep, 'x', s)", 1009},
	{"looking for special characters of patterns", "p = ('x'):rep(N)", "x = ('x'):find(p)", 992},
	{"a plain search that nearly matches", "s = ('x'):rep(N) p = ('x'):rep(N // 2) .. 'y'",
	 "x = s:find(p, N // 2 - 10, true)", 5462},
	{"a table's entries one by one", "t = {} for i = 1, N do t[-i] = i end", "for k in pairs(t) do end", 135561},
	{"a level of a deep stack",
	 "co = coroutine.create(function() local function f(n) if n == 0 then coroutine.yield() else f(n - 1) end return 1 end f(N // 4) end) coroutine.resume(co)",
	 "x = debug.getinfo(co, N // 4 - 3, 'l')", 992},
	{"a chain of __call", "t = function() end for i = 1, N // 64 do t = setmetatable({}, {__call = t}) end", "t()", 31737},
	{"tail calls", "function f(n) if n > 0 then return f(n - 1) end end", "f(N)", 63680},
	{"tail calls of C functions", "function f(n) return rawlen('x') end", "for i = 1, N do f() end", 191040},
	{"calls", "function f(n) end", "for i = 1, N do f() end", 127360},
	{"calls of C functions", "f = rawlen", "for i = 1, N do f('x') end", 127360},
	{"a float loop", "", "for i = 1.0, N do end", 63680},
	{"a while loop", "i = 0", "while i < N do i = i + 1 end", 63680},
	{"marking many tables", "t = {} for i = 1, N do t[i] = {} end", "collectgarbage()", 204023},
	{"marking a stack", "t = {} for i = 1, N do t[i] = i end co = coroutine.create(function(...) coroutine.yield() end) coroutine.resume(co, table.unpack(t)) t = nil",
	 "collectgarbage()", 4975},
	{"a stack that grows", "function f(n) if n > 0 then f(n - 1) end end", "f(N // 4)", 18468},
	{"objects to finalize", "collectgarbage('stop') m = {__gc = rawlen} for i = 1, N do setmetatable({}, m) end", "collectgarbage()", 333684},
	{"finalizers still to be called while there is no memory",
	 "collectgarbage('stop') m = {__gc = function() called = true end} for i = 1, N do setmetatable({}, m) end repeat collectgarbage('step', 0) until called",
	 "x = pcall(string.rep, 'x', 100 << 20)", 264190},
	{"objects that may be finalized later", "m = {__gc = rawlen} t = {} for i = 1, N do t[i] = setmetatable({}, m) end", "collectgarbage()", 267703},
	{"a finalizer for an old object", "o = {} t = {} for i = 1, N do t[i] = {} end", "setmetatable(o, {__gc = rawlen})", 3980},
	{"tables with weak keys that nothing else refers to",
	 "t = {} for i = 1, N // 16 do t[i] = setmetatable({[{}] = {}}, {__mode = 'k'}) end", "collectgarbage()", 36000},
	{"a result that is a long string", "s = ('x'):rep(9 * N)", "return s", 17870},
	{"a young collection", "collectgarbage('generational') collectgarbage('stop') t = {} for i = 1, N do t[i] = {} end",
	 "collectgarbage('step')", 195108},
	{"leaving the generational mode", "collectgarbage('generational') collectgarbage('stop') t = {} for i = 1, N do t[i] = {} end collectgarbage()",
	 "collectgarbage('incremental')", 1990},
	{"varargs", "t = {} for i = 1, N do t[i] = i end function f(...) local function g(...) end g(...) end", "f(table.unpack(t))", 76782},
	{"packing a string", "s = ('x'):rep(N)", "x = string.pack('z', s)", 2986},
	{"packing a string with its length", "s = ('x'):rep(N)", "x = string.pack('s4', s)", 1991},
	{"padding a packed string", "", "x = string.pack('c' .. N, '')", 5047},
	{"unpacking a string with its length", "s = string.pack('s4', ('x'):rep(N))", "x = string.unpack('s4', s)", 992},
	{"equal, of strings, by rawequal", "s = ('x'):rep(N) t = ('x'):rep(N - 1) .. 'x'", "x = rawequal(s, t)", 992},
	{"a string as a key that is set", "s = ('x'):rep(N) t = {}", "t[s] = 1", 993},
	{"a string as a key that is set raw", "s = ('x'):rep(N) t = {}", "rawset(t, s, 1)", 993},
	{"a string as a key that is got raw", "s = ('x'):rep(N) t = {}", "x = rawget(t, s)", 993},
	{"a string as a key, for next", "s = ('x'):rep(N) t = {[('x'):rep(N)] = 1}", "x = next(t, s)", 993},
	{"a key that is equal to another", "s = ('x'):rep(N) t = {[('x'):rep(N)] = 1} x = t[s]", "x = t[s]", 992},
	{"a string that is told of by an error", "s = ('x'):rep(N)", "x = pcall(error, s .. s)", 1990},
	{"a chunk's name", "s = ('x'):rep(N)", "f = load('x =', s)", 1990},
	{"integer keys of one place", "t = {} for i = 1, N // 32 do t[i * 2047] = i end", "x = t[5000 * 2047]", 311},
	{"floats of one place", "t = {} for i = 1, N // 32 do t[1 + i * 2.0 ^ -50] = i end", "x = t[1 + 2.0 ^ -30]", 297},
	{"a free place in a table", "t = {} for i = 1, 1 << (N // 4000) do t[i << 16] = i end t[1 << 16] = nil",
	 "for i = 1, 20 do t[-i << 16] = i end", 55058},
	{"a text in the source", "s = 'x = \"' .. ('x'):rep(N) .. '\"'", "f = load(s)", 8027},
	{"spaces skipped in a text", "s = 'x = \"\\\\z' .. (' '):rep(N) .. '\"'", "f = load(s)", 5970},
	{"a list of jumps in the source", "s = 'x = y' .. (' or y'):rep(N // 32)", "f = load(s)", 136567},
	{"branches of one statement in the source", "s = 'if x then ' .. ('elseif x then x = 1 '):rep(N // 32) .. 'end'",
	 "f = load(s)", 159516},
	{"gotos to one label", "s = ('goto a '):rep(N // 32) .. '::a::'", "f = load(s)", 140174},
	{"labels", "s = '' for i = 1, N // 32 do s = s .. '::a' .. i .. ':: x = 1 ' end", "f = load(s)", 154534},
	{"blocks that gotos leave", "s = 'do local a ' .. ('goto l '):rep(N // 32) .. 'end ::l::'", "f = load(s)", 140298},
	{"a negated list of jumps", "s = 'x = not not not (y' .. (' or y'):rep(N // 32) .. ')'", "f = load(s)", 137300},
	{"the name of what was wrong", "s = 'local a = ... if a then goto l end do ' .. ('z = 1 '):rep(N) .. 'end ::l:: a.b.c = 1' f = load(s)",
	 "x = pcall(f, {})", 3998},
	{"the lines of a function", "f = load(('x = 1\\n'):rep(N))", "x = debug.getinfo(f, 'L')", 11192},
	{"byte code that is written", "s = {} for i = 1, N do s[i] = i .. '.5' end f = load('return {' .. table.concat(s, ',') .. '}')",
	 "x = string.dump(f)", 179736},
	{"marking a function's constants", "s = {} for i = 1, N do s[i] = i .. '.5' end f = load('return {' .. table.concat(s, ',') .. '}') s = nil collectgarbage()",
	 "collectgarbage()", 8065},
	{"marking a function's functions", "f = load(('local function g() end do end '):rep(N // 400) .. ('x = function() end '):rep(N)) collectgarbage()",
	 "collectgarbage()", 140606},
	{"old objects from one day to the next", "t = {} for i = 1, N do t[i] = {} end", "collectgarbage('generational')", 195105},
	{"results handed on", "t = {} for i = 1, N do t[i] = i end function r(n) if n == 0 then return table.unpack(t) end return 1, r(n - 1) end",
	 "x = r(100)", 462584},
	{"a stack of many calls that grows", "function r(n) if n > 0 then return 1 + r(n - 1) end return 0 end", "x = r(N)", 86845},
	{"a result that is a map", "t = {} for i = 1, N do t[-i] = i end", "return t", 266989},
	{"a set without an end", "p = ('['):rep(N)", "x = pcall(string.find, 'x', p)", 995},
	{"a number in pack's format", "f = 'i' .. ('0'):rep(N) .. '1'", "x = string.packsize(f)", 63680},
	{"conversions of os.date", "s = ('%%'):rep(N)", "x = os.date(s)", 64679},
	{"a string that is cut by a format", "s = ('x'):rep(N)", "x = ('%.1s'):format(s)", 995},
	{"what load accepts", "s = ('x'):rep(N)", "x = load('', 'n', s)", 5973},
	{"a type's name in a message", "s = setmetatable({}, {__name = ('x'):rep(N)})", "x = pcall(string.rep, s)", 7038},
	{"types' names that are compared",
	 "s = setmetatable({}, {__name = ('x'):rep(N)}) t = setmetatable({}, {__name = ('x'):rep(N - 1) .. 'x'})",
	 "x = pcall(function() return s < t end)", 9956},
	{"an error that leaves many calls", "function r(n) if n > 0 then return 1 + r(n - 1) end error('x') end", "x = pcall(r, N)", 94805},
	{"a warning", "warn('@on') s = ('x'):rep(N)", "warn(s)", 1992},
	{"remainders in a row", "f = load('local a, b, c = 7.5, 2.5 ' .. ('c = a % b '):rep(N))", "f()", 63680},
	{"concatenations in a row", "f = load('local a, b = \"x\" ' .. ('b = a .. \"y\" '):rep(N))", "f()", 63680},
	{"texts of floats in a row", "f = load('local a, b = 0.5 ' .. ('b = a .. \"\" '):rep(N))", "f()", 127360},
};

static unsigned long long steps_of(int index, int length)
{
	lua_State *L = test_open(64 * MIB);
	struct engine_run run = test_limits();
	char code[1000];

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

	if (many < few + loops[index].least)
		printf("%s: %llu and %llu steps, not %u apart\n", loops[index].what, few, many,
		       loops[index].least);
	check(many >= few + loops[index].least);
}

/* Steps of a run that is given so many ones: side by side, in a list, or in a map whose keys are 4 bytes. */
static unsigned long long arguments_steps(const char *head, int size, int is_map, unsigned int count)
{
	lua_State *L = test_open(64 * MIB);
	struct engine_run run = test_limits();
	char *at = malloc(16 + 6ul * count);
	unsigned int i;

	run.arguments.data = at;
	memcpy(at, head, size);
	at += size;
	*at++ = count >> 24;
	*at++ = count >> 16;
	*at++ = count >> 8;
	*at++ = count;
	for (i = 0; i < count; i++) {
		if (is_map) {
			*at++ = (char)0xce;
			*at++ = 0;
			*at++ = i >> 16;
			*at++ = i >> 8;
			*at++ = i;
		}
		*at++ = 1;
	}
	run.arguments.size = at - run.arguments.data;
	at = run.arguments.data;
	run = test_run_with(L, "", run);
	check_error(run.error, 0);
	free(at);
	test_drop(&run);
	test_close(L);
	return run.steps;
}

static void test_arguments(void)
{
	static const struct {
		const char *head;
		int size, is_map;
		unsigned int least;
	} kinds[] = {
		{"\xdd", 1, 0, 64675}, {"\x91\xdd", 2, 0, 68718}, {"\x91\xdf", 2, 1, 69845},
	};
	unsigned int i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		unsigned long long few = arguments_steps(kinds[i].head, kinds[i].size, kinds[i].is_map, SHORT);
		unsigned long long many = arguments_steps(kinds[i].head, kinds[i].size, kinds[i].is_map, LONG);

		if (many < few + kinds[i].least)
			printf("arguments %u: %llu and %llu steps, not %u apart\n", i, few, many,
			       kinds[i].least);
		check(many >= few + kinds[i].least);
	}
}

void test_charges(void)
{
	unsigned int i;

	test_case("arguments", test_arguments());
	for (i = 0; i < sizeof(loops) / sizeof(loops[0]); i++)
		test_case(loops[i].what, test_loop(i));
}
