/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Mutexes: as spinlocks, but they may sleep, and so may who holds one. */
#ifndef EMBEDDED_LINUX_MUTEX_H
#define EMBEDDED_LINUX_MUTEX_H

#include <pthread.h>

#include <linux/lockdep.h>
#include <linux/sched.h>

struct mutex {
	pthread_mutex_t mutex;
	struct task_struct *owner;
};

#define __MUTEX_INITIALIZER(name) { .mutex = PTHREAD_MUTEX_INITIALIZER }
#define DEFINE_MUTEX(name) struct mutex name = __MUTEX_INITIALIZER(name)

void mutex_init(struct mutex *mutex);
void mutex_lock(struct mutex *mutex);
bool mutex_trylock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);

static inline void mutex_destroy(struct mutex *mutex)
{
	BUG_ON(mutex->owner);
}

static inline bool mutex_is_locked(struct mutex *mutex)
{
	return __atomic_load_n(&mutex->owner, __ATOMIC_RELAXED);
}

/* Nobody is killed here, so neither is ever interrupted. */
static inline int mutex_lock_killable(struct mutex *mutex)
{
	mutex_lock(mutex);
	return 0;
}

static inline int mutex_lock_interruptible(struct mutex *mutex)
{
	mutex_lock(mutex);
	return 0;
}

#endif
