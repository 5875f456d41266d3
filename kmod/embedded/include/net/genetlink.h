/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Generic netlink: families, their operations and groups, as in Linux 6.1. */
#ifndef EMBEDDED_NET_GENETLINK_H
#define EMBEDDED_NET_GENETLINK_H

#include <linux/genetlink.h>
#include <linux/module.h>
#include <net/net_namespace.h>
#include <net/netlink.h>

#define GENLMSG_DEFAULT_SIZE (NLMSG_DEFAULT_SIZE - GENL_HDRLEN)

/* Groups only members of which have the capability; here everybody has. */
#define GENL_MCAST_CAP_NET_ADMIN BIT(0)
#define GENL_MCAST_CAP_SYS_ADMIN BIT(1)

struct genl_multicast_group {
	char name[GENL_NAMSIZ];
	u8 flags;
};

struct genl_ops;
struct genl_info;

struct genl_family {
	int id; /* of the family, given by genl_register_family() */
	unsigned int hdrsize;
	char name[GENL_NAMSIZ];
	unsigned int version;
	unsigned int maxattr;
	unsigned int mcgrp_offset; /* number of the first group, given likewise */
	u8 netnsok:1;
	u8 parallel_ops:1;
	u8 n_ops;
	u8 n_small_ops;
	u8 n_mcgrps;
	u8 resv_start_op;
	const struct nla_policy *policy;
	int (*pre_doit)(const struct genl_ops *ops, struct sk_buff *skb, struct genl_info *info);
	void (*post_doit)(const struct genl_ops *ops, struct sk_buff *skb, struct genl_info *info);
	const struct genl_ops *ops;
	const struct genl_small_ops *small_ops;
	const struct genl_multicast_group *mcgrps;
	struct module *module;
};

struct genl_info {
	u32 snd_seq;
	u32 snd_portid;
	struct nlmsghdr *nlhdr;
	struct genlmsghdr *genlhdr;
	void *userhdr;
	struct nlattr **attrs;
	possible_net_t _net;
	void *user_ptr[2];
	struct netlink_ext_ack *extack;
};

enum genl_validate_flags {
	GENL_DONT_VALIDATE_STRICT = BIT(0),
	GENL_DONT_VALIDATE_DUMP = BIT(1),
	GENL_DONT_VALIDATE_DUMP_STRICT = BIT(2),
};

struct genl_small_ops {
	int (*doit)(struct sk_buff *skb, struct genl_info *info);
	int (*dumpit)(struct sk_buff *skb, struct netlink_callback *cb);
	u8 cmd;
	u8 internal_flags;
	u8 flags;
	u8 validate;
};

struct genl_ops {
	int (*doit)(struct sk_buff *skb, struct genl_info *info);
	int (*start)(struct netlink_callback *cb);
	int (*dumpit)(struct sk_buff *skb, struct netlink_callback *cb);
	int (*done)(struct netlink_callback *cb);
	const struct nla_policy *policy;
	unsigned int maxattr;
	u8 cmd;
	u8 internal_flags;
	u8 flags;
	u8 validate;
};

struct genl_dumpit_info {
	const struct genl_family *family;
	struct genl_ops op;
	struct nlattr **attrs;
};

static inline const struct genl_dumpit_info *genl_dumpit_info(struct netlink_callback *cb)
{
	return cb->data;
}

static inline struct net *genl_info_net(const struct genl_info *info)
{
	return info->_net.net;
}

#define GENL_SET_ERR_MSG(info, text) NL_SET_ERR_MSG((info)->extack, text)
#define GENL_REQ_ATTR_CHECK(info, type) \
	NL_REQ_ATTR_CHECK((info)->extack, NULL, (info)->attrs, type)

int genl_register_family(struct genl_family *family);
/* No operation of the family is in progress when this returns, and none begins any more. */
int genl_unregister_family(const struct genl_family *family);

void *genlmsg_put(struct sk_buff *skb, u32 portid, u32 seq, const struct genl_family *family,
		  int flags, u8 cmd);

static inline struct nlmsghdr *genlmsg_nlhdr(void *header)
{
	return (struct nlmsghdr *)((char *)header - GENL_HDRLEN - NLMSG_HDRLEN);
}

static inline void *genlmsg_put_reply(struct sk_buff *skb, struct genl_info *info,
				      const struct genl_family *family, int flags, u8 cmd)
{
	return genlmsg_put(skb, info->snd_portid, info->snd_seq, family, flags, cmd);
}

static inline void genlmsg_end(struct sk_buff *skb, void *header)
{
	nlmsg_end(skb, genlmsg_nlhdr(header));
}

static inline void genlmsg_cancel(struct sk_buff *skb, void *header)
{
	if (header)
		nlmsg_cancel(skb, genlmsg_nlhdr(header));
}

static inline void genl_dump_check_consistent(struct netlink_callback *cb, void *header)
{
	nl_dump_check_consistent(cb, genlmsg_nlhdr(header));
}

static inline int genlmsg_msg_size(int payload)
{
	return GENL_HDRLEN + payload;
}

static inline int genlmsg_total_size(int payload)
{
	return NLMSG_ALIGN(genlmsg_msg_size(payload));
}

static inline void *genlmsg_data(const struct genlmsghdr *header)
{
	return (char *)header + GENL_HDRLEN;
}

static inline struct sk_buff *genlmsg_new(size_t payload, gfp_t flags)
{
	return nlmsg_new(genlmsg_total_size(payload), flags);
}

static inline int genlmsg_unicast(struct net *net, struct sk_buff *skb, u32 portid)
{
	(void)net;
	return nlmsg_unicast(skb, portid);
}

static inline int genlmsg_reply(struct sk_buff *skb, struct genl_info *info)
{
	return genlmsg_unicast(genl_info_net(info), skb, info->snd_portid);
}

/* group: the index among the family's own groups. */
static inline int genlmsg_multicast(const struct genl_family *family, struct sk_buff *skb,
				    u32 portid, unsigned int group, gfp_t flags)
{
	(void)flags;
	if (WARN_ON_ONCE(group >= family->n_mcgrps))
		return -EINVAL;
	return nlmsg_multicast(skb, portid, family->mcgrp_offset + group);
}

static inline int genlmsg_multicast_netns(const struct genl_family *family, struct net *net,
					  struct sk_buff *skb, u32 portid, unsigned int group,
					  gfp_t flags)
{
	(void)net;
	return genlmsg_multicast(family, skb, portid, group, flags);
}

static inline int genl_has_listeners(const struct genl_family *family, struct net *net,
				     unsigned int group)
{
	(void)net;
	if (WARN_ON_ONCE(group >= family->n_mcgrps))
		return -EINVAL;
	return netlink_has_listeners(family->mcgrp_offset + group);
}

#endif
