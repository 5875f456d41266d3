/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Functions called once, later, on a thread where they must not sleep. */
#ifndef EMBEDDED_LINUX_TIMER_H
#define EMBEDDED_LINUX_TIMER_H

#include <linux/container_of.h>
#include <linux/jiffies.h>
#include <linux/list.h>

struct timer_list {
	struct list_head entry; /* of the timers that are set, soonest first */
	unsigned long expires;
	void (*function)(struct timer_list *timer);
	bool pending;
};

#define from_timer(object, timer, member) container_of(timer, __typeof__(*(object)), member)
#define timer_setup(timer, function, flags) embedded_timer_setup(timer, function)

void embedded_timer_setup(struct timer_list *timer, void (*function)(struct timer_list *timer));
/* Set the timer, also when it is set already; returns whether it was. */
int mod_timer(struct timer_list *timer, unsigned long expires);
int del_timer(struct timer_list *timer);
/* As del_timer(), and wait for the function to return should it run just now. */
int del_timer_sync(struct timer_list *timer);
/* Wait for the function to return should it run just now. */
void timer_wait(struct timer_list *timer);
bool timer_pending(const struct timer_list *timer);

#define timer_delete(timer) del_timer(timer)
#define timer_delete_sync(timer) del_timer_sync(timer)

/* End the thread that calls the functions; nothing may be set any more. */
void embedded_timers_exit(void);

#endif
