/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Buffers that hold netlink messages. Clones share the bytes. */
#ifndef EMBEDDED_LINUX_SKBUFF_H
#define EMBEDDED_LINUX_SKBUFF_H

#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/refcount.h>
#include <linux/slab.h>

/* What the kernel's bookkeeping takes of a buffer's allocation. */
#define SKB_OVERHEAD 320
#define SKB_WITH_OVERHEAD(size) ((size) - SKB_OVERHEAD)

struct skb_bytes;

struct sk_buff {
	struct sk_buff *next;    /* in the receive queue of a socket */
	struct skb_bytes *bytes; /* shared with clones */
	unsigned char *data;
	unsigned int len;
	unsigned int size;       /* what fits from data on */
	char cb[48] __aligned(8);
};

struct sk_buff *alloc_skb(unsigned int size, gfp_t flags);
struct sk_buff *skb_clone(const struct sk_buff *skb, gfp_t flags);
void kfree_skb(struct sk_buff *skb);
#define consume_skb(skb) kfree_skb(skb)

static inline unsigned char *skb_tail_pointer(const struct sk_buff *skb)
{
	return skb->data + skb->len;
}

static inline int skb_tailroom(const struct sk_buff *skb)
{
	return skb->size - skb->len;
}

/* Make the buffer longer; returns where the new bytes begin. */
static inline void *skb_put(struct sk_buff *skb, unsigned int size)
{
	void *tail = skb_tail_pointer(skb);

	BUG_ON(size > skb->size - skb->len);
	skb->len += size;
	return tail;
}

static inline void *skb_put_zero(struct sk_buff *skb, unsigned int size)
{
	return memset(skb_put(skb, size), 0, size);
}

static inline void skb_trim(struct sk_buff *skb, unsigned int size)
{
	if (size < skb->len)
		skb->len = size;
}

#endif
