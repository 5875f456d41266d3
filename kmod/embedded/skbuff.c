// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Socket buffers. */
#include <string.h>

#include <linux/skbuff.h>

struct skb_bytes {
	refcount_t references;
	unsigned char data[] __aligned(8);
};

static struct sk_buff *skb_over(struct skb_bytes *bytes, unsigned int size, gfp_t flags)
{
	struct sk_buff *skb = kzalloc(sizeof(*skb), flags);

	if (!skb)
		return NULL;
	skb->bytes = bytes;
	skb->data = bytes->data;
	skb->size = size;
	return skb;
}

struct sk_buff *alloc_skb(unsigned int size, gfp_t flags)
{
	struct skb_bytes *bytes;
	struct sk_buff *skb;

	/* what the page allocator can give at once */
	if (size > KMALLOC_MAX_SIZE - SKB_OVERHEAD)
		return NULL;
	bytes = kmalloc(sizeof(*bytes) + size, flags);
	if (!bytes)
		return NULL;
	refcount_set(&bytes->references, 1);
	skb = skb_over(bytes, size, flags);
	if (!skb)
		kfree(bytes);
	return skb;
}

struct sk_buff *skb_clone(const struct sk_buff *skb, gfp_t flags)
{
	struct sk_buff *clone = skb_over(skb->bytes, skb->size, flags);

	if (!clone)
		return NULL;
	refcount_inc(&skb->bytes->references);
	clone->len = skb->len;
	memcpy(clone->cb, skb->cb, sizeof(clone->cb));
	return clone;
}

void kfree_skb(struct sk_buff *skb)
{
	if (!skb)
		return;
	if (refcount_dec_and_test(&skb->bytes->references))
		kfree(skb->bytes);
	kfree(skb);
}
