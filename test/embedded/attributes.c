// SPDX-License-Identifier: MIT
/* Attributes and policies: what is refused, with which errno, words and attribute. */
#include <errno.h>
#include <string.h>

#include <linux/siphash.h>
#include <net/netlink.h>

#include "shim.h"

enum { BYTE = 1, WORD, LONG, TEXT, NUL, BLOB, FLAG, NEST, RANGE, MASK, NEVER, NONE, LAST };

static const struct nla_policy inner[] = { [BYTE] = { .type = NLA_U8 } };
static const struct nla_policy policy[LAST] = {
	[BYTE] = { .type = NLA_U8 },
	[WORD] = { .type = NLA_U32 },
	[LONG] = { .type = NLA_U64 },
	[TEXT] = { .type = NLA_STRING, .len = 3 },
	[NUL] = { .type = NLA_NUL_STRING, .len = 3 },
	[BLOB] = { .type = NLA_BINARY, .len = 4 },
	[FLAG] = { .type = NLA_FLAG },
	[NEST] = NLA_POLICY_NESTED(inner),
	[RANGE] = NLA_POLICY_RANGE(NLA_U32, 2, 5),
	[MASK] = NLA_POLICY_MASK(NLA_U32, 3),
	[NEVER] = { .type = NLA_REJECT, .reject_message = "not here" },
};

static struct sk_buff *skb;

/* Check one attribute, strictly: 0, or the errno when the words are these and name it. */
static int refusal(int type, int length, const void *data, const char *words)
{
	struct netlink_ext_ack extack = { ._msg = NULL };
	int error;

	skb_trim(skb, 0);
	check(!nla_put(skb, type, length, data));
	error = nla_validate((struct nlattr *)skb->data, skb->len, LAST - 1, policy, &extack);
	if (error) {
		check(extack._msg && !strcmp(extack._msg, words));
		check(extack.bad_attr == (struct nlattr *)skb->data);
	}
	return error;
}

#define FAILED "Attribute failed policy validation"

static void lengths(void)
{
	check(refusal(BYTE, 1, "x", NULL) == 0);
	check(refusal(WORD, 4, "xxxx", NULL) == 0);
	check(refusal(WORD, 3, "xxx", "invalid attribute length") == -EINVAL);
	check(refusal(LONG, 9, "xxxxxxxxx", "invalid attribute length") == -EINVAL);
	check(refusal(TEXT, 4, "abc", NULL) == 0);
	check(refusal(TEXT, 3, "abc", NULL) == 0);
	check(refusal(TEXT, 4, "abcd", FAILED) == -ERANGE);
	check(refusal(TEXT, 0, NULL, FAILED) == -ERANGE);
	check(refusal(NUL, 4, "abc", NULL) == 0);
	check(refusal(NUL, 3, "abc", FAILED) == -EINVAL);
	check(refusal(BLOB, 4, "abcd", NULL) == 0);
	check(refusal(BLOB, 0, NULL, NULL) == 0);
	check(refusal(BLOB, 5, "abcde", FAILED) == -ERANGE);
	check(refusal(FLAG, 0, NULL, NULL) == 0);
	check(refusal(FLAG, 1, "x", FAILED) == -ERANGE);
}

static void values(void)
{
	const u32 low = 1, within = 5, high = 6, bits = 3, more = 7;

	check(refusal(RANGE, 4, &low, "integer out of range") == -ERANGE);
	check(refusal(RANGE, 4, &within, NULL) == 0);
	check(refusal(RANGE, 4, &high, "integer out of range") == -ERANGE);
	check(refusal(MASK, 4, &bits, NULL) == 0);
	check(refusal(MASK, 4, &more, "reserved bit set") == -EINVAL);
	check(refusal(NEVER, 4, &low, "not here") == -EINVAL);
}

static void types(void)
{
	check(refusal(NONE, 0, NULL, "Unsupported attribute") == -EINVAL);
	check(refusal(LAST, 0, NULL, "Unknown attribute type") == -EINVAL);
	check(refusal(0, 0, NULL, "Unknown attribute type") == -EINVAL);
	check(refusal(WORD | NLA_F_NESTED, 4, "xxxx", "NLA_F_NESTED not expected") == -EINVAL);
	check(refusal(NEST, 0, NULL, "NLA_F_NESTED is missing") == -EINVAL);
}

