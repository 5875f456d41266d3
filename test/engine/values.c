// SPDX-License-Identifier: MIT
/* MessagePack to Lua and back. */

#include <stdlib.h>
#include <string.h>
#include "test.h"

#define ECHO "return ..."

static struct engine_run run_with_arguments(lua_State *L, const char *code, const void *arguments,
					    unsigned long size)
{
	struct engine_run run = test_limits();

	run.arguments.data = (char *)arguments;
	run.arguments.size = size;
	return test_run_with(L, code, run);
}

/* The bytes have to come back as they went in. */
static void echoes(lua_State *L, const char *bytes, unsigned long size)
{
	struct engine_run run = run_with_arguments(L, ECHO, bytes, size);
	int same = !run.error && run.results.size == size && !memcmp(run.results.data, bytes, size);

	check(same);
	if (!same)
		printf("  %lu bytes, first 0x%02x: error %d, %lu bytes back: %.*s\n", size,
		       (unsigned char)bytes[1], run.error, run.results.size,
		       (int)run.message.size, run.message.data);
	test_drop(&run);
}

static void refuses(lua_State *L, const char *bytes, unsigned long size)
{
	struct engine_run run = run_with_arguments(L, ECHO, bytes, size);

	check_error(run.error, LUNATIK_ERROR_INVALID);
	check(run.message.size > 0);
	check(run.traceback.size == 0);
	test_drop(&run);
}

#define echoes_literal(L, text) echoes(L, text, sizeof(text) - 1)
#define refuses_literal(L, text) refuses(L, text, sizeof(text) - 1)

/* A random value in its canonical form: shortest integers, as value.c writes them. */
static unsigned char *random_value(unsigned char *at, int depth)
{
	unsigned long long bits;
	int kind = rand() % (depth ? 7 : 5), i, count;
	double number;

	switch (kind) {
	case 0:
		*at++ = 0xc2 + rand() % 2;
		break;
	case 1:
		*at++ = rand() % 2 ? rand() % 128 : 0xe0 + rand() % 32;
		break;
	case 2: /* a large integer */
		*at++ = 0xd3;
		*at++ = rand() % 2 ? 0x7f : 0x80;
		for (i = 0; i < 7; i++)
			*at++ = rand();
		break;
	case 3:
		*at++ = 0xcb;
		number = (rand() - RAND_MAX / 2) / (1.0 + rand() % 1000);
		memcpy(&bits, &number, 8);
		for (i = 56; i >= 0; i -= 8)
			*at++ = bits >> i;
		break;
	case 4:
		count = rand() % 32;
		*at++ = 0xa0 + count;
		for (i = 0; i < count; i++)
			*at++ = 'a' + rand() % 26;
		break;
	case 5:
		count = rand() % 8;
		*at++ = 0x90 + count;
		for (i = 0; i < count; i++)
			at = random_value(at, depth - 1);
		break;
	case 6: /* one entry: the order of more is not kept */
		*at++ = 0x81;
		*at++ = 0xa1;
		*at++ = 'k';
		at = random_value(at, depth - 1);
		break;
	}
	return at;
}

static void nested(lua_State *L, int depth, int fits)
{
	char bytes[80];

	memset(bytes, 0x91, depth);
	bytes[depth] = 0x01;
	if (fits)
		echoes(L, bytes, depth + 1);
	else
		refuses(L, bytes, depth + 1);
}

static void test_round_trips(lua_State *L)
{
	unsigned char bytes[65536];
	int i;

	echoes_literal(L, "\x90");
	echoes_literal(L, "\x91\xc0");
	echoes_literal(L, "\x93\xc0\xc2\xc3");
	echoes_literal(L, "\x94\x00\x7f\xff\xe0");
	echoes_literal(L, "\x92\xd0\x80\xd1\xff\x7f");
	echoes_literal(L, "\x92\xd2\x80\x00\x00\x00\xd3\x80\x00\x00\x00\x00\x00\x00\x00");
	echoes_literal(L, "\x91\xd3\x7f\xff\xff\xff\xff\xff\xff\xff");
	echoes_literal(L, "\x92\xcb\x40\x08\x00\x00\x00\x00\x00\x00\x03"); /* 3.0 and 3 */
	echoes_literal(L, "\x91\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00");
	echoes_literal(L, "\x91\xcb\x80\x00\x00\x00\x00\x00\x00\x00"); /* -0.0 */
	echoes_literal(L, "\x92\xa0\xa3" "a\0b");
	echoes_literal(L, "\x91\xa7\xe2\x82\xac\xf0\x9f\x98\x80");
	echoes_literal(L, "\x91\xc4\x02\xff\x00");
	echoes_literal(L, "\x91\xc4\x03\xed\xa0\x80"); /* a surrogate is not UTF-8 */
	echoes_literal(L, "\x91\x93\x01\x02\x90");
	echoes_literal(L, "\x91\x81\xa1x\x91\xc3");
	echoes_literal(L, "\x91\x81\x02\x01"); /* a key 2 alone is no array */
	echoes_literal(L, "\x91\x81\x91\x01\x02"); /* a table as a key */
	nested(L, 33, 1); /* the outermost is the list of arguments */
	nested(L, 34, 0);
	for (i = 0; i < 2000; i++) {
		unsigned char *end;

		bytes[0] = 0x91;
		end = random_value(bytes + 1, 4);
		echoes(L, (char *)bytes, end - bytes);
	}
}

