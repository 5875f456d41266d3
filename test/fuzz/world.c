// SPDX-License-Identifier: MIT
/* See world.h. */
#include <string.h>

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "fuzz.h"
#include "genetlink.h"
#include "kmod/memory.h"
#include "kmod/netlink.h"
#include "kmod/run.h"
#include "kmod/state.h"
#include "module.h"
#include "serial.h"
#include "task.h"
#include "world.h"

static struct sock *clients[16];

/* What the module was loaded with beyond its defaults. */
static const char *const parameters[] = {
	"max_states=3", "max_waiting=3", "max_runs=12", "default_steps=20000",
	"default_memory=1048576", "default_time_ms=1000", "total_memory_mb=8",
	"max_results=200000", "max_output=50000",
};

void world_load(void)
{
	static bool loaded;
	unsigned int i;

	serial_task_here();
	if (loaded)
		return;
	loaded = true;
	for (i = 0; i < ARRAY_SIZE(parameters); i++)
		if (module_parameter_set(parameters[i]))
			fuzz_fail("no parameter %s", parameters[i]);
	if (embedded_workqueues_init() || nlctrl_init() || embedded_module_init())
		fuzz_fail("the module does not load");
}

static void ready(void *context)
{
	(void)context;
}

struct sock *world_open(size_t buffer)
{
	struct sock *client = netlink_open(buffer, ready, NULL);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(clients); i++)
		if (!clients[i])
			break;
	if (!client || i == ARRAY_SIZE(clients))
		fuzz_fail("no client can be opened");
	clients[i] = client;
	return client;
}

void world_close(struct sock *client)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(clients); i++)
		if (clients[i] == client)
			clients[i] = NULL;
	netlink_close(client);
}

struct sk_buff *world_request(u8 command, int flags, u32 *sequence, size_t room)
{
	struct sk_buff *skb = nlmsg_new(GENL_HDRLEN + room, GFP_KERNEL);
	struct nlmsghdr *header;

	if (!skb)
		fuzz_fail("no memory for a request");
	header = nlmsg_put(skb, 0, (*sequence)++, lunatik_family.id, GENL_HDRLEN,
			   NLM_F_REQUEST | flags);
	*(struct genlmsghdr *)nlmsg_data(header) = (struct genlmsghdr) {
		.cmd = command, .version = LUNATIK_GENL_VERSION,
	};
	return skb;
}

void world_send(struct sock *client, struct sk_buff *request)
{
	nlmsg_end(request, nlmsg_hdr(request));
	netlink_send(client, request);
	task_assert_free("a request");
}

/* --- replies ---------------------------------------------------------------------------------- */

static void attributes_parse(struct world_reply *reply, const struct nlattr *head, int size)
{
	const struct nlattr *attribute;
	int left;

	nla_for_each_attr(attribute, head, size, left) {
		if (nla_type(attribute) >= WORLD_ATTRIBUTES)
			fuzz_fail("a reply has an attribute %d", nla_type(attribute));
		if (!reply->attributes[nla_type(attribute)])
			reply->attributes[nla_type(attribute)] = attribute;
	}
	if (left)
		fuzz_fail("%d bytes follow a reply's attributes", left);
}

/* A text of ours begins with the code of an error, whose errno it comes with. */
static void text_check(const struct world_reply *reply)
{
	size_t i, size = strcspn(reply->text, ":");

	if (strncmp(reply->text, "ERR_", 4))
		return;
	for (i = 1; i <= LUNATIK_ERROR_MAX; i++)
		if (strlen(lunatik_errors[i].code) == size &&
		    !memcmp(lunatik_errors[i].code, reply->text, size))
			break;
	if (i > LUNATIK_ERROR_MAX || reply->error != -lunatik_errors[i].number)
		fuzz_fail("\"%s\" comes with %d", reply->text, reply->error);
}

