// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Generated from kmod/lunatik.yaml by npm run generate; edit that file instead. */
#include <linux/errno.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

const struct nla_policy lunatik_create_policy[LUNATIK_CREATE_MAXATTR + 1] = {
	[LUNATIK_A_STATE_NAME] = { .type = NLA_STRING },
	[LUNATIK_A_STATE_DESCRIPTION] = { .type = NLA_STRING },
	[LUNATIK_A_STATE_LIBRARIES] = { .type = NLA_U32 },
	[LUNATIK_A_STATE_MAX_MEMORY] = { .type = NLA_U64 },
	[LUNATIK_A_STATE_MAX_STEPS] = { .type = NLA_U64 },
	[LUNATIK_A_STATE_MAX_TIME] = { .type = NLA_U64 },
	[LUNATIK_A_STATE_CREATE_FLAGS] = { .type = NLA_U32 },
};

const struct nla_policy lunatik_delete_policy[LUNATIK_DELETE_MAXATTR + 1] = {
	[LUNATIK_A_STATE_NAME] = { .type = NLA_STRING },
	[LUNATIK_A_STATE_DELETE_FLAGS] = { .type = NLA_U32 },
};

const struct nla_policy lunatik_get_policy[LUNATIK_GET_MAXATTR + 1] = {
	[LUNATIK_A_STATE_NAME] = { .type = NLA_STRING },
};

const struct nla_policy lunatik_get_dump_policy[LUNATIK_GET_DUMP_MAXATTR + 1] = {
	[0] = { .type = NLA_UNSPEC },
};

const struct nla_policy lunatik_execute_policy[LUNATIK_EXECUTE_MAXATTR + 1] = {
	[LUNATIK_A_RUN_STATE] = { .type = NLA_STRING },
	[LUNATIK_A_RUN_COOKIE] = { .type = NLA_U64 },
	[LUNATIK_A_RUN_CHUNK_NAME] = { .type = NLA_STRING },
	[LUNATIK_A_RUN_CODE] = { .type = NLA_BINARY },
	[LUNATIK_A_RUN_ARGUMENTS] = { .type = NLA_BINARY },
	[LUNATIK_A_RUN_MAX_MEMORY] = { .type = NLA_U64 },
	[LUNATIK_A_RUN_MAX_STEPS] = { .type = NLA_U64 },
	[LUNATIK_A_RUN_MAX_TIME] = { .type = NLA_U64 },
	[LUNATIK_A_RUN_MAX_WAIT] = { .type = NLA_U64 },
};

const struct nla_policy lunatik_call_policy[LUNATIK_CALL_MAXATTR + 1] = {
	[LUNATIK_A_RUN_STATE] = { .type = NLA_STRING },
	[LUNATIK_A_RUN_COOKIE] = { .type = NLA_U64 },
	[LUNATIK_A_RUN_FUNCTION] = { .type = NLA_STRING },
	[LUNATIK_A_RUN_ARGUMENTS] = { .type = NLA_BINARY },
	[LUNATIK_A_RUN_MAX_MEMORY] = { .type = NLA_U64 },
	[LUNATIK_A_RUN_MAX_STEPS] = { .type = NLA_U64 },
	[LUNATIK_A_RUN_MAX_TIME] = { .type = NLA_U64 },
	[LUNATIK_A_RUN_MAX_WAIT] = { .type = NLA_U64 },
};

const struct nla_policy lunatik_cancel_policy[LUNATIK_CANCEL_MAXATTR + 1] = {
	[LUNATIK_A_RUN_STATE] = { .type = NLA_STRING },
	[LUNATIK_A_RUN_ID] = { .type = NLA_U64 },
	[LUNATIK_A_RUN_COOKIE] = { .type = NLA_U64 },
};

const struct nla_policy lunatik_result_dump_policy[LUNATIK_RESULT_DUMP_MAXATTR + 1] = {
	[LUNATIK_A_RUN_ID] = { .type = NLA_U64 },
	[LUNATIK_A_RUN_COOKIE] = { .type = NLA_U64 },
};

const struct nla_policy lunatik_release_policy[LUNATIK_RELEASE_MAXATTR + 1] = {
	[LUNATIK_A_RUN_ID] = { .type = NLA_U64 },
	[LUNATIK_A_RUN_COOKIE] = { .type = NLA_U64 },
};

const struct nla_policy lunatik_log_policy[LUNATIK_LOG_MAXATTR + 1] = {
	[0] = { .type = NLA_UNSPEC },
};

const struct nla_policy lunatik_info_policy[LUNATIK_INFO_MAXATTR + 1] = {
	[0] = { .type = NLA_UNSPEC },
};

