/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* SipHash-2-4, the keyed hash that clients cannot aim at one bucket. */
#ifndef EMBEDDED_LINUX_SIPHASH_H
#define EMBEDDED_LINUX_SIPHASH_H

#include <linux/types.h>

typedef struct {
	u64 key[2];
} siphash_key_t;

typedef siphash_key_t hsiphash_key_t;

u64 siphash(const void *data, size_t size, const siphash_key_t *key);

static inline u32 hsiphash(const void *data, size_t size, const hsiphash_key_t *key)
{
	return siphash(data, size, key);
}

#endif
