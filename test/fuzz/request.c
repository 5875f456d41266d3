// SPDX-License-Identifier: MIT
/*
 * Netlink requests: the input is a stream of messages, as it would come through the embedded
 * backend's socket. There are two clients and two states, one of them busy, with a run that waits
 * and a run whose results were kept. What a mutation makes of a header is mended as far as it takes
 * for the rest to be looked at: a length that is none is that of all that is left, a type that
 * nobody has is the family's. The port of a header, which the kernel does not read, says more:
 *
 *   bit 0        which client sends it; the second one has a small buffer
 *   bit 1        the clients read nothing afterwards
 *   bits 8-15    so many items of work are done afterwards
 *   bits 16-23   which of them, see serial_work()
 *   bits 24-31   the n-th allocation fails while it is carried out; 0 none
 *
 * Whatever comes: every reply is well-formed, the state that was idle still works, and after
 * everything is deleted nothing is left.
 */
#include <string.h>

#include <linux/kernel.h>
#include <linux/slab.h>

#include "connection.h"
#include "fuzz.h"
#include "genetlink.h"
#include "kmod/memory.h"
#include "kmod/netlink.h"
#include "kmod/run.h"
#include "kmod/state.h"
#include "serial.h"
#include "task.h"
#include "world.h"

#define MESSAGES_MAX 64
#define BUFFER_SMALL 8192

static struct sock *clients[2];
static u32 sequence;

static void put_u64(struct sk_buff *skb, int type, u64 value)
{
	nla_put_u64_64bit(skb, type, value, LUNATIK_A_RUN_PAD);
}

static void create(const char *name)
{
	struct sk_buff *skb = world_request(LUNATIK_CMD_CREATE, 0, &sequence, 256);

	nla_put_string(skb, LUNATIK_A_STATE_NAME, name);
	world_send(clients[0], skb);
}

static void execute(const char *state, const char *code, u64 cookie, u64 wait)
{
	struct sk_buff *skb = world_request(LUNATIK_CMD_EXECUTE, 0, &sequence, 1024);

	nla_put_string(skb, LUNATIK_A_RUN_STATE, state);
	nla_put(skb, LUNATIK_A_RUN_CODE, strlen(code), code);
	put_u64(skb, LUNATIK_A_RUN_COOKIE, cookie);
	put_u64(skb, LUNATIK_A_RUN_MAX_WAIT, wait);
	world_send(clients[0], skb);
}

/* The states "s" and "b"; the runs 1 (done), 2 (ready), 3 (waits), 9 (kept). */
static void set_up(void)
{
	clients[0] = world_open(WORLD_BUFFER);
	clients[1] = world_open(BUFFER_SMALL);
	sequence = 1;
	create("s");
	create("b");
	execute("s", "function f(...) return ... end t = {g = f, p = print} "
		     "setmetatable(t, {__index = function(_, k) return function() return k end end})", 1, 0);
	serial_drain();
	execute("s", "local t = ('t'):rep(400) print(t) return t:rep(100)", 9, 0);
	serial_drain();
	execute("b", "for i = 1, 300 do end", 2, 0);
	execute("b", "return 1", 3, NSEC_PER_SEC);
	world_receive(clients[0], NULL, NULL);
}

static void join(struct sock *client, const struct nlmsghdr *header)
{
	u32 wish[2];

	if (nlmsg_len(header) < (int)sizeof(wish))
		return;
	memcpy(wish, nlmsg_data(header), sizeof(wish));
	netlink_membership(client, wish[0], wish[1] & 1);
}

