/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Hash tables of a fixed size, a power of two. */
#ifndef EMBEDDED_LINUX_HASHTABLE_H
#define EMBEDDED_LINUX_HASHTABLE_H

#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/rculist.h>

#define DECLARE_HASHTABLE(name, bits) struct hlist_head name[1 << (bits)]
#define DEFINE_HASHTABLE(name, bits) DECLARE_HASHTABLE(name, bits) = { { NULL } }

#define HASH_SIZE(table) ARRAY_SIZE(table)
#define HASH_BITS(table) ((unsigned int)__builtin_ctzl(HASH_SIZE(table)))
#define hash_min(value, bits) \
	(sizeof(value) <= 4 ? hash_32(value, bits) : hash_long(value, bits))
#define __hash_bucket(table, key) (&(table)[hash_min(key, HASH_BITS(table))])

#define hash_init(table) memset(table, 0, sizeof(table))
#define hash_add(table, node, key) hlist_add_head(node, __hash_bucket(table, key))
#define hash_add_rcu(table, node, key) hlist_add_head_rcu(node, __hash_bucket(table, key))
#define hash_del(node) hlist_del_init(node)
#define hash_del_rcu(node) hlist_del_init_rcu(node)
#define hash_hashed(node) (!hlist_unhashed(node))

#define hash_for_each(table, bucket, p, member) \
	for ((bucket) = 0, p = NULL; !p && (bucket) < (int)HASH_SIZE(table); (bucket)++) \
		hlist_for_each_entry(p, &(table)[bucket], member)
#define hash_for_each_rcu(table, bucket, p, member) \
	for ((bucket) = 0, p = NULL; !p && (bucket) < (int)HASH_SIZE(table); (bucket)++) \
		hlist_for_each_entry_rcu(p, &(table)[bucket], member)
#define hash_for_each_safe(table, bucket, n, p, member) \
	for ((bucket) = 0, p = NULL; !p && (bucket) < (int)HASH_SIZE(table); (bucket)++) \
		hlist_for_each_entry_safe(p, n, &(table)[bucket], member)
#define hash_for_each_possible(table, p, member, key) \
	hlist_for_each_entry(p, __hash_bucket(table, key), member)
#define hash_for_each_possible_rcu(table, p, member, key, ...) \
	hlist_for_each_entry_rcu(p, __hash_bucket(table, key), member)

static inline bool __hash_empty(const struct hlist_head *table, unsigned int size)
{
	unsigned int i;

	for (i = 0; i < size; i++)
		if (!hlist_empty(&table[i]))
			return false;
	return true;
}

#define hash_empty(table) __hash_empty(table, HASH_SIZE(table))

#endif
