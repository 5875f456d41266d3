// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The account of memory for all states. */
#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/mm.h>

#include "memory.h"
#include "settings.h"

static atomic64_t used = ATOMIC64_INIT(0);

bool lunatik_memory_charge(u64 size)
{
	u64 limit = lunatik_settings.total_memory;
	s64 now = atomic64_read(&used);

	/* not add-then-check: a large request that is refused must not make a small one fail */
	do {
		if (size > limit || now > limit - size)
			return false;
	} while (!atomic64_try_cmpxchg(&used, &now, now + size));
	return true;
}

void lunatik_memory_uncharge(u64 size)
{
	WARN_ON_ONCE(atomic64_sub_return(size, &used) < 0);
}

u64 lunatik_memory_used(void)
{
	return atomic64_read(&used);
}

bool lunatik_memory_is_short(u64 size)
{
	s64 left = (s64)si_mem_available() - (s64)(size >> PAGE_SHIFT);

	return left < (s64)(totalram_pages() / 16);
}
