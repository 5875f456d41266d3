/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Doubly linked lists, and the lists with a one-pointer head that hash tables are made of. */
#ifndef EMBEDDED_LINUX_LIST_H
#define EMBEDDED_LINUX_LIST_H

#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/types.h>

#define LIST_POISON ((void *)0x100)

#define LIST_HEAD_INIT(name) { &(name), &(name) }
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	WRITE_ONCE(list->next, list);
	list->prev = list;
}

static inline void __list_insert(struct list_head *entry, struct list_head *prev,
				 struct list_head *next)
{
	entry->next = next;
	entry->prev = prev;
	next->prev = entry;
	smp_store_release(&prev->next, entry);
}

static inline void list_add(struct list_head *entry, struct list_head *head)
{
	__list_insert(entry, head, head->next);
}

static inline void list_add_tail(struct list_head *entry, struct list_head *head)
{
	__list_insert(entry, head->prev, head);
}

/*
 * A reader under RCU may find the next one by the pointer that is put here, one that another thread
 * has made. The kernel's reader is ordered by the address itself, C's only by a release.
 */
static inline void __list_unlink(struct list_head *entry)
{
	entry->next->prev = entry->prev;
	smp_store_release(&entry->prev->next, entry->next);
}

static inline void list_del(struct list_head *entry)
{
	__list_unlink(entry);
	entry->next = LIST_POISON;
	entry->prev = LIST_POISON;
}

static inline void list_del_init(struct list_head *entry)
{
	__list_unlink(entry);
	INIT_LIST_HEAD(entry);
}

static inline void list_move(struct list_head *entry, struct list_head *head)
{
	__list_unlink(entry);
	list_add(entry, head);
}

static inline void list_move_tail(struct list_head *entry, struct list_head *head)
{
	__list_unlink(entry);
	list_add_tail(entry, head);
}

static inline bool list_empty(const struct list_head *head)
{
	return READ_ONCE(head->next) == head;
}

static inline bool list_is_last(const struct list_head *entry, const struct list_head *head)
{
	return entry->next == head;
}

static inline bool list_is_singular(const struct list_head *head)
{
	return !list_empty(head) && head->next == head->prev;
}

static inline void list_splice_init(struct list_head *list, struct list_head *head)
{
	if (list_empty(list))
		return;
	list->next->prev = head;
	list->prev->next = head->next;
	head->next->prev = list->prev;
	head->next = list->next;
	INIT_LIST_HEAD(list);
}

static inline void list_splice_tail_init(struct list_head *list, struct list_head *head)
{
	list_splice_init(list, head->prev);
}

#define list_entry(p, type, member) container_of(p, type, member)
#define list_first_entry(head, type, member) list_entry((head)->next, type, member)
#define list_last_entry(head, type, member) list_entry((head)->prev, type, member)
#define list_first_entry_or_null(head, type, member) \
	(list_empty(head) ? NULL : list_first_entry(head, type, member))
#define list_next_entry(p, member) list_entry((p)->member.next, __typeof__(*(p)), member)
#define list_prev_entry(p, member) list_entry((p)->member.prev, __typeof__(*(p)), member)

#define list_for_each(p, head) for (p = (head)->next; p != (head); p = p->next)
#define list_for_each_safe(p, n, head) \
	for (p = (head)->next, n = p->next; p != (head); p = n, n = p->next)
#define list_for_each_entry(p, head, member) \
	for (p = list_first_entry(head, __typeof__(*p), member); &p->member != (head); \
	     p = list_next_entry(p, member))
#define list_for_each_entry_reverse(p, head, member) \
	for (p = list_last_entry(head, __typeof__(*p), member); &p->member != (head); \
	     p = list_prev_entry(p, member))
#define list_for_each_entry_safe(p, n, head, member) \
	for (p = list_first_entry(head, __typeof__(*p), member), n = list_next_entry(p, member); \
	     &p->member != (head); p = n, n = list_next_entry(n, member))

#define HLIST_HEAD_INIT { .first = NULL }
#define HLIST_HEAD(name) struct hlist_head name = HLIST_HEAD_INIT
#define INIT_HLIST_HEAD(head) ((head)->first = NULL)

static inline void INIT_HLIST_NODE(struct hlist_node *node)
{
	node->next = NULL;
	node->pprev = NULL;
}

static inline bool hlist_unhashed(const struct hlist_node *node)
{
	return !READ_ONCE(node->pprev);
}

static inline bool hlist_empty(const struct hlist_head *head)
{
	return !READ_ONCE(head->first);
}

static inline void hlist_add_head(struct hlist_node *node, struct hlist_head *head)
{
	struct hlist_node *first = head->first;

	node->next = first;
	WRITE_ONCE(node->pprev, &head->first);
	if (first)
		WRITE_ONCE(first->pprev, &node->next);
	smp_store_release(&head->first, node);
}

/* As __list_unlink(). */
static inline void __hlist_unlink(struct hlist_node *node)
{
	struct hlist_node *next = node->next;
	struct hlist_node **pprev = node->pprev;

	smp_store_release(pprev, next);
	if (next)
		WRITE_ONCE(next->pprev, pprev);
}

static inline void hlist_del(struct hlist_node *node)
{
	__hlist_unlink(node);
	node->next = LIST_POISON;
	node->pprev = LIST_POISON;
}

static inline void hlist_del_init(struct hlist_node *node)
{
	if (hlist_unhashed(node))
		return;
	__hlist_unlink(node);
	INIT_HLIST_NODE(node);
}

#define hlist_entry(p, type, member) container_of(p, type, member)
#define hlist_entry_safe(p, type, member) ({ \
	__typeof__(p) __node = (p); __node ? hlist_entry(__node, type, member) : NULL; })
#define hlist_for_each_entry(p, head, member) \
	for (p = hlist_entry_safe((head)->first, __typeof__(*(p)), member); p; \
	     p = hlist_entry_safe((p)->member.next, __typeof__(*(p)), member))
#define hlist_for_each_entry_safe(p, n, head, member) \
	for (p = hlist_entry_safe((head)->first, __typeof__(*(p)), member); \
	     p && ({ n = (p)->member.next; 1; }); p = hlist_entry_safe(n, __typeof__(*(p)), member))

#endif
