// SPDX-License-Identifier: MIT
/* What states print, in the kernel log: lines, how long and how many. */
#include <stdio.h>
#include <string.h>

#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/lunatik.h"
#include "kmod/run.h"
#include "kmod/state.h"
#include "serial.h"
#include "test.h"

#define PREFIX "lunatik: [s] "

static unsigned int lines;        /* of the state */
static size_t bytes, longest;     /* in them */
static char last[600];            /* of them */
static unsigned long long missed; /* lines, as the log says */

static void logged(const char *text)
{
	const char *line = text + strlen(PREFIX);
	unsigned long long count;
	int end = 0;

	if (strncmp(text, PREFIX, strlen(PREFIX)))
		return;
	if (sscanf(line, "%llu lines suppressed%n", &count, &end) == 1 && end && !line[end]) {
		missed += count;
		return;
	}
	lines++;
	bytes += strlen(line);
	if (strlen(line) > longest)
		longest = strlen(line);
	snprintf(last, sizeof(last), "%s", line);
}

static void begin(void)
{
	load();
	check(klua_createstate("s") == 0);
	serial_logged = logged;
}

static void forget(void)
{
	lines = 0;
	bytes = 0;
	longest = 0;
	missed = 0;
}

static void a_second(void)
{
	serial_pass(NSEC_PER_SEC);
	forget();
}

static void many_lines(void)
{
	begin();
	check(klua_execute("s", "for i = 1, 250 do print(i) end") == 0);
	check(lines == 100 && !missed && !strcmp(last, "100"));
	check(klua_execute("s", "print('more')") == 0);
	check(lines == 100 && !missed);
	a_second();
	check(klua_execute("s", "print('next')") == 0);
	check(lines == 1 && missed == 151 && !strcmp(last, "next"));
	a_second();
	check(klua_execute("s", "for i = 1, 100 do print(i) end") == 0);
	check(lines == 100 && !missed);
	/* a run that prints nothing tells what the one before it lost */
	check(klua_execute("s", "for i = 1, 7 do print(i) end") == 0);
	a_second();
	check(klua_execute("s", "") == 0);
	check(!lines && missed == 7);
	forget();
	check(klua_execute("s", "for i = 1, 120 do print(i) end") == 0);
	check(lines == 100 && !missed);
	check(klua_deletestate("s") == 0);
	check(lines == 100 && missed == 20);
	unload();
}

static void long_lines(void)
{
	begin();
	check(klua_execute("s", "print(('x'):rep(1000))") == 0);
	check(lines == 2 && bytes == 1000 && longest == 509);
	a_second();
	check(klua_execute("s", "print(('\\255'):rep(1000))") == 0);
	check(bytes == 4000 && longest == 512);
	a_second();
	check(klua_execute("s", "print(('x'):rep(508) .. '\\0' .. 'end')") == 0);
	check(lines == 2 && longest == 512 && !strcmp(last, "end"));
	unload();
}

/* A run that ends in the middle of a line leaves it to nobody else. */
static void half_a_line(void)
{
	struct lunatik_state *state;
	struct lunatik_run *run = lunatik_run_new();
	static const char code[] = "print(s)";

	begin();
	check(klua_execute("s", "s = ('x'):rep(1 << 16):rep(16)") == 0);
	state = lunatik_state_find("s", 1);
	run->engine.limits = state->limits;
	run->engine.limits.steps = 600; /* two pieces of 16 KiB */
	run->engine.code.size = strlen(code);
	run->engine.code.data = kmemdup(code, sizeof(code), GFP_KERNEL);
	check(!lunatik_run_submit(run, state, 0));
	serial_drain();
	check(run->engine.error == LUNATIK_ERROR_STEPS);
	check(bytes == 32768 && run->output.size + run->output.dropped == 32768);
	lunatik_run_put(run);
	a_second();
	check(klua_execute("s", "print('y')") == 0);
	check(lines == 1 && !strcmp(last, "y"));
	lunatik_state_put(state);
	unload();
}

/* No byte of a script's reaches a console that would take it for a command. */
static void odd_bytes(void)
{
	begin();
	check(klua_execute("s", "print(' ~\\31\\127\\128\\255\\9\\13\\27[2J')") == 0);
	check(lines == 1 && !strcmp(last, " ~\\x1f\\x7f\\x80\\xff\\t\\x0d\\x1b[2J"));
	unload();
}

static void odd_logged(const char *text)
{
	if (strstr(text, " lines suppressed"))
		missed += !strcmp(text, "lunatik: [\\xc3\\xb6\\xff] 1 lines suppressed");
	else
		lines += !strcmp(text, "lunatik: [\\xc3\\xb6\\xff] x");
}

static void odd_names(void)
{
	static const char name[] = "\xc3\xb6\xff";

	load();
	check(klua_createstate(name) == 0);
	serial_logged = odd_logged;
	check(klua_execute(name, "for i = 1, 101 do print('x') end") == 0);
	check(klua_deletestate(name) == 0);
	check(lines == 100 && missed == 1);
	unload();
}

const struct case_of log_cases[] = {
	{ "a hundred lines a second reach the log, and how many did not", many_lines },
	{ "a line that is too long goes on in the next", long_lines },
	{ "a line that was not ended is in the log", half_a_line },
	{ "bytes that are no plain text are escaped in the log", odd_bytes },
	{ "a state's name is escaped in the log", odd_names },
	{ NULL },
};
