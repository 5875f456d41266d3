// SPDX-License-Identifier: MIT
/* Requests that are refused, each for one reason only: with which errno and text. */
#include <errno.h>
#include <string.h>

#include <linux/kernel.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <net/genetlink.h>

#include "kmod/lunatik.h"
#include "kmod/netlink.h"
#include "kmod/settings.h"
#include "kmod/state.h"
#include "serial.h"
#include "test.h"

static struct sock *client;

static void refuses(struct sk_buff *skb, int error, const char *text)
{
	const char *told;
	int got = client_ask(client, skb, &told);

	check(got == -error);
	check(strstr(told, text) == told);
}

static void takes(struct sk_buff *skb)
{
	const char *told;

	check(client_ask(client, skb, &told) == 0);
}

/* A request that names the state "s" and would succeed. */
static struct sk_buff *good(u8 command)
{
	struct sk_buff *skb = client_request(command, 0, 4096);

	nla_put_string(skb, command == LUNATIK_CMD_CREATE || command == LUNATIK_CMD_DELETE ?
		       LUNATIK_A_STATE_NAME : LUNATIK_A_RUN_STATE, "s");
	if (command == LUNATIK_CMD_EXECUTE)
		nla_put(skb, LUNATIK_A_RUN_CODE, 0, "");
	if (command == LUNATIK_CMD_CALL)
		nla_put_string(skb, LUNATIK_A_RUN_FUNCTION, "print");
	return skb;
}

static struct sk_buff *with_u32(u8 command, int type, u32 value)
{
	struct sk_buff *skb = good(command);

	nla_put_u32(skb, type, value);
	return skb;
}

static struct sk_buff *with_u64(u8 command, int type, u64 value)
{
	struct sk_buff *skb = good(command);

	nla_put(skb, type, sizeof(value), &value);
	return skb;
}

static struct sk_buff *with_bytes(u8 command, int type, const void *bytes, int size)
{
	struct sk_buff *skb = good(command);

	nla_put(skb, type, size, bytes);
	return skb;
}

static void forms(void)
{
	struct sk_buff *skb;

	client = load_with_state();
	skb = good(LUNATIK_CMD_EXECUTE);
	nlmsg_hdr(skb)->nlmsg_flags |= 0x800;
	refuses(skb, EOPNOTSUPP, "ERR_UNSUPPORTED: unknown flag in the netlink header");
	skb = good(LUNATIK_CMD_EXECUTE);
	((struct genlmsghdr *)nlmsg_data(nlmsg_hdr(skb)))->reserved = 1;
	refuses(skb, EINVAL, "ERR_INVALID: reserved bits");
	refuses(with_u64(LUNATIK_CMD_CREATE, LUNATIK_A_STATE_MEMORY, 1), EOPNOTSUPP,
		"ERR_UNSUPPORTED: unknown attribute");
	refuses(with_u32(LUNATIK_CMD_CREATE, LUNATIK_CREATE_MAXATTR + 1, 0), EOPNOTSUPP,
		"ERR_UNSUPPORTED: unknown attribute");
	refuses(with_u32(LUNATIK_CMD_EXECUTE, 0, 0), EOPNOTSUPP, "ERR_UNSUPPORTED: unknown attribute");
	refuses(with_u64(LUNATIK_CMD_EXECUTE, LUNATIK_A_RUN_MAX_STEPS | NLA_F_NESTED, 1), EINVAL,
		"ERR_INVALID: flag in the attribute's type");
	refuses(with_bytes(LUNATIK_CMD_DELETE, LUNATIK_A_STATE_DELETE_FLAGS, "12345678", 8), EINVAL,
		"ERR_INVALID: wrong length");
	refuses(with_bytes(LUNATIK_CMD_EXECUTE, LUNATIK_A_RUN_MAX_STEPS, "123456789abc", 12), EINVAL,
		"ERR_INVALID: wrong length");
	refuses(with_bytes(LUNATIK_CMD_EXECUTE, LUNATIK_A_RUN_STATE, "s", 1), EINVAL,
		"ERR_INVALID: the attribute comes twice");
	takes(with_bytes(LUNATIK_CMD_EXECUTE, LUNATIK_A_RUN_CODE, " ", 1));
	serial_drain();
	skb = good(LUNATIK_CMD_EXECUTE);
	memset(skb_put(skb, 4), 0, 4); /* an attribute's header takes as much, and says so */
	refuses(skb, EINVAL, "ERR_INVALID: bytes left over");
	netlink_close(client);
	unload();
}

