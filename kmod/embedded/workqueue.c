// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Work queues. One mutex guards all of them: what it protects is a few list operations.
 *
 * A piece of work may be freed by its own function, and its memory be another piece of work before
 * the function returns. So threads remember only the address and the ticket of what they run; every
 * queueing gets a new ticket, and who waits, waits for tickets.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "task.h"
#include "work.h"

struct worker {
	struct list_head entry; /* of its queue's workers */
	pthread_t thread;
	struct workqueue_struct *queue;
	const struct work_struct *work; /* what it runs; only to compare, it may be freed */
	work_func_t func;
	unsigned long ticket;
};

struct workqueue_struct {
	struct list_head entry;   /* of all queues */
	char name[16];
	char what[40];            /* "work of the queue NAME" */
	struct list_head waiting; /* work, oldest first */
	struct list_head workers;
	pthread_cond_t arrived;   /* work, or the end */
	int max_active;
	int made;    /* workers ever made, for their names */
	int alive;   /* workers that have not ended */
	int idle;    /* workers that wait for work */
	int items;   /* length of waiting */
	bool ending;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t finished = PTHREAD_COND_INITIALIZER; /* some work, or its waiting, ended */
static unsigned long tickets;
static __thread struct worker *me;
static LIST_HEAD(queues);
static __thread bool deferring; /* its address tells the thread, in work->by */
static __thread struct workqueue_struct *deferred; /* may be gone; see work_help() */

static struct worker *worker_of(const struct work_struct *work)
{
	struct worker *worker;

	if (!work->queue)
		return NULL;
	list_for_each_entry(worker, &work->queue->workers, entry)
		if (worker->work == work && worker->func == work->func)
			return worker;
	return NULL;
}

/* The oldest work that no other thread is running at the moment. */
static struct work_struct *next_work(struct workqueue_struct *queue)
{
	struct work_struct *work;

	list_for_each_entry(work, &queue->waiting, entry)
		if (!worker_of(work))
			return work;
	return NULL;
}

static void unlist(struct work_struct *work)
{
	list_del_init(&work->entry);
	work->queue->items--;
}

static void work_run(struct worker *worker, struct work_struct *work)
{
	unlist(work);
	work->pending = false;
	worker->work = work;
	worker->func = work->func;
	worker->ticket = work->ticket;
	pthread_mutex_unlock(&mutex);
	worker->func(work);
	task_assert_free(worker->queue->what);
	pthread_mutex_lock(&mutex);
	worker->work = NULL;
	pthread_cond_broadcast(&finished);
}

static void *worker_main(void *argument)
{
	struct worker *worker = argument;
	struct workqueue_struct *queue = worker->queue;

	me = worker;
	pthread_mutex_lock(&mutex);
	for (;;) {
		struct work_struct *work = next_work(queue);

		if (work) {
			work_run(worker, work);
			continue;
		}
		if (queue->ending)
			break;
		queue->idle++;
		pthread_cond_wait(&queue->arrived, &mutex);
		queue->idle--;
	}
	pthread_mutex_unlock(&mutex);
	return NULL;
}

/* One thread more, if work waits for one and the queue may have it. */
static void worker_add(struct workqueue_struct *queue)
{
	struct worker *worker;
	char name[24];

	if (queue->items <= queue->idle || queue->alive >= queue->max_active)
		return;
	worker = calloc(1, sizeof(*worker));
	snprintf(name, sizeof(name), "kworker/u:%d", queue->made);
	if (worker) {
		worker->queue = queue;
		list_add_tail(&worker->entry, &queue->workers);
		if (!thread_start(&worker->thread, name, worker_main, worker)) {
			queue->made++;
			queue->alive++;
			return;
		}
		list_del(&worker->entry);
		free(worker);
	}
	if (!queue->alive)
		bug("work queue %s: no thread can be made", queue->name);
}

static void wake(struct workqueue_struct *queue)
{
	worker_add(queue);
	pthread_cond_signal(&queue->arrived);
}

static void enlist(struct workqueue_struct *queue, struct work_struct *work)
{
	if (queue->ending)
		bug("work queued on %s, which is being destroyed", queue->name);
	work->queue = queue;
	work->ticket = ++tickets;
	work->by = NULL;
	list_add_tail(&work->entry, &queue->waiting);
	queue->items++;
	if (deferring && (!deferred || deferred == queue)) {
		work->by = &deferring;
		deferred = queue;
		return;
	}
	wake(queue);
}

/* --- work that the thread which queued it runs itself --- */

bool work_defer(bool on)
{
	deferring = on;
	return deferred;
}

/* What this thread has put off, if the queue still exists. The mutex is held. */
static struct workqueue_struct *deferred_take(void)
{
	struct workqueue_struct *queue;

	list_for_each_entry(queue, &queues, entry)
		if (queue == deferred) {
			deferred = NULL;
			return queue;
		}
	deferred = NULL;
	return NULL;
}

void work_undefer(void)
{
	struct workqueue_struct *queue;

	if (!deferred)
		return;
	pthread_mutex_lock(&mutex);
	queue = deferred_take();
	if (queue && !list_empty(&queue->waiting))
		wake(queue);
	pthread_mutex_unlock(&mutex);
}

/*
 * The oldest work that this thread has put off. Not what others have: who closes a connection waits
 * for what its threads run, and can end no more than the runs of its own.
 */
static struct work_struct *next_own(struct workqueue_struct *queue)
{
	struct work_struct *work;

