/* SPDX-License-Identifier: MIT */
/* What the engine's tests share: a state, runs in it, and checks that are counted. */
#ifndef TEST_ENGINE_TEST_H
#define TEST_ENGINE_TEST_H

#include "host.h"

#define MIB (1024ull * 1024)
#define SECOND 1000000000ull

/* 1 under AddressSanitizer, and where lines are counted: all takes longer there, and frames are wider. */
#if defined(__SANITIZE_ADDRESS__) || defined(COUNTED_LINES)
#define INSTRUMENTED 1
#elif defined(__has_feature)
#define INSTRUMENTED __has_feature(address_sanitizer)
#else
#define INSTRUMENTED 0
#endif

/*
 * One test: a call with checks in it, counted once. It has passed when there were checks and all held. Not to be nested.
 */
#define test_case(name, call) \
	do { \
		test_begin(); \
		call; \
		test_end(name); \
	} while (0)

void test_begin(void);
void test_end(const char *name);

/* A check within a test; says which one failed. */
#define check(condition) test_check(!!(condition), #condition, __FILE__, __LINE__)
#define check_error(error_, code_) test_error(error_, code_, __FILE__, __LINE__)
#define check_text(bytes_, text_) test_text(bytes_, text_, __FILE__, __LINE__)

void test_check(int condition, const char *text, const char *file, int line);
void test_error(enum lunatik_error got, enum lunatik_error wanted, const char *file, int line);
void test_text(struct engine_bytes got, const char *wanted, const char *file, int line);

/* A state with all libraries; ends the program if there is none. */
lua_State *test_open(unsigned long long memory);

/* Close it under limits that are plenty. */
void test_close(lua_State *L);

/* A run with limits that are plenty: 64 MiB, 10^8 steps, 20 s. */
struct engine_run test_limits(void);

/* Run code; the run is to be dropped afterwards. */
struct engine_run test_run(lua_State *L, const char *code);
struct engine_run test_run_with(lua_State *L, const char *code, struct engine_run limits);
void test_drop(struct engine_run *run);

/* Run code that has to succeed. */
void test_do(lua_State *L, const char *code);

/* The groups of tests. */
void test_values(void);
void test_budgets(void);
void test_polls(void);
void test_memory(void);
void test_stack(void);
void test_errors(void);
void test_heap(void);
void test_charges(void);

#endif
