// SPDX-License-Identifier: MIT
/* The heap by itself: random requests against a model of what has to be in the blocks. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "test.h"

#define heap_new test_heap_new
#include "../../kmod/lua/heap.c"

#define BLOCKS 600

static struct {
	unsigned char *at;
	size_t size;
	unsigned char fill;
} blocks[BLOCKS];

static size_t random_size(void)
{
	switch (rand() % 8) {
	case 0:
		return 1 + rand() % 16;
	case 1:
		return 1 + rand() % 5000;
	case 2:
		return 1 + rand() % 60000;
	case 3:
		return 1 + rand() % 300000;
	case 4:
		return (size_t)16 << rand() % 10;
	default:
		return 1 + rand() % 500;
	}
}

static int is_intact(int i, size_t size)
{
	size_t at;

	for (at = 0; at < size; at++)
		if (blocks[i].at[at] != blocks[i].fill)
			return 0;
	return 1;
}

static void churn(struct heap *heap, int rounds)
{
	unsigned long long used = 0;
	int i, intact = 1, counted = 1, shrunk = 1;

	while (rounds--) {
		unsigned char *moved;
		size_t size = rand() % 3 ? random_size() : 0;

		i = rand() % BLOCKS;
		if (!blocks[i].at && !size)
			continue;
		intact &= is_intact(i, blocks[i].size);
		moved = heap_resize(heap, blocks[i].at, blocks[i].at ? blocks[i].size : 5, size);
		if (!moved && size) {
			shrunk &= size > blocks[i].size;
			continue;
		}
		used += size - blocks[i].size;
		counted &= used == heap->used && used <= heap->limit;
		blocks[i].at = moved;
		if (size) {
			intact &= is_intact(i, size < blocks[i].size ? size : blocks[i].size);
			blocks[i].fill = rand();
			memset(moved, blocks[i].fill, size);
			intact &= ((size_t)moved & 15) == 0;
		}
		blocks[i].size = size;
	}
	check(intact);
	check(counted);
	check(shrunk);
	for (i = 0; i < BLOCKS; i++) {
		check(is_intact(i, blocks[i].size));
		heap_resize(heap, blocks[i].at, blocks[i].size, 0);
		blocks[i].at = NULL;
		blocks[i].size = 0;
	}
	check(heap->used == 0 && heap->odd == 0);
	heap_trim(heap);
	check(heap->count <= 1 + HEAP_CLASSES);
}

static void test_blocks(void)
{
	struct heap *heap;
	int i;

	srand(2);
	check_error(heap_new(NULL, 8 * MIB, 100, &heap), 0);
	for (i = 0; i < 3; i++)
		churn(heap, 60000);
	for (i = 0; i < 200; i++) { /* now and then the host has nothing */
		host.fail_pages = 1 + rand() % 20;
		churn(heap, 500);
	}
	host.fail_pages = 0;
	heap_delete(heap);

	check_error(heap_new(NULL, 10000, 0, &heap), 0);
	check(heap_resize(heap, NULL, 0, 10001) == NULL);
	check_error(heap->refused, LUNATIK_ERROR_MEMORY);
	check(heap_resize(heap, NULL, 0, 10000) != NULL);
	check(heap->used == 10000 && heap->peak == 10000);
	check(heap_resize(heap, NULL, 0, 1) == NULL);
	heap_delete(heap);
}

