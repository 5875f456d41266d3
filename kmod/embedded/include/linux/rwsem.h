/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Semaphores of readers and a writer; a waiting writer goes first, as in the kernel. */
#ifndef EMBEDDED_LINUX_RWSEM_H
#define EMBEDDED_LINUX_RWSEM_H

#include <pthread.h>

#include <linux/sched.h>

struct rw_semaphore {
	pthread_rwlock_t lock;
};

#define DECLARE_RWSEM(name) struct rw_semaphore name = \
	{ .lock = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP }

void init_rwsem(struct rw_semaphore *sem);
void down_read(struct rw_semaphore *sem);
void up_read(struct rw_semaphore *sem);
void down_write(struct rw_semaphore *sem);
void up_write(struct rw_semaphore *sem);

#endif
