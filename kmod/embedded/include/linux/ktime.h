/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The fine clocks, in nanoseconds. */
#ifndef EMBEDDED_LINUX_KTIME_H
#define EMBEDDED_LINUX_KTIME_H

#include <linux/time64.h>
#include <linux/types.h>

typedef s64 ktime_t;

u64 ktime_get_ns(void);      /* monotonic */
u64 ktime_get_real_ns(void); /* since the epoch */
u64 ktime_get_boottime_ns(void);

static inline ktime_t ktime_get(void)
{
	return ktime_get_ns();
}

static inline time64_t ktime_get_real_seconds(void)
{
	return ktime_get_real_ns() / NSEC_PER_SEC;
}

#define ktime_to_ns(time) (time)
#define ns_to_ktime(ns) (ns)

#endif