/* A block that lies at the end of its segment does not grow into what is behind. */
static void test_end_of_segment(void)
{
	static char *at[100];
	struct heap_segment *segment;
	struct heap *heap;
	size_t size;
	int i, ends = 0;

	check_error(heap_new(NULL, MIB, 0, &heap), 0);
	for (i = 0; i < 100; i++) {
		at[i] = heap_resize(heap, NULL, 0, (2 + i % 5) * HEAP_GRANULE);
		check(at[i] != NULL);
	}
	for (i = 0; i < 100; i++) {
		size = (2 + i % 5) * HEAP_GRANULE;
		segment = heap_segment_of(heap, at[i]);
		if (at[i] + size != segment->base + (size_t)segment->pages * HEAP_PAGE)
			continue;
		ends++;
		check(!segment->map[segment->pages]); /* what is behind the first map says nothing of what is taken */
		at[i] = heap_resize(heap, at[i], size, size + 1024);
		segment = heap_segment_of(heap, at[i]);
		check(at[i] + size + 1024 <= segment->base + (size_t)segment->pages * HEAP_PAGE);
		memset(at[i], 0, size + 1024);
	}
	check(ends > 3);
	heap_delete(heap);
}

/* The heap holds half as much again as its limit, and 64 KiB, however it is cut up. */
static void test_held(void)
{
	static void *at[8192];
	struct heap *heap;
	int i, count = 0, more = 0;

	check_error(heap_new(NULL, 8 * MIB, 0, &heap), 0);
	while (count < 8192 && (at[count] = heap_resize(heap, NULL, 0, 3000)))
		count++;
	check(heap->used > 8 * MIB - 3000);
	for (i = 0; i < count; i++)
		if (i % 8)
			at[i] = heap_resize(heap, at[i], 3000, 0);
	while (heap_resize(heap, NULL, 0, 30000))
		more++;
	check_error(heap->refused, LUNATIK_ERROR_MEMORY);
	check(more > 100 && heap->used < 7 * MIB); /* no limit but that of the pages */
	check(heap->held <= 12 * MIB + 65536 && heap->held > 11 * MIB);
	check(host.pages == heap->held);
	heap_delete(heap);

	check_error(heap_new(NULL, ~0ULL, 0, &heap), 0);
	check(heap_resize(heap, NULL, 0, 1 << 20) != NULL);
	heap_delete(heap);
}

/* What is freed is used again, and an empty segment more is given back. */
static void test_reuse(void)
{
	static void *at[1000];
	struct heap *heap;
	unsigned long long calls = 0, held;
	void *block;
	int i;

	check_error(heap_new(NULL, 8 * MIB, 0, &heap), 0);
	block = heap_resize(heap, NULL, 0, 22000); /* most of the first segment */
	for (i = 0; i < 1000; i++) {
		at[0] = heap_resize(heap, NULL, 0, 2000 + i % 1500);
		at[1] = heap_resize(heap, NULL, 0, 2000);
		check(at[0] && at[1] && !heap_resize(heap, at[1], 2000, 0));
		check(!heap_resize(heap, at[0], 2000 + i % 1500, 0));
		if (i == 100)
			calls = host.pages_calls;
	}
	check(heap->held < 64 * 1024);
	check(host.pages_calls - calls < 10);
	check(!heap_resize(heap, block, 22000, 0));

	for (i = 0; i < 1000; i++)
		at[i] = heap_resize(heap, NULL, 0, 3000);
	held = heap->held;
	for (i = 0; i < 1000; i += 2)
		check(!heap_resize(heap, at[i], 3000, 0));
	for (i = 0; i < 1000; i += 2)
		at[i] = heap_resize(heap, NULL, 0, 3000);
	check(heap->held == held && heap->used == 1000 * 3000);
	for (i = 0; i < 1000; i++)
		check(!heap_resize(heap, at[i], 3000, 0));

	/* a slab of each class, more than the first segment holds */
	block = heap_resize(heap, NULL, 0, 22000);
	for (i = 0; i < HEAP_CLASSES; i++)
		at[i] = heap_resize(heap, NULL, 0, heap_sizes[i]);
	for (i = 0; i < HEAP_CLASSES; i++)
		check(!heap_resize(heap, at[i], heap_sizes[i], 0));
	check(!heap_resize(heap, block, 22000, 0));
	heap_trim(heap);
	check(heap->count == 1 && !heap->used);
	heap_delete(heap);
}

