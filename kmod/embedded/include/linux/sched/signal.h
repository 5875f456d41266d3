/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Tasks of the shim are never killed one by one. */
#ifndef EMBEDDED_LINUX_SCHED_SIGNAL_H
#define EMBEDDED_LINUX_SCHED_SIGNAL_H

#include <linux/sched.h>

static inline int fatal_signal_pending(struct task_struct *task)
{
	(void)task;
	return 0;
}

static inline int signal_pending(struct task_struct *task)
{
	(void)task;
	return 0;
}

#endif
