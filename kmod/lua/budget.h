/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What a run may use of steps and time. A step is a call or a jump backwards in Lua; C code that a
 * script can make long charges steps for its work. The steps left until the next poll are counted
 * down in Lua's global state; a poll looks at the limits, at the deadline and at the cancel flag,
 * and leaves the FPU section for a moment when it has lasted long enough.
 *
 * A budget once spent cannot be caught: the run ends with the status LUA_ERRSPENT, which only
 * engine_run() and engine_close() take (see patches/04-spent.patch).
 */
#ifndef LUNATIK_BUDGET_H
#define LUNATIK_BUDGET_H

#include "engine.h"

struct TValue;

/* Besides Lua's own; must fit in three bits (lstate.h, CIST_RECST). */
#define LUA_ERRSPENT 7

struct budget {
	unsigned long long granted;   /* steps taken once the counter is down to 0 */
	unsigned long long most;      /* steps the run may take */
	unsigned long long began;     /* ns */
	unsigned long long deadline;  /* ns */
	const int *cancel;
	enum lunatik_error spent;     /* LUNATIK_ERROR_STEPS, _TIME or _CANCELLED */
	int noting;                   /* a traceback is being made of what was spent: its polls + 1 */
};

/* End the run if its budget is spent; reached through luai_charge(). */
static void budget_poll(lua_State *L) __attribute__((noinline, cold));

/* The same where nothing may be raised: if it is spent, the next poll ends the run. */
static void budget_poll_quietly(lua_State *L) __attribute__((noinline, cold));

/* The same in the middle of a collection, which is given up if it is spent. */
static void budget_poll_collecting(lua_State *L) __attribute__((noinline, cold));

/*
 * Collect when there is no memory. Given up if the budget is spent, as far as it has come.
 */
static void budget_collect(lua_State *L);

/*
 * Call none of the finalizers that wait to be called, ever; their objects can be collected. What
 * only a finalizer of Lua's own frees is freed.
 */
static void budget_drop_finalizers(lua_State *L);

/*
 * If the object is the box of a luaL_Buffer, free what it holds, as its finalizer would, which may
 * fail to be called; returns whether it is one.
 */
static int budget_free_box(lua_State *L, const struct TValue *object);

/* A lastatomic that no collection exceeds: the state is generational, its next step a whole one. */
#define LUAI_MARKED_ANY (MAX_LUMEM / 2)

/*
 * The most instructions of a function. Those that neither call nor jump backwards take no steps, so
 * this bounds what comes between two looks at the budget.
 */
#define LUAI_MAXCODE (1 << 19)

/* Steps the run in progress has taken. */
static unsigned long long budget_steps(const lua_State *L);

/* Start counting for a run, or, without one, let everything pass. */
static void budget_start(lua_State *L, const struct engine_run *run);

/*
 * Take steps; before a poll, do what makes the Lua state fit to raise an error. LUNATIK_NO_POLLS is
 * for measuring what all of this costs, and for nothing else.
 */
#ifdef LUNATIK_NO_POLLS
#define luai_charge(L, count, before) ((void)0)
#define luai_work(g, count) ((void)0)
#define luai_collect(L, count) ((void)0)
#define luai_count(g, count) ((void)(g))
#define luai_walk(g, walked) ((void)(walked))
#define luai_step(g, walked) ((void)(walked))
#else
#define luai_charge(L, count, before) \
	do { \
		if (__builtin_expect((G(L)->steps -= (long long)(count)) < 0, 0)) { \
			before; \
			budget_poll(L); \
		} \
	} while (0)

#define luai_work(g, count) \
	do { \
		if (__builtin_expect(((g)->steps -= (long long)(count)) < 0, 0)) \
			budget_poll_quietly((g)->mainthread); \
	} while (0)

/* In the middle of a collection. */
#define luai_collect(L, count) \
	do { \
		if (__builtin_expect((G(L)->steps -= (long long)(count)) < 0, 0) || \
		    __builtin_expect(budget_is_spent(L), 0)) \
			budget_poll_collecting(L); \
	} while (0)

/* Leave the look to the next that takes a step: in small functions, for what is soon done. */
#define luai_count(g, count) ((void)((g)->steps -= (long long)(count)))

/* One more of a chain: sixteen take a step. */
#define luai_walk(g, walked) \
	do { \
		if (__builtin_expect(!(++(walked) & 15), 0)) \
			luai_work(g, 1); \
	} while (0)

#define luai_step(g, walked) \
	do { \
		if (__builtin_expect(!(++(walked) & 15), 0)) \
			luai_count(g, 1); \
	} while (0)
#endif

#define luai_charge_quietly(L, count) luai_work(G(L), count)

static int budget_is_spent(const lua_State *L);

/* Hand a spent budget on from a place that caught it, unless it is the outermost one. */
#define luai_rethrow(L, status) \
	do { \
		if ((status) == LUA_ERRSPENT && (L)->errorJmp && budget_is_spent(L)) \
			luaD_throw(L, LUA_ERRSPENT); \
	} while (0)

#endif
