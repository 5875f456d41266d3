/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Generated from kmod/lunatik.yaml by npm run generate; edit that file instead. */
#ifndef LUNATIK_NETLINK_GEN_H
#define LUNATIK_NETLINK_GEN_H

#include <net/genetlink.h>

#include "uapi/lunatik.h"

/*
 * What each request may carry: types only. Lengths of strings, flag bits and ranges are checked by
 * hand, since they have errors of their own. A request without attributes has a policy of one
 * entry, number 0, which matches nothing.
 */
#define LUNATIK_CREATE_MAXATTR LUNATIK_A_STATE_CREATE_FLAGS
extern const struct nla_policy lunatik_create_policy[LUNATIK_CREATE_MAXATTR + 1];

#define LUNATIK_DELETE_MAXATTR LUNATIK_A_STATE_DELETE_FLAGS
extern const struct nla_policy lunatik_delete_policy[LUNATIK_DELETE_MAXATTR + 1];

#define LUNATIK_GET_MAXATTR LUNATIK_A_STATE_NAME
extern const struct nla_policy lunatik_get_policy[LUNATIK_GET_MAXATTR + 1];

#define LUNATIK_GET_DUMP_MAXATTR 0
extern const struct nla_policy lunatik_get_dump_policy[LUNATIK_GET_DUMP_MAXATTR + 1];

#define LUNATIK_EXECUTE_MAXATTR LUNATIK_A_RUN_MAX_WAIT
extern const struct nla_policy lunatik_execute_policy[LUNATIK_EXECUTE_MAXATTR + 1];

#define LUNATIK_CALL_MAXATTR LUNATIK_A_RUN_MAX_WAIT
extern const struct nla_policy lunatik_call_policy[LUNATIK_CALL_MAXATTR + 1];

#define LUNATIK_CANCEL_MAXATTR LUNATIK_A_RUN_COOKIE
extern const struct nla_policy lunatik_cancel_policy[LUNATIK_CANCEL_MAXATTR + 1];

#define LUNATIK_RESULT_DUMP_MAXATTR LUNATIK_A_RUN_COOKIE
extern const struct nla_policy lunatik_result_dump_policy[LUNATIK_RESULT_DUMP_MAXATTR + 1];

#define LUNATIK_RELEASE_MAXATTR LUNATIK_A_RUN_COOKIE
extern const struct nla_policy lunatik_release_policy[LUNATIK_RELEASE_MAXATTR + 1];

#define LUNATIK_LOG_MAXATTR 0
extern const struct nla_policy lunatik_log_policy[LUNATIK_LOG_MAXATTR + 1];

#define LUNATIK_INFO_MAXATTR 0
extern const struct nla_policy lunatik_info_policy[LUNATIK_INFO_MAXATTR + 1];

/* What the world is told of an error. */
struct lunatik_error_info {
	const char *code;    /* "ERR_NO_STATE" */
	int number;          /* ENOENT, positive */
	const char *text;    /* "no state has this name" */
	const char *message; /* "ERR_NO_STATE: no state has this name", for the extended ack */
};

/* Indexed by enum lunatik_error; entry 0, no error, has an empty code and text. */
extern const struct lunatik_error_info lunatik_errors[LUNATIK_ERROR_MAX + 1];

#endif
