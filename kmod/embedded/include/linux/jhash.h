/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* A hash of bytes with a seed. Its values differ from those of the kernel's jhash(). */
#ifndef EMBEDDED_LINUX_JHASH_H
#define EMBEDDED_LINUX_JHASH_H

#include <linux/siphash.h>

static inline u32 jhash(const void *data, u32 size, u32 seed)
{
	const siphash_key_t key = { { seed, seed } };

	return siphash(data, size, &key);
}

#endif
