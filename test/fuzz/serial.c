// SPDX-License-Identifier: MIT
/* See serial.h. Stands in for kmod/embedded's workqueue.c, timer.c, rcu.c and wait.c. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/completion.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/sched.h>
#include <linux/thread_info.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "fuzz.h"
#include "serial.h"
#include "task.h"
#include "work.h"

/* Deeper than this a relaxing run lets nobody else in: the real stack has an end. */
#define DEPTH_MAX 6

#define REALTIME 1700000000000000000ull /* ns since the epoch when the clock is 0 */

void (*serial_relaxed)(void);
void (*serial_logged)(const char *text);
unsigned int serial_depth;
unsigned long serial_tickets;
static u64 now = 1000000000;

/* --- tasks ------------------------------------------------------------------------------------ */

static noinline unsigned long stack_here(void)
{
	return (unsigned long)__builtin_frame_address(0) - THREAD_SIZE;
}

void serial_task_here(void)
{
	current->stack = stack_here();
}

/* Call a function as another task. */
static void as_task(const char *what, void (*func)(void *argument), void *argument, bool softirq)
{
	struct task_struct caller = *current;

	*current = (struct task_struct) {
		.pid = caller.pid, .tgid = caller.tgid, .flags = PF_KTHREAD, .ready = true,
		.stack = stack_here(), .softirq = softirq,
	};
	strcpy(current->comm, "kworker");
	func(argument);
	task_assert_free(what);
	*current = caller;
}

/* --- work ------------------------------------------------------------------------------------- */

struct workqueue_struct {
	int unused;
};

/* What runs now; the innermost first. Only to compare: the item may be freed by its own function. */
struct running {
	const struct running *outer;
	const struct work_struct *work;
	const struct workqueue_struct *queue;
	work_func_t func;
};

static LIST_HEAD(waiting); /* of all queues, oldest first */
static unsigned int waiting_count;
static const struct running *innermost;

static const struct running *runs_now(const struct work_struct *work)
{
	const struct running *running;

	for (running = innermost; running; running = running->outer)
		if (running->work == work && running->func == work->func)
			return running;
	return NULL;
}

static void enlist(struct workqueue_struct *queue, struct work_struct *work)
{
	work->queue = queue;
	work->pending = true;
	work->ticket = ++serial_tickets;
	list_add_tail(&work->entry, &waiting);
	waiting_count++;
}

static bool unlist(struct work_struct *work)
{
	bool was = work->pending;

	if (!list_empty(&work->entry)) {
		list_del_init(&work->entry);
		waiting_count--;
	}
	work->pending = false;
	return was;
}

static void work_call(void *argument)
{
	struct work_struct *work = argument;

	work->func(work);
}

static void work_run(struct work_struct *work)
{
	const struct running running = {
		.outer = innermost, .work = work, .queue = work->queue, .func = work->func,
	};

	unlist(work);
	innermost = &running;
	serial_depth++;
	as_task("work", work_call, work, false);
	serial_depth--;
	innermost = running.outer;
}

/* The item with that number among those that do not run already. */
static struct work_struct *work_choose(unsigned int choice)
{
	struct work_struct *work;
	unsigned int count = 0;

	list_for_each_entry(work, &waiting, entry)
		count += !runs_now(work);
	if (!count)
		return NULL;
	choice %= count;
	list_for_each_entry(work, &waiting, entry)
		if (!runs_now(work) && !choice--)
			return work;
	return NULL;
}

bool serial_work(unsigned int choice)
{
	struct work_struct *work = work_choose(choice);

	if (work)
		work_run(work);
	return work;
}

void embedded_work_init(struct work_struct *work, work_func_t func)
{
	*work = (struct work_struct){ .func = func };
	INIT_LIST_HEAD(&work->entry);
}

struct workqueue_struct *alloc_workqueue(const char *format, unsigned int flags, int max_active, ...)
{
	(void)format;
	(void)flags;
	(void)max_active;
	return kzalloc(sizeof(struct workqueue_struct), GFP_KERNEL);
}

void destroy_workqueue(struct workqueue_struct *queue)
{
	drain_workqueue(queue);
	kfree(queue);
}