/* As many blocks of a size as there is room for; how many. */
static int fill(struct heap *heap, void **at, int most, size_t size)
{
	int count = 0;

	while (count < most && (at[count] = heap_resize(heap, NULL, 0, size)))
		count++;
	check(count < most);
	return count;
}

static void give_back(struct heap *heap, void **at, int count, size_t size)
{
	while (count-- > 0)
		check(!heap_resize(heap, at[count], size, 0));
}

#define LARGE 40

/* Shrinking cannot fail: not over the limit, and not when no slab has room for a block that has become small. */
static void test_shrinking(void)
{
	static unsigned char *large[LARGE];
	static void *more[3][20000];
	struct heap *heap;
	int i, j, pass, counts[3];

	check_error(heap_new(NULL, MIB, 0, &heap), 0);
	for (i = 0; i < LARGE; i++) {
		large[i] = heap_resize(heap, NULL, 0, 5000);
		memset(large[i], i + 1, 5000);
	}
	heap->limit = 1000;
	check(heap_resize(heap, NULL, 0, 1) == NULL);
	for (i = 0; i < LARGE; i++)
		large[i] = heap_resize(heap, large[i], 5000, 600);
	check(heap->used == LARGE * 600);
	heap->limit = MIB;
	heap->held_limit = heap->held; /* no pages more */
	for (pass = 0; pass < 3; pass++) {
		/* a run for a slab, a slab's last blocks, and what is left of a granule or two */
		counts[0] = fill(heap, more[0], 20000, 1000);
		counts[1] = fill(heap, more[1], 20000, 16);
		counts[2] = fill(heap, more[2], 20000, 500);
		for (i = pass; i < LARGE; i += 3) {
			/* the third granule that 600 bytes take is free then, and is no slab's */
			large[i] = heap_resize(heap, large[i], 600, 10);
			check(large[i] != NULL);
		}
		give_back(heap, more[2], counts[2], 500);
		give_back(heap, more[1], counts[1], 16);
		give_back(heap, more[0], counts[0], 1000);
	}
	check(heap->used == LARGE * 10);
	for (i = 0; i < LARGE; i++) {
		for (j = 0; j < 10; j++)
			check(large[i][j] == i + 1);
		if (i % 2)
			large[i] = heap_resize(heap, large[i], 10, 600);
		check(large[i] && large[i][9] == i + 1);
	}
	for (i = 0; i < LARGE; i++)
		check(!heap_resize(heap, large[i], i % 2 ? 600 : 10, 0));
	heap_trim(heap);
	check(!heap->used && heap->count == 1);

	/* a block with a segment of its own keeps its pages only while it needs most of them */
	heap->held_limit = 2 * MIB;
	large[0] = heap_resize(heap, NULL, 0, MIB / 2);
	check(heap->held > MIB / 2);
	large[0] = heap_resize(heap, large[0], MIB / 2, 10000);
	check(large[0] && heap->held < MIB / 4);
	heap_delete(heap);
}

#define ODD 600
#define BIG 4000
#define SIZE 2300 /* nine granules, so that they begin anywhere in a row of four, as a slab has */
#define REST 60000

static int is_full_of(const unsigned char *at, int value, size_t size)
{
	while (size-- > 0)
		if (at[size] != (unsigned char)value)
			return 0;
	return 1;
}

