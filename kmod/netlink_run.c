// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The operations on runs: execute, call, cancel; the reply of a run; what was kept of it. */
#define pr_fmt(fmt) "lunatik: " fmt

#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "letter.h"
#include "netlink.h"
#include "result.h"
#include "run.h"
#include "settings.h"
#include "state.h"

/* The most bytes of a message and of a traceback in a reply. */
#define REPLY_TEXT_MAX 4096
/* The most bytes of the rest of a reply, but for results and output: a name, a code, numbers. */
#define REPLY_FIXED_MAX 512

static int put_u64(struct sk_buff *skb, int type, u64 value)
{
	return nla_put_u64_64bit(skb, type, value, LUNATIK_A_RUN_PAD);
}

static int put_bytes(struct sk_buff *skb, int type, const char *data, size_t size)
{
	return size ? nla_put(skb, type, size, data) : 0;
}

/* --- the reply -------------------------------------------------------------------------------- */

/* As much of a message or traceback as a reply has room for. */
static size_t reply_text_size(size_t size)
{
	return min_t(size_t, size, REPLY_TEXT_MAX);
}

/* Put the reply behind what is there; -EMSGSIZE, and nothing was put, when it does not fit. */
static int reply_fill(struct sk_buff *skb, const struct lunatik_run *run)
{
	const struct engine_run *engine = &run->engine;
	const struct lunatik_result *result = run->result;
	struct lunatik_text message = lunatik_run_message(run);
	void *header;

	header = genlmsg_put(skb, run->asker.port, run->asker.sequence, &lunatik_family, 0,
			     LUNATIK_CMD_FINISHED);
	if (!header || nla_put_string(skb, LUNATIK_A_RUN_STATE, run->state->name) ||
	    put_u64(skb, LUNATIK_A_RUN_ID, run->id) ||
	    (run->asker.has_cookie && put_u64(skb, LUNATIK_A_RUN_COOKIE, run->asker.cookie)) ||
	    nla_put_u32(skb, LUNATIK_A_RUN_ERRNO, lunatik_errors[engine->error].number))
		goto cancel;
	if (engine->error &&
	    (nla_put_string(skb, LUNATIK_A_RUN_ERROR_CODE, lunatik_errors[engine->error].code) ||
	     put_bytes(skb, LUNATIK_A_RUN_MESSAGE, message.data, reply_text_size(message.size)) ||
	     put_bytes(skb, LUNATIK_A_RUN_TRACEBACK, engine->traceback.data,
		       reply_text_size(engine->traceback.size))))
		goto cancel;
	if (put_bytes(skb, LUNATIK_A_RUN_RESULTS, engine->results.data, engine->results.size) ||
	    put_bytes(skb, LUNATIK_A_RUN_OUTPUT, run->output.data, run->output.size) ||
	    (run->output.dropped &&
	     put_u64(skb, LUNATIK_A_RUN_OUTPUT_DROPPED, run->output.dropped)) ||
	    put_u64(skb, LUNATIK_A_RUN_STEPS, engine->steps) ||
	    put_u64(skb, LUNATIK_A_RUN_TIME, engine->time) ||
	    put_u64(skb, LUNATIK_A_RUN_WAIT, run->wait) ||
	    put_u64(skb, LUNATIK_A_RUN_MEMORY, engine->memory) ||
	    put_u64(skb, LUNATIK_A_RUN_MEMORY_PEAK, engine->memory_peak))
		goto cancel;
	if (result && (put_u64(skb, LUNATIK_A_RUN_RESULTS_SIZE, result->results.size) ||
		       put_u64(skb, LUNATIK_A_RUN_OUTPUT_SIZE, result->output.size)))
		goto cancel;
	genlmsg_end(skb, header);
	return 0;

cancel:
	genlmsg_cancel(skb, header);
	return -EMSGSIZE;
}

/* The size of a reply, at most. */
static size_t reply_size(const struct lunatik_run *run)
{
	return REPLY_FIXED_MAX + reply_text_size(run->engine.message.size) +
	       reply_text_size(run->engine.traceback.size) + run->engine.results.size +
	       run->output.size;
}

