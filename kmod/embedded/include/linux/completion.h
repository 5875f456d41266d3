/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* One thread tells others that something is done. */
#ifndef EMBEDDED_LINUX_COMPLETION_H
#define EMBEDDED_LINUX_COMPLETION_H

#include <linux/wait.h>

struct completion {
	unsigned int done;
	wait_queue_head_t wait;
};

#define COMPLETION_INITIALIZER(name) \
	{ .done = 0, .wait = __WAIT_QUEUE_HEAD_INITIALIZER((name).wait) }
#define DECLARE_COMPLETION(name) struct completion name = COMPLETION_INITIALIZER(name)
#define DECLARE_COMPLETION_ONSTACK(name) DECLARE_COMPLETION(name)

void init_completion(struct completion *done);
void reinit_completion(struct completion *done);
void complete(struct completion *done);
void complete_all(struct completion *done);
bool completion_done(struct completion *done);
void wait_for_completion(struct completion *done);
/* Returns 0 when time ran out, else the jiffies left, at least 1. */
unsigned long wait_for_completion_timeout(struct completion *done, unsigned long timeout);

/* Nobody is killed here. */
static inline int wait_for_completion_killable(struct completion *done)
{
	wait_for_completion(done);
	return 0;
}

static inline int wait_for_completion_interruptible(struct completion *done)
{
	wait_for_completion(done);
	return 0;
}

#endif
