/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Pages, and how many the machine has. */
#ifndef EMBEDDED_LINUX_MM_H
#define EMBEDDED_LINUX_MM_H

#include <linux/align.h>
#include <linux/gfp.h>
#include <linux/slab.h>
#include <linux/types.h>
#include <linux/vmalloc.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define PAGE_ALIGN(address) ALIGN(address, PAGE_SIZE)
#define PAGE_ALIGNED(address) IS_ALIGNED((unsigned long)(address), PAGE_SIZE)

unsigned long totalram_pages(void);

/* All of it: a process shares the machine, and is not what watches over the rest of it. */
static inline long si_mem_available(void)
{
	return (long)totalram_pages();
}

/* Whether __vmalloc(), or kvmalloc() in its stead, gave this memory. */
bool is_vmalloc_addr(const void *memory);

#endif
