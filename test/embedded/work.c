// SPDX-License-Identifier: MIT
/* Work queues. */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "shim.h"

static struct workqueue_struct *queue;
static struct completion go;
static int running, most, runs;

static void run_until_go(struct work_struct *work)
{
	int now = __atomic_add_fetch(&running, 1, __ATOMIC_SEQ_CST);

	(void)work;
	if (now > READ_ONCE(most))
		WRITE_ONCE(most, now);
	wait_for_completion(&go);
	__atomic_sub_fetch(&running, 1, __ATOMIC_SEQ_CST);
	__atomic_add_fetch(&runs, 1, __ATOMIC_SEQ_CST);
}

static void wait_for_running(int count)
{
	while (READ_ONCE(running) != count)
		msleep(1);
}

static void parallel(void)
{
	struct work_struct works[4];
	int i;

	for (i = 0; i < 4; i++) {
		INIT_WORK(&works[i], run_until_go);
		check(queue_work(queue, &works[i]));
	}
	wait_for_running(4);
	complete_all(&go);
	flush_workqueue(queue);
	check(READ_ONCE(runs) == 4 && READ_ONCE(running) == 0);
}

static void never_twice_at_once(void)
{
	struct work_struct work;

	INIT_WORK(&work, run_until_go);
	check(queue_work(queue, &work));
	wait_for_running(1);
	check(queue_work(queue, &work));  /* it runs, so it may be queued once more */
	check(!queue_work(queue, &work)); /* but not twice */
	msleep(20);
	check(READ_ONCE(running) == 1);
	complete_all(&go);
	check(flush_work(&work));
	check(runs == 2 && most == 1);
	check(!flush_work(&work));
}

static void cancelled(void)
{
	struct work_struct blocker, work;
	struct workqueue_struct *ordered = alloc_ordered_workqueue("one", 0);

	INIT_WORK(&blocker, run_until_go);
	INIT_WORK(&work, run_until_go);
	queue_work(ordered, &blocker);
	wait_for_running(1);
	queue_work(ordered, &work);
	check(work_pending(&work));
	check(cancel_work(&work));
	check(!cancel_work(&work));
	queue_work(ordered, &work);
	check(cancel_work_sync(&work));
	complete_all(&go);
	cancel_work_sync(&blocker);
	check(running == 0 && runs == 1);
	destroy_workqueue(ordered);
}

static void queue_again(struct work_struct *work)
{
	__atomic_add_fetch(&runs, 1, __ATOMIC_SEQ_CST);
	queue_work(queue, work);
}

/* A piece of work that always queues itself is stopped all the same. */
static void cancelled_for_good(void)
{
	struct work_struct work;

	INIT_WORK(&work, queue_again);
	queue_work(queue, &work);
	while (READ_ONCE(runs) < 10)
		msleep(1);
	cancel_work_sync(&work);
	runs = 0;
	msleep(10);
	check(runs == 0 && !work_pending(&work));
}

static void note(struct work_struct *work)
{
	(void)work;
	__atomic_add_fetch(&runs, 1, __ATOMIC_SEQ_CST);
}

static void delayed(void)
{
	struct delayed_work work;
	unsigned long begin = jiffies;

	INIT_DELAYED_WORK(&work, note);
	check(queue_delayed_work(queue, &work, 5));
	check(!queue_delayed_work(queue, &work, 1));
	while (!READ_ONCE(runs))
		msleep(1);
	check(time_after_eq(jiffies, begin + 5));
	flush_delayed_work(&work);

	check(!mod_delayed_work(queue, &work, 1000 * HZ));
	check(mod_delayed_work(queue, &work, 1));
	while (READ_ONCE(runs) < 2)
		msleep(1);
	queue_delayed_work(queue, &work, 1000 * HZ);
	check(cancel_delayed_work(&work));
	check(!cancel_delayed_work(&work));
	queue_delayed_work(queue, &work, 1000 * HZ);
	check(cancel_delayed_work_sync(&work));
	queue_delayed_work(queue, &work, 1000 * HZ);
	flush_delayed_work(&work); /* now, not in 1000 seconds */
	check(runs == 3);
}

static void delayed_again(struct work_struct *work)
{
	__atomic_add_fetch(&runs, 1, __ATOMIC_SEQ_CST);
	queue_delayed_work(queue, to_delayed_work(work), 1);
}

static void delayed_cancelled_for_good(void)
{
	int i;

	for (i = 0; i < 50; i++) {
		struct delayed_work *work = kmalloc(sizeof(*work), GFP_KERNEL);

		INIT_DELAYED_WORK(work, delayed_again);
		queue_delayed_work(queue, work, i % 2);
		usleep_range(i * 300, i * 300);
		cancel_delayed_work_sync(work);
		kfree(work);
	}
	check(runs > 0);
}

static void free_work(struct work_struct *work)
{
	kfree(work);
	__atomic_add_fetch(&runs, 1, __ATOMIC_SEQ_CST);
}

static void freed_by_itself(void)
{
	int i;

	for (i = 0; i < 200; i++) {
		struct work_struct *work = kmalloc(sizeof(*work), GFP_KERNEL);

		INIT_WORK(work, free_work);
		queue_work(queue, work);
	}
	flush_workqueue(queue);
	check(runs == 200);
}

static void with_queue(void (*run)(void))
{
	queue = alloc_workqueue("test", WQ_UNBOUND, 0);
	init_completion(&go);
	runs = running = most = 0;
	run();
	destroy_workqueue(queue);
}

#define CASE(name) static void case_##name(void) { with_queue(name); }
CASE(parallel)
CASE(never_twice_at_once)
CASE(cancelled)
CASE(cancelled_for_good)
CASE(delayed)
CASE(delayed_cancelled_for_good)
CASE(freed_by_itself)

const struct test_case work_cases[] = {
	{ "work: different items run in parallel", case_parallel },
	{ "work: one item never runs twice at once", case_never_twice_at_once },
	{ "work: cancelled while it waits and while it runs", case_cancelled },
	{ "work: cancelled although it queues itself", case_cancelled_for_good },
	{ "work: delayed", case_delayed },
	{ "work: delayed, cancelled although it queues itself", case_delayed_cancelled_for_good },
	{ "work: freed by its own function", case_freed_by_itself },
	{ NULL, NULL },
};
