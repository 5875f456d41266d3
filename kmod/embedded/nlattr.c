// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Attributes: put into buffers, taken out, and checked against policies with the kernel's words. */
#include <linux/errno.h>
#include <linux/sched.h>
#include <net/netlink.h>

/* How deep policies may nest. */
#define DEPTH_MAX 10

/* The exact length of the fixed types; 0 for the others. */
static const u8 fixed_length[NLA_TYPE_MAX + 1] = {
	[NLA_U8] = 1, [NLA_U16] = 2, [NLA_U32] = 4, [NLA_U64] = 8,
	[NLA_S8] = 1, [NLA_S16] = 2, [NLA_S32] = 4, [NLA_S64] = 8,
	[NLA_MSECS] = 8,
};

static int parse(struct nlattr **attrs, int maxtype, const struct nlattr *head, int length,
		 const struct nla_policy *policy, unsigned int validate,
		 struct netlink_ext_ack *extack, unsigned int depth);

static bool is_signed(unsigned int type)
{
	return type >= NLA_S8 && type <= NLA_S64;
}

static s64 value_signed(const struct nla_policy *policy, const struct nlattr *attr)
{
	switch (policy->type) {
	case NLA_S8:
		return *(s8 *)nla_data(attr);
	case NLA_S16:
		return (s16)nla_get_u16(attr);
	case NLA_S32:
		return nla_get_s32(attr);
	default:
		return (s64)nla_get_u64(attr);
	}
}

static u64 value_unsigned(const struct nla_policy *policy, const struct nlattr *attr)
{
	switch (policy->type) {
	case NLA_U8:
		return nla_get_u8(attr);
	case NLA_U16:
		return nla_get_u16(attr);
	case NLA_U32:
		return nla_get_u32(attr);
	case NLA_U64:
	case NLA_MSECS:
		return nla_get_u64(attr);
	default: /* the range of a binary attribute is one of lengths */
		return nla_len(attr);
	}
}

static int out_of_range(const struct nla_policy *policy, const struct nlattr *attr,
			struct netlink_ext_ack *extack)
{
	if (policy->type == NLA_BINARY)
		NL_SET_ERR_MSG_ATTR_POL(extack, attr, policy, "binary attribute size out of range");
	else
		NL_SET_ERR_MSG_ATTR_POL(extack, attr, policy, "integer out of range");
	return -ERANGE;
}

static int check_range(const struct nla_policy *policy, const struct nlattr *attr,
		       struct netlink_ext_ack *extack)
{
	bool low = policy->validation_type != NLA_VALIDATE_MAX;
	bool high = policy->validation_type != NLA_VALIDATE_MIN;

	if (is_signed(policy->type)) {
		s64 value = value_signed(policy, attr);

		if ((low && value < policy->min) || (high && value > policy->max))
			return out_of_range(policy, attr, extack);
	} else {
		u64 value = value_unsigned(policy, attr);

		if ((low && value < (u64)policy->min) || (high && value > (u64)policy->max))
			return out_of_range(policy, attr, extack);
	}
	return 0;
}

static int check_value(const struct nla_policy *policy, const struct nlattr *attr,
		       struct netlink_ext_ack *extack)
{
	u64 value;

	switch (policy->validation_type) {
	case NLA_VALIDATE_RANGE:
	case NLA_VALIDATE_MIN:
	case NLA_VALIDATE_MAX:
		return check_range(policy, attr, extack);
	case NLA_VALIDATE_RANGE_PTR:
		value = value_unsigned(policy, attr);
		if (value < policy->range->min || value > policy->range->max)
			return out_of_range(policy, attr, extack);
		return 0;
	case NLA_VALIDATE_MASK:
		if (value_unsigned(policy, attr) & ~(u64)policy->mask) {
			NL_SET_ERR_MSG_ATTR_POL(extack, attr, policy, "reserved bit set");
			return -EINVAL;
		}
		return 0;
	case NLA_VALIDATE_FUNCTION:
		return policy->validate ? policy->validate(attr, extack) : 0;
	default:
		return 0;
	}
}