	list_for_each_entry(work, &queue->waiting, entry)
		if (work->by == &deferring && !worker_of(work))
			return work;
	return NULL;
}

/* This thread looks after one queue, on which it may have put more than one piece of work. */
static void put_off_rest(struct workqueue_struct *queue, const struct work_struct *ran)
{
	struct work_struct *work;

	if (next_own(queue)) {
		if (!deferred)
			deferred = queue;
		else if (deferred != queue)
			wake(queue);
	}
	/* queued anew by another thread, it could not be taken before now */
	list_for_each_entry(work, &queue->waiting, entry)
		if (work == ran && work->by != &deferring)
			wake(queue);
}

void work_help(bool (*more)(void *context), void *context)
{
	bool first = true;

	/* what a run queues in turn, the next one of its state, is put off too */
	deferring = true;
	while (deferred && (first || more(context))) {
		struct worker helper = { .work = NULL };
		struct work_struct *work;

		pthread_mutex_lock(&mutex);
		helper.queue = deferred_take();
		work = helper.queue ? next_own(helper.queue) : NULL;
		if (work) {
			list_add_tail(&helper.entry, &helper.queue->workers);
			me = &helper;
			work_run(&helper, work);
			me = NULL;
			put_off_rest(helper.queue, work);
			/* under the mutex since the work's end: the queue may go any moment now */
			list_del(&helper.entry);
		} else if (helper.queue && next_work(helper.queue)) {
			/* a worker has taken it, instead of what it was woken for */
			wake(helper.queue);
		}
		pthread_mutex_unlock(&mutex);
		first = false;
	}
	deferring = false;
	work_undefer();
}

void embedded_work_init(struct work_struct *work, work_func_t func)
{
	*work = (struct work_struct){ .func = func };
	INIT_LIST_HEAD(&work->entry);
}

/* The timer of delayed work. It may have been cancelled, or set anew, since it fired. */
void embedded_delay_over(struct timer_list *timer)
{
	struct delayed_work *delayed = from_timer(delayed, timer, timer);

	pthread_mutex_lock(&mutex);
	if (delayed->work.pending && list_empty(&delayed->work.entry) && !timer_pending(timer))
		enlist(delayed->queue, &delayed->work);
	pthread_mutex_unlock(&mutex);
}

void embedded_delayed_work_init(struct delayed_work *work, work_func_t func)
{
	embedded_work_init(&work->work, func);
	embedded_timer_setup(&work->timer, embedded_delay_over);
	work->queue = NULL;
}

struct workqueue_struct *alloc_workqueue(const char *format, unsigned int flags, int max_active, ...)
{
	struct workqueue_struct *queue = kzalloc(sizeof(*queue), GFP_KERNEL);
	va_list arguments;

