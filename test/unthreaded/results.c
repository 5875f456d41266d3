// SPDX-License-Identifier: MIT
/* How long what was too large for a reply is kept. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <net/sock.h>

#include "kmod/memory.h"
#include "kmod/result.h"
#include "serial.h"
#include "test.h"

#define LARGE "return ('x'):rep(40000)"
#define BYTES 40004 /* behind the heads of an array and of a string */
#define ROOM 65528  /* what they have, and is on the account of memory: a power of two with 8 bytes in front */

static void keep(struct sock *client, u64 cookie)
{
	check(client_execute(client, "s", LARGE, cookie) == 0);
	serial_drain();
	client_drain(client);
	check(client_result(client, cookie) == BYTES);
}

static void a_minute(void)
{
	struct sock *client = load_with_state();
	u64 used;

	keep(client, 1);
	serial_pass(30 * NSEC_PER_SEC);
	keep(client, 2);
	serial_pass(29 * NSEC_PER_SEC);
	serial_drain();
	check(client_result(client, 1) == BYTES);
	check(client_result(client, 2) == BYTES);
	used = lunatik_memory_used();
	serial_pass(2 * NSEC_PER_SEC);
	serial_drain();
	check(used - lunatik_memory_used() == ROOM);
	check(client_result(client, 1) == -ENOENT);
	check(client_result(client, 2) == BYTES);
	serial_pass(30 * NSEC_PER_SEC);
	serial_drain();
	check(client_result(client, 2) == -ENOENT);
	check(used - lunatik_memory_used() == 2 * ROOM);
	netlink_close(client);
	unload();
}

static void client_gone(void)
{
	struct sock *client = load_with_state(), *other = client_open();

	keep(client, 1);
	keep(other, 2);
	netlink_close(client);
	check(client_result(other, 1) == -ENOENT);
	check(client_result(other, 2) == BYTES);
	netlink_close(other);
	unload();
}

static void module_gone(void)
{
	struct sock *client = load_with_state();

	keep(client, 1);
	keep(client, 2);
	unload();
	netlink_close(client);
}

/* As a dump has it that was not read to its end. */
static struct lunatik_result *hold(u64 cookie)
{
	struct lunatik_result *result = lunatik_result_find(0, &cookie);

	check(result);
	return result;
}

/* The kernel may end a dump with the last reference to its socket only. */
static void read_when_the_client_goes(void)
{
	struct sock *client = load_with_state();
	struct lunatik_result *released, *left;
	unsigned int before = refcount_read(&client->references);

	keep(client, 1);
	keep(client, 2);
	check(refcount_read(&client->references) == before + 2);
	released = hold(1);
	left = hold(2);
	lunatik_result_release(released);
	lunatik_result_release(released);
	check(refcount_read(&client->references) == before + 1);
	sock_hold(client);
	netlink_close(client);
	check(refcount_read(&client->references) == 1);
	lunatik_result_put(released);
	lunatik_result_put(left);
	check(refcount_read(&client->references) == 1);
	sock_put(client);
	unload();
}

const struct case_of result_cases[] = {
	{ "results are kept for a minute", a_minute },
	{ "results are kept as long as the client stays", client_gone },
	{ "a result that is being read does not keep its client's socket", read_when_the_client_goes },
	{ "results that are kept go with the module", module_gone },
	{ NULL },
};
