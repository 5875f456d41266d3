/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Hashes of integers: the high bits of a product with an odd constant near 2^n over the golden ratio. */
#ifndef EMBEDDED_LINUX_HASH_H
#define EMBEDDED_LINUX_HASH_H

#include <string.h>

#include <linux/types.h>

static inline u32 hash_32(u32 value, unsigned int bits)
{
	return (value * 0x9e3779b1u) >> (32 - bits);
}

static inline u32 hash_64(u64 value, unsigned int bits)
{
	return (value * 0x9e3779b97f4a7c15ull) >> (64 - bits);
}

#define hash_long(value, bits) hash_64(value, bits)
#define hash_ptr(pointer, bits) hash_64((u64)(unsigned long)(pointer), bits)

#endif
