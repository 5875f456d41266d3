/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* A hash of a name. Its values differ from those of the kernel's. */
#ifndef EMBEDDED_LINUX_STRINGHASH_H
#define EMBEDDED_LINUX_STRINGHASH_H

#include <linux/siphash.h>

static inline unsigned int full_name_hash(const void *salt, const char *name, unsigned int size)
{
	const siphash_key_t key = { { (unsigned long)salt, 0 } };

	return siphash(name, size, &key);
}

#endif