/* Whether the length of an attribute suits its type: 0, -ERANGE or -EINVAL. */
static int check_length(const struct nla_policy *policy, const struct nlattr *attr)
{
	const char *text = nla_data(attr);
	int length = nla_len(attr);
	int most;

	switch (policy->type) {
	case NLA_FLAG:
		return length ? -ERANGE : 0;
	case NLA_NUL_STRING:
		most = policy->len ? min(length, policy->len + 1) : length;
		if (most <= 0 || !memchr(text, '\0', most))
			return -EINVAL;
		fallthrough;
	case NLA_STRING:
		if (length < 1)
			return -ERANGE;
		if (text[length - 1] == '\0')
			length--;
		return policy->len && length > policy->len ? -ERANGE : 0;
	case NLA_BINARY:
		return policy->len && length > policy->len ? -ERANGE : 0;
	case NLA_NESTED:
	case NLA_NESTED_ARRAY:
		return length && length < NLA_HDRLEN ? -ERANGE : 0;
	default:
		return length < (policy->len ?: fixed_length[policy->type]) ? -ERANGE : 0;
	}
}

static int check(const struct nlattr *attr, const struct nla_policy *policy, unsigned int validate,
		 struct netlink_ext_ack *extack, unsigned int depth)
{
	int length = nla_len(attr);
	int error;

	if (fixed_length[policy->type] && length != fixed_length[policy->type]) {
		pr_warn_ratelimited("netlink: '%s': attribute type %d has an invalid length.\n",
				    current->comm, nla_type(attr));
		if (validate & NL_VALIDATE_STRICT_ATTRS) {
			NL_SET_ERR_MSG_ATTR_POL(extack, attr, policy, "invalid attribute length");
			return -EINVAL;
		}
	}
	if (validate & NL_VALIDATE_NESTED) {
		bool nest = policy->type == NLA_NESTED || policy->type == NLA_NESTED_ARRAY;

		if (nest && !(attr->nla_type & NLA_F_NESTED)) {
			NL_SET_ERR_MSG_ATTR_POL(extack, attr, policy, "NLA_F_NESTED is missing");
			return -EINVAL;
		}
		if (!nest && policy->type != NLA_UNSPEC && attr->nla_type & NLA_F_NESTED) {
			NL_SET_ERR_MSG_ATTR_POL(extack, attr, policy, "NLA_F_NESTED not expected");
			return -EINVAL;
		}
	}
	if (policy->type == NLA_REJECT) {
		NL_SET_BAD_ATTR(extack, attr);
		if (extack && policy->reject_message)
			extack->_msg = policy->reject_message;
		else
			NL_SET_ERR_MSG_ATTR_POL(extack, attr, policy,
						"Attribute failed policy validation");
		return -EINVAL;
	}
	if (policy->type == NLA_UNSPEC && validate & NL_VALIDATE_UNSPEC) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "Unsupported attribute");
		return -EINVAL;
	}
	error = check_length(policy, attr);
	if (error) {
		NL_SET_ERR_MSG_ATTR_POL(extack, attr, policy, "Attribute failed policy validation");
		return error;
	}
	if (policy->type == NLA_NESTED && policy->nested_policy && length)
		return parse(NULL, policy->len, nla_data(attr), length, policy->nested_policy,
			     validate, extack, depth + 1);
	return check_value(policy, attr, extack);
}

static int parse(struct nlattr **attrs, int maxtype, const struct nlattr *head, int length,
		 const struct nla_policy *policy, unsigned int validate,
		 struct netlink_ext_ack *extack, unsigned int depth)
{
	const struct nlattr *attr;
	int remaining;

	if (depth >= DEPTH_MAX) {
		NL_SET_ERR_MSG(extack, "allowed policy recursion depth exceeded");
		return -EINVAL;
	}
	if (attrs)
		memset(attrs, 0, sizeof(*attrs) * (maxtype + 1));
	nla_for_each_attr(attr, head, length, remaining) {
		int type = nla_type(attr);

		if (type == 0 || type > maxtype) {
			if (validate & NL_VALIDATE_MAXTYPE) {
				NL_SET_ERR_MSG_ATTR(extack, attr, "Unknown attribute type");
				return -EINVAL;
			}
			continue;
		}
		if (policy) {
			unsigned int strictness = validate;
			int error;

			if (policy->strict_start_type && type >= policy->strict_start_type)
				strictness |= NL_VALIDATE_STRICT;
			error = check(attr, &policy[type], strictness, extack, depth);
			if (error)
				return error;
		}
		if (attrs)
			attrs[type] = (struct nlattr *)attr;
	}
	if (remaining > 0) {
		pr_warn_ratelimited("netlink: %d bytes leftover after parsing attributes in process `%s'.\n",
				    remaining, current->comm);
		NL_SET_ERR_MSG(extack, "bytes leftover after parsing attributes");
		if (validate & NL_VALIDATE_TRAILING)
			return -EINVAL;
	}
	return 0;
}

