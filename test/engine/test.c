// SPDX-License-Identifier: MIT
/*
 * The tests of Lua's unit, against the host of host.c: what engine.h promises.
 *
 *   test-engine-kernel [GROUP]...
 */

#include <stdlib.h>
#include <string.h>
#include "test.h"

static int passed, failed; /* tests */
static long checks, wrong; /* checks of all tests */
static long checks_before, wrong_before;

void test_check(int condition, const char *text, const char *file, int line)
{
	checks++;
	if (condition)
		return;
	wrong++;
	printf("%s:%d: failed: %s\n", file, line, text);
}

void test_begin(void)
{
	checks_before = checks;
	wrong_before = wrong;
}

void test_end(const char *name)
{
	if (wrong == wrong_before && checks > checks_before) {
		passed++;
		return;
	}
	failed++;
	printf("test failed: %.300s\n", name);
	fflush(stdout);
}

void test_error(enum lunatik_error got, enum lunatik_error wanted, const char *file, int line)
{
	char text[64];

	snprintf(text, sizeof(text), "error is %d, not %d", wanted, got);
	test_check(got == wanted, text, file, line);
}

void test_text(struct engine_bytes got, const char *wanted, const char *file, int line)
{
	char text[512];

	snprintf(text, sizeof(text), "\"%.*s\" is \"%s\"", (int)got.size, got.data, wanted);
	test_check(got.size == strlen(wanted) && !memcmp(got.data, wanted, got.size), text, file,
		   line);
}

lua_State *test_open(unsigned long long memory)
{
	struct engine_setup setup = {
		.libraries = LUNATIK_LIBRARY_MASK, .memory = memory, .seed = 42,
	};
	lua_State *L = NULL;

	host_stack_here();
	if (engine_open(&setup, &L)) {
		printf("no state\n");
		exit(1);
	}
	return L;
}

struct engine_run test_limits(void)
{
	return (struct engine_run){
		.limits = {.memory = 64 * MIB, .steps = 100000000, .time = 20 * SECOND},
		.results_max = 1 << 20,
	};
}

void test_close(lua_State *L)
{
	struct engine_run run = test_limits();

	host_stack_here();
	engine_close(L, &run);
	test_drop(&run);
}

struct engine_run test_run_with(lua_State *L, const char *code, struct engine_run run)
{
	if (code) {
		run.code.data = (char *)code;
		run.code.size = strlen(code);
	}
	host_stack_here();
	engine_run(L, &run);
	return run;
}

struct engine_run test_run(lua_State *L, const char *code)
{
	return test_run_with(L, code, test_limits());
}

void test_drop(struct engine_run *run)
{
	engine_host_free(run->results.data);
	engine_host_free(run->message.data);
	engine_host_free(run->traceback.data);
	run->results.data = run->message.data = run->traceback.data = NULL;
}

void test_do(lua_State *L, const char *code)
{
	struct engine_run run = test_run(L, code);

	if (run.error)
		printf("%.*s\nin: %.100s\n", (int)run.message.size, run.message.data, code);
	check_error(run.error, 0);
	test_drop(&run);
}

static const struct {
	const char *name;
	void (*run)(void);
} groups[] = {
	{"values", test_values}, {"errors", test_errors}, {"budgets", test_budgets},
	{"charges", test_charges},
	{"polls", test_polls}, {"memory", test_memory}, {"heap", test_heap}, {"stack", test_stack},
};

/* All groups, or those named, or all but those named: "-budgets". */
static int is_wanted(const char *name, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], name))
			return 1;
		if (argv[i][0] == '-' && !strcmp(argv[i] + 1, name))
			return 0;
	}
	return argc == 1 || argv[1][0] == '-';
}

int main(int argc, char **argv)
{
	unsigned int i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (!is_wanted(groups[i].name, argc, argv))
			continue;
		printf("engine: %s\n", groups[i].name);
		fflush(stdout);
		host.stack = 256 * 1024; /* frames are larger under sanitizers */
		groups[i].run();
		host_check_nothing_left(); /* ends the program otherwise */
	}
	printf("%d passed, %d failed (%ld checks, %ld of them wrong)\n", passed, failed, checks, wrong);
	return failed || wrong;
}