static void test_forms(lua_State *L)
{
	struct engine_run run = run_with_arguments(
		L,
		"local a, b, c, d, e, f = ... assert(math.type(a) == 'integer' and a == 200)"
		"assert(b == 65535 and c == 1 << 31 and d == 1 << 40)"
		"assert(math.type(e) == 'float' and e == 1.5) assert(next(f) == nil)",
		"\x96\xcc\xc8\xcd\xff\xff\xce\x80\x00\x00\x00\xcf\x00\x00\x01\x00\x00\x00\x00\x00"
		"\xca\x3f\xc0\x00\x00\x80", 26);

	check_error(run.error, 0);
	test_drop(&run);
	run = run_with_arguments(L, "assert(select('#', ...) == 0)", NULL, 0);
	check_error(run.error, 0);
	test_drop(&run);
}

static void test_malformed(lua_State *L)
{
	unsigned char bytes[512];
	int i, j;

	refuses_literal(L, "\x01");
	refuses_literal(L, "\x80");
	refuses_literal(L, "\x91");
	refuses_literal(L, "\x90\x01");
	refuses_literal(L, "\x91\xc1");
	refuses_literal(L, "\x91\xd4\x00\x00");
	refuses_literal(L, "\x91\xcf\x80\x00\x00\x00\x00\x00\x00\x00");
	refuses_literal(L, "\x91\x81\xc0\x01");
	refuses_literal(L, "\x91\x81\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00\x01");
	refuses_literal(L, "\xdd\xff\xff\xff\xff");
	refuses_literal(L, "\x91\xdd\xff\xff\xff\xff\x00");
	refuses_literal(L, "\x91\xdf\x7f\xff\xff\xff\x00\x00");
	refuses_literal(L, "\x91\xdb\xff\xff\xff\xff");
	for (i = 0; i < 20000; i++) { /* anything at all: an answer, and no harm */
		struct engine_run run;
		int size = 1 + rand() % 64;

		bytes[0] = 0x90 + rand() % 16;
		for (j = 1; j < size; j++)
			bytes[j] = rand() % 3 ? 0x80 + rand() % 0x80 : rand();
		run = run_with_arguments(L, ECHO, bytes, size);
		if (run.error != LUNATIK_ERROR_INVALID)
			check_error(run.error, 0);
		test_drop(&run);
	}
}

static void fails_with(lua_State *L, const char *code, enum lunatik_error error,
		       const char *message)
{
	struct engine_run run = test_run(L, code);

	check_error(run.error, error);
	check_text(run.message, message);
	check(run.results.data == NULL && run.results.size == 0);
	test_drop(&run);
}

static void test_results(lua_State *L)
{
	struct engine_run run = test_limits();

	fails_with(L, "return 1, {x = print}", LUNATIK_ERROR_RESULT_TYPE,
		   "result 2, field 'x': a function cannot leave the state");
	fails_with(L, "return {{}, {coroutine.create(print)}}", LUNATIK_ERROR_RESULT_TYPE,
		   "result 1, field 2, field 1: a thread cannot leave the state");
	fails_with(L, "local t = {} t.t = t return t", LUNATIK_ERROR_RESULT_DEPTH,
		   "result 1, field 't', field 't', field 't', field 't', field 't', field 't', "
		   "field 't', field 't', field 't', field 't', field 't', field 't', field 't', "
		   "field 't', field 't', field 't', field 't', field 't', field 't', field 't', "
		   "field 't', field 't', field 't', field 't', field 't', field 't', field 't', "
		   "field 't', field 't', field 't', field 't', field 't': "
		   "nested too deeply, or contains itself");
	run.results_max = 1003;
	run = test_run_with(L, "return ('x'):rep(999)", run); /* 1 + 3 + 999 */
	check_error(run.error, 0);
	test_drop(&run);
	run = test_limits();
	run.results_max = 1003;
	run = test_run_with(L, "return ('x'):rep(1000)", run);
	check_error(run.error, LUNATIK_ERROR_RESULT_SIZE);
	test_drop(&run);
	fails_with(L, "return ('x'):rep(2000000)", LUNATIK_ERROR_RESULT_SIZE,
		   "result 1: the results are too large");
	test_do(L, "local t = {} for i = 1, 1000 do t[i] = i end return t, t, t");
}

void test_values(void)
{
	lua_State *L = test_open(64 * MIB);

	srand(1);
	test_case("values make round trips", test_round_trips(L));
	test_case("every form of MessagePack is read", test_forms(L));
	test_case("malformed values are refused", test_malformed(L));
	test_case("results that cannot leave", test_results(L));
	test_close(L);
}
