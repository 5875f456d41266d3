// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Wait queues and completions. */
#include <time.h>

#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/wait.h>

#include "work.h"

/* The moment at which jiffies become this. */
static struct timespec jiffies_to_timespec(unsigned long j)
{
	u64 ns = (u64)j * (NSEC_PER_SEC / HZ);

	return (struct timespec){ .tv_sec = ns / NSEC_PER_SEC, .tv_nsec = ns % NSEC_PER_SEC };
}

static void queue_sleep(wait_queue_head_t *queue, const unsigned long *deadline)
{
	struct timespec until;

	if (!deadline) {
		pthread_cond_wait(&queue->changed, &queue->mutex);
		return;
	}
	until = jiffies_to_timespec(*deadline);
	pthread_cond_clockwait(&queue->changed, &queue->mutex, CLOCK_MONOTONIC, &until);
}

void init_waitqueue_head(wait_queue_head_t *queue)
{
	*queue = (wait_queue_head_t)__WAIT_QUEUE_HEAD_INITIALIZER(queue);
}

void wake_up_all(wait_queue_head_t *queue)
{
	pthread_mutex_lock(&queue->mutex);
	queue->wakes++;
	pthread_cond_broadcast(&queue->changed);
	pthread_mutex_unlock(&queue->mutex);
}

unsigned long wait_wakes(wait_queue_head_t *queue)
{
	unsigned long wakes;

	pthread_mutex_lock(&queue->mutex);
	wakes = queue->wakes;
	pthread_mutex_unlock(&queue->mutex);
	return wakes;
}

void wait_for_wake(wait_queue_head_t *queue, unsigned long wakes, const unsigned long *deadline)
{
	work_undefer();
	pthread_mutex_lock(&queue->mutex);
	while (queue->wakes == wakes && !(deadline && time_after_eq(jiffies, *deadline)))
		queue_sleep(queue, deadline);
	pthread_mutex_unlock(&queue->mutex);
}

/*
 * A completion is often on the stack of the thread that waits for it, and gone when that returns.
 * So all is done under the mutex of its queue, and nothing is touched after.
 */
void init_completion(struct completion *done)
{
	done->done = 0;
	init_waitqueue_head(&done->wait);
}

void reinit_completion(struct completion *done)
{
	pthread_mutex_lock(&done->wait.mutex);
	done->done = 0;
	pthread_mutex_unlock(&done->wait.mutex);
}

void complete(struct completion *done)
{
	pthread_mutex_lock(&done->wait.mutex);
	if (done->done != UINT_MAX)
		done->done++;
	pthread_cond_broadcast(&done->wait.changed);
	pthread_mutex_unlock(&done->wait.mutex);
}

void complete_all(struct completion *done)
{
	pthread_mutex_lock(&done->wait.mutex);
	done->done = UINT_MAX;
	pthread_cond_broadcast(&done->wait.changed);
	pthread_mutex_unlock(&done->wait.mutex);
}

bool completion_done(struct completion *done)
{
	bool is;

	pthread_mutex_lock(&done->wait.mutex);
	is = done->done;
	pthread_mutex_unlock(&done->wait.mutex);
	return is;
}

/* Returns whether it was done in time. */
static bool completion_wait(struct completion *done, const unsigned long *deadline)
{
	bool is;

	might_sleep();
	work_undefer();
	pthread_mutex_lock(&done->wait.mutex);
	while (!done->done && !(deadline && time_after_eq(jiffies, *deadline)))
		queue_sleep(&done->wait, deadline);
	is = done->done;
	if (is && done->done != UINT_MAX)
		done->done--;
	pthread_mutex_unlock(&done->wait.mutex);
	return is;
}

void wait_for_completion(struct completion *done)
{
	completion_wait(done, NULL);
}

unsigned long wait_for_completion_timeout(struct completion *done, unsigned long timeout)
{
	unsigned long deadline = jiffies + timeout;

	if (!completion_wait(done, &deadline))
		return 0;
	return max((long)(deadline - jiffies), 1L);
}
