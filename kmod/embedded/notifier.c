// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Notifier chains. */
#include <errno.h>

#include <linux/notifier.h>

int blocking_notifier_chain_register(struct blocking_notifier_head *chain,
				     struct notifier_block *block)
{
	struct notifier_block **link;
	int error = 0;

	down_write(&chain->rwsem);
	for (link = &chain->head; *link && (*link)->priority >= block->priority;
	     link = &(*link)->next)
		if (*link == block)
			error = -EEXIST;
	if (!error) {
		block->next = *link;
		*link = block;
	}
	up_write(&chain->rwsem);
	return error;
}

int blocking_notifier_chain_unregister(struct blocking_notifier_head *chain,
				       struct notifier_block *block)
{
	struct notifier_block **link;
	int error = -ENOENT;

	down_write(&chain->rwsem);
	for (link = &chain->head; *link; link = &(*link)->next) {
		if (*link == block) {
			*link = block->next;
			error = 0;
			break;
		}
	}
	up_write(&chain->rwsem);
	return error;
}

int blocking_notifier_call_chain(struct blocking_notifier_head *chain, unsigned long action,
				 void *data)
{
	struct notifier_block *block;
	int result = NOTIFY_DONE;

	down_read(&chain->rwsem);
	for (block = chain->head; block && !(result & NOTIFY_STOP_MASK); block = block->next)
		result = block->notifier_call(block, action, data);
	up_read(&chain->rwsem);
	return result;
}
