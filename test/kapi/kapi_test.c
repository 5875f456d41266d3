// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A module that uses what lunatik.ko exports, as any other would, and checks it. Loading it runs the
 * checks: a line "lunatik_kapi: PASS what" or "lunatik_kapi: FAIL what: got, wanted" for each, then
 * "lunatik_kapi: N passed, M failed". When one fails, so does the load.
 */
#define pr_fmt(fmt) "lunatik_kapi: " fmt

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../../kmod/lunatik.h"

#define STATE "kapi"
#define NAME_MAX_LUNATIK 63
#define CHUNK_MAX (1 << 20)

static unsigned int passed;
static unsigned int failed;

static void check(const char *what, int got, int wanted)
{
	if (got == wanted) {
		passed++;
		pr_info("PASS %s\n", what);
	} else {
		failed++;
		pr_err("FAIL %s: %d, not %d\n", what, got, wanted);
	}
}

static void check_create(void)
{
	char name[NAME_MAX_LUNATIK + 2] = "";

	check("create", klua_createstate(STATE), 0);
	check("create a second time", klua_createstate(STATE), -EEXIST);
	check("create without a name", klua_createstate(NULL), -EINVAL);
	check("create with an empty name", klua_createstate(""), -EINVAL);
	check("create with a control character", klua_createstate("a\nb"), -EINVAL);

	memset(name, 'n', NAME_MAX_LUNATIK + 1);
	check("create with a name of 64 bytes", klua_createstate(name), -ENAMETOOLONG);
	name[NAME_MAX_LUNATIK] = '\0';
	check("create with a name of 63 bytes", klua_createstate(name), 0);
	check("delete it", klua_deletestate(name), 0);
	check("delete it again", klua_deletestate(name), -ENOENT);
}

static void check_execute(void)
{
	char *chunk;

	check("execute", klua_execute(STATE, "x = 6 * 7.0"), 0);
	check("what one run set, the next one finds",
	      klua_execute(STATE, "assert(x == 42 and math.type(x) == 'float')"), 0);
	check("a failed assertion is an error", klua_execute(STATE, "assert(x == 43)"), -EIO);
	check("a Lua error", klua_execute(STATE, "error('on purpose')"), -EIO);
	check("the state is usable after an error", klua_execute(STATE, "x = x + 1"), 0);
	check("a syntax error", klua_execute(STATE, "x ="), -ENOEXEC);
	check("byte code", klua_execute(STATE, "\x1bLua"), -ENOEXEC);
	check("an empty chunk", klua_execute(STATE, ""), 0);
	check("no memory left in the state",
	      klua_execute(STATE, "local s = 'x' while true do s = s .. s end"), -EDQUOT);
	check("a result that cannot leave", klua_execute(STATE, "return print"), -EPROTOTYPE);
	check("a result that contains itself",
	      klua_execute(STATE, "local t = {} t.t = t return t"), -ELOOP);
	check("a result that is too large",
	      klua_execute(STATE, "return ('x'):rep(2 << 20)"), -EMSGSIZE);
	check("execute in a missing state", klua_execute("nobody", "x = 1"), -ENOENT);
	check("execute without a name", klua_execute(NULL, "x = 1"), -EINVAL);
	check("execute without code", klua_execute(STATE, NULL), -EINVAL);

	chunk = kvmalloc(CHUNK_MAX + 2, GFP_KERNEL);
	if (!chunk) {
		check("memory for a large chunk", -ENOMEM, 0);
		return;
	}
	memset(chunk, ' ', CHUNK_MAX + 1);
	chunk[CHUNK_MAX + 1] = '\0';
	check("a chunk over 1 MiB", klua_execute(STATE, chunk), -E2BIG);
	chunk[CHUNK_MAX] = '\0';
	check("a chunk of 1 MiB", klua_execute(STATE, chunk), 0);
	kvfree(chunk);
}

/* A thread whose run lasts until its time is up; meanwhile the state is busy. */
struct looper {
	struct completion ended;
	int result;
};