/* A letter with a reply in it, and with room for those of runs to come; NULL without memory. */
static struct sk_buff *reply_make(const struct lunatik_run *run, bool more)
{
	size_t room = reply_size(run);
	struct sk_buff *skb;

	if (more)
		room = max_t(size_t, room, NLMSG_DEFAULT_SIZE);
	skb = lunatik_letter_new(run->asker.sk, room);
	if (skb && WARN_ON_ONCE(reply_fill(skb, run))) {
		lunatik_letter_free(skb);
		skb = NULL;
	}
	return skb;
}

/* The same; when there is no memory for a large one, its data is kept, or else said to be lost. */
static struct sk_buff *reply_make_any(struct lunatik_run *run, bool more)
{
	struct sk_buff *skb = reply_make(run, more);

	if (skb || !(run->engine.results.size + run->output.size))
		return skb;
	if (lunatik_result_keep(run)) {
		lunatik_run_drop(run);
		if (!run->engine.error)
			run->engine.error = LUNATIK_ERROR_NO_MEMORY;
	}
	return reply_make(run, false);
}

void lunatik_run_answer(struct lunatik_run *run, struct sk_buff *letter, bool more)
{
	int error;

	if (letter && reply_fill(letter, run)) {
		lunatik_letter_send(letter); /* it is full */
		letter = NULL;
	}
	if (!letter)
		letter = reply_make_any(run, more);
	if (!letter) {
		pr_warn_ratelimited("[%s] no memory for the reply of run %llu\n",
				    run->state->label, run->id);
		return;
	}
	if (more && !run->result) {
		lunatik_letter_hold(run->state, letter);
		return;
	}
	error = lunatik_letter_send(letter);
	/* it may have been kept after the port's other results were dropped */
	if (error == -ECONNREFUSED && run->result)
		lunatik_result_release(run->result);
}

/* --- execute and call ------------------------------------------------------------------------- */

/*
 * Join the pieces of a binary value that is cut over several attributes, in memory of the run's,
 * on the account of memory.
 */
static int bytes_parse(struct lunatik_request *request, struct lunatik_run *run,
		       unsigned int type, struct engine_bytes *bytes)
{
	const struct nlattr *first = request->attributes[type];
	const struct nlattr *piece;
	enum lunatik_error refusal;
	size_t size = 0;
	int left;

	nla_for_each_attr(piece, nlmsg_attrdata(request->header, GENL_HDRLEN),
			  nlmsg_attrlen(request->header, GENL_HDRLEN), left)
		if (nla_type(piece) == type)
			size += nla_len(piece);
	if (size > LUNATIK_CHUNK_MAX)
		return lunatik_refuse(request, LUNATIK_ERROR_TOO_LARGE, first);
	if (!size)
		return 0;

	refusal = lunatik_run_charge(run, size);
	if (refusal)
		return lunatik_refuse(request, refusal, first);
	bytes->data = kvmalloc(size, GFP_KERNEL | __GFP_NOWARN);
	if (!bytes->data)
		return lunatik_refuse(request, LUNATIK_ERROR_NO_MEMORY, first);
	nla_for_each_attr(piece, nlmsg_attrdata(request->header, GENL_HDRLEN),
			  nlmsg_attrlen(request->header, GENL_HDRLEN), left) {
		if (nla_type(piece) != type)
			continue;
		memcpy(bytes->data + bytes->size, nla_data(piece), nla_len(piece));
		bytes->size += nla_len(piece);
	}
	return 0;
}

/* A short text of the request's as a string of the run's; NULL when it is not there. */
static int string_parse(struct lunatik_request *request, unsigned int type, size_t max,
			const char **string)
{
	const char *text;
	size_t size;
	int error;

	if (!request->attributes[type])
		return 0;
	error = lunatik_request_text(request, type, max, &text, &size);
	if (error)
		return error;
	*string = kmemdup_nul(text, size, GFP_KERNEL);
	if (!*string)
		return lunatik_refuse(request, LUNATIK_ERROR_NO_MEMORY, request->attributes[type]);
	return 0;
}

