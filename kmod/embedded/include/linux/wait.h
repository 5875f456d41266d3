/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Queues of threads that wait for a condition. */
#ifndef EMBEDDED_LINUX_WAIT_H
#define EMBEDDED_LINUX_WAIT_H

#include <pthread.h>

#include <linux/kernel.h>
#include <linux/sched.h>

typedef struct wait_queue_head {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	unsigned long wakes;
} wait_queue_head_t;

#define __WAIT_QUEUE_HEAD_INITIALIZER(name) \
	{ .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER }
#define DECLARE_WAIT_QUEUE_HEAD(name) \
	struct wait_queue_head name = __WAIT_QUEUE_HEAD_INITIALIZER(name)

void init_waitqueue_head(wait_queue_head_t *queue);
void wake_up_all(wait_queue_head_t *queue);
#define wake_up(queue) wake_up_all(queue)
#define wake_up_interruptible(queue) wake_up_all(queue)

/* How often the queue was woken so far, read before the condition is looked at. */
unsigned long wait_wakes(wait_queue_head_t *queue);
/* Sleep until the queue has been woken more often than that, or until jiffies reach deadline. */
void wait_for_wake(wait_queue_head_t *queue, unsigned long wakes, const unsigned long *deadline);

#define __wait_loop(queue, condition, deadline, late) ({ \
	might_sleep(); \
	for (;;) { \
		unsigned long __wakes = wait_wakes(&(queue)); \
		if ((condition) || (late)) \
			break; \
		wait_for_wake(&(queue), __wakes, deadline); \
	} })

#define wait_event(queue, condition) __wait_loop(queue, condition, NULL, false)
#define wait_event_killable(queue, condition) ({ wait_event(queue, condition); 0; })
#define wait_event_interruptible(queue, condition) ({ wait_event(queue, condition); 0; })
/* Returns 0 when time ran out with the condition false, else the jiffies left, at least 1. */
#define wait_event_timeout(queue, condition, timeout) ({ \
	unsigned long __deadline = jiffies + (timeout); \
	__wait_loop(queue, condition, &__deadline, (long)(jiffies - __deadline) >= 0); \
	long __left = (long)(__deadline - jiffies); \
	(condition) ? max(__left, 1L) : 0L; })
#define wait_event_killable_timeout(queue, condition, timeout) \
	wait_event_timeout(queue, condition, timeout)

#endif
