/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What the port keeps for a state besides Lua's own; made and freed with its heap. */
#ifndef LUNATIK_ENGINE_STATE_H
#define LUNATIK_ENGINE_STATE_H

#include "budget.h"
#include "heap.h"

struct engine {
	struct heap heap;            /* first: Lua's allocator is handed the heap */
	struct budget budget;
	struct engine_run *run;      /* in progress, or NULL */
	int entered;                 /* the run's own C function is active */
	enum lunatik_error error;    /* set by who raises one that is not a plain Lua error */
	unsigned long long run_time; /* ns, of the runs before this one */
	unsigned long long random;   /* state of the generator of seeds */
	unsigned long long hide_key;
	int stack_most;              /* slots of a Lua stack */
	unsigned long stack_deepest; /* bytes of the host's stack */
	char message[192];           /* of a spent budget: made without Lua's memory */
};

/* The state's, from any of its threads. */
#define engine_of(L) ((struct engine *)G(L)->ud)

/*
 * Copy bytes into the host's memory, outside the FPU section; what was there is freed. Leaves
 * nothing when there is no memory.
 */
static void engine_keep(lua_State *L, struct engine_bytes *kept, const char *data,
			unsigned long size);

/* The traceback of a thread from the given level on, kept for the run. May raise memory errors. */
static void engine_keep_traceback(lua_State *L, int level);

/* The next number of the state's own generator (splitmix64). */
static unsigned long long engine_random(struct engine *engine);

/* What Lua's sources ask of the port. */
static unsigned int engine_seed(lua_State *L);
static void engine_print(lua_State *L, const char *text, size_t size);
static unsigned long long engine_run_time(lua_State *L);
static int engine_integer_text(char *to, long long number);

#define luai_maxstack(L) (engine_of(L)->stack_most)
#define luai_makeseed(L) engine_seed(L)
#define luai_random(L) engine_random(engine_of(L))
#define luai_hide(L, address) hide_address(engine_of(L)->hide_key, address)

#endif
