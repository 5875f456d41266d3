/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Lists that are read under rcu_read_lock() while they change. */
#ifndef EMBEDDED_LINUX_RCULIST_H
#define EMBEDDED_LINUX_RCULIST_H

#include <linux/list.h>
#include <linux/rcupdate.h>

static inline void list_add_rcu(struct list_head *entry, struct list_head *head)
{
	list_add(entry, head);
}

static inline void list_add_tail_rcu(struct list_head *entry, struct list_head *head)
{
	list_add_tail(entry, head);
}

/* Readers may stand on the entry: its next stays. */
static inline void list_del_rcu(struct list_head *entry)
{
	__list_unlink(entry);
	entry->prev = LIST_POISON;
}

static inline void hlist_add_head_rcu(struct hlist_node *node, struct hlist_head *head)
{
	hlist_add_head(node, head);
}

static inline void hlist_del_rcu(struct hlist_node *node)
{
	__hlist_unlink(node);
	WRITE_ONCE(node->pprev, (struct hlist_node **)LIST_POISON);
}

static inline void hlist_del_init_rcu(struct hlist_node *node)
{
	if (hlist_unhashed(node))
		return;
	__hlist_unlink(node);
	WRITE_ONCE(node->pprev, NULL);
}

#define list_entry_rcu(p, type, member) container_of(smp_load_acquire(&(p)), type, member)
#define list_first_or_null_rcu(head, type, member) ({ \
	struct list_head *__head = (head), *__first = smp_load_acquire(&__head->next); \
	__first == __head ? NULL : container_of(__first, type, member); })
#define list_next_or_null_rcu(head, p, type, member) ({ \
	struct list_head *__head = (head), *__next = smp_load_acquire(&(p)->next); \
	__next == __head ? NULL : container_of(__next, type, member); })
#define list_for_each_entry_rcu(p, head, member, ...) \
	for (p = list_entry_rcu((head)->next, __typeof__(*p), member); &p->member != (head); \
	     p = list_entry_rcu(p->member.next, __typeof__(*p), member))
#define list_for_each_entry_continue_rcu(p, head, member) \
	for (p = list_entry_rcu(p->member.next, __typeof__(*p), member); &p->member != (head); \
	     p = list_entry_rcu(p->member.next, __typeof__(*p), member))
#define list_for_each_entry_from_rcu(p, head, member) \
	for (; &p->member != (head); p = list_entry_rcu(p->member.next, __typeof__(*p), member))
#define hlist_for_each_entry_rcu(p, head, member, ...) \
	for (p = hlist_entry_safe(smp_load_acquire(&(head)->first), __typeof__(*(p)), member); p; \
	     p = hlist_entry_safe(smp_load_acquire(&(p)->member.next), __typeof__(*(p)), member))

#endif