static int limits_parse(struct lunatik_request *request, const struct engine_limits *state,
			struct engine_limits *limits)
{
	int error;

	error = lunatik_request_limit(request, LUNATIK_A_RUN_MAX_MEMORY, state->memory,
				      &limits->memory);
	if (!error)
		error = lunatik_request_limit(request, LUNATIK_A_RUN_MAX_STEPS, state->steps,
					      &limits->steps);
	if (!error)
		error = lunatik_request_limit(request, LUNATIK_A_RUN_MAX_TIME, state->time,
					      &limits->time);
	if (error)
		return error;
	limits->memory = limits->memory ?: state->memory;
	limits->steps = limits->steps ?: state->steps;
	limits->time = limits->time ?: state->time;
	return 0;
}

static int execute_parse(struct lunatik_request *request, struct lunatik_run *run)
{
	int error;

	if (!request->attributes[LUNATIK_A_RUN_CODE])
		return lunatik_refuse_missing(request, LUNATIK_A_RUN_CODE);
	error = string_parse(request, LUNATIK_A_RUN_CHUNK_NAME, LUNATIK_CHUNK_NAME_MAX,
			     &run->engine.chunk_name);
	if (error)
		return error;
	return bytes_parse(request, run, LUNATIK_A_RUN_CODE, &run->engine.code);
}

static int call_parse(struct lunatik_request *request, struct lunatik_run *run)
{
	const struct nlattr *function = request->attributes[LUNATIK_A_RUN_FUNCTION];
	int error;

	if (!function)
		return lunatik_refuse_missing(request, LUNATIK_A_RUN_FUNCTION);
	error = string_parse(request, LUNATIK_A_RUN_FUNCTION, LUNATIK_FUNCTION_MAX,
			     &run->engine.function);
	if (error)
		return error;
	if (!*run->engine.function)
		return lunatik_refuse_text(request, LUNATIK_ERROR_INVALID, function,
					   "ERR_INVALID: the function's name is empty");
	return 0;
}

static void asker_parse(const struct lunatik_request *request, const struct sk_buff *skb,
			struct genl_info *info, struct lunatik_asker *asker)
{
	asker->sk = NETLINK_CB(skb).sk;
	sock_hold(asker->sk);
	asker->port = info->snd_portid;
	asker->sequence = info->snd_seq;
	asker->has_cookie = request->attributes[LUNATIK_A_RUN_COOKIE];
	asker->cookie = lunatik_request_u64(request, LUNATIK_A_RUN_COOKIE, 0);
}

static int run_submit(struct lunatik_request *request, struct lunatik_run *run,
		      struct lunatik_state *state,
		      int (*parse)(struct lunatik_request *request, struct lunatik_run *run))
{
	enum lunatik_error refusal;
	int error;

	error = limits_parse(request, &state->limits, &run->engine.limits);
	if (!error)
		error = parse(request, run);
	if (!error)
		error = bytes_parse(request, run, LUNATIK_A_RUN_ARGUMENTS,
				    &run->engine.arguments);
	if (error)
		return error;
	refusal = lunatik_run_submit(run, state,
				     lunatik_request_u64(request, LUNATIK_A_RUN_MAX_WAIT, 0));
	if (refusal)
		return lunatik_refuse(request, refusal, request->attributes[LUNATIK_A_RUN_STATE]);
	return 0;
}

/* What execute and call share; parse reads what to run. */
static int run_doit(struct sk_buff *skb, struct genl_info *info, const struct lunatik_shape *shape,
		    int (*parse)(struct lunatik_request *request, struct lunatik_run *run))
{
	struct lunatik_request request;
	struct lunatik_state *state;
	struct lunatik_run *run;
	int error;

	error = lunatik_request_parse(&request, info->nlhdr, shape, info->extack);
	if (!error)
		error = lunatik_request_state(&request, LUNATIK_A_RUN_STATE, &state);
	if (error)
		return error;

	run = lunatik_run_new();
	if (run) {
		asker_parse(&request, skb, info, &run->asker);
		error = run_submit(&request, run, state, parse);
		lunatik_run_put(run);
	} else {
		error = lunatik_refuse(&request, LUNATIK_ERROR_NO_MEMORY, NULL);
	}
	lunatik_state_put(state);
	return error;
}

