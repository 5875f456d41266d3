// SPDX-License-Identifier: MIT
/*
 * The whole module in one thread, with a clock that goes when it is told to (test/fuzz/serial.h): what takes a minute
 * otherwise, and every allocation that can fail. A module is loaded once in a process, so every case has its own.
 *
 *   unthreaded-test [TEXT]      the cases with the text in their names
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>

#include "genetlink.h"
#include "kmod/memory.h"
#include "kmod/netlink.h"
#include "kmod/run.h"
#include "kmod/state.h"
#include "serial.h"
#include "test.h"

static unsigned int checks, wrong;

void check_at(bool good, const char *what, const char *file, int line)
{
	checks++;
	if (good)
		return;
	wrong++;
	printf("%s:%d: not so: %s\n", file, line, what);
}

void load(void)
{
	check(!embedded_module_init());
}

void unload(void)
{
	netlink_end_dumps();
	embedded_module_exit();
	check(!lunatik_states_count());
	check(!lunatik_runs_count());
	check(!lunatik_memory_used());
}

/* --- a client --- */

static u32 sequence;

static void ready(void *context)
{
	(void)context;
}

struct sock *client_open(void)
{
	return netlink_open(16 << 20, ready, NULL);
}

struct sk_buff *client_request(u8 command, int flags, size_t room)
{
	struct sk_buff *skb = nlmsg_new(room, GFP_KERNEL | __GFP_NOFAIL);
	struct nlmsghdr *header = nlmsg_put(skb, 0, ++sequence, lunatik_family.id, GENL_HDRLEN,
					    NLM_F_REQUEST | NLM_F_ACK | flags);

	*(struct genlmsghdr *)nlmsg_data(header) = (struct genlmsghdr) {
		.cmd = command, .version = LUNATIK_GENL_VERSION,
	};
	return skb;
}

static struct sk_buff *request(u8 command, int flags)
{
	return client_request(command, flags, 4096);
}

/* Send; the errno of the acknowledgement, or of the end of a dump, whose bytes are counted. -ENOBUFS when there is none. */
static int ask(struct sock *client, struct sk_buff *skb, long *bytes)
{
	const u32 number = sequence;
	int error = -ENOBUFS;

	nlmsg_end(skb, nlmsg_hdr(skb));
	netlink_send(client, skb);
	while ((skb = netlink_recv(client))) {
		const struct nlmsghdr *header = nlmsg_hdr(skb);
		const struct nlattr *attribute;
		int left;

		if (header->nlmsg_seq == number &&
		    (header->nlmsg_type == NLMSG_ERROR || header->nlmsg_type == NLMSG_DONE))
			memcpy(&error, nlmsg_data(header), sizeof(error));
		else if (bytes && header->nlmsg_type == lunatik_family.id)
			nlmsg_for_each_attr(attribute, header, GENL_HDRLEN, left)
				if (nla_type(attribute) == LUNATIK_A_RUN_RESULTS ||
				    nla_type(attribute) == LUNATIK_A_RUN_OUTPUT)
					*bytes += nla_len(attribute);
		kfree_skb(skb);
	}
	return error;
}

/* The text of a refusal; its request is not repeated in front of it when the flags say so. */
static void told_copy(const struct nlmsghdr *header, char *told, size_t room)
{
	const struct nlmsgerr *refusal = nlmsg_data(header);
	int skip = sizeof(*refusal), left;
	const struct nlattr *attribute;

	if (!(header->nlmsg_flags & NLM_F_CAPPED))
		skip += nlmsg_len(&refusal->msg);
	if (header->nlmsg_flags & NLM_F_ACK_TLVS)
		nlmsg_for_each_attr(attribute, header, NLMSG_ALIGN(skip), left)
			if (nla_type(attribute) == NLMSGERR_ATTR_MSG)
				snprintf(told, room, "%s", (const char *)nla_data(attribute));
}

int client_ask(struct sock *client, struct sk_buff *skb, const char **told)
{
	static char text[200];
	const u32 number = sequence;
	int error = -ENOBUFS;

	text[0] = '\0';
	*told = text;
	nlmsg_end(skb, nlmsg_hdr(skb));
	netlink_send(client, skb);
	while ((skb = netlink_recv(client))) {
		const struct nlmsghdr *header = nlmsg_hdr(skb);

		if (header->nlmsg_seq == number && header->nlmsg_type == NLMSG_ERROR) {
			memcpy(&error, nlmsg_data(header), sizeof(error));
			told_copy(header, text, sizeof(text));
		}
		kfree_skb(skb);
	}
	return error;
}

static void tell(struct sock *client, struct sk_buff *skb)
{
	nlmsg_hdr(skb)->nlmsg_flags &= ~NLM_F_ACK;
	nlmsg_end(skb, nlmsg_hdr(skb));
	netlink_send(client, skb);
}

