/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Where the current stack ends: it grows down towards this address. */
#ifndef EMBEDDED_LINUX_SCHED_TASK_STACK_H
#define EMBEDDED_LINUX_SCHED_TASK_STACK_H

#include <linux/sched.h>
#include <linux/thread_info.h>

#define task_stack_page(task) ((void *)(task)->stack)
#define end_of_stack(task) ((unsigned long *)(task)->stack)

#endif