int __nla_validate(const struct nlattr *head, int length, int maxtype,
		   const struct nla_policy *policy, unsigned int validate,
		   struct netlink_ext_ack *extack)
{
	return parse(NULL, maxtype, head, length, policy, validate, extack, 0);
}

int __nla_parse(struct nlattr **attrs, int maxtype, const struct nlattr *head, int length,
		const struct nla_policy *policy, unsigned int validate,
		struct netlink_ext_ack *extack)
{
	return parse(attrs, maxtype, head, length, policy, validate, extack, 0);
}

struct nlattr *nla_find(const struct nlattr *head, int length, int type)
{
	const struct nlattr *attr;
	int remaining;

	nla_for_each_attr(attr, head, length, remaining)
		if (nla_type(attr) == type)
			return (struct nlattr *)attr;
	return NULL;
}

/* The length of a string, with or without its final NUL. */
static size_t text_length(const struct nlattr *attr)
{
	const char *text = nla_data(attr);
	size_t length = nla_len(attr);

	return length && text[length - 1] == '\0' ? length - 1 : length;
}

ssize_t nla_strscpy(char *target, const struct nlattr *attr, size_t size)
{
	size_t length = text_length(attr);

	if (!size || size > U16_MAX)
		return -E2BIG;
	memset(target, 0, size);
	memcpy(target, nla_data(attr), min(length, size - 1));
	return length < size ? (ssize_t)length : -E2BIG;
}

char *nla_strdup(const struct nlattr *attr, gfp_t flags)
{
	return kmemdup_nul(nla_data(attr), text_length(attr), flags);
}

int nla_memcpy(void *target, const struct nlattr *attr, int size)
{
	int length = min(size, nla_len(attr));

	memcpy(target, nla_data(attr), length);
	memset((char *)target + length, 0, size - length);
	return length;
}

int nla_strcmp(const struct nlattr *attr, const char *text)
{
	size_t length = text_length(attr);
	int difference = (int)length - (int)strlen(text);

	return difference ?: memcmp(nla_data(attr), text, length);
}

struct nlattr *nla_reserve(struct sk_buff *skb, int type, int length)
{
	struct nlattr *attr;

	if (length < 0 || skb_tailroom(skb) < nla_total_size(length))
		return NULL;
	attr = skb_put(skb, nla_total_size(length));
	attr->nla_type = type;
	attr->nla_len = nla_attr_size(length);
	memset((char *)attr + attr->nla_len, 0, nla_padlen(length));
	return attr;
}

int nla_put(struct sk_buff *skb, int type, int length, const void *data)
{
	struct nlattr *attr = nla_reserve(skb, type, length);

	if (!attr)
		return -EMSGSIZE;
	if (length)
		memcpy(nla_data(attr), data, length);
	return 0;
}

int nla_put_nohdr(struct sk_buff *skb, int length, const void *data)
{
	if (skb_tailroom(skb) < (int)NLA_ALIGN(length))
		return -EMSGSIZE;
	memcpy(skb_put_zero(skb, NLA_ALIGN(length)), data, length);
	return 0;
}

struct nlmsghdr *nlmsg_put(struct sk_buff *skb, u32 portid, u32 seq, int type, int payload,
			   int flags)
{
	int size = nlmsg_msg_size(payload);
	struct nlmsghdr *nlh;

	if (skb_tailroom(skb) < nlmsg_total_size(payload))
		return NULL;
	nlh = skb_put(skb, NLMSG_ALIGN(size));
	nlh->nlmsg_type = type;
	nlh->nlmsg_len = size;
	nlh->nlmsg_flags = flags;
	nlh->nlmsg_pid = portid;
	nlh->nlmsg_seq = seq;
	memset((char *)nlh + size, 0, NLMSG_ALIGN(size) - size);
	return nlh;
}