/* Many blocks that are small and in no slab, in segments of all sizes, among many that are not. */
static void test_odd_blocks(void)
{
	static unsigned char *big[BIG];
	static void *more[20000], *rest[3][REST];
	unsigned long long held;
	unsigned char *alone;
	struct heap *heap;
	int i, intact = 1, stayed = 1, count = 0, counts[3];

	check_error(heap_new(NULL, 16 * MIB, 0, &heap), 0);
	alone = heap_resize(heap, NULL, 0, MIB); /* with a segment of its own */
	for (i = 0; i < BIG; i++) {
		big[i] = heap_resize(heap, NULL, 0, SIZE);
		memset(big[i], i, SIZE);
	}
	heap->held_limit = heap->held; /* no pages more */
	counts[0] = fill(heap, rest[0], REST, 1000);
	counts[1] = fill(heap, rest[1], REST, 16);
	counts[2] = fill(heap, rest[2], REST, 500);
	for (i = 0; i < ODD; i++) {
		int at = i * (BIG / ODD);

		big[at] = heap_resize(heap, big[at], SIZE, 100);
		for (; (more[count] = heap_resize(heap, NULL, 0, 500)); count++)
			memset(more[count], count, 500);
	}
	check(heap->odd == ODD && count >= 3 * ODD);
	held = heap->held;
	check(heap_resize(heap, alone, MIB, 100) == alone && heap->odd == ODD + 1 && heap->held == held);
	check(!heap_resize(heap, alone, 100, 0) && heap->odd == ODD && heap->held == held - MIB);
	heap->held_limit = heap->held;
	/* blocks in slabs are not taken for such ones */
	give_back(heap, rest[1], counts[1], 16);
	check(heap->odd == ODD);
	for (i = 0; i < ODD; i++) {
		unsigned char *at = big[i * (BIG / ODD)];

		stayed &= heap_resize(heap, at, 100, 400) == at && heap_resize(heap, at, 400, 100) == at;
	}
	check(stayed);
	for (i = 0; i < BIG; i++)
		intact &= is_full_of(big[i], i, i % (BIG / ODD) || i >= ODD * (BIG / ODD) ? SIZE : 100);
	for (i = 0; i < count; i++)
		intact &= is_full_of(more[i], i, 500);
	check(intact);
	give_back(heap, more, count, 500);
	for (i = 0; i < ODD; i++) { /* not in the order they were made */
		int at = i * 7 % ODD * (BIG / ODD);

		check(!heap_resize(heap, big[at], 100, 0) && heap->odd == ODD - 1 - i);
		big[at] = NULL;
		if (at) { /* and what lies before it, so that a slab may reach over both */
			check(!heap_resize(heap, big[at - 1], SIZE, 0));
			big[at - 1] = NULL;
		}
		if (i != ODD / 2)
			continue;
		/* nor are those that lie where one was: of 32 bytes, each eighth begins a granule */
		counts[1] = fill(heap, rest[1], REST, 32);
		give_back(heap, rest[1], counts[1], 32);
		check(counts[1] > ODD && heap->odd == ODD - 1 - i);
	}
	for (i = 0; i < BIG; i++)
		if (big[i])
			check(is_full_of(big[i], i, SIZE) && !heap_resize(heap, big[i], SIZE, 0));
	give_back(heap, rest[0], counts[0], 1000);
	give_back(heap, rest[2], counts[2], 500);
	heap_trim(heap);
	check(!heap->used && heap->count == 1);
	heap_delete(heap);
}

/* Copying a large block lets others in on the way. */
static void test_copying(void)
{
	unsigned long long relaxed;
	struct heap *heap;
	char *block;

	check_error(heap_new(NULL, 64 * MIB, 0, &heap), 0);
	block = heap_resize(heap, NULL, 0, 8 * MIB);
	section_enter(&heap->section);
	relaxed = host.relaxed;
	block = heap_resize(heap, block, 8 * MIB, 16 * MIB);
	section_leave(&heap->section);
	check(block && host.relaxed - relaxed >= 31);
	heap_delete(heap);
}

void test_heap(void)
{
	test_case("a block at the end of its segment", test_end_of_segment());
	test_case("pages that are held", test_held());
	test_case("pages that are used again", test_reuse());
	test_case("shrinking", test_shrinking());
	test_case("blocks that are small and in no slab", test_odd_blocks());
	test_case("copying", test_copying());
	test_case("blocks stay intact and counted", test_blocks());
}
