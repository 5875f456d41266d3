// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Clocks, and timers: a list sorted by time, and one thread that calls the functions. */
#include <pthread.h>
#include <time.h>

#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/timer.h>

#include "task.h"
#include "work.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER; /* the list, or what runs */
static LIST_HEAD(timers);
static struct timer_list *running; /* only its address: the function may free the timer */
static pthread_t thread;
static bool started, ending;

static u64 clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

u64 ktime_get_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

u64 ktime_get_real_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

u64 ktime_get_boottime_ns(void)
{
	return clock_ns(CLOCK_BOOTTIME);
}

unsigned long embedded_jiffies(void)
{
	return nsecs_to_jiffies(ktime_get_ns());
}

void msleep(unsigned int ms)
{
	struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * NSEC_PER_MSEC };

	might_sleep();
	work_undefer();
	clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

void usleep_range(unsigned long least, unsigned long most)
{
	struct timespec time = {
		.tv_sec = least / USEC_PER_SEC, .tv_nsec = least % USEC_PER_SEC * NSEC_PER_USEC,
	};

	(void)most;
	might_sleep();
	work_undefer();
	clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

static void fire(struct timer_list *timer)
{
	void (*function)(struct timer_list *timer) = timer->function;

	list_del(&timer->entry);
	timer->pending = false;
	running = timer;
	pthread_mutex_unlock(&mutex);
	current->softirq = true;
	function(timer);
	task_assert_free("a timer's function");
	current->softirq = false;
	pthread_mutex_lock(&mutex);
	running = NULL;
	pthread_cond_broadcast(&changed);
}

static void *run(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&mutex);
	while (!ending) {
		struct timer_list *next = list_first_entry_or_null(&timers, struct timer_list, entry);

		if (!next) {
			pthread_cond_wait(&changed, &mutex);
		} else if (time_after_eq(jiffies, next->expires)) {
			fire(next);
		} else {
			u64 ns = (u64)next->expires * (NSEC_PER_SEC / HZ);
			struct timespec until = {
				.tv_sec = ns / NSEC_PER_SEC, .tv_nsec = ns % NSEC_PER_SEC,
			};

			pthread_cond_clockwait(&changed, &mutex, CLOCK_MONOTONIC, &until);
		}
	}
	pthread_mutex_unlock(&mutex);
	return NULL;
}

void embedded_timer_setup(struct timer_list *timer, void (*function)(struct timer_list *timer))
{
	*timer = (struct timer_list){ .function = function };
}

static bool timer_remove(struct timer_list *timer)
{
	if (!timer->pending)
		return false;
	list_del(&timer->entry);
	WRITE_ONCE(timer->pending, false);
	return true;
}

int mod_timer(struct timer_list *timer, unsigned long expires)
{
	struct timer_list *later;
	bool was;

	pthread_mutex_lock(&mutex);
	if (!started) {
		started = true;
		if (thread_start(&thread, "timer", run, NULL))
			bug("mod_timer: no thread can be made");
	}
	was = timer_remove(timer);
	timer->expires = expires;
	list_for_each_entry(later, &timers, entry)
		if (time_after(later->expires, expires))
			break;
	list_add_tail(&timer->entry, &later->entry);
	WRITE_ONCE(timer->pending, true);
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&mutex);
	return was;
}

int del_timer(struct timer_list *timer)
{
	bool was;

	pthread_mutex_lock(&mutex);
	was = timer_remove(timer);
	pthread_mutex_unlock(&mutex);
	return was;
}

void timer_wait(struct timer_list *timer)
{
	pthread_mutex_lock(&mutex);
	while (running == timer && !pthread_equal(thread, pthread_self()))
		pthread_cond_wait(&changed, &mutex);
	pthread_mutex_unlock(&mutex);
}

int del_timer_sync(struct timer_list *timer)
{
	int was = del_timer(timer);

	timer_wait(timer);
	return was;
}

bool timer_pending(const struct timer_list *timer)
{
	return READ_ONCE(timer->pending);
}

void embedded_timers_exit(void)
{
	pthread_mutex_lock(&mutex);
	if (!list_empty(&timers))
		bug("a timer is still set at the end");
	ending = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&mutex);
	if (started)
		pthread_join(thread, NULL);
	started = false;
	ending = false;
}
