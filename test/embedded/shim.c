// SPDX-License-Identifier: MIT
/* Runs the cases of the other files, those whose name contains an argument when there is one. */
#include <stdio.h>
#include <string.h>

#include <linux/module.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "genetlink.h"
#include "rcu.h"
#include "shim.h"

MODULE_VERSION("test");

static unsigned int checks, failures; /* both of checks */
static unsigned int passed_cases, failed_cases;

void check_at(bool passed, const char *what, const char *file, int line)
{
	__atomic_add_fetch(&checks, 1, __ATOMIC_RELAXED);
	if (passed)
		return;
	__atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
}

static void run(const struct test_case *cases, const char *only)
{
	for (; cases->name; cases++) {
		unsigned int before = failures;

		if (only && !strstr(cases->name, only))
			continue;
		cases->run();
		printf("%s - %s\n", failures == before ? "ok" : "not ok", cases->name);
		fflush(stdout);
		if (failures == before)
			passed_cases++;
		else
			failed_cases++;
	}
}

int main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : NULL;

	/* before any thread: the cases of assertions fork */
	run(assertion_cases, only);
	if (embedded_workqueues_init() || nlctrl_init())
		return 1;
	run(attribute_cases, only);
	run(netlink_cases, only);
	run(thread_cases, only);
	run(work_cases, only);
	nlctrl_exit();
	embedded_workqueues_exit();
	embedded_rcu_exit();
	embedded_timers_exit();
	printf("%u passed, %u failed (%u checks)\n", passed_cases, failed_cases, checks);
	return failures || !passed_cases;
}
