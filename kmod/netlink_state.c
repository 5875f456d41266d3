// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The operations on states: create, delete, get. */
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <net/genetlink.h>

#include "netlink.h"
#include "run.h"
#include "settings.h"
#include "state.h"

/* --- a state as a message --------------------------------------------------------------------- */

static int put_u64(struct sk_buff *skb, int type, u64 value)
{
	return nla_put_u64_64bit(skb, type, value, LUNATIK_A_STATE_PAD);
}

static int put_fixed(struct sk_buff *skb, const struct lunatik_state *state)
{
	if (nla_put_string(skb, LUNATIK_A_STATE_NAME, state->name) ||
	    put_u64(skb, LUNATIK_A_STATE_ID, state->id) ||
	    (state->description &&
	     nla_put_string(skb, LUNATIK_A_STATE_DESCRIPTION, state->description)) ||
	    nla_put_u32(skb, LUNATIK_A_STATE_LIBRARIES, state->libraries) ||
	    put_u64(skb, LUNATIK_A_STATE_MAX_MEMORY, state->limits.memory) ||
	    put_u64(skb, LUNATIK_A_STATE_MAX_STEPS, state->limits.steps) ||
	    put_u64(skb, LUNATIK_A_STATE_MAX_TIME, state->limits.time) ||
	    put_u64(skb, LUNATIK_A_STATE_CREATED, state->created) ||
	    nla_put_u32(skb, LUNATIK_A_STATE_CREATOR_PID, state->creator_pid) ||
	    nla_put_u32(skb, LUNATIK_A_STATE_CREATOR_UID, state->creator_uid) ||
	    nla_put_string(skb, LUNATIK_A_STATE_CREATOR_COMM, state->creator_comm))
		return -EMSGSIZE;
	return 0;
}