bool queue_work(struct workqueue_struct *queue, struct work_struct *work)
{
	if (work->pending)
		return false;
	enlist(queue, work);
	return true;
}

bool cancel_work(struct work_struct *work)
{
	return unlist(work);
}

bool cancel_work_sync(struct work_struct *work)
{
	might_sleep();
	if (runs_now(work))
		fuzz_fail("work is waited for by what runs on top of it");
	return unlist(work);
}

bool flush_work(struct work_struct *work)
{
	might_sleep();
	if (runs_now(work))
		fuzz_fail("work is waited for by what runs on top of it");
	if (list_empty(&work->entry))
		return false;
	work_run(work);
	return true;
}

static struct work_struct *work_of(const struct workqueue_struct *queue, unsigned long last)
{
	struct work_struct *work;

	list_for_each_entry(work, &waiting, entry)
		if (work->queue == queue && work->ticket <= last)
			return work;
	return NULL;
}

static void flush_until(struct workqueue_struct *queue, unsigned long last)
{
	const struct running *running;
	struct work_struct *work;

	might_sleep();
	for (running = innermost; running; running = running->outer)
		if (running->queue == queue)
			fuzz_fail("a queue is flushed by its own work");
	while ((work = work_of(queue, last)))
		work_run(work);
}

void flush_workqueue(struct workqueue_struct *queue)
{
	flush_until(queue, serial_tickets);
}

void drain_workqueue(struct workqueue_struct *queue)
{
	flush_until(queue, ULONG_MAX);
}

bool work_pending(struct work_struct *work)
{
	return work->pending;
}

/* Nothing is put off: no thread here waits for another one. */
void work_undefer(void)
{
}

/* --- the clock and timers --------------------------------------------------------------------- */

static LIST_HEAD(timers); /* soonest first */

u64 ktime_get_ns(void)
{
	return now += SERIAL_TICK;
}

u64 ktime_get_real_ns(void)
{
	return REALTIME + now;
}

unsigned long embedded_jiffies(void)
{
	return nsecs_to_jiffies(now);
}

void embedded_timer_setup(struct timer_list *timer, void (*function)(struct timer_list *timer))
{
	*timer = (struct timer_list){ .function = function };
}

bool timer_pending(const struct timer_list *timer)
{
	return timer->pending;
}

int del_timer(struct timer_list *timer)
{
	if (!timer->pending)
		return false;
	list_del(&timer->entry);
	timer->pending = false;
	return true;
}

int mod_timer(struct timer_list *timer, unsigned long expires)
{
	bool was = del_timer(timer);
	struct timer_list *later;

	timer->expires = expires;
	list_for_each_entry(later, &timers, entry)
		if (time_after(later->expires, expires))
			break;
	list_add_tail(&timer->entry, &later->entry);
	timer->pending = true;
	return was;
}

static void timer_call(void *argument)
{
	struct timer_list *timer = argument;

	timer->function(timer);
}

/* The next timer goes off, if it does so until then. */
static bool timer_fire(u64 until)
{
	struct timer_list *timer = list_first_entry_or_null(&timers, struct timer_list, entry);
	u64 at = timer ? (u64)timer->expires * (NSEC_PER_SEC / HZ) : 0;

	if (!timer || at > until)
		return false;
	now = max(now, at);
	del_timer(timer);
	as_task("a timer's function", timer_call, timer, true);
	return true;
}

void serial_pass(u64 time)
{
	u64 until = now + time;

	while (timer_fire(until))
		;
	now = max(now, until);
}

void embedded_delay_over(struct timer_list *timer)
{
	struct delayed_work *delayed = from_timer(delayed, timer, timer);

	enlist(delayed->queue, &delayed->work);
}

void embedded_delayed_work_init(struct delayed_work *work, work_func_t func)
{
	embedded_work_init(&work->work, func);
	embedded_timer_setup(&work->timer, embedded_delay_over);
	work->queue = NULL;
}

static void delay(struct workqueue_struct *queue, struct delayed_work *work, unsigned long time)
{
	work->queue = queue;
	if (!time) {
		enlist(queue, &work->work);
		return;
	}
	work->work.pending = true;
	mod_timer(&work->timer, jiffies + time);
}

