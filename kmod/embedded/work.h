/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Work that the thread which queues it runs itself. Who has a request carried out between
 * work_defer(true) and work_help() spares the way to a worker thread and back. Nothing else differs:
 * the work is on its queue, can be cancelled and flushed, and a worker that is awake may take it. A
 * thread that is about to wait for something hands it to a worker first, by work_undefer().
 */
#ifndef EMBEDDED_WORK_H
#define EMBEDDED_WORK_H

#include <linux/types.h>

/*
 * From here on this thread puts off what it queues, or does so no more. Returns whether there is
 * something that was put off.
 */
bool work_defer(bool on);

/*
 * Run what this thread has put off, and what that queues in turn, as long as more(context) says so;
 * the rest goes to a worker.
 */
void work_help(bool (*more)(void *context), void *context);

/* Hand what this thread has put off to a worker. Cheap when there is nothing. */
void work_undefer(void);

#endif
