// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Locks, and the rules of taking them that the kernel would only check under lockdep. */
#include <errno.h>

#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>

#include "work.h"

static void owner_set(struct task_struct **owner, struct task_struct *task)
{
	__atomic_store_n(owner, task, __ATOMIC_RELAXED);
}

void spin_lock_init(spinlock_t *lock)
{
	*lock = (spinlock_t)__SPIN_LOCK_UNLOCKED(lock);
}

static void spin_check(spinlock_t *lock, struct task_struct *me)
{
	if (unlikely(me->fpu))
		bug("spinlock taken inside an FPU section; PREEMPT_RT forbids it");
	if (unlikely(lockdep_is_held(lock)))
		bug("spinlock taken twice by one task");
}

static void spin_taken(spinlock_t *lock, struct task_struct *me)
{
	me->spinlocks++;
	owner_set(&lock->owner, me);
	if (me->softirq)
		lock->seen_softirq = true;
	else if (!me->bh_off)
		lock->seen_open = true;
	if (unlikely(lock->seen_softirq && lock->seen_open))
		bug("spinlock taken by a callback, and by a task that a callback may interrupt");
}

void spin_lock(spinlock_t *lock)
{
	struct task_struct *me = current;

	spin_check(lock, me);
	pthread_mutex_lock(&lock->mutex);
	spin_taken(lock, me);
}

bool spin_trylock(spinlock_t *lock)
{
	struct task_struct *me = current;

	spin_check(lock, me);
	if (pthread_mutex_trylock(&lock->mutex))
		return false;
	spin_taken(lock, me);
	return true;
}

void spin_unlock(spinlock_t *lock)
{
	if (unlikely(!lockdep_is_held(lock)))
		bug("spinlock given back by a task that does not hold it");
	owner_set(&lock->owner, NULL);
	current->spinlocks--;
	pthread_mutex_unlock(&lock->mutex);
}

void mutex_init(struct mutex *mutex)
{
	*mutex = (struct mutex)__MUTEX_INITIALIZER(mutex);
}

void mutex_lock(struct mutex *mutex)
{
	might_sleep();
	if (unlikely(lockdep_is_held(mutex)))
		bug("mutex taken twice by one task");
	work_undefer();
	pthread_mutex_lock(&mutex->mutex);
	owner_set(&mutex->owner, current);
}

bool mutex_trylock(struct mutex *mutex)
{
	if (unlikely(current->fpu))
		bug("mutex taken inside an FPU section");
	if (pthread_mutex_trylock(&mutex->mutex))
		return false;
	owner_set(&mutex->owner, current);
	return true;
}

void mutex_unlock(struct mutex *mutex)
{
	if (unlikely(!lockdep_is_held(mutex)))
		bug("mutex given back by a task that does not hold it");
	owner_set(&mutex->owner, NULL);
	pthread_mutex_unlock(&mutex->mutex);
}

void init_rwsem(struct rw_semaphore *sem)
{
	*sem = (struct rw_semaphore){ PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP };
}

void down_read(struct rw_semaphore *sem)
{
	might_sleep();
	work_undefer();
	if (pthread_rwlock_rdlock(&sem->lock))
		bug("down_read: deadlock");
}

void up_read(struct rw_semaphore *sem)
{
	pthread_rwlock_unlock(&sem->lock);
}

void down_write(struct rw_semaphore *sem)
{
	might_sleep();
	work_undefer();
	if (pthread_rwlock_wrlock(&sem->lock))
		bug("down_write: deadlock");
}

void up_write(struct rw_semaphore *sem)
{
	pthread_rwlock_unlock(&sem->lock);
}