void client_tell(struct sock *client, struct sk_buff *skb, u64 cookie)
{
	if (cookie)
		nla_put_u64_64bit(skb, LUNATIK_A_RUN_COOKIE, cookie, LUNATIK_A_RUN_PAD);
	tell(client, skb);
}

int client_create(struct sock *client, const char *name)
{
	struct sk_buff *skb = request(LUNATIK_CMD_CREATE, 0);

	nla_put_string(skb, LUNATIK_A_STATE_NAME, name);
	return ask(client, skb, NULL);
}

struct sock *load_with_state(void)
{
	struct sock *client;

	load();
	client = client_open();
	check(client_create(client, "s") == 0);
	return client;
}

static struct sk_buff *request_execute(const char *state, const char *code, u64 cookie)
{
	struct sk_buff *skb = request(LUNATIK_CMD_EXECUTE, 0);

	nla_put_string(skb, LUNATIK_A_RUN_STATE, state);
	nla_put(skb, LUNATIK_A_RUN_CODE, strlen(code), code);
	nla_put_u64_64bit(skb, LUNATIK_A_RUN_COOKIE, cookie, LUNATIK_A_RUN_PAD);
	return skb;
}

int client_execute(struct sock *client, const char *state, const char *code, u64 cookie)
{
	return ask(client, request_execute(state, code, cookie), NULL);
}

void client_submit(struct sock *client, const char *state, const char *code, u64 cookie)
{
	struct sk_buff *skb = request_execute(state, code, cookie);

	nla_put_u64_64bit(skb, LUNATIK_A_RUN_MAX_WAIT, 60 * NSEC_PER_SEC, LUNATIK_A_RUN_PAD);
	tell(client, skb);
}

long client_result(struct sock *client, u64 cookie)
{
	struct sk_buff *skb = request(LUNATIK_CMD_RESULT, NLM_F_DUMP);
	long bytes = 0;
	int error;

	nla_put_u64_64bit(skb, LUNATIK_A_RUN_COOKIE, cookie, LUNATIK_A_RUN_PAD);
	error = ask(client, skb, &bytes);
	return error ? error : bytes;
}

/* The errno of an answer if it is the run's with that cookie, else -1. */
static long answer_of(const struct nlmsghdr *header, u64 cookie)
{
	const struct nlattr *attribute;
	bool found = false;
	long error = -1;
	int left;

	if (header->nlmsg_type != lunatik_family.id)
		return -1;
	nlmsg_for_each_attr(attribute, header, GENL_HDRLEN, left) {
		if (nla_type(attribute) == LUNATIK_A_RUN_COOKIE)
			found = nla_get_u64(attribute) == cookie;
		else if (nla_type(attribute) == LUNATIK_A_RUN_ERRNO)
			error = nla_get_u32(attribute);
	}
	return found ? error : -1;
}

long client_answer(struct sock *client, u64 cookie)
{
	struct sk_buff *skb;
	long error = -1;

	while (error < 0 && (skb = netlink_recv(client))) {
		const struct nlmsghdr *header = nlmsg_hdr(skb);
		int left = skb->len;

		while (error < 0 && nlmsg_ok(header, left)) {
			error = answer_of(header, cookie);
			left -= NLMSG_ALIGN(header->nlmsg_len);
			header = (const void *)((const char *)header + NLMSG_ALIGN(header->nlmsg_len));
		}
		kfree_skb(skb);
	}
	return error;
}

void client_drain(struct sock *client)
{
	struct sk_buff *skb;

	while ((skb = netlink_recv(client)))
		kfree_skb(skb);
}

/* --- */

static int run_case(const struct case_of *one)
{
	serial_task_here();
	if (embedded_workqueues_init() || nlctrl_init())
		return 1;
	one->run();
	nlctrl_exit();
	embedded_workqueues_exit();
	return wrong || !checks;
}

static bool run_apart(const struct case_of *one)
{
	int status = -1;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child)
		exit(run_case(one));
	waitpid(child, &status, 0);
	return status == 0;
}

int main(int argc, char **argv)
{
	static const struct case_of *const all[] = {
		dump_cases, end_cases, event_cases, export_cases, letter_cases, limit_cases, load_cases,
		log_cases, memory_cases, port_cases, request_cases, result_cases,
	};
	unsigned int i, passed = 0, failed = 0;
	const struct case_of *now;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		for (now = all[i]; now->name; now++) {
			bool good;

			if (argc > 1 && !strstr(now->name, argv[1]))
				continue;
			good = run_apart(now);
			printf("%s - %s\n", good ? "ok" : "not ok", now->name);
			passed += good;
			failed += !good;
		}
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
