// SPDX-License-Identifier: MIT
/* The list of states, when some of them go between two parts of it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/kernel.h>
#include <linux/netlink.h>
#include <net/genetlink.h>

#include "kmod/lunatik.h"
#include "kmod/netlink.h"
#include "kmod/state.h"
#include "netlink.h"
#include "serial.h"
#include "test.h"

#define STATES 500

static struct {
	unsigned int count;
	char names[STATES][16];
	bool changed, done;
} told;

static void message(const struct nlmsghdr *header)
{
	const struct nlattr *attribute;
	int left;

	told.changed |= !!(header->nlmsg_flags & NLM_F_DUMP_INTR);
	told.done |= header->nlmsg_type == NLMSG_DONE;
	if (header->nlmsg_type != lunatik_family.id)
		return;
	check(told.count < STATES);
	nlmsg_for_each_attr(attribute, header, GENL_HDRLEN, left)
		if (nla_type(attribute) == LUNATIK_A_STATE_NAME)
			snprintf(told.names[told.count % STATES], 16, "%s",
				 (const char *)nla_data(attribute));
	told.count++;
}

/* Read one part. */
static bool part(struct sock *client)
{
	struct sk_buff *skb = netlink_recv(client);
	const struct nlmsghdr *header;
	int left;

	if (!skb)
		return false;
	header = nlmsg_hdr(skb);
	for (left = skb->len; nlmsg_ok(header, left);) {
		message(header);
		left -= NLMSG_ALIGN(header->nlmsg_len);
		header = (const void *)((const char *)header + NLMSG_ALIGN(header->nlmsg_len));
	}
	kfree_skb(skb);
	return true;
}

static struct sock *begin(void)
{
	struct sock *client;
	char name[16];
	unsigned int i;

	load();
	client = client_open();
	for (i = 0; i < STATES; i++) {
		snprintf(name, sizeof(name), "d%03u", i);
		check(klua_createstate(name) == 0);
	}
	client_tell(client, client_request(LUNATIK_CMD_GET, NLM_F_DUMP, 64), 0);
	return client;
}

static void finish(struct sock *client)
{
	while (part(client))
		;
	check(told.done);
	netlink_close(client);
	unload();
}

static void undisturbed(void)
{
	struct sock *client = begin();
	char name[16];
	unsigned int i;

	finish(client);
	check(told.count == STATES && !told.changed);
	for (i = 0; i < STATES; i++) {
		snprintf(name, sizeof(name), "d%03u", i);
		check(!strcmp(told.names[i], name));
	}
}

/* Of those that come next the list holds one: it goes, and its neighbours as well. */
static void states_go(void)
{
	struct sock *client = begin();
	unsigned int next, begun, i;
	char name[16];

	check(part(client));
	/* the second part was made when the first was read: the third one begins about here */
	next = 2 * told.count;
	check(next > 20 && next + 60 < STATES);
	for (i = next - 10; i < next + 50; i++) {
		snprintf(name, sizeof(name), "d%03u", i);
		check(klua_deletestate(name) == 0);
	}
	serial_drain();
	check(part(client));
	begun = told.count;
	check(begun >= next - 10 && begun < next + 50);
	while (part(client))
		;
	check(told.done && told.changed);
	check(told.count == STATES - (next + 50 - begun));
	for (i = 0; i < told.count; i++) {
		snprintf(name, sizeof(name), "d%03u", i < begun ? i : i - begun + next + 50);
		check(!strcmp(told.names[i], name));
	}
	netlink_close(client);
	unload();
}

/* Nothing of a list that nobody reads to its end is kept. */
static void client_goes(void)
{
	struct sock *client = begin();
	struct lunatik_state *state;
	char name[16];
	unsigned int i;

	check(part(client));
	netlink_close(client);
	for (i = 0; i < STATES; i++) {
		snprintf(name, sizeof(name), "d%03u", i);
		state = lunatik_state_find(name, 4);
		check(state && refcount_read(&state->references) == 2);
		lunatik_state_put(state);
	}
	unload();
}

const struct case_of dump_cases[] = {
	{ "a list has all states in the order of their creation", undisturbed },
	{ "a list goes on when states go meanwhile, and says so", states_go },
	{ "a list that is not read to its end holds no state", client_goes },
	{ NULL },
};
