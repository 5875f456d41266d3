// SPDX-License-Identifier: GPL-2.0 OR MIT
/* See heap.h. */

#include "heap.h"
#include <stdint.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__) && !defined(__KERNEL__)
#define HEAP_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(__KERNEL__)
#define HEAP_ASAN 1
#endif
#endif

#ifdef HEAP_ASAN
/* Free memory is poisoned, so that a use of it is seen; only this file may touch it. */
extern void __asan_poison_memory_region(void const volatile *address, size_t size);
extern void __asan_unpoison_memory_region(void const volatile *address, size_t size);
#define heap_poison(address, size) __asan_poison_memory_region(address, size)
#define heap_unpoison(address, size) __asan_unpoison_memory_region(address, size)
#define HEAP_RAW __attribute__((no_sanitize("address")))
#else
#define heap_poison(address, size) ((void)0)
#define heap_unpoison(address, size) ((void)0)
#define HEAP_RAW
#endif

/* In the engine's tests the host also says which block does not grow. */
#ifdef HEAP_FAULTS
extern int engine_host_block_fails(void);
#define heap_block_fails() engine_host_block_fails()
#else
#define heap_block_fails() 0
#endif

#define HEAP_FIRST_PAGES 6u   /* an empty state fits */
#define HEAP_LEAST_PAGES 2u   /* of a segment ... */
#define HEAP_MOST_PAGES 256u  /* ... which is otherwise a quarter of the heap */
#define HEAP_COPY (256u * 1024) /* bytes copied in one go */
#define HEAP_PER_PAGE (HEAP_PAGE / HEAP_GRANULE)

struct heap_slab {
	struct heap_slab *next, *previous; /* with room, of the same class */
	void *free;                        /* blocks that were freed, linked by their first word */
	unsigned short used;               /* blocks */
	unsigned short fresh;              /* blocks never used lie from here on */
	unsigned short class;
	unsigned short listed;
};

_Static_assert(sizeof(struct heap_slab) == 32, "a slab's blocks are aligned to 16");
_Static_assert(HEAP_SMALL <= 2 * HEAP_GRANULE, "a small block that is in no slab has two granules");
_Static_assert(HEAP_PAGE % sizeof(struct heap_segment) == 0, "segments fill whole pages");
_Static_assert(HEAP_MOST_PAGES * 2 * sizeof(unsigned short) <= HEAP_PAGE / 2, "maps leave room");

static const unsigned short heap_sizes[HEAP_CLASSES] = {
	16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 192, 240, 320, HEAP_SMALL,
};

/* The class of a size, by 16 bytes. */
static const unsigned char heap_classes[HEAP_SMALL / 16] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 11, 11, 11, 12, 12, 12, 12, 12, 13, 13, 13, 13,
	13, 13, 13, 13, 13, 13, 13,
};

static inline unsigned int heap_class(size_t size)
{
	return heap_classes[(size - 1) / 16];
}

static inline size_t heap_granules(size_t size)
{
	return (size + HEAP_GRANULE - 1) / HEAP_GRANULE;
}

/* Granules that a segment's two maps take. */
static inline size_t heap_maps(size_t pages)
{
	return heap_granules(pages * 2 * sizeof(unsigned short));
}

/* --- segments -------------------------------------------------------------------------------- */

static void *heap_pages(struct heap *heap, size_t size)
{
	void *pages = NULL;
	int inside;

	if (heap->held + size > heap->held_limit) {
		heap->refused = LUNATIK_ERROR_MEMORY;
		return NULL;
	}
	inside = heap->section.inside;
	if (inside)
		section_leave(&heap->section);
	heap->refused = engine_host_pages(heap->owner, size, &pages);
	if (inside)
		section_enter(&heap->section);
	if (heap->refused)
		return NULL;
	heap->held += size;
	return pages;
}

