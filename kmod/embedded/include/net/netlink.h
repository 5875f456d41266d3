/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Messages and attributes of netlink: put, read, checked. */
#ifndef EMBEDDED_NET_NETLINK_H
#define EMBEDDED_NET_NETLINK_H

#include <linux/errno.h>
#include <linux/netlink.h>
#include <linux/skbuff.h>
#include <linux/string.h>

/* --- policies --- */

enum {
	NLA_UNSPEC,
	NLA_U8,
	NLA_U16,
	NLA_U32,
	NLA_U64,
	NLA_STRING,
	NLA_FLAG,
	NLA_MSECS,
	NLA_NESTED,
	NLA_NESTED_ARRAY,
	NLA_NUL_STRING,
	NLA_BINARY,
	NLA_S8,
	NLA_S16,
	NLA_S32,
	NLA_S64,
	NLA_BITFIELD32,
	NLA_REJECT,
	__NLA_TYPE_MAX,
};

#define NLA_TYPE_MAX (__NLA_TYPE_MAX - 1)

enum nla_policy_validation {
	NLA_VALIDATE_NONE,
	NLA_VALIDATE_RANGE,
	NLA_VALIDATE_MIN,
	NLA_VALIDATE_MAX,
	NLA_VALIDATE_MASK,
	NLA_VALIDATE_RANGE_PTR,
	NLA_VALIDATE_FUNCTION,
};

struct netlink_range_validation {
	u64 min, max;
};

struct nla_policy {
	u8 type;
	u8 validation_type;
	u16 len;
	union {
		u16 strict_start_type;
		u32 mask;
		const char *reject_message;
		const struct nla_policy *nested_policy;
		const struct netlink_range_validation *range;
		struct {
			s16 min, max;
		};
		int (*validate)(const struct nlattr *attr, struct netlink_ext_ack *extack);
	};
};

#define _NLA_POLICY_NESTED(maxattr, policy) \
	{ .type = NLA_NESTED, .nested_policy = policy, .len = maxattr }
#define NLA_POLICY_NESTED(policy) _NLA_POLICY_NESTED(ARRAY_SIZE(policy) - 1, policy)
#define NLA_POLICY_RANGE(tp, low, high) \
	{ .type = tp, .validation_type = NLA_VALIDATE_RANGE, .min = low, .max = high }
#define NLA_POLICY_FULL_RANGE(tp, pointer) \
	{ .type = tp, .validation_type = NLA_VALIDATE_RANGE_PTR, .range = pointer }
#define NLA_POLICY_MIN(tp, low) { .type = tp, .validation_type = NLA_VALIDATE_MIN, .min = low }
#define NLA_POLICY_MAX(tp, high) { .type = tp, .validation_type = NLA_VALIDATE_MAX, .max = high }
#define NLA_POLICY_MASK(tp, bits) { .type = tp, .validation_type = NLA_VALIDATE_MASK, .mask = bits }
#define NLA_POLICY_EXACT_LEN(length) NLA_POLICY_RANGE(NLA_BINARY, length, length)
#define NLA_POLICY_MIN_LEN(length) NLA_POLICY_MIN(NLA_BINARY, length)
#define NLA_POLICY_VALIDATE_FN(tp, function, ...) \
	{ .type = tp, .validation_type = NLA_VALIDATE_FUNCTION, .validate = function, \
	  .len = __VA_ARGS__ + 0 }

enum netlink_validation {
	NL_VALIDATE_LIBERAL = 0,
	NL_VALIDATE_TRAILING = BIT(0),
	NL_VALIDATE_MAXTYPE = BIT(1),
	NL_VALIDATE_UNSPEC = BIT(2),
	NL_VALIDATE_STRICT_ATTRS = BIT(3),
	NL_VALIDATE_NESTED = BIT(4),
};

#define NL_VALIDATE_DEPRECATED_STRICT (NL_VALIDATE_TRAILING | NL_VALIDATE_MAXTYPE)
#define NL_VALIDATE_STRICT (NL_VALIDATE_TRAILING | NL_VALIDATE_MAXTYPE | NL_VALIDATE_UNSPEC | \
			    NL_VALIDATE_STRICT_ATTRS | NL_VALIDATE_NESTED)

/* --- attributes, read --- */

static inline int nla_attr_size(int payload)
{
	return NLA_HDRLEN + payload;
}

static inline int nla_total_size(int payload)
{
	return NLA_ALIGN(nla_attr_size(payload));
}

/* As in a kernel with efficient unaligned access: nothing is added for alignment. */
static inline int nla_total_size_64bit(int payload)
{
	return nla_total_size(payload);
}

static inline int nla_padlen(int payload)
{
	return nla_total_size(payload) - nla_attr_size(payload);
}

static inline int nla_type(const struct nlattr *attr)
{
	return attr->nla_type & NLA_TYPE_MASK;
}

static inline void *nla_data(const struct nlattr *attr)
{
	return (char *)attr + NLA_HDRLEN;
}

