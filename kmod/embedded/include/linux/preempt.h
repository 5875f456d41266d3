/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Sections that are not preempted: here only the assertions of them. */
#ifndef EMBEDDED_LINUX_PREEMPT_H
#define EMBEDDED_LINUX_PREEMPT_H

#include <linux/sched.h>

void preempt_disable(void);
void preempt_enable(void);
void local_bh_disable(void);
void local_bh_enable(void);

#define migrate_disable() preempt_disable()
#define migrate_enable() preempt_enable()
#define in_softirq() (current->softirq || current->bh_off)
#define in_task() (!current->softirq)

#endif