static int loop(void *data)
{
	struct looper *looper = data;

	looper->result = klua_execute(STATE, "while true do end");
	complete(&looper->ended);
	return 0;
}

static void check_busy(void)
{
	struct looper looper = {};
	struct task_struct *task;
	int result = 0;
	int tries;

	init_completion(&looper.ended);
	task = kthread_run(loop, &looper, "kapi_looper");
	if (IS_ERR(task)) {
		check("a thread", PTR_ERR(task), 0);
		return;
	}
	/* the thread needs a moment to get there */
	for (tries = 0; tries < 500 && result != -EBUSY; tries++) {
		msleep(10);
		result = klua_execute(STATE, "y = 1");
	}
	check("execute in a busy state", result, -EBUSY);
	check("delete a busy state", klua_deletestate(STATE), -EBUSY);
	check("create another state meanwhile", klua_createstate("other"), 0);
	check("and use it", klua_execute("other", "return 1"), 0);
	check("and delete it", klua_deletestate("other"), 0);
	wait_for_completion(&looper.ended);
	check("a run that does not end is ended", looper.result == -ETIMEDOUT ||
	      looper.result == -ETIME, 1);
	check("the state is free again", klua_execute(STATE, "y = 2"), 0);
}

/* A thread that is being killed already: it waits for nothing. */
struct killed {
	struct completion ended;
	int executed;
	int deleted;
};

static int be_killed(void *data)
{
	struct killed *killed = data;

	allow_signal(SIGKILL);
	send_sig(SIGKILL, current, 1);
	killed->executed = klua_execute(STATE, "while true do end");
	killed->deleted = klua_deletestate("slow");
	complete(&killed->ended);
	return 0;
}

static void check_killed(void)
{
	struct killed killed = {};
	struct task_struct *task;
	int result = -EBUSY;
	int tries;

	check("a state that is slow to delete", klua_createstate("slow"), 0);
	check("since a finalizer spins", klua_execute("slow",
	      "x = setmetatable({}, { __gc = function() while true do end end })"), 0);
	init_completion(&killed.ended);
	task = kthread_run(be_killed, &killed, "kapi_killed");
	if (IS_ERR(task)) {
		check("a thread", PTR_ERR(task), 0);
		return;
	}
	wait_for_completion(&killed.ended);
	check("execute by who is killed", killed.executed, -EINTR);
	check("delete by who is killed", killed.deleted, -EINTR);
	for (tries = 0; tries < 500 && result == -EBUSY; tries++) {
		result = klua_execute(STATE, "y = 3");
		msleep(10);
	}
	check("the run was cancelled", result, 0);
	for (tries = 0; tries < 3000 && klua_deletestate("slow") == -ESTALE; tries++)
		msleep(10);
	check("the deletion went on", klua_deletestate("slow"), -ENOENT);
}

static void check_many(void)
{
	char name[16];
	int wrong = 0;
	int i;

	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "kapi%d", i);
		wrong += klua_createstate(name) != 0;
		wrong += klua_execute(name, "n = (n or 0) + 1; assert(n == 1)") != 0;
	}
	check("100 states, each with globals of its own", wrong, 0);
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "kapi%d", i);
		wrong += klua_deletestate(name) != 0;
	}
	check("and their end", wrong, 0);
}

static int __init kapi_test_init(void)
{
	check_create();
	check_execute();
	check_busy();
	check_killed();
	check_many();
	klua_liststates();
	check("delete", klua_deletestate(STATE), 0);
	check("execute in a state that was deleted", klua_execute(STATE, "x = 1"), -ENOENT);
	check("delete what is not there", klua_deletestate(STATE), -ENOENT);
	check("delete without a name", klua_deletestate(NULL), -EINVAL);
	pr_info("%u passed, %u failed\n", passed, failed);
	return failed ? -EINVAL : 0;
}

static void __exit kapi_test_exit(void)
{
}

module_init(kapi_test_init);
module_exit(kapi_test_exit);

MODULE_DESCRIPTION("Checks of what lunatik.ko exports");
MODULE_AUTHOR("The Lunatik authors");
MODULE_LICENSE("Dual MIT/GPL");
