/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The coarse clock, at Debian's rate. */
#ifndef EMBEDDED_LINUX_JIFFIES_H
#define EMBEDDED_LINUX_JIFFIES_H

#include <linux/math.h>
#include <linux/param.h>
#include <linux/time64.h>
#include <linux/types.h>

#define MAX_JIFFY_OFFSET ((unsigned long)((~0UL >> 1) - 1))

unsigned long embedded_jiffies(void);
#define jiffies embedded_jiffies()

#define time_after(a, b) ((long)((b) - (a)) < 0)
#define time_before(a, b) time_after(b, a)
#define time_after_eq(a, b) ((long)((a) - (b)) >= 0)
#define time_before_eq(a, b) time_after_eq(b, a)

static inline u64 nsecs_to_jiffies64(u64 ns)
{
	return ns / (NSEC_PER_SEC / HZ);
}

static inline unsigned long nsecs_to_jiffies(u64 ns)
{
	return nsecs_to_jiffies64(ns);
}

static inline unsigned long msecs_to_jiffies(unsigned int ms)
{
	return (int)ms < 0 ? MAX_JIFFY_OFFSET : DIV_ROUND_UP((unsigned long)ms * HZ, 1000);
}

static inline unsigned long usecs_to_jiffies(unsigned int us)
{
	return DIV_ROUND_UP((unsigned long)us * HZ, 1000000);
}

static inline unsigned int jiffies_to_msecs(unsigned long j)
{
	return j * (1000 / HZ);
}

#endif