/* An acknowledgement, or the end of a dump: a number, the header it answers, and words. */
static void error_parse(struct world_reply *reply, int head)
{
	const struct nlmsghdr *header = reply->header;
	const struct nlattr *text;

	if (nlmsg_len(header) < head)
		fuzz_fail("an acknowledgement of %u bytes", header->nlmsg_len);
	memcpy(&reply->error, nlmsg_data(header), sizeof(reply->error));
	if (reply->error > 0)
		fuzz_fail("the error %d is positive", reply->error);
	if (!(header->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	attributes_parse(reply, nlmsg_attrdata(header, head), nlmsg_attrlen(header, head));
	text = reply->attributes[NLMSGERR_ATTR_MSG];
	if (!text)
		return;
	reply->text = nla_data(text);
	if (strnlen(reply->text, nla_len(text)) != (size_t)nla_len(text) - 1)
		fuzz_fail("an acknowledgement's text has no end");
	text_check(reply);
}

static void message_take(const struct nlmsghdr *header,
			 void (*take)(const struct world_reply *reply, void *context), void *context)
{
	struct world_reply reply = { .header = header };

	if (header->nlmsg_type == NLMSG_ERROR) {
		error_parse(&reply, sizeof(struct nlmsgerr));
	} else if (header->nlmsg_type == NLMSG_DONE) {
		error_parse(&reply, sizeof(int));
	} else if (header->nlmsg_type == lunatik_family.id) {
		if (nlmsg_len(header) < GENL_HDRLEN)
			fuzz_fail("a reply of %u bytes", header->nlmsg_len);
		reply.command = ((const struct genlmsghdr *)nlmsg_data(header))->cmd;
		attributes_parse(&reply, nlmsg_attrdata(header, GENL_HDRLEN),
				 nlmsg_attrlen(header, GENL_HDRLEN));
	} else if (header->nlmsg_type == NLMSG_OVERRUN) {
		return;
	} else if (header->nlmsg_type != GENL_ID_CTRL) {
		fuzz_fail("a message of the type %u", header->nlmsg_type);
	}
	if (take)
		take(&reply, context);
}

void world_receive(struct sock *client, void (*take)(const struct world_reply *reply, void *context),
		   void *context)
{
	struct sk_buff *skb;

	while ((skb = netlink_recv(client))) {
		const struct nlmsghdr *header = nlmsg_hdr(skb);
		unsigned int left = skb->len;

		while (nlmsg_ok(header, left)) {
			unsigned int size = min(left, NLMSG_ALIGN(header->nlmsg_len));

			message_take(header, take, context);
			left -= size;
			header = (const struct nlmsghdr *)((const char *)header + size);
		}
		if (left)
			fuzz_fail("%u bytes follow the last message", left);
		kfree_skb(skb);
	}
}

u64 world_u64(const struct world_reply *reply, unsigned int type)
{
	const struct nlattr *attribute = reply->attributes[type];

	if (!attribute || nla_len(attribute) != sizeof(u64))
		fuzz_fail("a reply to %u without the u64 %u", reply->command, type);
	return nla_get_u64(attribute);
}

u32 world_u32(const struct world_reply *reply, unsigned int type)
{
	const struct nlattr *attribute = reply->attributes[type];

	if (!attribute || nla_len(attribute) != sizeof(u32))
		fuzz_fail("a reply to %u without the u32 %u", reply->command, type);
	return nla_get_u32(attribute);
}

/* --- the end ---------------------------------------------------------------------------------- */

void world_end(void)
{
	struct lunatik_state *state;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(clients); i++)
		if (clients[i])
			world_close(clients[i]);
	serial_drain();
	while ((state = lunatik_state_next(NULL))) {
		if (lunatik_state_delete(state, false))
			fuzz_fail("an idle state cannot be deleted");
		lunatik_state_put(state);
	}
	serial_drain();
	/* the timer of kept results may still be set, with nothing to do */
	serial_pass(70 * NSEC_PER_SEC);
	serial_drain();
	if (lunatik_states_count() || lunatik_runs_count() || lunatik_memory_used())
		fuzz_fail("left: %u states, %u runs, %llu bytes", lunatik_states_count(),
			  lunatik_runs_count(), lunatik_memory_used());
}
