// SPDX-License-Identifier: MIT
/* What the event group is told. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/kernel.h>
#include <linux/netlink.h>
#include <net/genetlink.h>

#include "genetlink.h"
#include "kmod/event.h"
#include "kmod/lunatik.h"
#include "kmod/netlink.h"
#include "module.h"
#include "serial.h"
#include "test.h"

#define MOST 64

static struct {
	unsigned int count;
	u32 types[MOST], errnos[MOST];
	u64 sequences[MOST], runs[MOST];
	size_t messages[MOST], outputs[MOST]; /* bytes */
	char output[4 * LUNATIK_EVENT_OUTPUT_MAX];
	size_t size;
} told;

static void attribute_read(const struct nlattr *attribute, unsigned int i)
{
	switch (nla_type(attribute)) {
	case LUNATIK_A_EVENT_TYPE:
		told.types[i] = nla_get_u32(attribute);
		break;
	case LUNATIK_A_EVENT_SEQUENCE:
		told.sequences[i] = nla_get_u64(attribute);
		break;
	case LUNATIK_A_EVENT_RUN:
		told.runs[i] = nla_get_u64(attribute);
		break;
	case LUNATIK_A_EVENT_ERRNO:
		told.errnos[i] = nla_get_u32(attribute);
		break;
	case LUNATIK_A_EVENT_MESSAGE:
		told.messages[i] = nla_len(attribute);
		break;
	case LUNATIK_A_EVENT_OUTPUT:
		told.outputs[i] = nla_len(attribute);
		check(told.size + nla_len(attribute) <= sizeof(told.output));
		memcpy(told.output + told.size, nla_data(attribute), nla_len(attribute));
		told.size += nla_len(attribute);
		break;
	}
}

static void listen(struct sock *listener)
{
	struct sk_buff *skb;

	memset(&told, 0, sizeof(told));
	while ((skb = netlink_recv(listener))) {
		const struct nlattr *attribute;
		int left;

		check(told.count < MOST);
		nlmsg_for_each_attr(attribute, nlmsg_hdr(skb), GENL_HDRLEN, left)
			attribute_read(attribute, told.count % MOST);
		told.count++;
		kfree_skb(skb);
	}
}

static struct sock *begin(void)
{
	struct sock *listener;

	load();
	listener = client_open();
	check(!netlink_membership(listener, lunatik_family.mcgrp_offset, true));
	check(klua_createstate("s") == 0);
	listen(listener);
	check(told.count == 1 && told.types[0] == LUNATIK_EVENT_TYPE_CREATED);
	return listener;
}

/* An event ends with a line, or when it is full; no byte is lost, or told twice. */
static void output(void)
{
	struct sock *listener = begin();
	static char expected[2 + 9000 + 1 + 2];
	unsigned int i;

	check(klua_execute("s", "print('a', ('x'):rep(9000)) print('b')") == 0);
	listen(listener);
	snprintf(expected, sizeof(expected), "a\t");
	memset(expected + 2, 'x', 9000);
	memcpy(expected + 9002, "\nb\n", 3);
	check(told.size == sizeof(expected) && !memcmp(told.output, expected, told.size));
	check(told.count == 4);
	check(told.outputs[0] == LUNATIK_EVENT_OUTPUT_MAX && told.outputs[3] == 2);
	for (i = 0; i < told.count; i++) {
		check(told.types[i] == LUNATIK_EVENT_TYPE_PRINT);
		check(told.runs[i] && told.runs[i] == told.runs[0]);
		check(told.sequences[i] == told.sequences[0] + i);
	}
	/* a run that is ended in the middle of a line */
	check(klua_execute("s", "print('c', setmetatable({}, {__tostring = error}))") == -EIO);
	listen(listener);
	check(told.count >= 1 && told.types[told.count - 1] == LUNATIK_EVENT_TYPE_FAILED);
	netlink_close(listener);
	unload();
}

static void failures(void)
{
	static const struct {
		const char *code;
		int error;
		enum lunatik_event_type type;
	} runs[] = {
		{ "error(('e'):rep(10000), 0)", EIO, LUNATIK_EVENT_TYPE_FAILED },
		{ "x =", ENOEXEC, LUNATIK_EVENT_TYPE_FAILED },
		{ "while true do end", ETIMEDOUT, LUNATIK_EVENT_TYPE_LIMIT },
		{ "return ('x'):rep(1 << 30)", EDQUOT, LUNATIK_EVENT_TYPE_LIMIT },
	};
	struct sock *listener;
	unsigned int i;

	check(!module_parameter_set("default_time_ms=10"));
	listener = begin();
	for (i = 0; i < ARRAY_SIZE(runs); i++) {
		check(klua_execute("s", runs[i].code) == -runs[i].error);
		listen(listener);
		check(told.count == 1 && told.types[0] == runs[i].type);
		check(told.errnos[0] == (u32)runs[i].error);
		check(told.messages[0] > 0 && told.messages[0] <= LUNATIK_EVENT_MESSAGE_MAX);
	}
	check(klua_execute("s", "") == 0);
	listen(listener);
	check(!told.count);
	netlink_close(listener);
	unload();
}

/* The group's number may be another's by then. */
static void after_the_end(void)
{
	struct sock *listener = begin();

	unload();
	listen(listener);
	check(!told.count);
	netlink_close(listener);
}

const struct case_of event_cases[] = {
	{ "what is printed is told in events, all of it", output },
	{ "what fails is told in an event, by its kind", failures },
	{ "the end of the module is no event", after_the_end },
	{ NULL },
};