static void heap_pages_free(struct heap *heap, void *pages, size_t size)
{
	int inside = heap->section.inside;

	heap_unpoison(pages, size);
	heap->held -= size;
	if (inside)
		section_leave(&heap->section);
	engine_host_pages_free(heap->owner, pages, size);
	if (inside)
		section_enter(&heap->section);
}

/* The index of the first segment that begins behind the address. */
static unsigned int heap_behind(const struct heap *heap, const void *address)
{
	unsigned int low = 0, high = heap->count;

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if ((uintptr_t)heap->segments[middle].base > (uintptr_t)address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static inline struct heap_segment *heap_segment_of(struct heap *heap, const void *address)
{
	return &heap->segments[heap_behind(heap, address) - 1];
}

/* Make room for one more in the array of segments. */
static int heap_segments_grow(struct heap *heap)
{
	struct heap_segment *segments;
	size_t old_size = heap->room * sizeof(*segments);
	size_t size = heap->segments == heap->first ? HEAP_PAGE : 2 * old_size;

	if (heap->count < heap->room)
		return 1;
	segments = heap_pages(heap, size);
	if (!segments)
		return 0;
	memcpy(segments, heap->segments, old_size);
	if (heap->segments != heap->first)
		heap_pages_free(heap, heap->segments, old_size);
	heap->segments = segments;
	heap->room = size / sizeof(*segments);
	return 1;
}

static void heap_segment_insert(struct heap *heap, char *base, unsigned int pages, int whole)
{
	unsigned int at = heap_behind(heap, base);
	struct heap_segment *segment = &heap->segments[at];
	size_t maps = heap_maps(pages);

	memmove(segment + 1, segment, (heap->count - at) * sizeof(*segment));
	heap->count++;
	memset(segment, 0, sizeof(*segment));
	segment->base = base;
	segment->pages = pages;
	if (whole)
		return;
	segment->map = (unsigned short *)base;
	memset(segment->map, 0, pages * 2 * sizeof(*segment->map));
	segment->map[0] = (1u << maps) - 1; /* at most 1 KiB */
	segment->free = pages * HEAP_PER_PAGE - maps;
	segment->longest = segment->free;
	heap_poison(base + maps * HEAP_GRANULE, pages * HEAP_PAGE - maps * HEAP_GRANULE);
}

static void heap_segment_delete(struct heap *heap, struct heap_segment *segment)
{
	char *base = segment->base;
	size_t size = (size_t)segment->pages * HEAP_PAGE;

	heap->count--;
	memmove(segment, segment + 1,
		(heap->count - (segment - heap->segments)) * sizeof(*segment));
	heap_pages_free(heap, base, size);
}

static int heap_segment_is_empty(const struct heap_segment *segment)
{
	return segment->map && segment->free + heap_maps(segment->pages) ==
				       segment->pages * HEAP_PER_PAGE;
}

/* Pages of the next segment. */
static unsigned int heap_growth(const struct heap *heap)
{
	unsigned long long pages = heap->held / HEAP_PAGE / 4;

	if (pages < HEAP_LEAST_PAGES)
		return HEAP_LEAST_PAGES;
	return pages < HEAP_MOST_PAGES ? pages : HEAP_MOST_PAGES;
}

/* --- runs of granules ------------------------------------------------------------------------ */

static inline int heap_is_taken(const struct heap_segment *segment, size_t at)
{
	return segment->map[at / HEAP_PER_PAGE] >> (at % HEAP_PER_PAGE) & 1;
}

static void heap_take(struct heap_segment *segment, size_t at, size_t count)
{
	segment->free -= count;
	while (count) {
		size_t bit = at % HEAP_PER_PAGE;
		size_t here = HEAP_PER_PAGE - bit < count ? HEAP_PER_PAGE - bit : count;

		segment->map[at / HEAP_PER_PAGE] |= ((1u << here) - 1) << bit;
		at += here;
		count -= here;
	}
}

static void heap_release(struct heap *heap, struct heap_segment *segment, size_t at, size_t count)
{
	heap_poison(segment->base + at * HEAP_GRANULE, count * HEAP_GRANULE);
	segment->free += count;
	segment->longest = segment->free; /* at most; the next search that fails will know */
	if (segment->low > at / HEAP_PER_PAGE)
		segment->low = at / HEAP_PER_PAGE;
	while (count) {
		size_t bit = at % HEAP_PER_PAGE;
		size_t here = HEAP_PER_PAGE - bit < count ? HEAP_PER_PAGE - bit : count;

		segment->map[at / HEAP_PER_PAGE] &= ~(((1u << here) - 1) << bit);
		at += here;
		count -= here;
	}
	/* One empty segment is kept, so that a block that comes and goes does not cost pages. */
	if (heap_segment_is_empty(segment)) {
		unsigned int i;

		for (i = 1; i < heap->count; i++) {
			struct heap_segment *other = &heap->segments[i];

			if (other != segment && heap_segment_is_empty(other)) {
				heap_segment_delete(heap, segment);
				return;
			}
		}
	}
}

/* Find count free granules in a row, from a multiple of align; -1 when there are none. */
static long heap_find(struct heap_segment *segment, size_t count, size_t align)
{
	size_t end = (size_t)segment->pages * HEAP_PER_PAGE;
	size_t at = (size_t)segment->low * HEAP_PER_PAGE;
	size_t run = 0, longest = 0;
	int first = 1;

	while (at < end) {
		unsigned int word = segment->map[at / HEAP_PER_PAGE];

		if (at % HEAP_PER_PAGE == 0 && word == 0xffff) {
			run = 0;
			at += HEAP_PER_PAGE;
			continue;
		}
		if (first) {
			segment->low = at / HEAP_PER_PAGE;
			first = 0;
		}
		if (at % HEAP_PER_PAGE == 0 && word == 0) {
			run += HEAP_PER_PAGE;
			at += HEAP_PER_PAGE;
		} else if (word >> (at % HEAP_PER_PAGE) & 1) {
			run = 0;
			at++;
			continue;
		} else {
			run++;
			at++;
		}
		if (run > longest)
			longest = run;
		if (run >= count) {
			size_t from = (at - run + align - 1) / align * align;

			if (from + count <= at)
				return from;
		}
	}
	if (first)
		segment->low = segment->pages;
	/* A run that is long enough but not aligned is forgotten until something is freed. */
	segment->longest = longest < count ? longest : count - 1;
	return -1;
}

/* The fullest segment that may have a run: so the emptier ones can become empty. */
static struct heap_segment *heap_fullest(struct heap *heap, size_t count)
{
	struct heap_segment *best = NULL, *segment = heap->segments;
	unsigned int i;

	for (i = 0; i < heap->count; i++, segment++)
		if (segment->map && segment->longest >= count &&
		    (!best || segment->free < best->free))
			best = segment;
	return best;
}

/* count granules from a multiple of align (in granules); the memory is still poisoned. */
static void *heap_run(struct heap *heap, size_t count, size_t align)
{
	unsigned int pages = heap_growth(heap);
	struct heap_segment *segment;
	char *base;

	while ((segment = heap_fullest(heap, count))) {
		long at = heap_find(segment, count, align);

		if (at >= 0) {
			heap_take(segment, at, count);
			return segment->base + at * HEAP_GRANULE;
		}
	}
	if (!heap_segments_grow(heap))
		return NULL;
	if (count > pages * HEAP_PER_PAGE / 2) {
		pages = (count + HEAP_PER_PAGE - 1) / HEAP_PER_PAGE;
		base = heap_pages(heap, (size_t)pages * HEAP_PAGE);
		if (base) {
			heap_segment_insert(heap, base, pages, 1);
			heap_poison(base, (size_t)pages * HEAP_PAGE);
		}
		return base;
	}
	base = heap_pages(heap, pages * HEAP_PAGE);
	if (!base && pages > HEAP_LEAST_PAGES) { /* close to a limit, less may still do */
		pages = HEAP_LEAST_PAGES;
		base = count <= pages * HEAP_PER_PAGE / 2 ? heap_pages(heap, pages * HEAP_PAGE)
							  : NULL;
	}
	if (!base)
		return NULL;
	heap_segment_insert(heap, base, pages, 0);
	return heap_run(heap, count, align);
}

static void heap_run_free(struct heap *heap, void *block, size_t count)
{
	struct heap_segment *segment = heap_segment_of(heap, block);

	if (segment->map)
		heap_release(heap, segment, ((char *)block - segment->base) / HEAP_GRANULE, count);
	else
		heap_segment_delete(heap, segment);
}

/* Make a run longer or shorter where it is. */
static int heap_run_resize(struct heap *heap, void *block, size_t old_count, size_t count)
{
	struct heap_segment *segment = heap_segment_of(heap, block);
	size_t at, end, i;

	if (!segment->map) /* one that gets much shorter moves; the others stay in their pages */
		return count <= segment->pages * HEAP_PER_PAGE &&
		       count > segment->pages * HEAP_PER_PAGE / 4 * 3;
	at = ((char *)block - segment->base) / HEAP_GRANULE;
	end = (size_t)segment->pages * HEAP_PER_PAGE;
	if (count < old_count) {
		heap_release(heap, segment, at + count, old_count - count);
		return 1;
	}
	if (at + count > end)
		return 0;
	for (i = at + old_count; i < at + count; i++)
		if (heap_is_taken(segment, i))
			return 0;
	heap_take(segment, at + old_count, count - old_count);
	return 1;
}

/* --- slabs ----------------------------------------------------------------------------------- */

static inline struct heap_slab *heap_slab_of(void *block)
{
	return (struct heap_slab *)((uintptr_t)block & ~(uintptr_t)(HEAP_SLAB - 1));
}

static HEAP_RAW void heap_slab_list(struct heap *heap, struct heap_slab *slab)
{
	struct heap_slab *next = heap->partial[slab->class];

	slab->listed = 1;
	slab->previous = NULL;
	slab->next = next;
	if (next)
		next->previous = slab;
	heap->partial[slab->class] = slab;
}

static HEAP_RAW void heap_slab_unlist(struct heap *heap, struct heap_slab *slab)
{
	slab->listed = 0;
	if (slab->next)
		slab->next->previous = slab->previous;
	if (slab->previous)
		slab->previous->next = slab->next;
	else
		heap->partial[slab->class] = slab->next;
}

static HEAP_RAW void *heap_small(struct heap *heap, unsigned int class)
{
	struct heap_slab *slab = heap->partial[class];
	unsigned int size = heap_sizes[class];
	void *block;

	if (!slab) {
		slab = heap_run(heap, HEAP_SLAB / HEAP_GRANULE, HEAP_SLAB / HEAP_GRANULE);
		if (!slab)
			return NULL;
		slab->free = NULL;
		slab->used = 0;
		slab->fresh = sizeof(*slab);
		slab->class = class;
		heap_slab_list(heap, slab);
	}
	block = slab->free;
	if (block) {
		slab->free = *(void **)block;
	} else {
		block = (char *)slab + slab->fresh;
		slab->fresh += size;
	}
	slab->used++;
	if (!slab->free && slab->fresh + size > HEAP_SLAB)
		heap_slab_unlist(heap, slab);
	return block;
}

static HEAP_RAW void heap_small_free(struct heap *heap, void *block)
{
	struct heap_slab *slab = heap_slab_of(block);

	*(void **)block = slab->free;
	slab->free = block;
	slab->used--;
	heap_poison(block, heap_sizes[slab->class]);
	if (!slab->listed)
		heap_slab_list(heap, slab);
	/* The last one of its class is kept. */
	if (!slab->used && (slab->next || slab->previous)) {
		heap_slab_unlist(heap, slab);
		heap_run_free(heap, slab, HEAP_SLAB / HEAP_GRANULE);
	}
}

/* --- blocks ---------------------------------------------------------------------------------- */

static void *heap_block(struct heap *heap, size_t size)
{
	void *block;

	if (size <= HEAP_SMALL)
		block = heap_small(heap, heap_class(size));
	else
		block = heap_run(heap, heap_granules(size), 1);
	if (block)
		heap_unpoison(block, size);
	return block;
}

/*
 * Shrinking cannot fail, even when there is no slab for a block that has become small: such a
 * block keeps two granules, or the segment that it has for itself, and is odd. A script can make
 * many. Only a block at the beginning of a granule can be one; its segment's second map tells.
 */
static int heap_is_odd(struct heap *heap, const void *block)
{
	struct heap_segment *segment;
	size_t at;

	if (!heap->odd || (uintptr_t)block % HEAP_GRANULE)
		return 0;
	segment = heap_segment_of(heap, block);
	if (!segment->map)
		return 1;
	at = ((char *)block - segment->base) / HEAP_GRANULE;
	return segment->map[segment->pages + at / HEAP_PER_PAGE] >> (at % HEAP_PER_PAGE) & 1;
}

/* The block becomes odd, or is freed. */
static void heap_odd_flip(struct heap *heap, const void *block)
{
	struct heap_segment *segment = heap_segment_of(heap, block);
	size_t at = ((char *)block - segment->base) / HEAP_GRANULE;

	if (segment->map)
		segment->map[segment->pages + at / HEAP_PER_PAGE] ^= 1u << (at % HEAP_PER_PAGE);
}

static void heap_keep_odd(struct heap *heap, void *block, size_t old_size, size_t size)
{
	heap_unpoison(block, 2 * HEAP_GRANULE);
	if (heap_granules(old_size) > 2)
		heap_run_resize(heap, block, heap_granules(old_size), 2);
	heap_odd_flip(heap, block);
	heap->odd++;
	heap_poison((char *)block + size, 2 * HEAP_GRANULE - size);
}

static void heap_block_free(struct heap *heap, void *block, size_t size)
{
	if (size <= HEAP_SMALL) {
		if (!heap_is_odd(heap, block)) {
			heap_small_free(heap, block);
			return;
		}
		heap_odd_flip(heap, block);
		heap->odd--;
		size = 2 * HEAP_GRANULE;
	}
	heap_run_free(heap, block, heap_granules(size));
}

/* Resize where it is; 0 when the block has to move. */
static HEAP_RAW int heap_block_resize(struct heap *heap, void *block, size_t old_size,
				      size_t new_size)
{
	if (old_size <= HEAP_SMALL) {
		if (new_size > HEAP_SMALL)
			return 0;
		if (heap_is_odd(heap, block))
			return 1;
		return heap_slab_of(block)->class == heap_class(new_size);
	}
	if (new_size <= HEAP_SMALL)
		return 0;
	return heap_granules(old_size) == heap_granules(new_size) ||
	       heap_run_resize(heap, block, heap_granules(old_size), heap_granules(new_size));
}

static void heap_count(struct heap *heap, size_t old_size, size_t new_size)
{
	heap->used += new_size - (unsigned long long)old_size;
	if (heap->used > heap->run_peak) {
		heap->run_peak = heap->used;
		if (heap->used > heap->peak)
			heap->peak = heap->used;
	}
}

/* In pieces, with others let in between; what has to end waits until the block has moved. */
static void heap_copy(struct heap *heap, char *to, const char *from, size_t size)
{
	for (; size > HEAP_COPY; size -= HEAP_COPY) {
		memcpy(to, from, HEAP_COPY);
		to += HEAP_COPY;
		from += HEAP_COPY;
		section_relax(&heap->section);
	}
	memcpy(to, from, size);
}

static void *heap_resize(struct heap *heap, void *block, size_t old_size, size_t new_size)
{
	void *moved;

	if (!block)
		old_size = 0;
	if (new_size > old_size && heap->used + (new_size - old_size) > heap->limit) {
		heap->refused = LUNATIK_ERROR_MEMORY;
		return NULL;
	}
	if (new_size > old_size && heap_block_fails()) {
		heap->refused = LUNATIK_ERROR_NO_MEMORY;
		return NULL;
	}
	if (!new_size) {
		if (block)
			heap_block_free(heap, block, old_size);
		heap_count(heap, old_size, 0);
		return NULL;
	}
	if (!block) {
		block = heap_block(heap, new_size);
		if (block)
			heap_count(heap, 0, new_size);
		return block;
	}
	if (heap_block_resize(heap, block, old_size, new_size)) {
		if (new_size < old_size)
			heap_poison((char *)block + new_size, old_size - new_size);
		else
			heap_unpoison(block, new_size);
		heap_count(heap, old_size, new_size);
		return block;
	}
	moved = heap_block(heap, new_size);
	if (moved) {
		heap_copy(heap, moved, block, old_size < new_size ? old_size : new_size);
		heap_block_free(heap, block, old_size);
	} else if (new_size < old_size) {
		moved = block;
		if (old_size > HEAP_SMALL && new_size <= HEAP_SMALL)
			heap_keep_odd(heap, block, old_size, new_size);
	} else {
		return NULL;
	}
	heap_count(heap, old_size, new_size);
	return moved;
}

static HEAP_RAW void heap_trim(struct heap *heap)
{
	unsigned int i;

	for (i = 0; i < HEAP_CLASSES; i++) {
		struct heap_slab *slab = heap->partial[i];

		if (slab && !slab->used) { /* most often the only one of its class */
			heap_slab_unlist(heap, slab);
			heap_run_free(heap, slab, HEAP_SLAB / HEAP_GRANULE);
		}
	}
	i = heap->count;
	while (i-- > 0)
		if (heap_segment_is_empty(&heap->segments[i]))
			heap_segment_delete(heap, &heap->segments[i]);
}

/* --- the heap itself ------------------------------------------------------------------------- */

static enum lunatik_error heap_new(void *owner, unsigned long long limit, size_t extra,
				   struct heap **heap)
{
	size_t maps = heap_maps(HEAP_FIRST_PAGES);
	size_t own = heap_granules(sizeof(struct heap) + extra);
	struct heap *new;
	void *pages;
	enum lunatik_error error;

	error = engine_host_pages(owner, HEAP_FIRST_PAGES * HEAP_PAGE, &pages);
	if (error)
		return error;
	new = (struct heap *)((char *)pages + maps * HEAP_GRANULE);
	memset(new, 0, sizeof(*new) + extra);
	new->owner = owner;
	new->limit = limit;
	new->most = limit;
	new->held = HEAP_FIRST_PAGES * HEAP_PAGE;
	new->held_limit = limit / 2 > ~0ULL - limit - 65536 ? ~0ULL : limit + limit / 2 + 65536;
	new->segments = new->first;
	new->room = sizeof(new->first) / sizeof(new->first[0]);
	heap_segment_insert(new, pages, HEAP_FIRST_PAGES, 0);
	heap_unpoison(new, sizeof(*new) + extra);
	heap_take(new->segments, maps, own);
	*heap = new;
	return 0;
}

static void heap_delete(struct heap *heap)
{
	struct heap own = *heap; /* it lies in one of its segments */
	unsigned int i;

	if (heap->segments == heap->first)
		own.segments = own.first;
	for (i = 0; i < own.count; i++)
		heap_pages_free(&own, own.segments[i].base,
				(size_t)own.segments[i].pages * HEAP_PAGE);
	if (own.segments != own.first)
		heap_pages_free(&own, own.segments, own.room * sizeof(*own.segments));
}