static void texts(void)
{
	char text[300];

	memset(text, 'n', sizeof(text));
	client = load_with_state();
	refuses(client_request(LUNATIK_CMD_CREATE, 0, 4096), EINVAL, "ERR_INVALID: a required");
	refuses(client_request(LUNATIK_CMD_DELETE, 0, 4096), EINVAL, "ERR_INVALID: a required");
	refuses(with_bytes(LUNATIK_CMD_EXECUTE, LUNATIK_A_RUN_CHUNK_NAME, "a\0b", 3), EINVAL,
		"ERR_INVALID: the text holds a NUL");
	refuses(with_bytes(LUNATIK_CMD_EXECUTE, LUNATIK_A_RUN_CHUNK_NAME, text,
			   LUNATIK_CHUNK_NAME_MAX + 1), EINVAL, "ERR_INVALID: the text is too long");
	takes(with_bytes(LUNATIK_CMD_EXECUTE, LUNATIK_A_RUN_CHUNK_NAME, text, LUNATIK_CHUNK_NAME_MAX));
	serial_drain();
	check(client_create(client, "") == -EINVAL);
	text[LUNATIK_NAME_MAX + 1] = '\0';
	check(client_create(client, text) == -ENAMETOOLONG);
	netlink_close(client);
	unload();
}

/* Above the highest, 0, and the highest itself. */
static void limit(u8 command, int type, u64 highest)
{
	refuses(with_u64(command, type, highest + 1), ERANGE, "ERR_RANGE: the limit is above");
	refuses(with_u64(command, type, 0), ERANGE, "ERR_RANGE: the limit is 0");
	if (command == LUNATIK_CMD_CREATE)
		check(klua_deletestate("s") == 0);
	takes(with_u64(command, type, highest));
	serial_drain();
}

static void limits(void)
{
	const struct engine_limits *ceiling = &lunatik_settings.ceiling, *own;
	struct lunatik_state *state;

	client = load_with_state();
	state = lunatik_state_find("s", 1);
	own = &state->limits;
	limit(LUNATIK_CMD_EXECUTE, LUNATIK_A_RUN_MAX_MEMORY, own->memory);
	limit(LUNATIK_CMD_EXECUTE, LUNATIK_A_RUN_MAX_STEPS, own->steps);
	limit(LUNATIK_CMD_CALL, LUNATIK_A_RUN_MAX_TIME, own->time);
	lunatik_state_put(state);
	limit(LUNATIK_CMD_CREATE, LUNATIK_A_STATE_MAX_MEMORY, ceiling->memory);
	limit(LUNATIK_CMD_CREATE, LUNATIK_A_STATE_MAX_STEPS, ceiling->steps);
	limit(LUNATIK_CMD_CREATE, LUNATIK_A_STATE_MAX_TIME, ceiling->time);
	check(klua_deletestate("s") == 0);
	refuses(with_u64(LUNATIK_CMD_CREATE, LUNATIK_A_STATE_MAX_MEMORY, 4096), EDQUOT,
		"ERR_MEMORY: the memory limit is too small");
	netlink_close(client);
	unload();
}

/* A run's own limits are what ends it. */
static void limits_of_a_run(void)
{
	static const char code[] = "for i = 1, 1e7 do end";
	struct sk_buff *skb;

	client = load_with_state();
	skb = with_u64(LUNATIK_CMD_EXECUTE, LUNATIK_A_RUN_MAX_STEPS, 1000);
	nla_put(skb, LUNATIK_A_RUN_CODE, sizeof(code) - 1, code);
	client_tell(client, skb, 1);
	serial_drain();
	check(client_answer(client, 1) == ETIME);
	skb = with_u64(LUNATIK_CMD_EXECUTE, LUNATIK_A_RUN_MAX_TIME, 1000000);
	nla_put(skb, LUNATIK_A_RUN_CODE, sizeof(code) - 1, code);
	client_tell(client, skb, 2);
	serial_drain();
	check(client_answer(client, 2) == ETIMEDOUT);
	skb = with_u64(LUNATIK_CMD_EXECUTE, LUNATIK_A_RUN_MAX_MEMORY, 100000);
	nla_put(skb, LUNATIK_A_RUN_CODE, 24, "return ('x'):rep(200000)");
	client_tell(client, skb, 3);
	serial_drain();
	check(client_answer(client, 3) == EDQUOT);
	netlink_close(client);
	unload();
}

static struct sk_buff *of_code(size_t size)
{
	char *code = kmalloc(60000, GFP_KERNEL | __GFP_NOFAIL);
	struct sk_buff *skb = client_request(LUNATIK_CMD_EXECUTE, 0, size + 8192);

	memset(code, ' ', 60000);
	nla_put_string(skb, LUNATIK_A_RUN_STATE, "s");
	while (size) {
		size_t piece = min(size, (size_t)60000);

		nla_put(skb, LUNATIK_A_RUN_CODE, piece, code);
		size -= piece;
	}
	kfree(code);
	return skb;
}

