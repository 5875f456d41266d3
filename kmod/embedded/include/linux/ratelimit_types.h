/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* How often something may happen: burst times in an interval of jiffies. */
#ifndef EMBEDDED_LINUX_RATELIMIT_TYPES_H
#define EMBEDDED_LINUX_RATELIMIT_TYPES_H

#include <pthread.h>

#include <linux/param.h>
#include <linux/types.h>

#define DEFAULT_RATELIMIT_INTERVAL (5 * HZ)
#define DEFAULT_RATELIMIT_BURST 10
#define RATELIMIT_MSG_ON_RELEASE (1 << 0)

struct ratelimit_state {
	pthread_mutex_t lock;
	int interval;
	int burst;
	int printed;
	int missed;
	unsigned long begin; /* of this interval, in jiffies; 0 before the first */
	unsigned long flags;
};

#define RATELIMIT_STATE_INIT(name, interval_, burst_) \
	{ .lock = PTHREAD_MUTEX_INITIALIZER, .interval = (interval_), .burst = (burst_) }
#define DEFINE_RATELIMIT_STATE(name, interval, burst) \
	struct ratelimit_state name = RATELIMIT_STATE_INIT(name, interval, burst)

/* Returns whether the caller may go on. The first that may in a new interval says what was missed. */
int ___ratelimit(struct ratelimit_state *state, const char *function);
#define __ratelimit(state) ___ratelimit(state, __func__)

#endif