/* Send one message, which begins with a header and is as long as that says. */
static void message_send(const struct nlmsghdr *header)
{
	struct sk_buff *skb = alloc_skb(header->nlmsg_len, GFP_KERNEL);
	u32 more = header->nlmsg_pid;
	struct sock *client = clients[more & 1];
	unsigned int works = more >> 8 & 255;

	if (!skb)
		fuzz_fail("no memory for a message of %u bytes", header->nlmsg_len);
	memcpy(skb_put(skb, header->nlmsg_len), header, header->nlmsg_len);
	slab_fail_nth(more >> 24);
	if (header->nlmsg_type == MESSAGE_MEMBERSHIP) {
		join(client, header);
		kfree_skb(skb);
	} else {
		netlink_send(client, skb);
		task_assert_free("a request");
	}
	while (works-- && serial_work(more >> 16 & 255))
		;
	slab_fail_nth(0);
	if (more & 2)
		return;
	world_receive(clients[0], NULL, NULL);
	world_receive(clients[1], NULL, NULL);
}

static void mend(struct nlmsghdr *header, size_t left)
{
	if (header->nlmsg_len < sizeof(*header) || header->nlmsg_len > left)
		header->nlmsg_len = left;
	if (header->nlmsg_type >= NLMSG_MIN_TYPE && header->nlmsg_type != GENL_ID_CTRL)
		header->nlmsg_type = lunatik_family.id;
	if (header->nlmsg_type != MESSAGE_MEMBERSHIP)
		header->nlmsg_flags |= NLM_F_REQUEST;
}

/* A state that nobody deleted is idle once all work is done, and does sums. */
static void answer_check(const struct world_reply *reply, void *context)
{
	bool *answered = context;

	if (reply->header->nlmsg_type != lunatik_family.id || reply->command != LUNATIK_CMD_FINISHED)
		return;
	if (world_u64(reply, LUNATIK_A_RUN_COOKIE) != 77)
		return;
	*answered = true;
	if (!world_u32(reply, LUNATIK_A_RUN_ERRNO) &&
	    (nla_len(reply->attributes[LUNATIK_A_RUN_RESULTS]) != 2 ||
	     memcmp(nla_data(reply->attributes[LUNATIK_A_RUN_RESULTS]), "\x91\x02", 2)))
		fuzz_fail("one and one are not two");
}

static void usable_check(void)
{
	struct lunatik_state *state;
	bool answered = false;

	serial_drain();
	world_receive(clients[0], NULL, NULL);
	state = lunatik_state_find("s", 1);
	if (!state)
		return;
	if (state->run || state->dying)
		fuzz_fail("a state is not idle though nothing is left to do");
	lunatik_state_put(state);
	execute("s", "return 1 + 1", 77, 0);
	serial_drain();
	world_receive(clients[0], answer_check, &answered);
	if (!answered)
		fuzz_fail("a run was not answered");
}

/* Whatever an input that is more than refused changes. */
struct trace {
	u32 generation, runs;
	u64 memory, groups;
	unsigned long tickets;
};

static struct trace trace_now(void)
{
	return (struct trace) {
		.generation = lunatik_states_generation(), .runs = lunatik_runs_count(),
		.memory = lunatik_memory_used(), .tickets = serial_tickets,
		.groups = clients[0]->groups | clients[1]->groups,
	};
}

/* Most inputs change nothing, and leave the world to the next one. */
static bool changed(const struct trace *before)
{
	const struct trace after = trace_now();

	return after.generation != before->generation || after.runs != before->runs ||
	       after.memory != before->memory || after.groups != before->groups ||
	       after.tickets != before->tickets;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct trace before;
	unsigned int count = 0;
	char *copy, *at;

	world_load();
	if (!clients[0]) {
		set_up();
		before = trace_now();
	}
	at = copy = kmemdup(data, size, GFP_KERNEL);
	set_up();
	while (size >= NLMSG_HDRLEN && count++ < MESSAGES_MAX) {
		struct nlmsghdr *header = (struct nlmsghdr *)at;
		size_t whole;

		mend(header, size);
		message_send(header);
		whole = min_t(size_t, size, NLMSG_ALIGN(header->nlmsg_len));
		at += whole;
		size -= whole;
	}
	kfree(copy);
	world_receive(clients[0], NULL, NULL);
	world_receive(clients[1], NULL, NULL);
	if (changed(&before)) {
		usable_check();
		world_end();
		clients[0] = NULL;
	}
	return 0;
}