static void liberal(void)
{
	struct nlattr *attrs[LAST];

	skb_trim(skb, 0);
	nla_put(skb, WORD, 6, "123456");
	nla_put(skb, LAST + 5, 0, NULL);
	nla_put(skb, WORD, 4, "last");
	check(!__nla_parse(attrs, LAST - 1, (struct nlattr *)skb->data, skb->len, policy,
			   NL_VALIDATE_LIBERAL, NULL));
	check(attrs[WORD] && !memcmp(nla_data(attrs[WORD]), "last", 4));
	check(!attrs[BYTE]);
	skb_trim(skb, 0);
	nla_put(skb, WORD, 3, "123");
	check(__nla_parse(attrs, LAST - 1, (struct nlattr *)skb->data, skb->len, policy,
			  NL_VALIDATE_LIBERAL, NULL) == -ERANGE);
}

static void nests(void)
{
	struct netlink_ext_ack extack = { ._msg = NULL };
	struct nlattr *nest, *bad;

	skb_trim(skb, 0);
	nest = nla_nest_start(skb, NEST);
	bad = (struct nlattr *)skb_tail_pointer(skb);
	nla_put(skb, BYTE, 2, "xx");
	nla_nest_end(skb, nest);
	check(nla_validate((struct nlattr *)skb->data, skb->len, LAST - 1, policy, &extack) ==
	      -EINVAL);
	check(extack.bad_attr == bad);
	nla_nest_cancel(skb, nest);
	check(skb->len == 0);
}

static void rests(void)
{
	struct netlink_ext_ack extack = { ._msg = NULL };

	skb_trim(skb, 0);
	nla_put(skb, BYTE, 1, "x");
	skb_put_zero(skb, 3);
	check(nla_validate((struct nlattr *)skb->data, skb->len, LAST - 1, policy, &extack) ==
	      -EINVAL);
	check(!strcmp(extack._msg, "bytes leftover after parsing attributes"));
	/* an attribute that claims more than there is */
	skb_trim(skb, 8);
	((struct nlattr *)skb->data)->nla_len = 9;
	check(nla_validate((struct nlattr *)skb->data, skb->len, LAST - 1, policy, &extack) ==
	      -EINVAL);
}

static void room(void)
{
	struct sk_buff *small = alloc_skb(12, GFP_KERNEL);

	check(nla_put(small, BLOB, 9, "123456789") == -EMSGSIZE);
	check(!nla_put(small, BLOB, 5, "12345"));
	check(small->len == 12 && !memcmp(small->data + 9, "\0\0\0", 3));
	check(nla_put_u8(small, BYTE, 1) == -EMSGSIZE);
	check(!nlmsg_put(small, 0, 0, 0, 0, 0));
	kfree_skb(small);
}

static void texts(void)
{
	char target[4];
	char *copy;

	skb_trim(skb, 0);
	nla_put_string(skb, TEXT, "abc");
	check(nla_strscpy(target, (struct nlattr *)skb->data, sizeof(target)) == 3);
	check(!strcmp(target, "abc"));
	check(nla_strscpy(target, (struct nlattr *)skb->data, 3) == -E2BIG && !strcmp(target, "ab"));
	check(!nla_strcmp((struct nlattr *)skb->data, "abc"));
	check(nla_strcmp((struct nlattr *)skb->data, "abd"));
	copy = nla_strdup((struct nlattr *)skb->data, GFP_KERNEL);
	check(!strcmp(copy, "abc"));
	kfree(copy);
}

/* The vector that the paper on SipHash gives. */
static void hash(void)
{
	const siphash_key_t key = { { 0x0706050403020100ull, 0x0f0e0d0c0b0a0908ull } };
	unsigned char data[15];
	unsigned int i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = i;
	check(siphash(data, sizeof(data), &key) == 0xa129ca6149be45e5ull);
}

static void with_buffer(void (*run)(void))
{
	skb = alloc_skb(4096, GFP_KERNEL);
	run();
	kfree_skb(skb);
}

#define CASE(name) static void case_##name(void) { with_buffer(name); }
CASE(lengths)
CASE(values)
CASE(types)
CASE(liberal)
CASE(nests)
CASE(rests)
CASE(texts)

const struct test_case attribute_cases[] = {
	{ "attributes: lengths", case_lengths },
	{ "attributes: values", case_values },
	{ "attributes: types", case_types },
	{ "attributes: liberal parsing", case_liberal },
	{ "attributes: nests", case_nests },
	{ "attributes: bytes that are left over", case_rests },
	{ "attributes: a buffer that is full", room },
	{ "attributes: strings", case_texts },
	{ "hash: SipHash", hash },
	{ NULL, NULL },
};
