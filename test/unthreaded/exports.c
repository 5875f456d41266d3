// SPDX-License-Identifier: MIT
/* What other modules may call (kmod/lunatik.h), with the errno of each refusal. */
#include <string.h>

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "kmod/lunatik.h"
#include "kmod/state.h"
#include "serial.h"
#include "test.h"

static void names(void)
{
	char name[65];

	load();
	check(klua_createstate("s") == 0);
	check(klua_createstate("s") == -EEXIST);
	check(klua_createstate(NULL) == -EINVAL);
	check(klua_createstate("") == -EINVAL);
	check(klua_createstate("a\nb") == -EINVAL);
	check(klua_createstate("\x1f") == -EINVAL);
	check(klua_createstate("\x7f") == -EINVAL);
	check(klua_createstate(" ~\x80\xff") == 0);
	memset(name, 'n', 64);
	name[64] = '\0';
	check(klua_createstate(name) == -ENAMETOOLONG);
	check(klua_deletestate(name) == -ENAMETOOLONG);
	check(klua_execute(name, "") == -ENAMETOOLONG);
	name[63] = '\0';
	check(klua_createstate(name) == 0);
	check(klua_deletestate(name) == 0);
	check(klua_deletestate(name) == -ENOENT);
	check(klua_deletestate(NULL) == -EINVAL);
	check(klua_execute("nobody", "") == -ENOENT);
	check(klua_execute(NULL, "") == -EINVAL);
	check(klua_execute("s", NULL) == -EINVAL);
	unload();
}

static void outcomes(void)
{
	static const struct {
		const char *code;
		int result;
	} runs[] = {
		{ "x = 6 * 7.0", 0 },
		{ "assert(x == 42 and math.type(x) == 'float')", 0 },
		{ "", 0 },
		{ "error('no')", -EIO },
		{ "x =", -ENOEXEC },
		{ "\x1bLua", -ENOEXEC },
		{ "while true do end", -ETIMEDOUT },
		{ "local s = 'x' while true do s = s .. s end", -EDQUOT },
		{ "return print", -EPROTOTYPE },
		{ "local t = {} t.t = t return t", -ELOOP },
		{ "return ('x'):rep(2 << 20)", -EMSGSIZE },
	};
	char *chunk = kmalloc((1 << 20) + 2, GFP_KERNEL | __GFP_NOFAIL);
	unsigned int i;

	load();
	check(klua_createstate("s") == 0);
	for (i = 0; i < ARRAY_SIZE(runs); i++)
		check(klua_execute("s", runs[i].code) == runs[i].result);
	memset(chunk, ' ', (1 << 20) + 1);
	chunk[(1 << 20) + 1] = '\0';
	check(klua_execute("s", chunk) == -E2BIG);
	chunk[1 << 20] = '\0';
	check(klua_execute("s", chunk) == 0);
	kfree(chunk);
	klua_liststates();
	unload();
}

static int while_busy[3];

static void meddle(void)
{
	while_busy[0] = klua_execute("s", "y = 1");
	while_busy[1] = klua_deletestate("s");
	while_busy[2] = klua_createstate("other") ?: klua_execute("other", "y = 1") ?:
			klua_deletestate("other");
}

static void busy(void)
{
	load();
	check(klua_createstate("s") == 0);
	serial_relaxed = meddle;
	check(klua_execute("s", "for i = 1, 100000 do end") == 0);
	serial_relaxed = NULL;
	check(while_busy[0] == -EBUSY);
	check(while_busy[1] == -EBUSY);
	check(while_busy[2] == 0);
	check(klua_execute("s", "assert(y == nil)") == 0);
	unload();
}

const struct case_of export_cases[] = {
	{ "other modules' names are checked", names },
	{ "other modules are told how a run ended", outcomes },
	{ "a state is busy to other modules while it runs", busy },
	{ NULL },
};
