/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Lists of functions that are told of an event, in the order of their registration. */
#ifndef EMBEDDED_LINUX_NOTIFIER_H
#define EMBEDDED_LINUX_NOTIFIER_H

#include <linux/rwsem.h>

#define NOTIFY_DONE 0x0000
#define NOTIFY_OK 0x0001
#define NOTIFY_STOP_MASK 0x8000
#define NOTIFY_BAD (NOTIFY_STOP_MASK | 0x0002)
#define NOTIFY_STOP (NOTIFY_OK | NOTIFY_STOP_MASK)

struct notifier_block {
	int (*notifier_call)(struct notifier_block *block, unsigned long action, void *data);
	struct notifier_block *next;
	int priority;
};

struct blocking_notifier_head {
	struct rw_semaphore rwsem;
	struct notifier_block *head;
};

#define BLOCKING_NOTIFIER_HEAD(name) struct blocking_notifier_head name = \
	{ .rwsem = { .lock = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP } }

/* Higher priorities are called first. Returns 0, or -EEXIST when the block is registered already. */
int blocking_notifier_chain_register(struct blocking_notifier_head *chain,
				     struct notifier_block *block);
/* Returns 0, or -ENOENT. The block is not being called when this returns. */
int blocking_notifier_chain_unregister(struct blocking_notifier_head *chain,
				       struct notifier_block *block);
int blocking_notifier_call_chain(struct blocking_notifier_head *chain, unsigned long action,
				 void *data);

#endif
