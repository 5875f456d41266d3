/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef EMBEDDED_LINUX_RATELIMIT_H
#define EMBEDDED_LINUX_RATELIMIT_H

#include <linux/ratelimit_types.h>

void ratelimit_state_init(struct ratelimit_state *state, int interval, int burst);

static inline void ratelimit_set_flags(struct ratelimit_state *state, unsigned long flags)
{
	state->flags = flags;
}

static inline void ratelimit_default_init(struct ratelimit_state *state)
{
	ratelimit_state_init(state, DEFAULT_RATELIMIT_INTERVAL, DEFAULT_RATELIMIT_BURST);
}

#endif
