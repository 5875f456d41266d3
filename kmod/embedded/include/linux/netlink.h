/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Netlink: extended acknowledgements, dumps, and the notice that a port is gone. */
#ifndef EMBEDDED_LINUX_NETLINK_H
#define EMBEDDED_LINUX_NETLINK_H

#include_next <linux/netlink.h>

#include <linux/export.h>
#include <linux/notifier.h>
#include <linux/skbuff.h>
#include <net/net_namespace.h>

#define NETLINK_URELEASE 0x0001

struct sock;
struct module;
struct nla_policy;

struct netlink_skb_parms {
	__u32 portid;
	__u32 dst_group;
	__u32 flags;
	struct sock *sk;
};

#define NETLINK_CB(skb) (*(struct netlink_skb_parms *)&((skb)->cb))

/* Why a request was refused, as far as words go. Texts are static. */
struct netlink_ext_ack {
	const char *_msg;
	const struct nlattr *bad_attr;
	const struct nla_policy *policy;
	const struct nlattr *miss_nest;
	u16 miss_type;
	u8 cookie[20];
	u8 cookie_len;
};

#define NL_SET_ERR_MSG(extack, text) do { \
	static const char __text[] = text; \
	struct netlink_ext_ack *__extack = (extack); \
	if (__extack) \
		__extack->_msg = __text; \
} while (0)
#define NL_SET_ERR_MSG_MOD(extack, text) NL_SET_ERR_MSG(extack, KBUILD_MODNAME ": " text)
#define NL_SET_BAD_ATTR_POLICY(extack, attr, pol) do { \
	struct netlink_ext_ack *__bad_extack = (extack); \
	if (__bad_extack) { \
		__bad_extack->bad_attr = (attr); \
		__bad_extack->policy = (pol); \
	} \
} while (0)
#define NL_SET_BAD_ATTR(extack, attr) NL_SET_BAD_ATTR_POLICY(extack, attr, NULL)
#define NL_SET_ERR_MSG_ATTR_POL(extack, attr, pol, text) do { \
	NL_SET_ERR_MSG(extack, text); \
	NL_SET_BAD_ATTR_POLICY(extack, attr, pol); \
} while (0)
#define NL_SET_ERR_MSG_ATTR(extack, attr, text) NL_SET_ERR_MSG_ATTR_POL(extack, attr, NULL, text)
#define NL_SET_ERR_ATTR_MISS(extack, nest, type) do { \
	struct netlink_ext_ack *__miss_extack = (extack); \
	if (__miss_extack) { \
		__miss_extack->miss_nest = (nest); \
		__miss_extack->miss_type = (type); \
	} \
} while (0)
#define NL_REQ_ATTR_CHECK(extack, nest, attrs, type) ({ \
	u32 __type = (type); \
	bool __missing = !(attrs)[__type]; \
	if (__missing) \
		NL_SET_ERR_ATTR_MISS(extack, nest, __type); \
	__missing; })

struct netlink_callback {
	struct sk_buff *skb; /* the request */
	const struct nlmsghdr *nlh;
	int (*dump)(struct sk_buff *skb, struct netlink_callback *cb);
	int (*done)(struct netlink_callback *cb);
	void *data;
	struct module *module;
	struct netlink_ext_ack *extack;
	u16 family;
	u16 answer_flags;
	u32 min_dump_alloc;
	unsigned int prev_seq, seq;
	bool strict_check;
	union {
		u8 ctx[48];
		long args[6];
	};
};

struct netlink_dump_control {
	int (*start)(struct netlink_callback *cb);
	int (*dump)(struct sk_buff *skb, struct netlink_callback *cb);
	int (*done)(struct netlink_callback *cb);
	struct netlink_ext_ack *extack;
	void *data;
	struct module *module;
	u32 min_dump_alloc;
};

struct netlink_notify {
	struct net *net;
	u32 portid;
	int protocol;
};

int netlink_register_notifier(struct notifier_block *block);
int netlink_unregister_notifier(struct notifier_block *block);

/* Returns -EINTR when the dump has begun: there is nothing to acknowledge. */
int netlink_dump_start(struct sock *sk, struct sk_buff *request, const struct nlmsghdr *nlh,
		       struct netlink_dump_control *control);
void netlink_ack(struct sk_buff *request, struct nlmsghdr *nlh, int error,
		 const struct netlink_ext_ack *extack);

/* Whoever may open the unix socket may do everything. */
static inline bool netlink_capable(const struct sk_buff *skb, int capability)
{
	(void)skb;
	(void)capability;
	return true;
}

#endif
