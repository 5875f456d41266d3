/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The leak detector, told of memory that it does not see by itself; here the sanitizer sees all. */
#ifndef EMBEDDED_LINUX_KMEMLEAK_H
#define EMBEDDED_LINUX_KMEMLEAK_H

#include <linux/gfp.h>

static inline void kmemleak_alloc(const void *pointer, size_t size, int references, gfp_t flags)
{
	(void)pointer;
	(void)size;
	(void)references;
	(void)flags;
}

static inline void kmemleak_free(const void *pointer)
{
	(void)pointer;
}

#endif
