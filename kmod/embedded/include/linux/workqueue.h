/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Work done later by other threads. Every queue has its own threads, made when work waits and none
 * is idle, up to max_active: an unbound queue of the kernel. One item is never run by two threads
 * at once, and may be freed by its own function.
 */
#ifndef EMBEDDED_LINUX_WORKQUEUE_H
#define EMBEDDED_LINUX_WORKQUEUE_H

#include <linux/list.h>
#include <linux/timer.h>
#include <linux/types.h>

struct work_struct;
struct workqueue_struct;

typedef void (*work_func_t)(struct work_struct *work);

struct work_struct {
	struct list_head entry;          /* of its queue's waiting items */
	work_func_t func;
	struct workqueue_struct *queue;  /* the last it was put on */
	unsigned long ticket;            /* of the last time it was queued */
	const void *by;                  /* the thread that has put it off; only to compare */
	bool pending;                    /* waits on a queue or for its timer */
	unsigned int cancelling;         /* callers of cancel_*_sync(): it cannot be queued */
};

struct delayed_work {
	struct work_struct work;
	struct timer_list timer;
	struct workqueue_struct *queue;
};

#define WQ_UNBOUND (1 << 1)
#define WQ_FREEZABLE (1 << 2)
#define WQ_MEM_RECLAIM (1 << 3)
#define WQ_HIGHPRI (1 << 4)
#define WQ_CPU_INTENSIVE (1 << 5)
#define WQ_SYSFS (1 << 6)
#define WQ_POWER_EFFICIENT (1 << 7)
#define WQ_MAX_ACTIVE 512
#define WQ_DFL_ACTIVE 256
#define WQ_UNBOUND_MAX_ACTIVE WQ_MAX_ACTIVE

void embedded_work_init(struct work_struct *work, work_func_t func);
void embedded_delayed_work_init(struct delayed_work *work, work_func_t func);
#define INIT_WORK(work, func) embedded_work_init(work, func)
#define INIT_DELAYED_WORK(work, func) embedded_delayed_work_init(work, func)
void embedded_delay_over(struct timer_list *timer);
#define DECLARE_WORK(name, work_function) struct work_struct name = \
	{ .entry = LIST_HEAD_INIT(name.entry), .func = (work_function) }
#define DECLARE_DELAYED_WORK(name, work_function) struct delayed_work name = { \
	.work = { .entry = LIST_HEAD_INIT(name.work.entry), .func = (work_function) }, \
	.timer = { .function = embedded_delay_over }, \
}
#define INIT_WORK_ONSTACK(work, func) INIT_WORK(work, func)
#define destroy_work_on_stack(work) do { } while (0)

static inline struct delayed_work *to_delayed_work(struct work_struct *work)
{
	return container_of(work, struct delayed_work, work);
}

/* At most max_active items run at once; 0 is the default. NULL when there is no memory. */
struct workqueue_struct *alloc_workqueue(const char *format, unsigned int flags, int max_active, ...)
	__printf(1, 4);
#define alloc_ordered_workqueue(format, flags, ...) \
	alloc_workqueue(format, WQ_UNBOUND | (flags), 1, ##__VA_ARGS__)
/* Run what waits, then end the threads. */
void destroy_workqueue(struct workqueue_struct *queue);

/* Return false when the item was pending already. */
bool queue_work(struct workqueue_struct *queue, struct work_struct *work);
bool queue_delayed_work(struct workqueue_struct *queue, struct delayed_work *work,
			unsigned long delay);
/* As queue_delayed_work(), but a pending item gets the new delay; returns whether it was pending. */
bool mod_delayed_work(struct workqueue_struct *queue, struct delayed_work *work,
		      unsigned long delay);

/* The queue of whoever has no queue of his own. */
extern struct workqueue_struct *system_wq;
#define system_unbound_wq system_wq
#define system_long_wq system_wq
int embedded_workqueues_init(void);
void embedded_workqueues_exit(void);

static inline bool schedule_work(struct work_struct *work)
{
	return queue_work(system_wq, work);
}

static inline bool schedule_delayed_work(struct delayed_work *work, unsigned long delay)
{
	return queue_delayed_work(system_wq, work, delay);
}

/* Return whether the item was pending. The _sync forms also wait for it to stop running. */
bool cancel_work(struct work_struct *work);
bool cancel_work_sync(struct work_struct *work);
bool cancel_delayed_work(struct delayed_work *work);
bool cancel_delayed_work_sync(struct delayed_work *work);

/* Wait for the item, its timer included, to have run; returns whether there was anything to wait for. */
bool flush_work(struct work_struct *work);
bool flush_delayed_work(struct delayed_work *work);
/* Wait for everything queued before. */
void flush_workqueue(struct workqueue_struct *queue);
void drain_workqueue(struct workqueue_struct *queue);

bool work_pending(struct work_struct *work);
#define delayed_work_pending(delayed) work_pending(&(delayed)->work)

#endif