	if (!queue)
		return NULL;
	/* threads go where the scheduler likes; but order between work needs a queue that promises it */
	if (!(flags & (WQ_UNBOUND | WQ_CPU_INTENSIVE)))
		bug("alloc_workqueue: only unbound queues and those for long work are known here");
	va_start(arguments, max_active);
	vsnprintf(queue->name, sizeof(queue->name), format, arguments);
	va_end(arguments);
	snprintf(queue->what, sizeof(queue->what), "work of the queue %s", queue->name);
	INIT_LIST_HEAD(&queue->waiting);
	INIT_LIST_HEAD(&queue->workers);
	pthread_mutex_lock(&mutex);
	list_add_tail(&queue->entry, &queues);
	pthread_mutex_unlock(&mutex);
	pthread_cond_init(&queue->arrived, NULL);
	queue->max_active = max_active ? max_active : WQ_DFL_ACTIVE;
	return queue;
}

void destroy_workqueue(struct workqueue_struct *queue)
{
	struct worker *worker, *next;

	drain_workqueue(queue);
	pthread_mutex_lock(&mutex);
	list_del(&queue->entry);
	queue->ending = true;
	pthread_cond_broadcast(&queue->arrived);
	pthread_mutex_unlock(&mutex);
	list_for_each_entry_safe(worker, next, &queue->workers, entry) {
		pthread_join(worker->thread, NULL);
		free(worker);
	}
	pthread_cond_destroy(&queue->arrived);
	kfree(queue);
}

bool queue_work(struct workqueue_struct *queue, struct work_struct *work)
{
	bool queued = false;

	pthread_mutex_lock(&mutex);
	if (!work->pending && !work->cancelling) {
		work->pending = true;
		enlist(queue, work);
		queued = true;
	}
	pthread_mutex_unlock(&mutex);
	return queued;
}

static void delay(struct workqueue_struct *queue, struct delayed_work *work, unsigned long time)
{
	work->work.pending = true;
	work->queue = queue;
	if (time)
		mod_timer(&work->timer, jiffies + time);
	else
		enlist(queue, &work->work);
}

bool queue_delayed_work(struct workqueue_struct *queue, struct delayed_work *work,
			unsigned long time)
{
	bool queued = false;

	pthread_mutex_lock(&mutex);
	if (!work->work.pending && !work->work.cancelling) {
		delay(queue, work, time);
		queued = true;
	}
	pthread_mutex_unlock(&mutex);
	return queued;
}

/* Take waiting work off its queue. The mutex is held. */
static bool unqueue(struct work_struct *work)
{
	bool was = work->pending;

	if (!list_empty(&work->entry))
		unlist(work);
	work->pending = false;
	if (was)
		pthread_cond_broadcast(&finished);
	return was;
}

bool mod_delayed_work(struct workqueue_struct *queue, struct delayed_work *work, unsigned long time)
{
	bool was = false;

	pthread_mutex_lock(&mutex);
	if (!work->work.cancelling) {
		del_timer(&work->timer);
		was = unqueue(&work->work);
		delay(queue, work, time);
	}
	pthread_mutex_unlock(&mutex);
	return was;
}

bool cancel_work(struct work_struct *work)
{
	bool was;

	pthread_mutex_lock(&mutex);
	was = unqueue(work);
	pthread_mutex_unlock(&mutex);
	return was;
}

bool cancel_delayed_work(struct delayed_work *work)
{
	bool was;

	pthread_mutex_lock(&mutex);
	del_timer(&work->timer);
	was = unqueue(&work->work);
	pthread_mutex_unlock(&mutex);
	timer_wait(&work->timer);
	return was;
}

/* Unqueue, and wait for the thread that runs it. The mutex is held. */
static bool cancel_and_wait(struct work_struct *work)
{
	bool was = unqueue(work);

	if (me && me->work == work && me->func == work->func)
		bug("work cancelled, and waited for, by itself");
	work->cancelling++;
	while (worker_of(work))
		pthread_cond_wait(&finished, &mutex);
	work->cancelling--;
	return was;
}

bool cancel_work_sync(struct work_struct *work)
{
	bool was;

	might_sleep();
	work_undefer();
	pthread_mutex_lock(&mutex);
	was = cancel_and_wait(work);
	pthread_mutex_unlock(&mutex);
	return was;
}

bool cancel_delayed_work_sync(struct delayed_work *work)
{
	bool was;

	might_sleep();
	work_undefer();
	pthread_mutex_lock(&mutex);
	del_timer(&work->timer);
	was = cancel_and_wait(&work->work);
	pthread_mutex_unlock(&mutex);
	timer_wait(&work->timer);
	return was;
}

/* Whether anything with a ticket from first to last is yet to end on the queue. */
static bool outstanding(struct workqueue_struct *queue, unsigned long first, unsigned long last)
{
	struct work_struct *work;
	struct worker *worker;

	list_for_each_entry(work, &queue->waiting, entry)
		if (work->ticket >= first && work->ticket <= last)
			return true;
	list_for_each_entry(worker, &queue->workers, entry)
		if (worker->work && worker->ticket >= first && worker->ticket <= last)
			return true;
	return false;
}

bool flush_work(struct work_struct *work)
{
	struct workqueue_struct *queue;
	const struct worker *worker;
	unsigned long ticket = 0;

	might_sleep();
	work_undefer();
	pthread_mutex_lock(&mutex);
	queue = work->queue;
	worker = worker_of(work);
	if (!list_empty(&work->entry))
		ticket = work->ticket;
	else if (worker)
		ticket = worker->ticket;
	if (ticket && me && me->ticket == ticket && me->work)
		bug("flush_work: by the work itself");
	while (ticket && outstanding(queue, ticket, ticket))
		pthread_cond_wait(&finished, &mutex);
	pthread_mutex_unlock(&mutex);
	return ticket;
}

bool flush_delayed_work(struct delayed_work *work)
{
	pthread_mutex_lock(&mutex);
	if (del_timer(&work->timer))
		enlist(work->queue, &work->work);
	pthread_mutex_unlock(&mutex);
	timer_wait(&work->timer);
	return flush_work(&work->work);
}

static void flush_from_outside(struct workqueue_struct *queue)
{
	might_sleep();
	work_undefer();
	if (me && me->queue == queue)
		bug("queue %s flushed by its own work", queue->name);
}

void flush_workqueue(struct workqueue_struct *queue)
{
	unsigned long last;

	flush_from_outside(queue);
	pthread_mutex_lock(&mutex);
	last = tickets;
	while (outstanding(queue, 1, last))
		pthread_cond_wait(&finished, &mutex);
	pthread_mutex_unlock(&mutex);
}

void drain_workqueue(struct workqueue_struct *queue)
{
	flush_from_outside(queue);
	pthread_mutex_lock(&mutex);
	while (outstanding(queue, 1, ULONG_MAX))
		pthread_cond_wait(&finished, &mutex);
	pthread_mutex_unlock(&mutex);
}

bool work_pending(struct work_struct *work)
{
	bool is;

	pthread_mutex_lock(&mutex);
	is = work->pending;
	pthread_mutex_unlock(&mutex);
	return is;
}