bool queue_delayed_work(struct workqueue_struct *queue, struct delayed_work *work, unsigned long time)
{
	if (work->work.pending)
		return false;
	delay(queue, work, time);
	return true;
}

bool mod_delayed_work(struct workqueue_struct *queue, struct delayed_work *work, unsigned long time)
{
	bool was = cancel_delayed_work(work);

	delay(queue, work, time);
	return was;
}

bool cancel_delayed_work(struct delayed_work *work)
{
	del_timer(&work->timer);
	return unlist(&work->work);
}

bool cancel_delayed_work_sync(struct delayed_work *work)
{
	del_timer(&work->timer);
	return cancel_work_sync(&work->work);
}

bool flush_delayed_work(struct delayed_work *work)
{
	if (del_timer(&work->timer))
		enlist(work->queue, &work->work);
	return flush_work(&work->work);
}

/* --- grace periods ---------------------------------------------------------------------------- */

static struct rcu_head *callbacks, **last_callback = &callbacks;

void rcu_read_lock(void)
{
	current->rcu_readers++;
}

void rcu_read_unlock(void)
{
	if (!current->rcu_readers--)
		fuzz_fail("rcu_read_unlock() without rcu_read_lock()");
}

bool rcu_read_lock_held(void)
{
	return current->rcu_readers;
}

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	head->next = NULL;
	head->func = func;
	*last_callback = head;
	last_callback = &head->next;
}

static void callback_call(void *argument)
{
	struct rcu_head *head = argument;

	head->func(head);
}

/* Who waits for a grace period sleeps, and who sleeps is no reader: there is none on the stack. */
void rcu_barrier(void)
{
	might_sleep();
	while (callbacks) {
		struct rcu_head *head = callbacks;

		callbacks = head->next;
		if (!callbacks)
			last_callback = &callbacks;
		as_task("a callback of RCU", callback_call, head, true);
	}
}

void synchronize_rcu(void)
{
	might_sleep();
}

void serial_drain(void)
{
	while (serial_work(0))
		;
	rcu_barrier();
}

/* --- completions ------------------------------------------------------------------------------ */

void init_completion(struct completion *done)
{
	memset(done, 0, sizeof(*done));
}

void complete(struct completion *done)
{
	if (done->done != UINT_MAX)
		done->done++;
}

void complete_all(struct completion *done)
{
	done->done = UINT_MAX;
}

void wait_for_completion(struct completion *done)
{
	might_sleep();
	while (!done->done)
		if (!serial_work(0) && !timer_fire(U64_MAX))
			fuzz_fail("what is waited for will never be completed");
	if (done->done != UINT_MAX)
		done->done--;
}

/* --- what the linker puts in the place of the shim's own (--wrap, see the Makefile) ------------ */

int __wrap_cond_resched(void);
int __wrap_cond_resched(void)
{
	static bool relaxing;

	might_sleep();
	if (serial_relaxed && serial_depth && serial_depth < DEPTH_MAX && !relaxing) {
		relaxing = true;
		serial_relaxed();
		relaxing = false;
	}
	return 0;
}

void __wrap_get_random_bytes(void *buffer, size_t size);
void __wrap_get_random_bytes(void *buffer, size_t size)
{
	memset(buffer, 42, size);
}

/* A record is one line of printable characters, whatever a state is called and prints. */
int __wrap__printk(const char *format, ...) __printf(1, 2);
int __wrap__printk(const char *format, ...)
{
	char text[4096];
	va_list arguments;
	int size, i;

	va_start(arguments, format);
	size = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (size >= (int)sizeof(text) || size < 1 || text[size - 1] != '\n')
		fuzz_fail("a record of %d bytes, or one without an end", size);
	for (i = text[0] == '\001' ? 2 : 0; i < size - 1; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			fuzz_fail("the byte 0x%02x reaches the kernel log: %s", (u8)text[i], text);
	if (serial_logged) {
		text[size - 1] = '\0';
		serial_logged(text[0] == '\001' ? text + 2 : text);
	}
	return size;
}
