/* SPDX-License-Identifier: MIT */
/* The test of the shim: cases in a list, checks that count. */
#ifndef SHIM_TEST_H
#define SHIM_TEST_H

#include <stdbool.h>

/* Count a check; a false one is written to stderr with its place, and fails the run. */
void check_at(bool passed, const char *what, const char *file, int line);
#define check(condition) check_at(condition, #condition, __FILE__, __LINE__)

struct test_case {
	const char *name;
	void (*run)(void);
};

/* Each ends with an entry without a name. */
extern const struct test_case attribute_cases[];
extern const struct test_case netlink_cases[];
extern const struct test_case thread_cases[];
extern const struct test_case work_cases[];
extern const struct test_case assertion_cases[];

#endif
