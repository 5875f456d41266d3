// SPDX-License-Identifier: MIT
/* Answers that leave together (kmod/letter.h). */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <net/genetlink.h>

#include "kmod/netlink.h"
#include "kmod/run.h"
#include "serial.h"
#include "test.h"

#define SHORT "x = (x or 0) + 1"
#define LONG "for i = 1, 100000 do end"
#define FAILS "error('no')"

/* The cookies of the answers in the next datagram; how many there are. */
static unsigned int datagram(struct sock *client, u64 *cookies, unsigned int most)
{
	struct sk_buff *skb = netlink_recv(client);
	const struct nlmsghdr *header;
	unsigned int count = 0;
	int left;

	if (!skb)
		return 0;
	header = nlmsg_hdr(skb);
	for (left = skb->len; nlmsg_ok(header, left);) {
		const struct nlattr *cookie = NULL, *attribute;
		int rest;

		check(header->nlmsg_type == lunatik_family.id);
		check(header->nlmsg_pid == client->portid);
		nlmsg_for_each_attr(attribute, header, GENL_HDRLEN, rest)
			if (nla_type(attribute) == LUNATIK_A_RUN_COOKIE)
				cookie = attribute;
		check(cookie && count < most);
		if (cookie && count < most)
			cookies[count++] = nla_get_u64(cookie);
		left -= NLMSG_ALIGN(header->nlmsg_len);
		header = (const struct nlmsghdr *)((const char *)header +
						   NLMSG_ALIGN(header->nlmsg_len));
	}
	check(!left);
	kfree_skb(skb);
	return count;
}

static void end(struct sock *client)
{
	netlink_close(client);
	unload();
}

static void together(void)
{
	struct sock *client = load_with_state();
	u64 cookies[8];
	u64 i;

	for (i = 1; i <= 5; i++)
		client_submit(client, "s", SHORT, i);
	serial_drain();
	check(datagram(client, cookies, 8) == 5);
	for (i = 0; i < 5; i++)
		check(cookies[i] == i + 1);
	check(!datagram(client, cookies, 8));
	end(client);
}

static void full(void)
{
	struct sock *client = load_with_state();
	unsigned int datagrams = 0, got;
	u64 cookies[64], next = 1, i;

	for (i = 1; i <= 60; i++)
		client_submit(client, "s", SHORT, i);
	serial_drain();
	while ((got = datagram(client, cookies, 64))) {
		datagrams++;
		for (i = 0; i < got; i++)
			check(cookies[i] == next++);
	}
	check(next == 61);
	check(datagrams >= 3 && datagrams <= 8);
	end(client);
}

static void large(void)
{
	struct sock *client = load_with_state();
	u64 cookies[4];

	client_submit(client, "s", SHORT, 1);
	client_submit(client, "s", "return ('x'):rep(10000)", 2);
	client_submit(client, "s", SHORT, 3);
	serial_drain();
	check(datagram(client, cookies, 4) == 1 && cookies[0] == 1);
	check(datagram(client, cookies, 4) && cookies[0] == 2);
	end(client);
}

/* --- nobody waits for somebody else's run ----------------------------------------------------- */

static struct sock *waiter;
static u64 early[4];
static unsigned int early_count, looks;

/* Called between two runs, and in the middle of the long one, which is the third. */
static void look(void)
{
	if (++looks != 3)
		return;
	check(!datagram(waiter, early, 4));
	serial_pass(2 * NSEC_PER_SEC / HZ);
	while (serial_work(0))
		;
	early_count = datagram(waiter, early, 4);
}

static void behind_a_long_one(void)
{
	struct sock *client = load_with_state();
	u64 cookies[4];

	waiter = client;
	looks = 0;
	client_submit(client, "s", SHORT, 1);
	client_submit(client, "s", SHORT, 2);
	client_submit(client, "s", LONG, 3);
	serial_relaxed = look;
	serial_drain();
	serial_relaxed = NULL;
	check(early_count == 2 && early[0] == 1 && early[1] == 2);
	check(datagram(client, cookies, 4) == 1 && cookies[0] == 3);
	end(client);
}

static void after_a_long_one(void)
{
	struct sock *client = load_with_state();
	u64 cookies[4];

	client_submit(client, "s", LONG, 1);
	client_submit(client, "s", SHORT, 2);
	serial_work(0);
	check(datagram(client, cookies, 4) == 1 && cookies[0] == 1);
	serial_drain();
	check(datagram(client, cookies, 4) == 1 && cookies[0] == 2);
	end(client);
}

static void failures(void)
{
	struct sock *client = load_with_state();
	u64 cookies[4];

	client_submit(client, "s", SHORT, 1);
	client_submit(client, "s", FAILS, 2);
	client_submit(client, "s", SHORT, 3);
	serial_work(0);
	check(datagram(client, cookies, 4) == 2 && cookies[0] == 1 && cookies[1] == 2);
	serial_drain();
	check(datagram(client, cookies, 4) == 1 && cookies[0] == 3);
	end(client);
}

