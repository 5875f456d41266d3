/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Memory, from malloc(). All functions return NULL where there is none. */
#ifndef EMBEDDED_LINUX_SLAB_H
#define EMBEDDED_LINUX_SLAB_H

#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/overflow.h>

#define KMALLOC_MAX_SIZE (4UL << 20)
#define ZERO_SIZE_PTR ((void *)16)
#define ZERO_OR_NULL_PTR(p) ((unsigned long)(p) <= (unsigned long)ZERO_SIZE_PTR)

void *kmalloc(size_t size, gfp_t flags);
void kfree(const void *memory);
void *krealloc(const void *memory, size_t size, gfp_t flags);
void kfree_sensitive(const void *memory);

static inline void *kzalloc(size_t size, gfp_t flags)
{
	return kmalloc(size, flags | __GFP_ZERO);
}

static inline void *kmalloc_array(size_t n, size_t size, gfp_t flags)
{
	return kmalloc(size_mul(n, size), flags);
}

static inline void *kcalloc(size_t n, size_t size, gfp_t flags)
{
	return kmalloc_array(n, size, flags | __GFP_ZERO);
}

void *kvmalloc(size_t size, gfp_t flags);
void kvfree(const void *memory);

static inline void *kvzalloc(size_t size, gfp_t flags)
{
	return kvmalloc(size, flags | __GFP_ZERO);
}

static inline void *kvmalloc_array(size_t n, size_t size, gfp_t flags)
{
	return kvmalloc(size_mul(n, size), flags);
}

static inline void *kvcalloc(size_t n, size_t size, gfp_t flags)
{
	return kvmalloc_array(n, size, flags | __GFP_ZERO);
}

/*
 * Fault injection: let the n-th allocation from now fail, 1 being the next one, and 0 none. Returns
 * what was left of the number before, so that 0 means that the failure has happened.
 */
unsigned long slab_fail_nth(unsigned long n);

/* Let every interval-th allocation fail, or with 0 none. */
void slab_fail_every(unsigned long interval);

#endif