static int put_failures(struct sk_buff *skb, const struct lunatik_statistics *statistics)
{
	struct nlattr *nest;
	unsigned int error;

	for (error = 1; error <= LUNATIK_ERROR_MAX; error++) {
		if (!statistics->failures[error])
			continue;
		nest = nla_nest_start(skb, LUNATIK_A_STATE_FAILURES);
		if (!nest ||
		    nla_put_string(skb, LUNATIK_A_FAILURE_CODE, lunatik_errors[error].code) ||
		    nla_put_u64_64bit(skb, LUNATIK_A_FAILURE_COUNT, statistics->failures[error],
				      LUNATIK_A_FAILURE_PAD))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

static int put_last_error(struct sk_buff *skb, const struct lunatik_last_error *last)
{
	const struct lunatik_error_info *info = &lunatik_errors[last->error];
	struct nlattr *nest;

	if (!last->error)
		return 0;
	nest = nla_nest_start(skb, LUNATIK_A_STATE_LAST_ERROR);
	if (!nest || nla_put_u32(skb, LUNATIK_A_ERROR_ERRNO, info->number) ||
	    nla_put_string(skb, LUNATIK_A_ERROR_CODE, info->code) ||
	    (last->size && nla_put(skb, LUNATIK_A_ERROR_MESSAGE, last->size, last->message)) ||
	    nla_put_u64_64bit(skb, LUNATIK_A_ERROR_TIME, last->time, LUNATIK_A_ERROR_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_changing(struct sk_buff *skb, const struct lunatik_state *state)
{
	const struct lunatik_statistics *statistics = &state->statistics;

	lockdep_assert_held(&state->lock);
	if (put_u64(skb, LUNATIK_A_STATE_MEMORY, state->L ? engine_memory(state->L) : 0) ||
	    put_u64(skb, LUNATIK_A_STATE_MEMORY_PEAK,
		    state->L ? engine_memory_peak(state->L) : 0) ||
	    nla_put_u8(skb, LUNATIK_A_STATE_BUSY, !!state->run) ||
	    nla_put_u8(skb, LUNATIK_A_STATE_DYING, state->dying) ||
	    (state->run && put_u64(skb, LUNATIK_A_STATE_RUN, state->run->id)) ||
	    nla_put_u32(skb, LUNATIK_A_STATE_WAITING, state->waiting_count) ||
	    put_u64(skb, LUNATIK_A_STATE_RUNS, statistics->runs) ||
	    put_u64(skb, LUNATIK_A_STATE_STEPS, statistics->steps) ||
	    put_u64(skb, LUNATIK_A_STATE_TIME, statistics->time) ||
	    put_u64(skb, LUNATIK_A_STATE_TIME_LONGEST, statistics->time_longest) ||
	    put_u64(skb, LUNATIK_A_STATE_SECTION_LONGEST,
		    state->L ? engine_section_longest(state->L) : 0) ||
	    nla_put_u32(skb, LUNATIK_A_STATE_STACK_DEEPEST,
			state->L ? engine_stack_deepest(state->L) : 0) ||
	    put_failures(skb, statistics) || put_last_error(skb, &state->last_error))
		return -EMSGSIZE;
	return 0;
}

/* Append a state as one message. With a callback, as a part of its dump. 0 or -EMSGSIZE. */
static int state_fill(struct sk_buff *skb, struct lunatik_state *state, u32 port, u32 sequence,
		      u8 command, struct netlink_callback *cb)
{
	void *header = genlmsg_put(skb, port, sequence, &lunatik_family, cb ? NLM_F_MULTI : 0,
				   command);
	int error;

	if (!header)
		return -EMSGSIZE;
	if (cb)
		genl_dump_check_consistent(cb, header);
	error = put_fixed(skb, state);
	if (!error) {
		spin_lock(&state->lock);
		error = put_changing(skb, state);
		spin_unlock(&state->lock);
	}
	if (error) {
		genlmsg_cancel(skb, header);
		return error;
	}
	genlmsg_end(skb, header);
	return 0;
}

static int state_reply(struct lunatik_request *request, struct lunatik_state *state,
		       struct genl_info *info, u8 command)
{
	struct sk_buff *reply = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	int error;

	if (!reply)
		return lunatik_refuse(request, LUNATIK_ERROR_NO_MEMORY, NULL);
	error = state_fill(reply, state, info->snd_portid, info->snd_seq, command, NULL);
	if (error) {
		nlmsg_free(reply);
		return error;
	}
	return genlmsg_reply(reply, info);
}

/* --- create ----------------------------------------------------------------------------------- */

static int flags_check(struct lunatik_request *request, unsigned int type, u32 known)
{
	if (lunatik_request_u32(request, type, 0) & ~known)
		return lunatik_refuse_text(request, LUNATIK_ERROR_UNSUPPORTED,
					   request->attributes[type],
					   "ERR_UNSUPPORTED: unknown flag");
	return 0;
}

static int wish_parse(struct lunatik_request *request, struct lunatik_state_wish *wish)
{
	const struct engine_limits *ceiling = &lunatik_settings.ceiling;
	int error;

	error = lunatik_request_name(request, LUNATIK_A_STATE_NAME, &wish->name,
				     &wish->name_size);
	if (!error)
		error = lunatik_request_text(request, LUNATIK_A_STATE_DESCRIPTION,
					     LUNATIK_DESCRIPTION_MAX, &wish->description,
					     &wish->description_size);
	if (!error)
		error = flags_check(request, LUNATIK_A_STATE_LIBRARIES, LUNATIK_LIBRARY_MASK);
	if (!error)
		error = lunatik_request_limit(request, LUNATIK_A_STATE_MAX_MEMORY,
					      ceiling->memory, &wish->limits.memory);
	if (!error)
		error = lunatik_request_limit(request, LUNATIK_A_STATE_MAX_STEPS,
					      ceiling->steps, &wish->limits.steps);
	if (!error)
		error = lunatik_request_limit(request, LUNATIK_A_STATE_MAX_TIME,
					      ceiling->time, &wish->limits.time);
	if (!error)
		error = flags_check(request, LUNATIK_A_STATE_CREATE_FLAGS,
				    LUNATIK_CREATE_FLAG_MASK);
	if (error)
		return error;

	wish->libraries = lunatik_request_u32(request, LUNATIK_A_STATE_LIBRARIES,
					      LUNATIK_LIBRARY_MASK);
	wish->flags = lunatik_request_u32(request, LUNATIK_A_STATE_CREATE_FLAGS, 0);
	if (wish->flags == (LUNATIK_CREATE_FLAG_REPLACE | LUNATIK_CREATE_FLAG_IF_NOT_EXISTS))
		return lunatik_refuse_text(request, LUNATIK_ERROR_INVALID,
					   request->attributes[LUNATIK_A_STATE_CREATE_FLAGS],
					   "ERR_INVALID: replace and if-not-exists exclude each other");
	return 0;
}

int lunatik_create_doit(struct sk_buff *skb, struct genl_info *info)
{
	static const struct lunatik_shape shape = {
		.policy = lunatik_create_policy,
		.max = LUNATIK_CREATE_MAXATTR,
	};
	struct lunatik_state_wish wish = {};
	struct lunatik_request request;
	struct lunatik_state *state;
	enum lunatik_error refusal;
	int error;

	error = lunatik_request_parse(&request, info->nlhdr, &shape, info->extack);
	if (!error)
		error = wish_parse(&request, &wish);
	if (error)
		return error;

	refusal = lunatik_state_create(&wish, &state);
	if (refusal == LUNATIK_ERROR_MEMORY)
		return lunatik_refuse_text(&request, refusal,
					   request.attributes[LUNATIK_A_STATE_MAX_MEMORY],
					   "ERR_MEMORY: the memory limit is too small for a state");
	if (refusal)
		return lunatik_refuse(&request, refusal, request.attributes[LUNATIK_A_STATE_NAME]);
	error = state_reply(&request, state, info, LUNATIK_CMD_CREATE);
	lunatik_state_put(state);
	return error;
}

/* --- delete ----------------------------------------------------------------------------------- */

int lunatik_delete_doit(struct sk_buff *skb, struct genl_info *info)
{
	static const struct lunatik_shape shape = {
		.policy = lunatik_delete_policy,
		.max = LUNATIK_DELETE_MAXATTR,
	};
	struct lunatik_request request;
	struct lunatik_state *state;
	enum lunatik_error refusal;
	bool force;
	int error;

	error = lunatik_request_parse(&request, info->nlhdr, &shape, info->extack);
	if (!error)
		error = flags_check(&request, LUNATIK_A_STATE_DELETE_FLAGS,
				    LUNATIK_DELETE_FLAG_MASK);
	if (!error)
		error = lunatik_request_state(&request, LUNATIK_A_STATE_NAME, &state);
	if (error)
		return error;

	force = lunatik_request_u32(&request, LUNATIK_A_STATE_DELETE_FLAGS, 0) &
		LUNATIK_DELETE_FLAG_FORCE;
	refusal = lunatik_state_delete(state, force);
	lunatik_state_put(state);
	if (refusal)
		return lunatik_refuse(&request, refusal, request.attributes[LUNATIK_A_STATE_NAME]);
	return 0;
}

/* --- get -------------------------------------------------------------------------------------- */

int lunatik_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	static const struct lunatik_shape shape = {
		.policy = lunatik_get_policy,
		.max = LUNATIK_GET_MAXATTR,
	};
	struct lunatik_request request;
	struct lunatik_state *state;
	int error;

	error = lunatik_request_parse(&request, info->nlhdr, &shape, info->extack);
	if (!error)
		error = lunatik_request_state(&request, LUNATIK_A_STATE_NAME, &state);
	if (error)
		return error;
	error = state_reply(&request, state, info, LUNATIK_CMD_GET);
	lunatik_state_put(state);
	return error;
}

/* How far a dump is; lies in cb->ctx, zero at the start. */
struct get_cursor {
	struct lunatik_state *next; /* to be told, with a reference */
	bool begun;
};

static int get_dump_begin(struct netlink_callback *cb, struct get_cursor *cursor)
{
	static const struct lunatik_shape shape = {
		.policy = lunatik_get_dump_policy,
		.max = LUNATIK_GET_DUMP_MAXATTR,
	};
	struct lunatik_request request;
	int error;

	error = lunatik_request_parse(&request, cb->nlh, &shape, cb->extack);
	if (error)
		return error;
	cursor->begun = true;
	cursor->next = lunatik_state_next(NULL);
	return 0;
}

int lunatik_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct get_cursor *cursor = (struct get_cursor *)cb->ctx;
	int error;

	BUILD_BUG_ON(sizeof(*cursor) > sizeof(cb->ctx));

	/* before the states are looked at: a change from now on shows in the next part, or in DONE */
	cb->seq = lunatik_states_generation();
	if (!cursor->begun) {
		error = get_dump_begin(cb, cursor);
		if (error)
			return error;
	}
	for (; cursor->next; cursor->next = lunatik_state_next(cursor->next)) {
		/* one that was deleted between two parts has no place in the second */
		if (READ_ONCE(cursor->next->listed) &&
		    state_fill(skb, cursor->next, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			       LUNATIK_CMD_GET, cb))
			break;
	}
	if (cursor->next && !skb->len)
		return -EMSGSIZE;
	return skb->len;
}

int lunatik_get_done(struct netlink_callback *cb)
{
	struct get_cursor *cursor = (struct get_cursor *)cb->ctx;

	if (cursor->next)
		lunatik_state_put(cursor->next);
	cursor->next = NULL;
	return 0;
}