static void two_askers(void)
{
	struct sock *client = load_with_state(), *other = client_open();
	u64 cookies[4];

	client_submit(client, "s", SHORT, 1);
	client_submit(other, "s", SHORT, 2);
	client_submit(other, "s", SHORT, 3);
	client_submit(client, "s", SHORT, 4);
	serial_drain();
	check(datagram(other, cookies, 4) == 2 && cookies[0] == 2 && cookies[1] == 3);
	check(datagram(client, cookies, 4) == 1 && cookies[0] == 1);
	check(datagram(client, cookies, 4) == 1 && cookies[0] == 4);
	netlink_close(other);
	end(client);
}

/* In the middle of the third run, behind which an outsider's waits. */
static void give_up(void)
{
	const struct lunatik_run_match outsiders = { .has_cookie = true, .cookie = 4 };

	if (++looks != 3)
		return;
	check(lunatik_runs_cancel(&outsiders) == 1);
	while (serial_work(0))
		;
	early_count = datagram(waiter, early, 4);
}

static void outsider_leaves(void)
{
	struct sock *client = load_with_state(), *other = client_open();
	u64 cookies[4];

	waiter = other;
	looks = early_count = 0;
	client_submit(client, "s", SHORT, 1);
	client_submit(client, "s", SHORT, 2);
	client_submit(client, "s", LONG, 3);
	client_submit(other, "s", SHORT, 4);
	serial_relaxed = give_up;
	serial_drain();
	serial_relaxed = NULL;
	check(early_count == 1 && early[0] == 4);
	check(datagram(client, cookies, 4) == 3);
	check(cookies[0] == 1 && cookies[1] == 2 && cookies[2] == 3);
	check(!datagram(other, cookies, 4));
	netlink_close(other);
	end(client);
}

/* --- the asker goes, or does not read --------------------------------------------------------- */

static struct sock *stranger;

/* Whose port is another's at once. */
static void leave(void)
{
	const u32 port = waiter ? waiter->portid : 0;

	if (!waiter)
		return;
	netlink_close(waiter);
	waiter = NULL;
	stranger = client_open();
	check(stranger->portid == port);
}

static void asker_gone(void)
{
	struct sock *client = load_with_state(), *other;
	u64 cookies[4];

	waiter = client;
	client_submit(client, "s", SHORT, 1);
	client_submit(client, "s", LONG, 2);
	serial_relaxed = leave;
	serial_drain();
	serial_relaxed = NULL;
	check(!waiter);
	/* the port of the one that is gone, and nothing of its answers */
	other = stranger;
	check(!netlink_recv(other));
	client_submit(other, "s", "assert(x == 1)", 3);
	serial_drain();
	check(datagram(other, cookies, 4) == 1 && cookies[0] == 3);
	end(other);
}

static void overrun(void)
{
	struct sock *client = load_with_state();
	const size_t limit = client->limit;
	struct sk_buff *skb;
	unsigned int told = 0;
	u64 cookies[4];

	client_submit(client, "s", SHORT, 1);
	serial_drain();
	client->limit = 0; /* what waits there fills it */
	client_submit(client, "s", SHORT, 2);
	client_submit(client, "s", SHORT, 3);
	serial_drain();
	client->limit = limit;
	while ((skb = netlink_recv(client))) {
		told += nlmsg_hdr(skb)->nlmsg_type == NLMSG_OVERRUN;
		kfree_skb(skb);
	}
	check(told == 1);
	client_submit(client, "s", "assert(x == 3)", 4);
	serial_drain();
	check(datagram(client, cookies, 4) == 1 && cookies[0] == 4);
	end(client);
}

static void unloaded(void)
{
	struct sock *client = load_with_state();
	u64 cookies[4];
	u64 got = 0;

	client_submit(client, "s", SHORT, 1);
	client_submit(client, "s", SHORT, 2);
	unload();
	while ((got = datagram(client, cookies, 4)))
		check(cookies[0] == 1 || cookies[0] == 2);
	netlink_close(client);
}

const struct case_of letter_cases[] = {
	{ "answers of short runs leave together, in the order of the runs", together },
	{ "a letter has an end, and the next one begins", full },
	{ "an answer that does not fit leaves behind the others", large },
	{ "a finished run's answer does not wait behind a long run", behind_a_long_one },
	{ "a long run's answer waits for nobody", after_a_long_one },
	{ "an error leaves at once, with those before it", failures },
	{ "answers to two askers leave apart", two_askers },
	{ "a run that leaves the queue is answered to who asked for it, apart from what is held",
	  outsider_leaves },
	{ "an asker that is gone gets no letter, nor does who has its port", asker_gone },
	{ "a letter that is lost is told as an overrun", overrun },
	{ "what is under way when the module goes is answered", unloaded },
	{ NULL },
};
