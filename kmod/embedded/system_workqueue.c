// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The queue of whoever has no queue of his own; for workqueue.c, and for what stands in for it in the tests. */
#include <linux/errno.h>
#include <linux/workqueue.h>

struct workqueue_struct *system_wq;

int embedded_workqueues_init(void)
{
	system_wq = alloc_workqueue("events", WQ_UNBOUND, 0);
	return system_wq ? 0 : -ENOMEM;
}

void embedded_workqueues_exit(void)
{
	destroy_workqueue(system_wq);
}
