// SPDX-License-Identifier: MIT
/* Work queues. */
#include <pthread.h>

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "shim.h"
#include "work.h"

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
	flush_work(&work);
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

/* --- work that is put off --- */

static pthread_t ran_in;

static void note_thread(struct work_struct *work)
{
	(void)work;
	ran_in = pthread_self();
	runs++;
}

static bool yes(void *context)
{
	(void)context;
	return true;
}

static bool no(void *context)
{
	(void)context;
	return false;
}

static struct work_struct chain[4];

static void queue_next(struct work_struct *work)
{
	note_thread(work);
	if (work < &chain[3])
		queue_work(queue, work + 1);
}

static void put_off(void)
{
	struct work_struct works[3];
	int i;

	for (i = 0; i < 3; i++) {
		INIT_WORK(&works[i], note_thread);
		work_defer(true);
		check(queue_work(queue, &works[i]));
	}
	check(work_defer(false));
	work_help(yes, NULL);
	check(runs == 3 && pthread_equal(ran_in, pthread_self()));

	/* nothing is put off any more */
	check(queue_work(queue, &works[0]));
	flush_workqueue(queue);
	check(runs == 4 && !pthread_equal(ran_in, pthread_self()));
}

static void put_off_chain(void)
{
	int i;

	for (i = 0; i < 4; i++)
		INIT_WORK(&chain[i], queue_next);
	work_defer(true);
	queue_work(queue, &chain[0]);
	work_defer(false);
	work_help(yes, NULL);
	check(runs == 4 && pthread_equal(ran_in, pthread_self()));

	/* who must stop leaves the rest to a worker */
	work_defer(true);
	queue_work(queue, &chain[0]);
	work_defer(false);
	work_help(no, NULL);
	/* each waits for one: the next is queued by then */
	for (i = 1; i < 4; i++)
		flush_workqueue(queue);
	check(runs == 8 && !pthread_equal(ran_in, pthread_self()));
}

/* A thread that waits for what it has put off would wait for ever. */
static void put_off_and_waited_for(void)
{
	struct work_struct work;

	INIT_WORK(&work, note_thread);
	work_defer(true);
	queue_work(queue, &work);
	flush_work(&work);
	check(runs == 1 && !pthread_equal(ran_in, pthread_self()));
	queue_work(queue, &work);
	check(cancel_work_sync(&work) || runs == 2);
	work_defer(false);
	work_help(yes, NULL);
	check(runs <= 2);
}

/* The queue of what is put off may be gone when the thread comes to it. */
static void put_off_on_a_queue_that_goes(void)
{
	struct workqueue_struct *other = alloc_workqueue("other", WQ_UNBOUND, 0);
	struct work_struct work;

	INIT_WORK(&work, note_thread);
	work_defer(true);
	queue_work(other, &work);
	work_defer(false);
	destroy_workqueue(other);
	check(runs == 1);
	work_help(yes, NULL);
	check(runs == 1);
}

/* Not a completion: who waits for that hands over what it has put off. */
static pthread_barrier_t both;

static void *put_off_late(void *argument)
{
	work_defer(true);
	check(queue_work(queue, argument));
	check(work_defer(false));
	pthread_barrier_wait(&both);
	pthread_barrier_wait(&both);
	work_help(yes, NULL);
	check(pthread_equal(ran_in, pthread_self()));
	return NULL;
}

/* A thread runs only what it has put off itself, however long the other has waited. */
static void put_off_by_two(void)
{
	struct work_struct mine, other;
	pthread_t thread;

	INIT_WORK(&mine, note_thread);
	INIT_WORK(&other, note_thread);
	pthread_barrier_init(&both, NULL, 2);
	check(!pthread_create(&thread, NULL, put_off_late, &other));
	pthread_barrier_wait(&both);
	work_defer(true);
	check(queue_work(queue, &mine));
	work_defer(false);
	work_help(yes, NULL);
	check(runs == 1 && pthread_equal(ran_in, pthread_self()));
	check(work_pending(&other) && !work_pending(&mine));
	pthread_barrier_wait(&both);
	pthread_join(thread, NULL);
	pthread_barrier_destroy(&both);
	check(runs == 2);
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
CASE(put_off)
CASE(put_off_chain)
CASE(put_off_by_two)
CASE(put_off_and_waited_for)
CASE(put_off_on_a_queue_that_goes)

const struct test_case work_cases[] = {
	{ "work: different items run in parallel", case_parallel },
	{ "work: one item never runs twice at once", case_never_twice_at_once },
	{ "work: cancelled while it waits and while it runs", case_cancelled },
	{ "work: cancelled although it queues itself", case_cancelled_for_good },
	{ "work: delayed", case_delayed },
	{ "work: delayed, cancelled although it queues itself", case_delayed_cancelled_for_good },
	{ "work: freed by its own function", case_freed_by_itself },
	{ "work: put off, and run by its own thread", case_put_off },
	{ "work: put off, with what it queues in turn", case_put_off_chain },
	{ "work: put off by two threads, each runs its own", case_put_off_by_two },
	{ "work: put off, and waited for", case_put_off_and_waited_for },
	{ "work: put off on a queue that goes", case_put_off_on_a_queue_that_goes },
	{ NULL, NULL },
};
