// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The controller, "nlctrl": it tells the numbers of families and groups. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <net/genetlink.h>

#include "genetlink.h"

#define VERSION 2

static struct genl_family nlctrl;

static u32 operation_flags(const struct genl_ops *op, bool policy)
{
	u32 flags = op->flags;

	if (op->doit)
		flags |= GENL_CMD_CAP_DO;
	if (op->dumpit)
		flags |= GENL_CMD_CAP_DUMP;
	if (policy)
		flags |= GENL_CMD_CAP_HASPOL;
	return flags;
}

static int put_operation(struct sk_buff *skb, int index, u32 cmd, u32 flags)
{
	struct nlattr *nest = nla_nest_start_noflag(skb, index);

	if (!nest || nla_put_u32(skb, CTRL_ATTR_OP_ID, cmd) ||
	    nla_put_u32(skb, CTRL_ATTR_OP_FLAGS, flags))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_operations(struct sk_buff *skb, const struct genl_family *family)
{
	struct nlattr *nest;
	int i, index = 1;

	if (!family->n_ops && !family->n_small_ops)
		return 0;
	nest = nla_nest_start_noflag(skb, CTRL_ATTR_OPS);
	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < family->n_ops; i++) {
		const struct genl_ops *op = &family->ops[i];

		if (put_operation(skb, index++, op->cmd,
				  operation_flags(op, op->policy || family->policy)))
			return -EMSGSIZE;
	}
	for (i = 0; i < family->n_small_ops; i++) {
		const struct genl_small_ops *small = &family->small_ops[i];
		const struct genl_ops op = {
			.doit = small->doit, .dumpit = small->dumpit, .flags = small->flags,
		};

		if (put_operation(skb, index++, small->cmd, operation_flags(&op, family->policy)))
			return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

static int put_groups(struct sk_buff *skb, const struct genl_family *family)
{
	struct nlattr *nest, *group;
	int i;

	if (!family->n_mcgrps)
		return 0;
	nest = nla_nest_start_noflag(skb, CTRL_ATTR_MCAST_GROUPS);
	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < family->n_mcgrps; i++) {
		group = nla_nest_start_noflag(skb, i + 1);
		if (!group ||
		    nla_put_u32(skb, CTRL_ATTR_MCAST_GRP_ID, family->mcgrp_offset + i) ||
		    nla_put_string(skb, CTRL_ATTR_MCAST_GRP_NAME, family->mcgrps[i].name))
			return -EMSGSIZE;
		nla_nest_end(skb, group);
	}
	nla_nest_end(skb, nest);
	return 0;
}

static int put_family(struct sk_buff *skb, const struct genl_family *family, u32 portid, u32 seq,
		      int flags)
{
	void *header = genlmsg_put(skb, portid, seq, &nlctrl, flags, CTRL_CMD_NEWFAMILY);

	if (!header)
		return -EMSGSIZE;
	if (nla_put_string(skb, CTRL_ATTR_FAMILY_NAME, family->name) ||
	    nla_put_u16(skb, CTRL_ATTR_FAMILY_ID, family->id) ||
	    nla_put_u32(skb, CTRL_ATTR_VERSION, family->version) ||
	    nla_put_u32(skb, CTRL_ATTR_HDRSIZE, family->hdrsize) ||
	    nla_put_u32(skb, CTRL_ATTR_MAXATTR, family->maxattr) ||
	    put_operations(skb, family) || put_groups(skb, family)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

struct request {
	const struct nlattr *name, *id;
	struct sk_buff *reply;
	u32 portid, seq;
};

static int answer(const struct genl_family *family, void *argument)
{
	const struct request *request = argument;

	if (request->id && nla_get_u16(request->id) != family->id)
		return 0;
	if (request->name && nla_strcmp(request->name, family->name))
		return 0;
	return put_family(request->reply, family, request->portid, request->seq, 0) ?: 1;
}

static int getfamily(struct sk_buff *skb, struct genl_info *info)
{
	struct request request = {
		.name = info->attrs[CTRL_ATTR_FAMILY_NAME],
		.id = info->attrs[CTRL_ATTR_FAMILY_ID],
		.portid = info->snd_portid, .seq = info->snd_seq,
	};
	int found;

	(void)skb;
	if (!request.name && !request.id)
		return -EINVAL;
	request.reply = nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!request.reply)
		return -ENOBUFS;
	found = genl_each_family(answer, &request);
	if (found <= 0) {
		nlmsg_free(request.reply);
		return found ?: -ENOENT;
	}
	return genlmsg_reply(request.reply, info);
}

struct dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	int index;
};

static int dump_family(const struct genl_family *family, void *argument)
{
	struct dump *dump = argument;
	struct netlink_callback *cb = dump->cb;
	int error;

	if (dump->index++ < cb->args[0])
		return 0;
	error = put_family(dump->skb, family, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			   NLM_F_MULTI);
	if (!error)
		cb->args[0]++;
	return error;
}

static int dump_families(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dump dump = { .skb = skb, .cb = cb };

	genl_each_family(dump_family, &dump);
	return skb->len;
}

static const struct nla_policy policy[] = {
	[CTRL_ATTR_FAMILY_ID] = { .type = NLA_U16 },
	[CTRL_ATTR_FAMILY_NAME] = { .type = NLA_NUL_STRING, .len = GENL_NAMSIZ - 1 },
};

static const struct genl_ops operations[] = {
	{
		.cmd = CTRL_CMD_GETFAMILY, .policy = policy, .maxattr = ARRAY_SIZE(policy) - 1,
		.validate = GENL_DONT_VALIDATE_STRICT | GENL_DONT_VALIDATE_DUMP,
		.doit = getfamily, .dumpit = dump_families,
	},
};

static const struct genl_multicast_group groups[] = { { .name = "notify" } };

static struct genl_family nlctrl = {
	.id = GENL_ID_CTRL, .name = "nlctrl", .version = VERSION, .maxattr = CTRL_ATTR_MAX,
	.parallel_ops = true, .ops = operations, .n_ops = ARRAY_SIZE(operations),
	.mcgrps = groups, .n_mcgrps = ARRAY_SIZE(groups),
};

int nlctrl_init(void)
{
	return genl_register_family(&nlctrl);
}

void nlctrl_exit(void)
{
	genl_unregister_family(&nlctrl);
}
