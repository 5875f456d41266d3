// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Read-copy-update with two counters of readers. A reader adds itself to the one that the phase
 * names. A grace period waits for the other counter, which holds stragglers, to drop to none, turns
 * the phase, and waits for the one that was in use: readers that come meanwhile count elsewhere, so
 * they cannot hold it up, and a waiting grace period holds up no reader.
 */
#include <pthread.h>
#include <time.h>

#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "rcu.h"
#include "task.h"
#include "work.h"

static unsigned int phase;
static long readers[2];
static __thread unsigned int my_phase;
static pthread_mutex_t grace_mutex = PTHREAD_MUTEX_INITIALIZER;

/* The callbacks, oldest first, and the thread that calls them. */
static pthread_mutex_t queue_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t queue_changed = PTHREAD_COND_INITIALIZER;
static struct rcu_head *first, **last = &first;
static unsigned long queued, called;
static pthread_t thread;
static bool started, ending;

/* What kfree_rcu() hands over in the place of a function: how far the object begins before its head. */
#define FREE_DISTANCE_MAX 4096UL

void rcu_read_lock(void)
{
	struct task_struct *me = current;

	if (me->rcu_readers++)
		return;
	my_phase = __atomic_load_n(&phase, __ATOMIC_SEQ_CST);
	__atomic_add_fetch(&readers[my_phase], 1, __ATOMIC_SEQ_CST);
}

void rcu_read_unlock(void)
{
	struct task_struct *me = current;

	if (!me->rcu_readers)
		bug("rcu_read_unlock: without rcu_read_lock");
	if (--me->rcu_readers)
		return;
	__atomic_sub_fetch(&readers[my_phase], 1, __ATOMIC_SEQ_CST);
}

bool rcu_read_lock_held(void)
{
	return current->rcu_readers;
}

static void wait_for_readers(unsigned int of)
{
	struct timespec pause = { .tv_nsec = 20000 };

	while (__atomic_load_n(&readers[of], __ATOMIC_SEQ_CST))
		nanosleep(&pause, NULL);
}

void synchronize_rcu(void)
{
	unsigned int old;

	might_sleep();
	work_undefer();
	pthread_mutex_lock(&grace_mutex);
	old = phase;
	wait_for_readers(!old);
	__atomic_store_n(&phase, !old, __ATOMIC_SEQ_CST);
	wait_for_readers(old);
	pthread_mutex_unlock(&grace_mutex);
}

static void call(struct rcu_head *head)
{
	unsigned long distance = (unsigned long)head->func;

	if (distance < FREE_DISTANCE_MAX) {
		kvfree((char *)head - distance);
		return;
	}
	head->func(head);
	task_assert_free("a callback of RCU");
}

static void *run(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&queue_mutex);
	while (first || !ending) {
		struct rcu_head *batch = first;
		unsigned long size = queued - called;

		if (!batch) {
			pthread_cond_wait(&queue_changed, &queue_mutex);
			continue;
		}
		first = NULL;
		last = &first;
		pthread_mutex_unlock(&queue_mutex);
		synchronize_rcu();
		current->softirq = true;
		while (batch) {
			struct rcu_head *next = batch->next;

			call(batch);
			batch = next;
		}
		current->softirq = false;
		pthread_mutex_lock(&queue_mutex);
		called += size;
		pthread_cond_broadcast(&queue_changed);
	}
	pthread_mutex_unlock(&queue_mutex);
	return NULL;
}

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	head->next = NULL;
	head->func = func;
	pthread_mutex_lock(&queue_mutex);
	if (!started) {
		started = true;
		if (thread_start(&thread, "rcu", run, NULL))
			bug("call_rcu: no thread can be made");
	}
	*last = head;
	last = &head->next;
	queued++;
	pthread_cond_broadcast(&queue_changed);
	pthread_mutex_unlock(&queue_mutex);
}

void kfree_after_grace(struct rcu_head *head, size_t distance)
{
	BUG_ON(distance >= FREE_DISTANCE_MAX);
	call_rcu(head, (void (*)(struct rcu_head *))distance);
}

void rcu_barrier(void)
{
	unsigned long before;

	might_sleep();
	work_undefer();
	pthread_mutex_lock(&queue_mutex);
	before = queued;
	while ((long)(called - before) < 0)
		pthread_cond_wait(&queue_changed, &queue_mutex);
	pthread_mutex_unlock(&queue_mutex);
}

void embedded_rcu_exit(void)
{
	pthread_mutex_lock(&queue_mutex);
	ending = true;
	pthread_cond_broadcast(&queue_changed);
	pthread_mutex_unlock(&queue_mutex);
	if (started)
		pthread_join(thread, NULL);
	started = false;
	ending = false;
}
