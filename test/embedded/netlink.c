// SPDX-License-Identifier: MIT
/* Netlink sockets and generic netlink, with a family of the test's own. */
#include <errno.h>
#include <string.h>

#include <linux/module.h>
#include <net/genetlink.h>

#include "netlink.h"
#include "shim.h"

enum { ECHO = 1, LIST, FAIL, TELL };

#define LIST_LENGTH 20000

static struct genl_family family;
static unsigned int listed, changes, dones, released;

static const struct nla_policy policy[] = { [1] = { .type = NLA_U32 } };

static int echo(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *reply = genlmsg_new(64, GFP_KERNEL);
	void *header = genlmsg_put_reply(reply, info, &family, 0, ECHO);

	(void)skb;
	if (GENL_REQ_ATTR_CHECK(info, 1)) {
		nlmsg_free(reply);
		return -EINVAL;
	}
	nla_put_u32(reply, 1, nla_get_u32(info->attrs[1]) + 1);
	genlmsg_end(reply, header);
	return genlmsg_reply(reply, info);
}

static int list(struct sk_buff *skb, struct netlink_callback *cb)
{
	cb->seq = 1 + changes;
	for (; listed < LIST_LENGTH; listed++) {
		void *header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
					   &family, NLM_F_MULTI, LIST);

		if (!header)
			break;
		genl_dump_check_consistent(cb, header);
		if (nla_put_u32(skb, 1, listed)) {
			genlmsg_cancel(skb, header);
			break;
		}
		genlmsg_end(skb, header);
	}
	return skb->len;
}

static int list_start(struct netlink_callback *cb)
{
	(void)cb;
	listed = 0;
	return 0;
}

static int list_done(struct netlink_callback *cb)
{
	(void)cb;
	dones++;
	return 0;
}

static int fail(struct sk_buff *skb, struct genl_info *info)
{
	(void)skb;
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[1], "no");
	return -EPERM;
}

static int tell(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *event = genlmsg_new(64, GFP_KERNEL);

	(void)skb;
	genlmsg_end(event, genlmsg_put(event, 0, 0, &family, 0, TELL));
	return genlmsg_multicast(&family, event, info->snd_portid, 0, GFP_KERNEL);
}

static const struct genl_ops operations[] = {
	{ .cmd = ECHO, .doit = echo, .policy = policy, .maxattr = 1 },
	{ .cmd = LIST, .start = list_start, .dumpit = list, .done = list_done },
	{ .cmd = FAIL, .doit = fail, .policy = policy, .maxattr = 1,
	  .validate = GENL_DONT_VALIDATE_STRICT },
	{ .cmd = TELL, .doit = tell },
};

static const struct genl_multicast_group groups[] = { { .name = "news" } };

static struct genl_family family = {
	.name = "shim", .version = 3, .module = THIS_MODULE, .parallel_ops = true,
	.resv_start_op = ECHO, .ops = operations, .n_ops = ARRAY_SIZE(operations),
	.mcgrps = groups, .n_mcgrps = ARRAY_SIZE(groups),
};

static int port_released(struct notifier_block *block, unsigned long action, void *data)
{
	const struct netlink_notify *notice = data;

	(void)block;
	if (action == NETLINK_URELEASE && notice->protocol == NETLINK_GENERIC)
		released = notice->portid;
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = port_released };

/* --- a client --- */

static void ready(void *context)
{
	(void)context;
}

static struct sock *open_socket(size_t limit)
{
	return netlink_open(limit, ready, NULL);
}

static struct sk_buff *request(int type, int flags, int cmd)
{
	struct sk_buff *skb = nlmsg_new(4096, GFP_KERNEL);
	struct nlmsghdr *nlh = nlmsg_put(skb, 0, 7, type, GENL_HDRLEN, NLM_F_REQUEST | flags);

	*(struct genlmsghdr *)nlmsg_data(nlh) = (struct genlmsghdr) { .cmd = cmd };
	return skb;
}

static void send_it(struct sock *sk, struct sk_buff *skb)
{
	nlmsg_end(skb, nlmsg_hdr(skb));
	netlink_send(sk, skb);
}

/* The error of an acknowledgement that comes next; INT_MAX when something else comes. */
static int acknowledged(struct sock *sk, u32 *offset)
{
	struct sk_buff *skb = netlink_recv(sk);
	struct nlmsghdr *nlh;
	int error = INT_MAX;

	if (!skb)
		return error;
	nlh = nlmsg_hdr(skb);
	if (nlh->nlmsg_type == NLMSG_ERROR && nlh->nlmsg_flags & NLM_F_CAPPED &&
	    nlh->nlmsg_pid == sk->portid && nlh->nlmsg_seq == 7) {
		const struct nlmsgerr *answer = nlmsg_data(nlh);
		const struct nlattr *attr = nla_find(nlmsg_attrdata(nlh, sizeof(*answer)),
						     nlmsg_attrlen(nlh, sizeof(*answer)),
						     NLMSGERR_ATTR_OFFS);

		error = answer->error;
		if (offset)
			*offset = attr ? nla_get_u32(attr) : 0;
	}
	kfree_skb(skb);
	return error;
}

