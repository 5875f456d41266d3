// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Tasks, the FPU section, and the assertions on where a task may sleep.
 *
 * Stacks. The kernel gives a task 16 KiB, and Lua's recursion ends where that ends. For the same
 * scripts to reach about the same depth here, a task's stack is said to end THREAD_SIZE below the
 * frame in which its thread began, less what the kernel has used before it calls a work function.
 * The real stack reaches REAL_EXTRA further down, so that what is deeper in user space than in the
 * kernel (glibc's printf and malloc, a sanitizer's reports) never meets the real end. Frames under
 * AddressSanitizer are about four times as large, and so is THREAD_SIZE then.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <sched.h>

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/thread_info.h>
#include <asm/fpu/api.h>

#include "task.h"

#define REAL_EXTRA (512UL * 1024)
/* pt_regs, ret_from_fork, kthread, worker_thread, process_one_work on 6.1, x86-64. */
#define KERNEL_BEFORE 512

static __thread struct task_struct task;
struct user_namespace init_user_ns;

static void task_fill(unsigned long frame)
{
	task.tgid = getpid();
	task.pid = gettid();
	task.uid.val = getuid();
	if (pthread_getname_np(pthread_self(), task.comm, sizeof(task.comm)))
		snprintf(task.comm, sizeof(task.comm), "embedded");
	task.flags = PF_KTHREAD;
	task.stack = frame + KERNEL_BEFORE - THREAD_SIZE;
	task.ready = true;
}

struct task_struct *get_current(void)
{
	if (unlikely(!task.ready))
		task_fill((unsigned long)__builtin_frame_address(0));
	return &task;
}

struct thread_start {
	void *(*run)(void *argument);
	void *argument;
	char name[TASK_COMM_LEN];
};

static void *thread_main(void *argument)
{
	struct thread_start start = *(struct thread_start *)argument;

	free(argument);
	pthread_setname_np(pthread_self(), start.name);
	task_fill((unsigned long)__builtin_frame_address(0));
	return start.run(start.argument);
}

int thread_start(pthread_t *thread, const char *name, void *(*run)(void *argument), void *argument)
{
	struct thread_start *start = malloc(sizeof(*start));
	pthread_attr_t attributes;
	int error;

	if (!start)
		return ENOMEM;
	start->run = run;
	start->argument = argument;
	snprintf(start->name, sizeof(start->name), "%s", name);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, PAGE_ALIGN(THREAD_SIZE + REAL_EXTRA));
	error = pthread_create(thread, &attributes, thread_main, start);
	pthread_attr_destroy(&attributes);
	if (error)
		free(start);
	return error;
}

void task_act_for(int pid, uid_t uid, const char *comm)
{
	struct task_struct *me = current;

	me->pid = pid;
	me->tgid = pid;
	me->uid.val = uid;
	me->flags &= ~PF_KTHREAD;
	snprintf(me->comm, sizeof(me->comm), "%s", comm);
}

void task_assert_free(const char *what)
{
	const struct task_struct *me = current;

	if (me->fpu)
		bug("%s ended inside an FPU section", what);
	if (me->spinlocks)
		bug("%s ended with %u spinlocks held", what, me->spinlocks);
	if (me->rcu_readers)
		bug("%s ended inside a read-side section of RCU", what);
	if (me->preempt_off || me->bh_off)
		bug("%s ended with preemption or softirqs disabled", what);
}

bool in_atomic(void)
{
	const struct task_struct *me = current;

	return me->spinlocks || me->rcu_readers || me->preempt_off || me->bh_off || me->softirq;
}

void might_sleep(void)
{
	const struct task_struct *me = current;

	if (unlikely(me->fpu))
		bug("sleeping inside an FPU section");
	if (unlikely(in_atomic()))
		bug("sleeping where it is forbidden: %u spinlocks, RCU depth %u, preemption %s, "
		    "softirqs %s, %s", me->spinlocks, me->rcu_readers,
		    me->preempt_off ? "off" : "on", me->bh_off ? "off" : "on",
		    me->softirq ? "in a callback" : "in a task");
}

/* Threads of the server are preempted anyway: there is nothing to give up, only to assert. */
int cond_resched(void)
{
	might_sleep();
	return 0;
}

void schedule(void)
{
	might_sleep();
	sched_yield();
}

bool need_resched(void)
{
	return false;
}

void kernel_fpu_begin(void)
{
	struct task_struct *me = current;

	if (me->fpu)
		bug("kernel_fpu_begin: nested");
	if (in_atomic())
		bug("kernel_fpu_begin: in an atomic section");
	me->fpu = true;
}

void kernel_fpu_end(void)
{
	struct task_struct *me = current;

	if (!me->fpu)
		bug("kernel_fpu_end: without kernel_fpu_begin");
	me->fpu = false;
}

bool irq_fpu_usable(void)
{
	return !current->fpu;
}

void preempt_disable(void)
{
	current->preempt_off++;
}

void preempt_enable(void)
{
	if (!current->preempt_off--)
		bug("preempt_enable: without preempt_disable");
}

void local_bh_disable(void)
{
	current->bh_off++;
}

void local_bh_enable(void)
{
	if (!current->bh_off--)
		bug("local_bh_enable: without local_bh_disable");
}