int lunatik_execute_doit(struct sk_buff *skb, struct genl_info *info)
{
	static const struct lunatik_shape shape = {
		.policy = lunatik_execute_policy,
		.max = LUNATIK_EXECUTE_MAXATTR,
		.repeated = BIT(LUNATIK_A_RUN_CODE) | BIT(LUNATIK_A_RUN_ARGUMENTS),
	};

	return run_doit(skb, info, &shape, execute_parse);
}

int lunatik_call_doit(struct sk_buff *skb, struct genl_info *info)
{
	static const struct lunatik_shape shape = {
		.policy = lunatik_call_policy,
		.max = LUNATIK_CALL_MAXATTR,
		.repeated = BIT(LUNATIK_A_RUN_ARGUMENTS),
	};

	return run_doit(skb, info, &shape, call_parse);
}

/* --- cancel ----------------------------------------------------------------------------------- */

static int count_reply(struct lunatik_request *request, struct genl_info *info, u32 count)
{
	struct sk_buff *reply = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *header;

	if (!reply)
		return lunatik_refuse(request, LUNATIK_ERROR_NO_MEMORY, NULL);
	header = genlmsg_put_reply(reply, info, &lunatik_family, 0, LUNATIK_CMD_CANCEL);
	if (!header || nla_put_u32(reply, LUNATIK_A_RUN_COUNT, count)) {
		nlmsg_free(reply);
		return -EMSGSIZE;
	}
	genlmsg_end(reply, header);
	return genlmsg_reply(reply, info);
}

int lunatik_cancel_doit(struct sk_buff *skb, struct genl_info *info)
{
	static const struct lunatik_shape shape = {
		.policy = lunatik_cancel_policy,
		.max = LUNATIK_CANCEL_MAXATTR,
	};
	struct lunatik_run_match match = {};
	struct lunatik_request request;
	struct lunatik_state *state = NULL;
	const struct nlattr *id, *cookie;
	int error;
	u32 count;

	error = lunatik_request_parse(&request, info->nlhdr, &shape, info->extack);
	if (error)
		return error;
	id = request.attributes[LUNATIK_A_RUN_ID];
	cookie = request.attributes[LUNATIK_A_RUN_COOKIE];
	if (!id && !cookie && !request.attributes[LUNATIK_A_RUN_STATE])
		return lunatik_refuse_missing(&request, LUNATIK_A_RUN_STATE);
	if (id && !nla_get_u64(id))
		return lunatik_refuse(&request, LUNATIK_ERROR_NO_RUN, id);
	if (request.attributes[LUNATIK_A_RUN_STATE]) {
		error = lunatik_request_state(&request, LUNATIK_A_RUN_STATE, &state);
		if (error)
			return error;
	}

	match.state = state;
	match.id = lunatik_request_u64(&request, LUNATIK_A_RUN_ID, 0);
	match.has_cookie = cookie;
	match.cookie = lunatik_request_u64(&request, LUNATIK_A_RUN_COOKIE, 0);
	count = lunatik_runs_cancel(&match);
	if (state)
		lunatik_state_put(state);
	/* who names a run wants to know that there is none; an idle state has 0, which is no error */
	if (!count && (id || cookie))
		return lunatik_refuse(&request, LUNATIK_ERROR_NO_RUN, id ? id : cookie);
	return count_reply(&request, info, count);
}

/* --- what was kept ---------------------------------------------------------------------------- */

