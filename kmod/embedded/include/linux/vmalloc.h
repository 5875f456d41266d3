/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Memory of whole pages. */
#ifndef EMBEDDED_LINUX_VMALLOC_H
#define EMBEDDED_LINUX_VMALLOC_H

#include <linux/slab.h>

void *__vmalloc(unsigned long size, gfp_t flags);
void vfree(const void *memory);

static inline void *vmalloc(unsigned long size)
{
	return __vmalloc(size, GFP_KERNEL);
}

static inline void *vzalloc(unsigned long size)
{
	return __vmalloc(size, GFP_KERNEL | __GFP_ZERO);
}

#endif
