// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Memory, with the kernel's rules of when it may be asked for and how much. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

static unsigned long fail_nth;
static unsigned long fail_interval, asked;

unsigned long slab_fail_nth(unsigned long n)
{
	return __atomic_exchange_n(&fail_nth, n, __ATOMIC_SEQ_CST);
}

void slab_fail_every(unsigned long interval)
{
	__atomic_store_n(&fail_interval, interval, __ATOMIC_RELAXED);
}

/* Whether this allocation is one that was chosen to fail. */
static bool chosen(void)
{
	unsigned long interval = __atomic_load_n(&fail_interval, __ATOMIC_RELAXED);
	unsigned long left = __atomic_load_n(&fail_nth, __ATOMIC_RELAXED);

	if (interval && __atomic_add_fetch(&asked, 1, __ATOMIC_RELAXED) % interval == 0)
		return true;

	while (left)
		if (__atomic_compare_exchange_n(&fail_nth, &left, left - 1, false, __ATOMIC_SEQ_CST,
						__ATOMIC_SEQ_CST))
			return left == 1;
	return false;
}

/* Assert that the caller may ask for memory in this way, and say whether the request is to fail. */
static bool refused(gfp_t flags)
{
	if (current->fpu)
		bug("allocation inside an FPU section");
	if (gfpflags_allow_blocking(flags))
		might_sleep();
	return !(flags & __GFP_NOFAIL) && chosen();
}

void *kmalloc(size_t size, gfp_t flags)
{
	if (refused(flags) || size > KMALLOC_MAX_SIZE)
		return NULL;
	if (!size)
		return ZERO_SIZE_PTR;
	return flags & __GFP_ZERO ? calloc(1, size) : malloc(size);
}

void kfree(const void *memory)
{
	if (current->fpu)
		bug("memory freed inside an FPU section");
	if (!ZERO_OR_NULL_PTR(memory))
		free((void *)memory);
}

void kfree_sensitive(const void *memory)
{
	kfree(memory);
}

void *krealloc(const void *memory, size_t size, gfp_t flags)
{
	if (refused(flags) || size > KMALLOC_MAX_SIZE)
		return NULL;
	if (!size) {
		kfree(memory);
		return ZERO_SIZE_PTR;
	}
	return realloc(ZERO_OR_NULL_PTR(memory) ? NULL : (void *)memory, size);
}

void *kvmalloc(size_t size, gfp_t flags)
{
	if (size <= KMALLOC_MAX_SIZE)
		return kmalloc(size, flags);
	return size > INT_MAX ? NULL : __vmalloc(size, flags);
}

void kvfree(const void *memory)
{
	kfree(memory);
}

static void *pages(size_t size, gfp_t flags)
{
	void *memory;

	if (refused(flags) || !size || size > SIZE_MAX - PAGE_SIZE)
		return NULL;
	size = PAGE_ALIGN(size);
	memory = aligned_alloc(PAGE_SIZE, size);
	if (memory && flags & __GFP_ZERO)
		memset(memory, 0, size);
	return memory;
}

void *__vmalloc(unsigned long size, gfp_t flags)
{
	might_sleep();
	return pages(size, flags);
}

void vfree(const void *memory)
{
	might_sleep();
	kfree(memory);
}

/* Pages and __vmalloc() have one source here, and one way back. */
bool is_vmalloc_addr(const void *memory)
{
	(void)memory;
	return false;
}

void *alloc_pages_exact(size_t size, gfp_t flags)
{
	return size > KMALLOC_MAX_SIZE ? NULL : pages(size, flags);
}

void free_pages_exact(void *memory, size_t size)
{
	(void)size;
	kfree(memory);
}

unsigned long __get_free_pages(gfp_t flags, unsigned int order)
{
	return (unsigned long)alloc_pages_exact(PAGE_SIZE << order, flags);
}

void free_pages(unsigned long address, unsigned int order)
{
	free_pages_exact((void *)address, PAGE_SIZE << order);
}

unsigned long totalram_pages(void)
{
	return (unsigned long)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE) / PAGE_SIZE;
}