static void requests(void)
{
	struct sock *sk = open_socket(1 << 20);
	struct sk_buff *skb;
	u32 offset;

	skb = request(family.id, NLM_F_ACK, ECHO);
	nla_put_u32(skb, 1, 41);
	send_it(sk, skb);
	skb = netlink_recv(sk);
	check(nlmsg_hdr(skb)->nlmsg_type == family.id && nlmsg_hdr(skb)->nlmsg_seq == 7);
	check(nla_get_u32(nlmsg_attrdata(nlmsg_hdr(skb), GENL_HDRLEN)) == 42);
	kfree_skb(skb);
	check(acknowledged(sk, NULL) == 0);

	send_it(sk, request(family.id, 0, ECHO));
	check(acknowledged(sk, NULL) == -EINVAL);
	send_it(sk, request(family.id, 0, 99));
	check(acknowledged(sk, NULL) == -EOPNOTSUPP);
	send_it(sk, request(family.id, NLM_F_DUMP, ECHO));
	check(acknowledged(sk, NULL) == -EOPNOTSUPP);
	send_it(sk, request(family.id + 1, 0, ECHO));
	check(acknowledged(sk, NULL) == -ENOENT);
	send_it(sk, request(family.id, 0x0800, ECHO));
	check(acknowledged(sk, NULL) == -EINVAL);
	skb = request(family.id, 0, FAIL);
	nla_put_u32(skb, 1, 1);
	send_it(sk, skb);
	check(acknowledged(sk, &offset) == -EPERM && offset == NLMSG_HDRLEN + GENL_HDRLEN);
	check(!netlink_recv(sk));
	netlink_close(sk);
}

static void garbage(void)
{
	struct sock *sk = open_socket(1 << 20);
	struct sk_buff *skb = request(family.id, NLM_F_ACK, ECHO);

	/* a length beyond the message, one below the header, no request, too short for its header */
	nlmsg_hdr(skb)->nlmsg_len = 4000;
	netlink_send(sk, skb);
	check(!netlink_recv(sk));
	skb = request(family.id, NLM_F_ACK, ECHO);
	nlmsg_hdr(skb)->nlmsg_len = 3;
	netlink_send(sk, skb);
	check(!netlink_recv(sk));
	skb = request(family.id, NLM_F_ACK, ECHO);
	nlmsg_hdr(skb)->nlmsg_flags = 0;
	netlink_send(sk, skb);
	check(!netlink_recv(sk));
	skb = request(family.id, NLM_F_ACK, ECHO);
	nlmsg_hdr(skb)->nlmsg_len = NLMSG_HDRLEN + 2;
	netlink_send(sk, skb);
	check(acknowledged(sk, NULL) == -EINVAL);
	netlink_close(sk);
}

static void controller(void)
{
	struct sock *sk = open_socket(1 << 20);
	struct sk_buff *skb = request(GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY);
	struct nlattr *attr;

	nla_put_string(skb, CTRL_ATTR_FAMILY_NAME, "shim");
	send_it(sk, skb);
	skb = netlink_recv(sk);
	attr = nla_find(nlmsg_attrdata(nlmsg_hdr(skb), GENL_HDRLEN),
			nlmsg_attrlen(nlmsg_hdr(skb), GENL_HDRLEN), CTRL_ATTR_FAMILY_ID);
	check(attr && nla_get_u16(attr) == family.id);
	kfree_skb(skb);
	skb = request(GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY);
	nla_put_string(skb, CTRL_ATTR_FAMILY_NAME, "nobody");
	send_it(sk, skb);
	check(acknowledged(sk, NULL) == -ENOENT);
	netlink_close(sk);
}

/* Read a dump: how many elements it had, or -1 when one of its messages was not marked as such. */
static int read_dump(struct sock *sk, int *buffers, bool *interrupted)
{
	int count = 0, remaining;
	bool done = false;

	*buffers = 0;
	*interrupted = false;
	while (!done) {
		struct sk_buff *skb = netlink_recv(sk);
		struct nlmsghdr *nlh;

		if (!skb)
			return -1;
		(*buffers)++;
		nlh = nlmsg_hdr(skb);
		for (remaining = skb->len; nlmsg_ok(nlh, remaining);) {
			if (!(nlh->nlmsg_flags & NLM_F_MULTI))
				count = -LIST_LENGTH;
			*interrupted |= nlh->nlmsg_flags & NLM_F_DUMP_INTR;
			done = nlh->nlmsg_type == NLMSG_DONE;
			count += !done;
			remaining -= NLMSG_ALIGN(nlh->nlmsg_len);
			nlh = (struct nlmsghdr *)((char *)nlh + NLMSG_ALIGN(nlh->nlmsg_len));
		}
		kfree_skb(skb);
	}
	return count;
}