static inline int nla_len(const struct nlattr *attr)
{
	return (int)attr->nla_len - NLA_HDRLEN;
}

static inline int nla_ok(const struct nlattr *attr, int remaining)
{
	return remaining >= (int)sizeof(*attr) && attr->nla_len >= sizeof(*attr) &&
	       attr->nla_len <= remaining;
}

static inline struct nlattr *nla_next(const struct nlattr *attr, int *remaining)
{
	unsigned int size = NLA_ALIGN(attr->nla_len);

	*remaining -= size;
	return (struct nlattr *)((char *)attr + size);
}

#define nla_for_each_attr(p, head, length, remaining) \
	for (p = head, remaining = length; nla_ok(p, remaining); p = nla_next(p, &(remaining)))
#define nla_for_each_nested(p, nest, remaining) \
	nla_for_each_attr(p, nla_data(nest), nla_len(nest), remaining)

#define EMBEDDED_NLA_GET(name, type) \
static inline type nla_get_##name(const struct nlattr *attr) \
{ \
	type value; \
\
	memcpy(&value, nla_data(attr), sizeof(value)); \
	return value; \
}

EMBEDDED_NLA_GET(u8, u8)
EMBEDDED_NLA_GET(u16, u16)
EMBEDDED_NLA_GET(u32, u32)
EMBEDDED_NLA_GET(u64, u64)
EMBEDDED_NLA_GET(s32, s32)

static inline bool nla_get_flag(const struct nlattr *attr)
{
	return attr;
}

ssize_t nla_strscpy(char *target, const struct nlattr *attr, size_t size);
char *nla_strdup(const struct nlattr *attr, gfp_t flags);
int nla_memcpy(void *target, const struct nlattr *attr, int size);
int nla_strcmp(const struct nlattr *attr, const char *text);
struct nlattr *nla_find(const struct nlattr *head, int length, int type);

/*
 * Check a stream of attributes against a policy and, with attrs, sort it into the array of
 * maxtype + 1. Returns 0, or -EINVAL or -ERANGE with the attribute and a text in extack.
 */
int __nla_validate(const struct nlattr *head, int length, int maxtype,
		   const struct nla_policy *policy, unsigned int validate,
		   struct netlink_ext_ack *extack);
int __nla_parse(struct nlattr **attrs, int maxtype, const struct nlattr *head, int length,
		const struct nla_policy *policy, unsigned int validate,
		struct netlink_ext_ack *extack);

static inline int nla_validate(const struct nlattr *head, int length, int maxtype,
			       const struct nla_policy *policy, struct netlink_ext_ack *extack)
{
	return __nla_validate(head, length, maxtype, policy, NL_VALIDATE_STRICT, extack);
}

static inline int nla_parse(struct nlattr **attrs, int maxtype, const struct nlattr *head,
			    int length, const struct nla_policy *policy,
			    struct netlink_ext_ack *extack)
{
	return __nla_parse(attrs, maxtype, head, length, policy, NL_VALIDATE_STRICT, extack);
}

static inline int nla_parse_nested(struct nlattr **attrs, int maxtype, const struct nlattr *nest,
				   const struct nla_policy *policy, struct netlink_ext_ack *extack)
{
	if (!(nest->nla_type & NLA_F_NESTED)) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "NLA_F_NESTED is missing");
		return -EINVAL;
	}
	return nla_parse(attrs, maxtype, nla_data(nest), nla_len(nest), policy, extack);
}

/* --- attributes, put: 0 or -EMSGSIZE --- */

/* Room for an attribute, its padding zeroed; NULL when there is none. */
struct nlattr *nla_reserve(struct sk_buff *skb, int type, int length);
int nla_put(struct sk_buff *skb, int type, int length, const void *data);
int nla_put_nohdr(struct sk_buff *skb, int length, const void *data);

#define EMBEDDED_NLA_PUT(name, type) \
static inline int nla_put_##name(struct sk_buff *skb, int attribute, type value) \
{ \
	return nla_put(skb, attribute, sizeof(value), &value); \
}

EMBEDDED_NLA_PUT(u8, u8)
EMBEDDED_NLA_PUT(u16, u16)
EMBEDDED_NLA_PUT(u32, u32)
EMBEDDED_NLA_PUT(s32, s32)

static inline int nla_put_64bit(struct sk_buff *skb, int type, int length, const void *data,
				int pad)
{
	(void)pad;
	return nla_put(skb, type, length, data);
}

static inline int nla_put_u64_64bit(struct sk_buff *skb, int type, u64 value, int pad)
{
	return nla_put_64bit(skb, type, sizeof(value), &value, pad);
}

static inline int nla_put_string(struct sk_buff *skb, int type, const char *text)
{
	return nla_put(skb, type, strlen(text) + 1, text);
}

static inline int nla_put_flag(struct sk_buff *skb, int type)
{
	return nla_put(skb, type, 0, NULL);
}

/* --- messages --- */

