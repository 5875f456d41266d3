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
	check(heap->used == 0);
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

void test_heap(void)
{
	test_case("blocks stay intact and counted", test_blocks());
}
