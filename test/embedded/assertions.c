// SPDX-License-Identifier: MIT
/* What the shim asserts: each case does the forbidden thing in a child, which must abort saying why. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <asm/fpu/api.h>

#include "shim.h"

/* Whether the function ends its process, with this in the log. */
static bool aborts(void (*wrong)(void), const char *words)
{
	char log[4096];
	size_t size = 0;
	ssize_t got;
	int pipes[2], status;
	pid_t child;

	if (pipe(pipes))
		return false;
	fflush(stdout);
	child = fork();
	if (!child) {
		dup2(pipes[1], STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		wrong();
		_exit(0);
	}
	close(pipes[1]);
	while ((got = read(pipes[0], log + size, sizeof(log) - 1 - size)) > 0)
		size += got;
	log[size] = '\0';
	close(pipes[0]);
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && strstr(log, words);
}

static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(mutex);

static void sleep_under_lock(void)
{
	spin_lock(&lock);
	might_sleep();
}

static void sleep_in_rcu(void)
{
	rcu_read_lock();
	mutex_lock(&mutex);
}

static void synchronize_in_rcu(void)
{
	rcu_read_lock();
	synchronize_rcu();
}

static void lock_twice(void)
{
	spin_lock(&lock);
	spin_lock(&lock);
}

static void mutex_twice(void)
{
	mutex_lock(&mutex);
	mutex_lock(&mutex);
}

static void unlock_unheld(void)
{
	spin_unlock(&lock);
}

static void held_unheld(void)
{
	lockdep_assert_held(&lock);
}

static void allocate_under_lock(void)
{
	spin_lock(&lock);
	kfree(kmalloc(8, GFP_ATOMIC)); /* this may be done */
	kfree(kmalloc(8, GFP_KERNEL));
}

static void allocate_in_fpu(void)
{
	kernel_fpu_begin();
	kfree(kmalloc(8, GFP_ATOMIC));
}

static void lock_in_fpu(void)
{
	kernel_fpu_begin();
	spin_lock(&lock);
}

static void sleep_in_fpu(void)
{
	kernel_fpu_begin();
	cond_resched();
}

static void fpu_twice(void)
{
	kernel_fpu_begin();
	kernel_fpu_begin();
}

static void fpu_end_alone(void)
{
	kernel_fpu_end();
}

static void lock_and_stop(struct work_struct *work)
{
	(void)work;
	spin_lock(&lock);
}

static void work_keeps_lock(void)
{
	struct work_struct work;
	struct workqueue_struct *queue = alloc_workqueue("test", WQ_UNBOUND, 0);

	INIT_WORK(&work, lock_and_stop);
	queue_work(queue, &work);
	flush_work(&work);
}

static struct work_struct self;

static void cancel_self(struct work_struct *work)
{
	cancel_work_sync(work);
}

static void work_cancels_itself(void)
{
	struct workqueue_struct *queue = alloc_workqueue("test", WQ_UNBOUND, 0);

	INIT_WORK(&self, cancel_self);
	queue_work(queue, &self);
	flush_work(&self);
}

static void lock_in_timer(struct timer_list *timer)
{
	(void)timer;
	spin_lock(&lock);
	spin_unlock(&lock);
}

static void timer_and_task_share_lock(void)
{
	struct timer_list timer;

	spin_lock(&lock);
	spin_unlock(&lock);
	timer_setup(&timer, lock_in_timer, 0);
	mod_timer(&timer, jiffies);
	while (true)
		pause();
}

static void sleep_in_callback(struct rcu_head *head)
{
	(void)head;
	might_sleep();
}

static void callback_sleeps(void)
{
	static struct rcu_head head;

	call_rcu(&head, sleep_in_callback);
	rcu_barrier();
}

static void overflow(void)
{
	refcount_t count;

	refcount_set(&count, INT_MAX);
	refcount_inc(&count);
}

static void after_free(void)
{
	refcount_t count;

	refcount_set(&count, 0);
	refcount_inc(&count);
}

static void atomic_sections(void)
{
	check(aborts(sleep_under_lock, "sleeping where it is forbidden: 1 spinlocks"));
	check(aborts(sleep_in_rcu, "RCU depth 1"));
	check(aborts(synchronize_in_rcu, "RCU depth 1"));
	check(aborts(allocate_under_lock, "sleeping where it is forbidden"));
	check(aborts(callback_sleeps, "in a callback"));
}

static void locks(void)
{
	check(aborts(lock_twice, "taken twice"));
	check(aborts(mutex_twice, "taken twice"));
	check(aborts(unlock_unheld, "does not hold it"));
	check(aborts(held_unheld, "WARN_ON"));
	check(aborts(timer_and_task_share_lock, "a callback may interrupt"));
}

static void fpu(void)
{
	check(aborts(allocate_in_fpu, "allocation inside an FPU section"));
	check(aborts(lock_in_fpu, "spinlock taken inside an FPU section"));
	check(aborts(sleep_in_fpu, "sleeping inside an FPU section"));
	check(aborts(fpu_twice, "nested"));
	check(aborts(fpu_end_alone, "without kernel_fpu_begin"));
}

static void work(void)
{
	check(aborts(work_keeps_lock, "work of the queue test ended with 1 spinlocks held"));
	check(aborts(work_cancels_itself, "by itself"));
}

static void references(void)
{
	check(aborts(overflow, "saturated"));
	check(aborts(after_free, "use after free"));
}

const struct test_case assertion_cases[] = {
	{ "assertions: sleeping in an atomic section", atomic_sections },
	{ "assertions: locks", locks },
	{ "assertions: the FPU section", fpu },
	{ "assertions: work", work },
	{ "assertions: reference counts", references },
	{ NULL, NULL },
};