#define NLMSG_GOODSIZE SKB_WITH_OVERHEAD(PAGE_SIZE)
#define NLMSG_DEFAULT_SIZE (NLMSG_GOODSIZE - NLMSG_HDRLEN)

static inline int nlmsg_msg_size(int payload)
{
	return NLMSG_HDRLEN + payload;
}

static inline int nlmsg_total_size(int payload)
{
	return NLMSG_ALIGN(nlmsg_msg_size(payload));
}

static inline void *nlmsg_data(const struct nlmsghdr *nlh)
{
	return (char *)nlh + NLMSG_HDRLEN;
}

static inline int nlmsg_len(const struct nlmsghdr *nlh)
{
	return nlh->nlmsg_len - NLMSG_HDRLEN;
}

static inline struct nlattr *nlmsg_attrdata(const struct nlmsghdr *nlh, int header)
{
	return (struct nlattr *)((char *)nlmsg_data(nlh) + NLMSG_ALIGN(header));
}

static inline int nlmsg_attrlen(const struct nlmsghdr *nlh, int header)
{
	return nlmsg_len(nlh) - NLMSG_ALIGN(header);
}

static inline int nlmsg_ok(const struct nlmsghdr *nlh, int remaining)
{
	return remaining >= (int)sizeof(*nlh) && nlh->nlmsg_len >= sizeof(*nlh) &&
	       nlh->nlmsg_len <= (unsigned int)remaining;
}

static inline struct nlmsghdr *nlmsg_hdr(const struct sk_buff *skb)
{
	return (struct nlmsghdr *)skb->data;
}

#define nlmsg_for_each_attr(p, nlh, header, remaining) \
	nla_for_each_attr(p, nlmsg_attrdata(nlh, header), nlmsg_attrlen(nlh, header), remaining)

static inline struct sk_buff *nlmsg_new(size_t payload, gfp_t flags)
{
	return alloc_skb(nlmsg_total_size(payload), flags);
}

static inline void nlmsg_free(struct sk_buff *skb)
{
	kfree_skb(skb);
}

/* A header with room for payload; NULL when it does not fit. */
struct nlmsghdr *nlmsg_put(struct sk_buff *skb, u32 portid, u32 seq, int type, int payload,
			   int flags);

static inline void nlmsg_end(struct sk_buff *skb, struct nlmsghdr *nlh)
{
	nlh->nlmsg_len = skb_tail_pointer(skb) - (unsigned char *)nlh;
}

static inline void *nlmsg_get_pos(struct sk_buff *skb)
{
	return skb_tail_pointer(skb);
}

static inline void nlmsg_trim(struct sk_buff *skb, const void *mark)
{
	if (mark)
		skb_trim(skb, (const unsigned char *)mark - skb->data);
}

static inline void nlmsg_cancel(struct sk_buff *skb, struct nlmsghdr *nlh)
{
	nlmsg_trim(skb, nlh);
}

static inline int nlmsg_parse(const struct nlmsghdr *nlh, int header, struct nlattr **attrs,
			      int maxtype, const struct nla_policy *policy,
			      struct netlink_ext_ack *extack)
{
	if (nlh->nlmsg_len < (unsigned int)nlmsg_msg_size(header)) {
		NL_SET_ERR_MSG(extack, "Invalid header length");
		return -EINVAL;
	}
	return nla_parse(attrs, maxtype, nlmsg_attrdata(nlh, header), nlmsg_attrlen(nlh, header),
			 policy, extack);
}

static inline struct nlattr *nla_nest_start_noflag(struct sk_buff *skb, int type)
{
	struct nlattr *start = (struct nlattr *)skb_tail_pointer(skb);

	return nla_put(skb, type, 0, NULL) < 0 ? NULL : start;
}

static inline struct nlattr *nla_nest_start(struct sk_buff *skb, int type)
{
	return nla_nest_start_noflag(skb, type | NLA_F_NESTED);
}

static inline int nla_nest_end(struct sk_buff *skb, struct nlattr *start)
{
	start->nla_len = skb_tail_pointer(skb) - (unsigned char *)start;
	return skb->len;
}

static inline void nla_nest_cancel(struct sk_buff *skb, struct nlattr *start)
{
	nlmsg_trim(skb, start);
}

/* Mark the message when the dump's sequence number has changed since the one before. */
static inline void nl_dump_check_consistent(struct netlink_callback *cb, struct nlmsghdr *nlh)
{
	if (cb->prev_seq && cb->seq != cb->prev_seq)
		nlh->nlmsg_flags |= NLM_F_DUMP_INTR;
	cb->prev_seq = cb->seq;
}

/* Both take the buffer. unicast: 0, -ECONNREFUSED (nobody there) or -EAGAIN (no room there). */
int nlmsg_unicast(struct sk_buff *skb, u32 portid);
/* 0, or -ESRCH when nobody listens. The socket of portid is left out. */
int nlmsg_multicast(struct sk_buff *skb, u32 portid, unsigned int group);
bool netlink_has_listeners(unsigned int group);

#endif
