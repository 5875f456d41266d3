/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Threads of the server: each is a task to the code under test. */
#ifndef EMBEDDED_TASK_H
#define EMBEDDED_TASK_H

#include <pthread.h>

#include <linux/sched.h>

/*
 * Start a thread with a stack of the kernel's usable size and room beyond it for what only user
 * space does there. name is cut to 15 bytes; it is the comm of the thread and of its task. Returns 0
 * or a positive errno.
 */
int thread_start(pthread_t *thread, const char *name, void *(*run)(void *argument), void *argument);

/* From here on this thread acts for a client, as its system calls would. */
void task_act_for(int pid, uid_t uid, const char *comm);

/* Assert that the task gave back all it took: locks, sections. what names what has just ended. */
void task_assert_free(const char *what);

#endif