static void dumps(void)
{
	struct sock *sk = open_socket(1 << 20);
	bool interrupted;
	int buffers;

	send_it(sk, request(family.id, NLM_F_DUMP, LIST));
	check(listed < LIST_LENGTH); /* nothing runs ahead of the reader but the first message */
	check(read_dump(sk, &buffers, &interrupted) == LIST_LENGTH);
	check(buffers > 10 && !interrupted && dones == 1);

	send_it(sk, request(family.id, NLM_F_DUMP, LIST));
	send_it(sk, request(family.id, NLM_F_DUMP, LIST));
	changes++;
	kfree_skb(netlink_recv(sk));
	check(acknowledged(sk, NULL) == -EBUSY);
	check(read_dump(sk, &buffers, &interrupted) > 0 && interrupted && dones == 2);

	send_it(sk, request(family.id, NLM_F_DUMP, LIST));
	netlink_close(sk);
	check(dones == 3); /* a dump ends with its socket */
	check(embedded_module.references == 0);
}

static void overruns(void)
{
	struct sock *sk = open_socket(2000);
	struct sk_buff *skb;
	int i, count = 0;

	for (i = 0; i < 20; i++) {
		skb = request(family.id, 0, ECHO);
		nla_put_u32(skb, 1, i);
		send_it(sk, skb);
	}
	skb = netlink_recv(sk);
	check(nlmsg_hdr(skb)->nlmsg_type == NLMSG_OVERRUN);
	kfree_skb(skb);
	while ((skb = netlink_recv(sk))) {
		count++;
		kfree_skb(skb);
	}
	check(count > 0 && count < 10);
	skb = request(family.id, 0, ECHO);
	nla_put_u32(skb, 1, i);
	send_it(sk, skb);
	skb = netlink_recv(sk);
	check(skb && nlmsg_hdr(skb)->nlmsg_type == family.id);
	kfree_skb(skb);
	netlink_close(sk);
}

static void multicast(void)
{
	struct sock *listener = open_socket(1 << 20), *talker = open_socket(1 << 20);
	struct sk_buff *skb;

	check(netlink_membership(listener, 63, true) == -EINVAL);
	check(!genl_has_listeners(&family, &init_net, 0));
	send_it(talker, request(family.id, NLM_F_ACK, TELL));
	check(acknowledged(talker, NULL) == -ESRCH);
	check(!netlink_membership(listener, family.mcgrp_offset, true));
	check(genl_has_listeners(&family, &init_net, 0));
	send_it(talker, request(family.id, NLM_F_ACK, TELL));
	check(acknowledged(talker, NULL) == 0);
	skb = netlink_recv(listener);
	check(skb && nlmsg_hdr(skb)->nlmsg_type == family.id);
	kfree_skb(skb);
	check(!netlink_recv(listener) && !netlink_recv(talker));
	check(!netlink_membership(listener, family.mcgrp_offset, false));
	check(!genl_has_listeners(&family, &init_net, 0));
	netlink_close(listener);
	netlink_close(talker);
}

static void ports(void)
{
	struct sock *first = open_socket(1 << 20), *second = open_socket(1 << 20);
	u32 port = first->portid;

	check(second->portid != port);
	netlink_close(first);
	check(released == port);
	check(nlmsg_unicast(nlmsg_new(0, GFP_KERNEL), port) == -ECONNREFUSED);
	first = open_socket(1 << 20);
	check(first->portid == port);
	netlink_close(first);
	netlink_close(second);
}

static void with_family(void (*run)(void))
{
	check(!genl_register_family(&family));
	check(!netlink_register_notifier(&notifier));
	run();
	check(!netlink_unregister_notifier(&notifier));
	check(!genl_unregister_family(&family));
}

#define CASE(name) static void case_##name(void) { with_family(name); }
CASE(requests)
CASE(garbage)
CASE(controller)
CASE(dumps)
CASE(overruns)
CASE(multicast)
CASE(ports)

const struct test_case netlink_cases[] = {
	{ "netlink: requests and their acknowledgements", case_requests },
	{ "netlink: garbage", case_garbage },
	{ "netlink: the controller", case_controller },
	{ "netlink: dumps", case_dumps },
	{ "netlink: overruns", case_overruns },
	{ "netlink: multicast", case_multicast },
	{ "netlink: ports and their release", case_ports },
	{ NULL, NULL },
};
