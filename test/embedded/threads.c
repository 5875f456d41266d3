// SPDX-License-Identifier: MIT
/* RCU, timers, completions, wait queues, and where they may run. */
#include <errno.h>

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/timer.h>

#include "module.h"
#include "shim.h"
#include "task.h"

struct node {
	struct list_head entry;
	struct rcu_head rcu;
	int value;
};

static LIST_HEAD(nodes);
static struct node *current_node;
static bool stop;
static unsigned int freed;

static void node_free(struct rcu_head *head)
{
	struct node *node = container_of(head, struct node, rcu);

	node->value = -1;
	freed++;
	kfree(node);
}

static void *read_nodes(void *unused)
{
	long bad = 0;

	(void)unused;
	while (!READ_ONCE(stop)) {
		struct node *node;

		rcu_read_lock();
		rcu_read_lock();
		node = rcu_dereference(current_node);
		bad += node && READ_ONCE(node->value) < 0;
		list_for_each_entry_rcu(node, &nodes, entry)
			bad += READ_ONCE(node->value) < 0;
		rcu_read_unlock();
		rcu_read_unlock();
	}
	return (void *)bad;
}

static struct node *node_new(int value)
{
	struct node *node = kzalloc(sizeof(*node), GFP_KERNEL);

	node->value = value;
	return node;
}

static void rcu(void)
{
	pthread_t readers[2];
	void *bad;
	int i;

	freed = 0;
	for (i = 0; i < 2; i++)
		check(!thread_start(&readers[i], "reader", read_nodes, NULL));
	for (i = 0; i < 500; i++) {
		struct node *node = node_new(i), *old = current_node;

		rcu_assign_pointer(current_node, node_new(i));
		list_add_tail_rcu(&node->entry, &nodes);
		if (old)
			call_rcu(&old->rcu, node_free);
		if (i % 10 == 0) {
			list_del_rcu(&node->entry);
			synchronize_rcu();
			node->value = -1;
			kfree(node);
		} else {
			list_del_rcu(&node->entry);
			kfree_rcu(node, rcu);
		}
	}
	WRITE_ONCE(stop, true);
	for (i = 0; i < 2; i++) {
		pthread_join(readers[i], &bad);
		check(!bad);
	}
	rcu_barrier();
	check(freed == 499);
	kfree(current_node);
}

static DECLARE_COMPLETION(begun);
static DECLARE_COMPLETION(over);
static u64 left_at;

static void *read_long(void *unused)
{
	(void)unused;
	rcu_read_lock();
	complete(&begun);
	while (!completion_done(&over))
		;
	left_at = ktime_get_ns();
	rcu_read_unlock();
	return NULL;
}

static void *let_go(void *unused)
{
	(void)unused;
	msleep(50);
	complete_all(&over);
	return NULL;
}

static void grace_period(void)
{
	pthread_t reader, helper;

	thread_start(&reader, "reader", read_long, NULL);
	wait_for_completion(&begun);
	thread_start(&helper, "helper", let_go, NULL);
	synchronize_rcu();
	check(ktime_get_ns() >= left_at && left_at);
	pthread_join(reader, NULL);
	pthread_join(helper, NULL);
}

static DECLARE_WAIT_QUEUE_HEAD(queue);
static int number;

static void *count(void *unused)
{
	(void)unused;
	for (int i = 0; i < 100; i++) {
		__atomic_add_fetch(&number, 1, __ATOMIC_SEQ_CST);
		wake_up(&queue);
	}
	return NULL;
}

static void waiting(void)
{
	struct completion done;
	pthread_t thread;
	u64 begin = ktime_get_ns();

	thread_start(&thread, "count", count, NULL);
	wait_event(queue, READ_ONCE(number) == 100);
	pthread_join(thread, NULL);
	check(wait_event_timeout(queue, READ_ONCE(number) == 100, HZ) > 0);
	check(wait_event_timeout(queue, READ_ONCE(number) == 0, 2) == 0);
	init_completion(&done);
	check(!wait_for_completion_timeout(&done, 2));
	complete(&done);
	check(wait_for_completion_timeout(&done, HZ));
	check(!completion_done(&done));
	check(ktime_get_ns() - begin < 5 * NSEC_PER_SEC);
}

static struct timer_list timers[3];
static int order[3], fired;

static void note(struct timer_list *timer)
{
	check(in_atomic());
	order[fired] = timer - timers;
	__atomic_add_fetch(&fired, 1, __ATOMIC_SEQ_CST);
}

static void timing(void)
{
	unsigned long now = jiffies;
	int i;

	for (i = 0; i < 3; i++)
		timer_setup(&timers[i], note, 0);
	check(!mod_timer(&timers[0], now + 6));
	check(!mod_timer(&timers[1], now + 3));
	check(!mod_timer(&timers[2], now + 1000));
	check(mod_timer(&timers[2], now + 4) == 1);
	while (smp_load_acquire(&fired) < 3)
		msleep(1);
	check(order[0] == 1 && order[1] == 2 && order[2] == 0);
	check(time_after_eq(jiffies, now + 6));
	check(!mod_timer(&timers[0], now + 1000));
	check(timer_pending(&timers[0]));
	check(del_timer_sync(&timers[0]) == 1);
	check(!timer_pending(&timers[0]));
	check(fired == 3);
}

static void rate_limits(void)
{
	struct ratelimit_state state;
	int i, passed = 0;

	ratelimit_state_init(&state, 5, 3);
	ratelimit_set_flags(&state, RATELIMIT_MSG_ON_RELEASE);
	for (i = 0; i < 10; i++)
		passed += __ratelimit(&state);
	check(passed == 3);
	msleep(40);
	check(__ratelimit(&state));
}

static bool flag;
static unsigned int size;
module_param(flag, bool, 0444);
MODULE_PARM_DESC(flag, "A flag");
module_param(size, uint, 0444);

static void parameters(void)
{
	check(!module_parameter_set("flag=y") && flag);
	check(!module_parameter_set("size=0x10") && size == 16);
	check(module_parameter_set("size=4294967296") == -ERANGE);
	check(module_parameter_set("size=99999999999999999999") == -ERANGE);
	check(module_parameter_set("size=-1") == -EINVAL);
	check(module_parameter_set("size=1x") == -EINVAL);
	check(module_parameter_set("size=") == -EINVAL);
	check(module_parameter_set("size") == -EINVAL);
	check(module_parameter_set("flags=1") == -ENOENT);
	check(size == 16);
}

static void allocation_failures(void)
{
	void *first, *second, *third;

	slab_fail_nth(2);
	first = kmalloc(8, GFP_KERNEL);
	second = kmalloc(8, GFP_KERNEL);
	third = kmalloc(8, GFP_KERNEL);
	check(first && !second && third);
	check(slab_fail_nth(0) == 0);
	kfree(first);
	kfree(third);
	check(!kmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL));
	check(kmalloc(0, GFP_KERNEL) == ZERO_SIZE_PTR);
}

const struct test_case thread_cases[] = {
	{ "rcu: readers see nothing that was freed", rcu },
	{ "rcu: a grace period waits for readers", grace_period },
	{ "wait: queues and completions", waiting },
	{ "timer: order, change, end", timing },
	{ "printk: rate limits", rate_limits },
	{ "module: parameters", parameters },
	{ "slab: failures on demand", allocation_failures },
	{ NULL, NULL },
};
