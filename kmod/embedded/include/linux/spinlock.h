/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Spinlocks on mutexes of pthread. Asserted: not taken twice by one thread, given back by the one
 * that took it, not taken inside an FPU section (PREEMPT_RT), and not taken both by a callback that
 * interrupts (RCU, timers) and by a task that lets itself be interrupted.
 */
#ifndef EMBEDDED_LINUX_SPINLOCK_H
#define EMBEDDED_LINUX_SPINLOCK_H

#include <pthread.h>

#include <linux/lockdep.h>
#include <linux/preempt.h>
#include <linux/sched.h>

typedef struct spinlock {
	pthread_mutex_t mutex;
	struct task_struct *owner;
	bool seen_softirq; /* taken by a callback */
	bool seen_open;    /* taken by a task with callbacks enabled */
} spinlock_t;

typedef spinlock_t raw_spinlock_t;

#define __SPIN_LOCK_UNLOCKED(name) { .mutex = PTHREAD_MUTEX_INITIALIZER }
#define DEFINE_SPINLOCK(name) spinlock_t name = __SPIN_LOCK_UNLOCKED(name)

void spin_lock_init(spinlock_t *lock);
void spin_lock(spinlock_t *lock);
bool spin_trylock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);

static inline void spin_lock_bh(spinlock_t *lock)
{
	local_bh_disable();
	spin_lock(lock);
}

static inline void spin_unlock_bh(spinlock_t *lock)
{
	spin_unlock(lock);
	local_bh_enable();
}

static inline bool spin_is_locked(spinlock_t *lock)
{
	return __atomic_load_n(&lock->owner, __ATOMIC_RELAXED);
}

#define spin_lock_irq(lock) spin_lock_bh(lock)
#define spin_unlock_irq(lock) spin_unlock_bh(lock)
#define spin_lock_irqsave(lock, flags) do { (flags) = 0; spin_lock_bh(lock); } while (0)
#define spin_unlock_irqrestore(lock, flags) do { (void)(flags); spin_unlock_bh(lock); } while (0)
#define spin_lock_nested(lock, subclass) spin_lock(lock)
#define assert_spin_locked(lock) lockdep_assert_held(lock)

#endif
