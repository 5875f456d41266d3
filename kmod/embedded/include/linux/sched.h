/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The current task: who asks, and what it may do just now.
 *
 * The shim keeps, per thread, what the kernel keeps per task and per CPU: how many spinlocks are
 * held, how deep in read-side sections of RCU it is, whether it is inside an FPU section or in the
 * middle of a callback that must not sleep. might_sleep() and its callers assert on it.
 */
#ifndef EMBEDDED_LINUX_SCHED_H
#define EMBEDDED_LINUX_SCHED_H

#include_next <linux/sched.h>

#include <string.h>

#include <linux/bug.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#define TASK_COMM_LEN 16
#define PF_KTHREAD 0x00200000

struct task_struct {
	int pid;
	int tgid;
	kuid_t uid;
	char comm[TASK_COMM_LEN];
	unsigned int flags;
	unsigned long stack;      /* the lowest address that counts as stack; see task.c */
	unsigned int spinlocks;   /* held now */
	unsigned int rcu_readers; /* depth of rcu_read_lock() */
	unsigned int preempt_off; /* depth of preempt_disable() */
	unsigned int bh_off;      /* depth of local_bh_disable() */
	bool softirq;             /* in a callback of RCU or of a timer */
	bool fpu;                 /* between kernel_fpu_begin() and kernel_fpu_end() */
	bool ready;               /* the fields above have been filled in */
};

struct task_struct *get_current(void);
#define current get_current()

/* Where might_sleep() would assert, except for the FPU section, which is asserted at once. */
bool in_atomic(void);

void might_sleep(void);
int cond_resched(void);
void schedule(void);
bool need_resched(void);

static inline int task_tgid_nr(const struct task_struct *task)
{
	return task->tgid;
}

static inline int task_pid_nr(const struct task_struct *task)
{
	return task->pid;
}

#define task_tgid_vnr(task) task_tgid_nr(task)
#define task_pid_vnr(task) task_pid_nr(task)

static inline char *get_task_comm(char *buffer, const struct task_struct *task)
{
	memcpy(buffer, task->comm, TASK_COMM_LEN);
	return buffer;
}

#endif