/* What a request with an id, a cookie, or both means, with a reference; 0, or refused. */
static int result_parse(struct lunatik_request *request, struct lunatik_result **result)
{
	const struct nlattr *id = request->attributes[LUNATIK_A_RUN_ID];
	const struct nlattr *cookie = request->attributes[LUNATIK_A_RUN_COOKIE];
	u64 cookie_value = lunatik_request_u64(request, LUNATIK_A_RUN_COOKIE, 0);

	if (!id && !cookie)
		return lunatik_refuse_missing(request, LUNATIK_A_RUN_ID);
	*result = NULL;
	if (!id || nla_get_u64(id))
		*result = lunatik_result_find(lunatik_request_u64(request, LUNATIK_A_RUN_ID, 0),
					      cookie ? &cookie_value : NULL);
	if (!*result)
		return lunatik_refuse(request, LUNATIK_ERROR_NO_RUN, id ? id : cookie);
	return 0;
}

int lunatik_release_doit(struct sk_buff *skb, struct genl_info *info)
{
	static const struct lunatik_shape shape = {
		.policy = lunatik_release_policy,
		.max = LUNATIK_RELEASE_MAXATTR,
	};
	struct lunatik_request request;
	struct lunatik_result *result;
	int error;

	error = lunatik_request_parse(&request, info->nlhdr, &shape, info->extack);
	if (!error)
		error = result_parse(&request, &result);
	if (error)
		return error;
	lunatik_result_release(result);
	lunatik_result_put(result);
	return 0;
}

/* How far a dump is; lies in cb->ctx, zero at the start. The output follows the results. */
struct result_cursor {
	struct lunatik_result *result; /* with a reference; NULL before the first part */
	size_t offset;                 /* bytes that were told */
};

static int result_dump_begin(struct netlink_callback *cb, struct result_cursor *cursor)
{
	static const struct lunatik_shape shape = {
		.policy = lunatik_result_dump_policy,
		.max = LUNATIK_RESULT_DUMP_MAXATTR,
	};
	struct lunatik_request request;
	int error;

	error = lunatik_request_parse(&request, cb->nlh, &shape, cb->extack);
	if (error)
		return error;
	return result_parse(&request, &cursor->result);
}

/* Put as much of the data from an offset on as fits. Returns how much that was. */
static size_t piece_put(struct sk_buff *skb, int type, const char *data, size_t size, size_t offset)
{
	size_t room = skb_tailroom(skb);
	size_t piece;

	if (offset >= size || room <= 2 * NLA_HDRLEN)
		return 0;
	piece = min3(size - offset, room - 2 * NLA_HDRLEN, (size_t)U16_MAX - NLA_HDRLEN);
	return nla_put(skb, type, piece, data + offset) ? 0 : piece;
}

int lunatik_result_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct result_cursor *cursor = (struct result_cursor *)cb->ctx;
	const struct lunatik_result *result;
	size_t offset = cursor->offset;
	size_t results, output;
	void *header;
	int error;

	BUILD_BUG_ON(sizeof(*cursor) > sizeof(cb->ctx));
	if (!cursor->result) {
		error = result_dump_begin(cb, cursor);
		if (error)
			return error;
	}
	result = cursor->result;
	results = result->results.size;
	output = result->output.size;
	if (offset >= results + output)
		return 0;

	header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &lunatik_family,
			     NLM_F_MULTI, LUNATIK_CMD_RESULT);
	if (!header || put_u64(skb, LUNATIK_A_RUN_ID, result->id))
		return -EMSGSIZE;
	offset += piece_put(skb, LUNATIK_A_RUN_RESULTS, result->results.data, results, offset);
	if (offset >= results)
		offset += piece_put(skb, LUNATIK_A_RUN_OUTPUT, result->output.data, output,
				    offset - results);
	if (offset == cursor->offset)
		return -EMSGSIZE;
	genlmsg_end(skb, header);
	cursor->offset = offset;
	return skb->len;
}

int lunatik_result_done(struct netlink_callback *cb)
{
	struct result_cursor *cursor = (struct result_cursor *)cb->ctx;

	if (cursor->result)
		lunatik_result_put(cursor->result);
	cursor->result = NULL;
	return 0;
}