static void runs(void)
{
	struct sk_buff *skb;

	client = load_with_state();
	refuses(of_code(LUNATIK_CHUNK_MAX + 1), E2BIG, "ERR_TOO_LARGE");
	takes(of_code(LUNATIK_CHUNK_MAX));
	serial_drain();
	skb = client_request(LUNATIK_CMD_EXECUTE, 0, 4096);
	nla_put_string(skb, LUNATIK_A_RUN_STATE, "s");
	refuses(skb, EINVAL, "ERR_INVALID: a required");
	skb = client_request(LUNATIK_CMD_CALL, 0, 4096);
	nla_put_string(skb, LUNATIK_A_RUN_STATE, "s");
	refuses(skb, EINVAL, "ERR_INVALID: a required");
	nla_put_string(skb = client_request(LUNATIK_CMD_CALL, 0, 4096), LUNATIK_A_RUN_STATE, "s");
	nla_put_string(skb, LUNATIK_A_RUN_FUNCTION, "");
	refuses(skb, EINVAL, "ERR_INVALID: the function's name is empty");
	refuses(client_request(LUNATIK_CMD_CANCEL, 0, 4096), EINVAL, "ERR_INVALID: a required");
	refuses(with_u64(LUNATIK_CMD_CANCEL, LUNATIK_A_RUN_ID, 0), ENOENT, "ERR_NO_RUN");
	refuses(with_u64(LUNATIK_CMD_CANCEL, LUNATIK_A_RUN_ID, 999), ENOENT, "ERR_NO_RUN");
	refuses(with_u64(LUNATIK_CMD_CANCEL, LUNATIK_A_RUN_COOKIE, 999), ENOENT, "ERR_NO_RUN");
	takes(good(LUNATIK_CMD_CANCEL)); /* of an idle state: none, and no error */
	netlink_close(client);
	unload();
}

/* Of what was kept nobody gets, or frees, another's by a number that means none. */
static void what_was_kept(void)
{
	struct sk_buff *skb;
	u64 none = 0;

	client = load_with_state();
	check(client_execute(client, "s", "return ('x'):rep(40000)", 7) == 0);
	serial_drain();
	client_drain(client);
	refuses(client_request(LUNATIK_CMD_RELEASE, 0, 4096), EINVAL, "ERR_INVALID: a required");
	nla_put(skb = client_request(LUNATIK_CMD_RELEASE, 0, 4096), LUNATIK_A_RUN_ID, 8, &none);
	refuses(skb, ENOENT, "ERR_NO_RUN");
	nla_put(skb = client_request(LUNATIK_CMD_RELEASE, 0, 4096), LUNATIK_A_RUN_COOKIE, 8, &none);
	refuses(skb, ENOENT, "ERR_NO_RUN");
	check(client_result(client, 7) > 40000);
	netlink_close(client);
	unload();
}

static void flags(void)
{
	client = load_with_state();
	check(klua_deletestate("s") == 0);
	refuses(with_u32(LUNATIK_CMD_CREATE, LUNATIK_A_STATE_CREATE_FLAGS, 4), EOPNOTSUPP,
		"ERR_UNSUPPORTED: unknown flag");
	refuses(with_u32(LUNATIK_CMD_CREATE, LUNATIK_A_STATE_LIBRARIES, LUNATIK_LIBRARY_MASK + 1),
		EOPNOTSUPP, "ERR_UNSUPPORTED: unknown flag");
	refuses(with_u32(LUNATIK_CMD_CREATE, LUNATIK_A_STATE_CREATE_FLAGS, LUNATIK_CREATE_FLAG_MASK),
		EINVAL, "ERR_INVALID: replace and if-not-exists");
	check(!lunatik_states_count());
	check(client_create(client, "s") == 0);
	refuses(with_u32(LUNATIK_CMD_DELETE, LUNATIK_A_STATE_DELETE_FLAGS, 2), EOPNOTSUPP,
		"ERR_UNSUPPORTED: unknown flag");
	check(lunatik_states_count() == 1);
	netlink_close(client);
	unload();
}

const struct case_of request_cases[] = {
	{ "a message of another form is refused", forms },
	{ "a text that is missing, too long or no text is refused", texts },
	{ "a limit of 0 or above the highest is refused", limits },
	{ "a run may have narrower limits than its state", limits_of_a_run },
	{ "a run that lacks something or is too large is refused", runs },
	{ "what was kept is asked for by its number", what_was_kept },
	{ "flags that are unknown or exclude each other are refused", flags },
	{ NULL },
};