const struct lunatik_error_info lunatik_errors[LUNATIK_ERROR_MAX + 1] = {
	[0] = { "", 0, "", "" },
	[LUNATIK_ERROR_INVALID] = {
		.code = "ERR_INVALID",
		.number = EINVAL,
		.text = "the request is malformed",
		.message = "ERR_INVALID: the request is malformed",
	},
	[LUNATIK_ERROR_UNSUPPORTED] = {
		.code = "ERR_UNSUPPORTED",
		.number = EOPNOTSUPP,
		.text = "the request has an unknown attribute or flag",
		.message = "ERR_UNSUPPORTED: the request has an unknown attribute or flag",
	},
	[LUNATIK_ERROR_NO_STATE] = {
		.code = "ERR_NO_STATE",
		.number = ENOENT,
		.text = "no state has this name",
		.message = "ERR_NO_STATE: no state has this name",
	},
	[LUNATIK_ERROR_NO_RUN] = {
		.code = "ERR_NO_RUN",
		.number = ENOENT,
		.text = "no run matches",
		.message = "ERR_NO_RUN: no run matches",
	},
	[LUNATIK_ERROR_NAME_TOO_LONG] = {
		.code = "ERR_NAME_TOO_LONG",
		.number = ENAMETOOLONG,
		.text = "the name is longer than 63 bytes",
		.message = "ERR_NAME_TOO_LONG: the name is longer than 63 bytes",
	},
	[LUNATIK_ERROR_STALE] = {
		.code = "ERR_STALE",
		.number = ESTALE,
		.text = "the state is being deleted",
		.message = "ERR_STALE: the state is being deleted",
	},
	[LUNATIK_ERROR_EXISTS] = {
		.code = "ERR_EXISTS",
		.number = EEXIST,
		.text = "a state has this name already",
		.message = "ERR_EXISTS: a state has this name already",
	},
	[LUNATIK_ERROR_RANGE] = {
		.code = "ERR_RANGE",
		.number = ERANGE,
		.text = "a limit is out of range",
		.message = "ERR_RANGE: a limit is out of range",
	},
	[LUNATIK_ERROR_TOO_MANY_STATES] = {
		.code = "ERR_TOO_MANY_STATES",
		.number = ENOSPC,
		.text = "there are as many states as allowed",
		.message = "ERR_TOO_MANY_STATES: there are as many states as allowed",
	},
	[LUNATIK_ERROR_TOTAL_MEMORY] = {
		.code = "ERR_TOTAL_MEMORY",
		.number = EDQUOT,
		.text = "the memory for all states is used up",
		.message = "ERR_TOTAL_MEMORY: the memory for all states is used up",
	},
	[LUNATIK_ERROR_NO_MEMORY] = {
		.code = "ERR_NO_MEMORY",
		.number = ENOMEM,
		.text = "the kernel has no memory",
		.message = "ERR_NO_MEMORY: the kernel has no memory",
	},
	[LUNATIK_ERROR_BUSY] = {
		.code = "ERR_BUSY",
		.number = EBUSY,
		.text = "a run is in progress",
		.message = "ERR_BUSY: a run is in progress",
	},
	[LUNATIK_ERROR_QUEUE_FULL] = {
		.code = "ERR_QUEUE_FULL",
		.number = ENOBUFS,
		.text = "too many runs are waiting",
		.message = "ERR_QUEUE_FULL: too many runs are waiting",
	},
	[LUNATIK_ERROR_SYNTAX] = {
		.code = "ERR_SYNTAX",
		.number = ENOEXEC,
		.text = "the chunk does not compile",
		.message = "ERR_SYNTAX: the chunk does not compile",
	},
	[LUNATIK_ERROR_BYTECODE] = {
		.code = "ERR_BYTECODE",
		.number = ENOEXEC,
		.text = "the chunk is byte code; only text is accepted",
		.message = "ERR_BYTECODE: the chunk is byte code; only text is accepted",
	},
	[LUNATIK_ERROR_TOO_LARGE] = {
		.code = "ERR_TOO_LARGE",
		.number = E2BIG,
		.text = "the chunk or the arguments are larger than allowed",
		.message = "ERR_TOO_LARGE: the chunk or the arguments are larger than allowed",
	},
	[LUNATIK_ERROR_RUNTIME] = {
		.code = "ERR_RUNTIME",
		.number = EIO,
		.text = "a Lua run-time error, stack overflow included",
		.message = "ERR_RUNTIME: a Lua run-time error, stack overflow included",
	},
	[LUNATIK_ERROR_NO_FUNCTION] = {
		.code = "ERR_NO_FUNCTION",
		.number = ENOSYS,
		.text = "no function has this name",
		.message = "ERR_NO_FUNCTION: no function has this name",
	},
	[LUNATIK_ERROR_MEMORY] = {
		.code = "ERR_MEMORY",
		.number = EDQUOT,
		.text = "the state's memory limit is reached",
		.message = "ERR_MEMORY: the state's memory limit is reached",
	},
	[LUNATIK_ERROR_STEPS] = {
		.code = "ERR_STEPS",
		.number = ETIME,
		.text = "the step budget is spent",
		.message = "ERR_STEPS: the step budget is spent",
	},
	[LUNATIK_ERROR_TIME] = {
		.code = "ERR_TIME",
		.number = ETIMEDOUT,
		.text = "the deadline has passed",
		.message = "ERR_TIME: the deadline has passed",
	},
	[LUNATIK_ERROR_CANCELLED] = {
		.code = "ERR_CANCELLED",
		.number = ECANCELED,
		.text = "the run was cancelled",
		.message = "ERR_CANCELLED: the run was cancelled",
	},
	[LUNATIK_ERROR_RESULT_SIZE] = {
		.code = "ERR_RESULT_SIZE",
		.number = EMSGSIZE,
		.text = "the results are larger than allowed",
		.message = "ERR_RESULT_SIZE: the results are larger than allowed",
	},
	[LUNATIK_ERROR_RESULT_DEPTH] = {
		.code = "ERR_RESULT_DEPTH",
		.number = ELOOP,
		.text = "the results are nested too deeply, or contain themselves",
		.message = "ERR_RESULT_DEPTH: the results are nested too deeply, or contain themselves",
	},
	[LUNATIK_ERROR_RESULT_TYPE] = {
		.code = "ERR_RESULT_TYPE",
		.number = EPROTOTYPE,
		.text = "a result is of a type that cannot leave the state",
		.message = "ERR_RESULT_TYPE: a result is of a type that cannot leave the state",
	},
};
