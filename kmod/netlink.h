/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The generic netlink family: what its operations share. netlink.c has the family and the
 * operations on the module, netlink_state.c those on states, netlink_run.c those on runs.
 *
 * The core is told to be liberal, since it would refuse an unknown attribute with EINVAL and a text
 * of its own, and we promise EOPNOTSUPP and a code. So lunatik_request_parse() is strict instead,
 * with the same generated policies. The core still refuses, in its own words, a number that is too
 * short. Dumps parse their request in the first part, not in a start callback: there Linux 6.1
 * has no extended ack.
 */
#ifndef LUNATIK_NETLINK_H
#define LUNATIK_NETLINK_H

#include <linux/types.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

struct lunatik_run;
struct lunatik_state;

extern struct genl_family lunatik_family;

/* What an operation's request may carry. */
struct lunatik_shape {
	const struct nla_policy *policy;
	unsigned int max; /* highest attribute in the policy */
	u32 repeated;     /* a bit for each attribute that may come more than once */
};

/* Room for the attributes of any request, by their type. */
#define LUNATIK_REQUEST_MAX 32

struct lunatik_request {
	const struct nlmsghdr *header;
	struct netlink_ext_ack *extack;
	const struct nlattr *attributes[LUNATIK_REQUEST_MAX]; /* the first of each type, or NULL */
};

/*
 * Check a request's headers and attributes against its shape and index them. 0, or -EOPNOTSUPP
 * (unknown attribute, unknown flag in the header) or -EINVAL (anything else), refused.
 */
int lunatik_request_parse(struct lunatik_request *request, const struct nlmsghdr *header,
			  const struct lunatik_shape *shape, struct netlink_ext_ack *extack);

/*
 * Refuse a request: put the error's text (or a text of the same form, which must never go away)
 * and the attribute (or NULL) into its extended ack, and return the negative errno.
 */
int lunatik_refuse(struct lunatik_request *request, enum lunatik_error error,
		   const struct nlattr *attribute);
int lunatik_refuse_text(struct lunatik_request *request, enum lunatik_error error,
			const struct nlattr *attribute, const char *text);

/* Refuse a request that lacks an attribute of this type. */
int lunatik_refuse_missing(struct lunatik_request *request, unsigned int type);

/*
 * The text in an attribute, without the final NUL that it may have. An attribute that is not there
 * is an empty text. 0, or refused: it holds a NUL, or is longer than max.
 */
int lunatik_request_text(struct lunatik_request *request, unsigned int type, size_t max,
			 const char **text, size_t *size);

/* The same for the name of a state, which must be there and be one. */
int lunatik_request_name(struct lunatik_request *request, unsigned int type, const char **name,
			 size_t *size);

/* The state that an attribute names, with a reference; 0, or refused. */
int lunatik_request_state(struct lunatik_request *request, unsigned int type,
			  struct lunatik_state **state);

/* Numbers; the fallback when the attribute is not there. */
u64 lunatik_request_u64(const struct lunatik_request *request, unsigned int type, u64 fallback);
u32 lunatik_request_u32(const struct lunatik_request *request, unsigned int type, u32 fallback);

/*
 * A limit: 0 when it is not given. 0, or refused with LUNATIK_ERROR_RANGE: it is given as 0, or is
 * above the ceiling.
 */
int lunatik_request_limit(struct lunatik_request *request, unsigned int type, u64 ceiling,
			  unsigned long long *limit);

/* netlink_state.c */
int lunatik_create_doit(struct sk_buff *skb, struct genl_info *info);
int lunatik_delete_doit(struct sk_buff *skb, struct genl_info *info);
int lunatik_get_doit(struct sk_buff *skb, struct genl_info *info);
int lunatik_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int lunatik_get_done(struct netlink_callback *cb);

/* netlink_run.c */
int lunatik_execute_doit(struct sk_buff *skb, struct genl_info *info);
int lunatik_call_doit(struct sk_buff *skb, struct genl_info *info);
int lunatik_cancel_doit(struct sk_buff *skb, struct genl_info *info);
int lunatik_release_doit(struct sk_buff *skb, struct genl_info *info);
int lunatik_result_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int lunatik_result_done(struct netlink_callback *cb);

/*
 * Send the one reply to the asker of a run, unless it is gone; or, with more, hold it back: the
 * worker goes on with the next run of the state, for the same asker. The letter, which is taken, or
 * NULL: what was held back for that asker, and goes first.
 */
void lunatik_run_answer(struct lunatik_run *run, struct sk_buff *letter, bool more);

/* Register the family: 0 or a negative errno. From then on requests come in. */
int lunatik_netlink_init(void);

/* Let no request in any more; the notifier still tells which askers are gone. */
void lunatik_netlink_stop(void);

/* After lunatik_runs_stop(). */
void lunatik_netlink_exit(void);

#endif
