/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The heap of one state. Pages come from the host in segments; a segment is cut into granules of
 * 256 bytes, with a bit for each. Blocks up to HEAP_SMALL bytes live in slabs, 1 KiB each, of
 * blocks of one class; larger ones take a run of granules; those too large for a segment take one
 * of their own. Lua tells the size of what it frees, so no block has a header.
 *
 * Two bounds hold: the bytes in use never exceed the limit, and the pages held never exceed the
 * state's own limit by more than half of it and 64 KiB (what fragments, and what a block needs
 * that moves while it grows).
 */
#ifndef LUNATIK_HEAP_H
#define LUNATIK_HEAP_H

#include "section.h"
#include <stddef.h>

#define HEAP_PAGE 4096u
#define HEAP_GRANULE 256u
#define HEAP_SLAB 1024u
#define HEAP_SMALL 496u
#define HEAP_CLASSES 14

struct heap_segment {
	char *base;
	unsigned int pages;
	unsigned int free;      /* granules */
	unsigned int longest;   /* no run of free granules is longer */
	unsigned int low;       /* no page before this one has a free granule */
	/*
	 * A word a page, a bit a granule, 1 when taken; behind it as much again, 1 where a small
	 * block begins that is in no slab. NULL: one block.
	 */
	unsigned short *map;
};

struct heap_slab;

struct heap {
	void *owner;
	unsigned long long used;        /* bytes */
	unsigned long long peak;        /* most ever */
	unsigned long long run_peak;    /* most since heap_mark() */
	unsigned long long limit;       /* on used; of the run, never above the state's own */
	unsigned long long most;        /* the state's own */
	unsigned long long held;        /* bytes in pages */
	unsigned long long held_limit;
	enum lunatik_error refused;     /* why the last allocation failed */
	struct section section;         /* left to get pages */
	struct heap_slab *partial[HEAP_CLASSES];
	unsigned long long odd;         /* small blocks that are in no slab; see heap_keep_odd() */
	struct heap_segment *segments;  /* sorted by address */
	unsigned int count;
	unsigned int room;
	struct heap_segment first[8];   /* room for the first ones */
};

/*
 * Make a heap, which lives in its own first segment, with *extra* bytes right behind it for the
 * caller. limit in bytes; outside FPU sections. Returns 0, or why there is none.
 */
static enum lunatik_error heap_new(void *owner, unsigned long long limit, size_t extra,
				   struct heap **heap);

/* Give all pages back, the heap included, whatever is allocated; outside FPU sections. */
static void heap_delete(struct heap *heap);

/*
 * As lua_Alloc: allocate, resize or free a block, to which old_size counts only when it is not
 * NULL. NULL when there is no memory (heap->refused says why); never fails to shrink.
 */
static void *heap_resize(struct heap *heap, void *block, size_t old_size, size_t new_size);

/* Give what is empty back to the host. */
static void heap_trim(struct heap *heap);

#endif
