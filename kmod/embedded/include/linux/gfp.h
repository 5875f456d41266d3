/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* How memory may be had: what matters here is whether the caller may sleep for it. */
#ifndef EMBEDDED_LINUX_GFP_H
#define EMBEDDED_LINUX_GFP_H

#include <linux/types.h>

#define __GFP_DIRECT_RECLAIM 0x400u
#define __GFP_ZERO 0x100u
#define __GFP_NOWARN 0x2000u
#define __GFP_NORETRY 0x10000u
#define __GFP_RETRY_MAYFAIL 0x4000u
#define __GFP_NOFAIL 0x8000u
#define __GFP_ACCOUNT 0x400000u
#define __GFP_HIGHMEM 0x02u
#define __GFP_COMP 0x40000u
#define GFP_ATOMIC 0x20u
#define GFP_NOWAIT 0x800u
#define GFP_KERNEL (__GFP_DIRECT_RECLAIM | 0x800u | 0xc0u)
#define GFP_KERNEL_ACCOUNT (GFP_KERNEL | __GFP_ACCOUNT)
#define GFP_USER GFP_KERNEL

static inline bool gfpflags_allow_blocking(gfp_t flags)
{
	return flags & __GFP_DIRECT_RECLAIM;
}

/* Whole pages, size rounded up; NULL when there is no memory. */
void *alloc_pages_exact(size_t size, gfp_t flags);
void free_pages_exact(void *pages, size_t size);
unsigned long __get_free_pages(gfp_t flags, unsigned int order);
void free_pages(unsigned long address, unsigned int order);
#define __get_free_page(flags) __get_free_pages(flags, 0)
#define free_page(address) free_pages(address, 0)

#endif
