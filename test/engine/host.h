/* SPDX-License-Identifier: MIT */
/*
 * A host for Lua's unit in user space (see kmod/lua/engine.h), which checks the rules of the door
 * on every crossing and fails on purpose where a test asks for it.
 */
#ifndef TEST_ENGINE_HOST_H
#define TEST_ENGINE_HOST_H

#include <stdio.h>
#include "../../kmod/lua/engine.h"

/* What the host does next, and what it has seen. One thread runs Lua at a time. */
struct host {
	/* to be set */
	unsigned long stack;          /* bytes Lua may use below the caller of host_stack_here() */
	long fail_pages;              /* fail the n-th call for pages from now; 0 never */
	long fail_alloc;              /* the same for engine_host_alloc() */
	long fail_block;              /* the same for blocks of a state's heap; see HEAP_FAULTS */
	enum lunatik_error fail_with; /* and every later one too when fail_forever is set */
	int fail_forever;
	FILE *output;                 /* of print; NULL keeps it in printed */
	int watch_polls;              /* count longest_work; set while no run is in progress */
	unsigned long long realtime;  /* of engine_host_realtime(); 0 is the real one */
	unsigned long long tick;      /* ns from one look at the clock to the next; 0: the real clock */
	unsigned long long clock;     /* ns, while tick is not 0 */
	long at_look;                 /* call on_look at the n-th look at the clock from now; 0 never */
	void (*on_look)(void);

	/* to be read */
	unsigned long long longest_work; /* between two calls of engine_host_now(), ns of this thread */
	int in_fpu;
	unsigned long stack_end;
	unsigned long long pages, pages_calls, allocs, sections, relaxed;
	unsigned long failed_blocks; /* by fail_block */
	unsigned long long longest_section; /* ns */
	char printed[65536];
	unsigned long printed_size;
};

extern struct host host;

/* Say that Lua may use host.stack bytes of the stack below here. */
void host_stack_here(void);

/* End the program if anything is still allocated or an FPU section is open. */
void host_check_nothing_left(void);

#endif
