// SPDX-License-Identifier: MIT
/* See model.h. */
#include <string.h>

#include <linux/kernel.h>
#include <linux/ktime.h>

#include "fuzz.h"
#include "kmod/netlink.h"
#include "kmod/result.h"
#include "kmod/run.h"
#include "kmod/state.h"
#include "model.h"
#include "serial.h"
#include "world.h"

#define RUNS 64 /* that are remembered, ended ones included */
#define DONE 256

struct state {
	bool exists;
	bool limbo;
	unsigned int instance; /* of all that had this name */
};

struct run {
	bool outstanding;
	bool orphan;          /* its client has closed: no answer comes */
	bool interrupted;     /* may end as cancelled, or as an end of its state */
	bool may_tire;        /* it may have waited as long as it wanted */
	unsigned int name, instance, client;
	int outcome;          /* LUNATIK_ERROR_*, or 0 */
	bool counts;
	u32 sequence;
	u64 cookie;
	size_t kept;          /* bytes of results and output that stay; 0: nothing */
	u64 kept_at;          /* ns; it was not before */
	bool released;
};

/* A run that counted: the later one of a state has the higher number. */
struct counted {
	unsigned int name, instance;
	u64 id, number;
};

struct client {
	struct sock *sock;
	bool subscribed;
	u64 event;            /* number of the last one; 0: none yet */
};

/* What the last request was answered. */
struct answer {
	u32 sequence;
	bool acknowledged;
	int error;
	bool replied;         /* by a message of the family */
	u32 count;            /* of cancel, of info */
	u64 runs;             /* of info */
	unsigned int listed;  /* bits of names */
	unsigned int messages;
	size_t bytes;         /* of a result */
	bool done, busy, interrupted;
};

static const char *const names[MODEL_NAMES] = { "a", "bee", "c c", "d\"\xc3\xa9" };

static struct {
	const char *text;
	int outcome;
	bool counts;
	size_t kept;
} chunks[CHUNKS] = {
	[CHUNK_COUNT] = { "n = (n or 0) + 1 return n", 0, true, 0 },
	[CHUNK_ERROR] = { "error('no')", LUNATIK_ERROR_RUNTIME, false, 0 },
	[CHUNK_ENDLESS] = { "while true do end", LUNATIK_ERROR_STEPS, false, 0 },
	[CHUNK_SYNTAX] = { "return return", LUNATIK_ERROR_SYNTAX, false, 0 },
	[CHUNK_LARGE] = { "return ('x'):rep(400):rep(100)", 0, false, 40004 },
	[CHUNK_OUTPUT] = { "print(('yyyyyyyyy'):rep(4444), 'zz') return 1", 0, false, 40002 },
	[CHUNK_PRINT] = { "print('\\27[31m', 1, nil)", 0, false, 0 },
	[CHUNK_MEMORY] = { "return ('x'):rep(1 << 30)", LUNATIK_ERROR_MEMORY, false, 0 },
	[CHUNK_LONG] = { "for i = 1, 5000 do end n = (n or 0) + 1 return n", 0, true, 0 },
	[CHUNK_FINALIZER] = { "setmetatable({}, {__gc = function() for i = 1, 3000 do end end})", 0, false, 0 },
	[CHUNK_COROUTINE] = { "local c = coroutine.wrap(function() for i = 1, 3000 do coroutine.yield(i) end end) "
			      "for i = 1, 3000 do c() end", 0, false, 0 },
	[CHUNK_TYPE] = { "return print", LUNATIK_ERROR_RESULT_TYPE, false, 0 },
};

static struct state states[MODEL_NAMES];
static struct run runs[RUNS];
static unsigned int runs_next;
static struct counted counted[DONE];
static unsigned int counted_next;
static struct client clients[MODEL_CLIENTS];
static unsigned int instances;
static u32 sequence;
static u64 cookies;
static struct answer answer;
static unsigned int asking; /* requests that are being carried out, one on top of the other */
static u64 received_at;     /* ns; when all that there was had been taken */

/* --- replies ---------------------------------------------------------------------------------- */

static struct run *run_find(unsigned int client, u32 number)
{
	unsigned int i;

	for (i = 0; i < RUNS; i++)
		if (runs[i].outstanding && !runs[i].orphan && runs[i].client == client &&
		    runs[i].sequence == number)
			return &runs[i];
	return NULL;
}

static bool outcome_fits(const struct run *run, int error)
{
	if (error == run->outcome)
		return true;
	if (error == LUNATIK_ERROR_CANCELLED || error == LUNATIK_ERROR_STALE)
		return run->interrupted;
	if (error == LUNATIK_ERROR_BUSY)
		return run->may_tire;
	/*
	 * Earlier runs may have left little memory, finalizers may spend the steps of another run,
	 * and others may let time pass in the middle of one.
	 */
	return error == LUNATIK_ERROR_MEMORY || error == LUNATIK_ERROR_STEPS ||
	       error == LUNATIK_ERROR_TIME;
}

static int error_of(const struct world_reply *reply)
{
	const struct nlattr *code = reply->attributes[LUNATIK_A_RUN_ERROR_CODE];
	u32 number = world_u32(reply, LUNATIK_A_RUN_ERRNO);
	int error;

	if (!number && !code)
		return 0;
	for (error = 1; code && error <= LUNATIK_ERROR_MAX; error++)
		if (!strcmp(nla_data(code), lunatik_errors[error].code))
			break;
	if (!code || error > LUNATIK_ERROR_MAX || number != (u32)lunatik_errors[error].number)
		fuzz_fail("the errno %u with no error's code", number);
	return error;
}

/* An integer as MessagePack has it, behind the head of an array of one. */
static u64 number_of(const struct nlattr *results)
{
	const u8 *at = nla_data(results);
	int size = nla_len(results);

	if (size == 2 && at[0] == 0x91 && at[1] < 0x80)
		return at[1];
	if (size == 4 && at[0] == 0x91 && at[1] == 0xd1)
		return at[2] << 8 | at[3];
	fuzz_fail("a count is %d bytes of results", size);
}

/* Runs of one state are made in the order of their ids. */
static void counted_add(const struct run *run, u64 id, u64 number)
{
	unsigned int i;

	for (i = 0; i < DONE; i++) {
		const struct counted *other = &counted[i];

		if (!other->id || other->name != run->name || other->instance != run->instance)
			continue;
		if ((other->id < id) != (other->number < number) || other->number == number)
			fuzz_fail("run %llu was the %lluth of its state, and run %llu the %lluth",
				  other->id, other->number, id, number);
	}
	counted[counted_next++ % DONE] = (struct counted) {
		.name = run->name, .instance = run->instance, .id = id, .number = number,
	};
}

static void finished_take(unsigned int client, const struct world_reply *reply)
{
	struct run *run = run_find(client, reply->header->nlmsg_seq);
	const struct nlattr *results = reply->attributes[LUNATIK_A_RUN_RESULTS];
	int error = error_of(reply);
	size_t kept = 0;

	if (!run)
		fuzz_fail("an answer to a run that is not outstanding");
	if (world_u64(reply, LUNATIK_A_RUN_COOKIE) != run->cookie)
		fuzz_fail("an answer with another run's cookie");
	if (strcmp(nla_data(reply->attributes[LUNATIK_A_RUN_STATE]), names[run->name]))
		fuzz_fail("an answer from another state");
	if (!outcome_fits(run, error))
		fuzz_fail("a run ended with error %d, not %d", error, run->outcome);
	if (world_u64(reply, LUNATIK_A_RUN_STEPS) > WORLD_STEPS)
		fuzz_fail("a run took more steps than it may");
	if (reply->attributes[LUNATIK_A_RUN_RESULTS_SIZE])
		kept = world_u64(reply, LUNATIK_A_RUN_RESULTS_SIZE) +
		       world_u64(reply, LUNATIK_A_RUN_OUTPUT_SIZE);
	if (!error && kept != run->kept)
		fuzz_fail("%zu bytes are kept, not %zu", kept, run->kept);
	if (error && results)
		fuzz_fail("an error with results");
	if (!error && run->counts)
		counted_add(run, world_u64(reply, LUNATIK_A_RUN_ID), number_of(results));
	run->outstanding = false;
	run->kept = kept;
	run->kept_at = received_at;
}

static void event_take(struct client *client, const struct world_reply *reply)
{
	u64 event = world_u64(reply, LUNATIK_A_EVENT_SEQUENCE);

	if (!client->subscribed)
		fuzz_fail("an event for a client that has left the group");
	if (client->event && event != client->event + 1)
		fuzz_fail("event %llu comes after %llu", event, client->event);
	client->event = event;
}

static unsigned int name_bit(const struct world_reply *reply)
{
	const char *name = nla_data(reply->attributes[LUNATIK_A_STATE_NAME]);
	unsigned int i;

	for (i = 0; i < MODEL_NAMES; i++)
		if (!strcmp(name, names[i]))
			return 1u << i;
	fuzz_fail("a state named %s", name);
}

static void answer_take(const struct world_reply *reply)
{
	const struct nlattr *const *attributes = reply->attributes;
	unsigned int bit;

	answer.replied = true;
	answer.messages++;
	answer.interrupted |= !!(reply->header->nlmsg_flags & NLM_F_DUMP_INTR);
	switch (reply->command) {
	case LUNATIK_CMD_CREATE:
	case LUNATIK_CMD_GET:
		bit = name_bit(reply);
		if (answer.listed & bit)
			fuzz_fail("a state is listed twice");
		answer.listed |= bit;
		answer.busy = nla_get_u8(attributes[LUNATIK_A_STATE_BUSY]);
		answer.count = world_u32(reply, LUNATIK_A_STATE_WAITING);
		break;
	case LUNATIK_CMD_CANCEL:
		answer.count = world_u32(reply, LUNATIK_A_RUN_COUNT);
		break;
	case LUNATIK_CMD_INFO:
		answer.count = world_u32(reply, LUNATIK_A_MODULE_STATES);
		answer.runs = world_u32(reply, LUNATIK_A_MODULE_RUNS);
		break;
	case LUNATIK_CMD_RESULT:
		if (attributes[LUNATIK_A_RUN_RESULTS])
			answer.bytes += nla_len(attributes[LUNATIK_A_RUN_RESULTS]);
		if (attributes[LUNATIK_A_RUN_OUTPUT])
			answer.bytes += nla_len(attributes[LUNATIK_A_RUN_OUTPUT]);
		break;
	default:
		fuzz_fail("a reply of the command %u", reply->command);
	}
}

static void take(const struct world_reply *reply, void *context)
{
	struct client *client = context;
	const struct nlmsghdr *header = reply->header;

	if (header->nlmsg_type == lunatik_family.id && reply->command == LUNATIK_CMD_FINISHED) {
		finished_take(client - clients, reply);
		return;
	}
	if (header->nlmsg_type == lunatik_family.id && reply->command == LUNATIK_CMD_EVENT) {
		event_take(client, reply);
		return;
	}
	if (header->nlmsg_seq != answer.sequence)
		fuzz_fail("an answer to the request %u, not %u", header->nlmsg_seq, answer.sequence);
	if (header->nlmsg_type == NLMSG_ERROR) {
		if (answer.acknowledged)
			fuzz_fail("a request is acknowledged twice");
		answer.acknowledged = true;
		answer.error = reply->error;
	} else if (header->nlmsg_type == NLMSG_DONE) {
		answer.done = true;
		answer.error = reply->error;
	} else {
		answer_take(reply);
	}
}

void model_receive(void)
{
	unsigned int i;

	for (i = 0; i < MODEL_CLIENTS; i++)
		world_receive(clients[i].sock, take, &clients[i]);
	received_at = ktime_get_ns();
}

/* --- requests --------------------------------------------------------------------------------- */

static struct sk_buff *request(u8 command, int flags)
{
	return world_request(command, NLM_F_ACK | flags, &sequence, 512);
}

static void put_u64(struct sk_buff *skb, int type, u64 value)
{
	nla_put_u64_64bit(skb, type, value, LUNATIK_A_RUN_PAD);
}

/*
 * Send a request and take its answer, at once: requests of other clients that come while this one
 * is carried out have been answered by then. Returns the errno, negative or 0.
 */
static int ask(unsigned int client, struct sk_buff *skb)
{
	u32 number = nlmsg_hdr(skb)->nlmsg_seq;
	bool dump = (nlmsg_hdr(skb)->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;

	model_receive();
	asking++;
	world_send(clients[client].sock, skb);
	asking--;
	answer = (struct answer){ .sequence = number };
	model_receive();
	if (dump ? !answer.done && !answer.acknowledged : !answer.acknowledged)
		fuzz_fail("a request is not answered");
	return answer.error;
}

static void expect(int error, int wanted, const char *what)
{
	if (error != wanted)
		fuzz_fail("%s: error %d, not %d", what, error, wanted);
}

static unsigned int states_count(void)
{
	unsigned int i, count = 0;

	for (i = 0; i < MODEL_NAMES; i++)
		count += states[i].exists;
	return count;
}

static bool any_limbo(void)
{
	unsigned int i;

	for (i = 0; i < MODEL_NAMES; i++)
		if (states[i].limbo)
			return true;
	return false;
}

/* --- states ----------------------------------------------------------------------------------- */

/* How it is with a state at this moment; the module's own word. */
static void look(unsigned int name, bool *busy, u32 *waiting)
{
	struct lunatik_state *state = lunatik_state_find(names[name], strlen(names[name]));

	*busy = false;
	*waiting = 0;
	if (state) {
		*busy = state->run;
		*waiting = state->waiting_count;
		lunatik_state_put(state);
	}
}

static void interrupt(const struct state *state)
{
	unsigned int i;

	for (i = 0; i < RUNS; i++)
		if (runs[i].outstanding && &states[runs[i].name] == state &&
		    runs[i].instance == state->instance)
			runs[i].interrupted = true;
}

static int create_expected(const struct state *state, unsigned int name, u32 flags)
{
	bool busy;
	u32 waiting;

	look(name, &busy, &waiting);
	if (flags == (LUNATIK_CREATE_FLAG_REPLACE | LUNATIK_CREATE_FLAG_IF_NOT_EXISTS))
		return -EINVAL;
	if (!state->exists)
		return states_count() >= WORLD_STATES_MAX ? -ENOSPC : 0;
	if (flags & LUNATIK_CREATE_FLAG_IF_NOT_EXISTS)
		return 0;
	if (!(flags & LUNATIK_CREATE_FLAG_REPLACE))
		return -EEXIST;
	return busy ? -EBUSY : 0;
}

void model_create(unsigned int client, unsigned int name, u32 flags)
{
	struct sk_buff *skb = request(LUNATIK_CMD_CREATE, 0);
	struct state *state = &states[name];
	int error, wanted = create_expected(state, name, flags);
	bool fresh = !state->exists || flags & LUNATIK_CREATE_FLAG_REPLACE;

	/* while another one is being replaced, the count is that of two moments */
	if (any_limbo()) {
		kfree_skb(skb);
		return;
	}
	nla_put_string(skb, LUNATIK_A_STATE_NAME, names[name]);
	nla_put_u32(skb, LUNATIK_A_STATE_CREATE_FLAGS, flags);
	state->limbo = true;
	error = ask(client, skb);
	state->limbo = false;
	expect(error, wanted, "create");
	if (error)
		return;
	if (!answer.replied || answer.listed != 1u << name)
		fuzz_fail("create answers with another state");
	if (fresh) {
		state->exists = true;
		state->instance = ++instances;
	}
}

void model_delete(unsigned int client, unsigned int name, bool force)
{
	struct sk_buff *skb = request(LUNATIK_CMD_DELETE, 0);
	struct state *state = &states[name];
	bool busy;
	u32 waiting;
	int error;

	if (any_limbo()) {
		kfree_skb(skb);
		return;
	}
	look(name, &busy, &waiting);
	nla_put_string(skb, LUNATIK_A_STATE_NAME, names[name]);
	nla_put_u32(skb, LUNATIK_A_STATE_DELETE_FLAGS, force);
	if (state->exists && force)
		interrupt(state);
	state->limbo = true;
	error = ask(client, skb);
	state->limbo = false;
	expect(error, !state->exists ? -ENOENT : busy && !force ? -EBUSY : 0, "delete");
	if (!error)
		state->exists = false;
}

void model_get(unsigned int client, unsigned int name)
{
	struct sk_buff *skb = request(LUNATIK_CMD_GET, 0);
	bool busy;
	u32 waiting;
	int error;

	look(name, &busy, &waiting);
	nla_put_string(skb, LUNATIK_A_STATE_NAME, names[name]);
	error = ask(client, skb);
	if (states[name].limbo)
		return;
	expect(error, states[name].exists ? 0 : -ENOENT, "get");
	if (!error && (answer.listed != 1u << name || answer.busy != busy || answer.count != waiting))
		fuzz_fail("get tells of a state that is not so");
}

void model_list(unsigned int client)
{
	unsigned int i, wanted = 0, limbo = 0;

	expect(ask(client, request(LUNATIK_CMD_GET, NLM_F_DUMP)), 0, "list");
	for (i = 0; i < MODEL_NAMES; i++) {
		wanted |= states[i].exists << i;
		limbo |= states[i].limbo << i;
	}
	if ((answer.listed ^ wanted) & ~limbo)
		fuzz_fail("the states listed are 0x%x, not 0x%x", answer.listed, wanted);
	if (answer.interrupted)
		fuzz_fail("a list that nothing overlapped says that something did");
}

void model_info(unsigned int client)
{
	expect(ask(client, request(LUNATIK_CMD_INFO, 0)), 0, "info");
	if (!any_limbo() && answer.count != states_count())
		fuzz_fail("%u states, not %u", answer.count, states_count());
	if (answer.runs != lunatik_runs_count())
		fuzz_fail("%llu runs, not %u", answer.runs, lunatik_runs_count());
}

void model_log(unsigned int client)
{
	expect(ask(client, request(LUNATIK_CMD_LOG, 0)), 0, "log");
}

/* --- runs ------------------------------------------------------------------------------------- */

static struct run *run_slot(void)
{
	unsigned int i;

	for (i = 0; i < RUNS; i++) {
		struct run *run = &runs[runs_next++ % RUNS];

		if (!run->outstanding)
			return run;
	}
	fuzz_fail("more runs are outstanding than there may be");
}

static int run_expected(unsigned int name, u64 wait)
{
	bool busy;
	u32 waiting;

	look(name, &busy, &waiting);
	if (!states[name].exists)
		return -ENOENT;
	if (busy && !wait)
		return -EBUSY;
	if (lunatik_runs_count() >= WORLD_RUNS_MAX || (busy && waiting >= WORLD_WAITING_MAX))
		return -ENOBUFS;
	return 0;
}

static void submit(unsigned int client, struct sk_buff *skb, struct run *run, unsigned int name,
		   unsigned int wait)
{
	int error, wanted = run_expected(name, wait);

	if (states[name].limbo) {
		kfree_skb(skb);
		return;
	}
	run->name = name;
	run->instance = states[name].instance;
	run->client = client;
	run->cookie = ++cookies;
	run->sequence = nlmsg_hdr(skb)->nlmsg_seq;
	run->may_tire = wait;
	nla_put_string(skb, LUNATIK_A_RUN_STATE, names[name]);
	put_u64(skb, LUNATIK_A_RUN_COOKIE, run->cookie);
	if (wait)
		put_u64(skb, LUNATIK_A_RUN_MAX_WAIT, wait * NSEC_PER_MSEC);
	error = ask(client, skb);
	expect(error, wanted, "a run");
	run->outstanding = !error;
	if (error)
		run->kept = 0;
}

void model_execute(unsigned int client, unsigned int name, enum chunk chunk, unsigned int wait)
{
	struct sk_buff *skb = request(LUNATIK_CMD_EXECUTE, 0);
	struct run *run = run_slot();

	*run = (struct run) {
		.outcome = chunks[chunk].outcome, .counts = chunks[chunk].counts,
		.kept = chunks[chunk].kept,
	};
	nla_put(skb, LUNATIK_A_RUN_CODE, strlen(chunks[chunk].text), chunks[chunk].text);
	submit(client, skb, run, name, wait);
}

void model_call(unsigned int client, unsigned int name, unsigned int function, unsigned int wait)
{
	static const struct {
		const char *name;
		int outcome;
	} functions[] = {
		{ "type", LUNATIK_ERROR_RUNTIME }, { "string.upper", 0 },
		{ "no.such", LUNATIK_ERROR_NO_FUNCTION }, { "math.floor", LUNATIK_ERROR_RUNTIME },
	};
	static const char argument[] = "\x91\xa1x";
	struct sk_buff *skb = request(LUNATIK_CMD_CALL, 0);
	struct run *run = run_slot();

	function %= ARRAY_SIZE(functions);
	*run = (struct run){ .outcome = functions[function].outcome };
	nla_put_string(skb, LUNATIK_A_RUN_FUNCTION, functions[function].name);
	if (function)
		nla_put(skb, LUNATIK_A_RUN_ARGUMENTS, sizeof(argument) - 1, argument);
	submit(client, skb, run, name, wait);
}

/*
 * Whether the answer of a run that has ended may be held: it is, while its worker makes the next one
 * of the state, so in the middle of a run. Then the model still takes the run for outstanding.
 */
static bool may_be_held(void)
{
	return serial_depth;
}

/* How many runs the model knows to be outstanding in a state, and how many may be whose client is gone. */
static void count_runs(unsigned int name, unsigned int *known, unsigned int *orphans)
{
	unsigned int i;

	*known = *orphans = 0;
	for (i = 0; i < RUNS; i++) {
		const struct run *run = &runs[i];

		if (!run->outstanding || run->name != name || run->instance != states[name].instance)
			continue;
		if (run->orphan)
			++*orphans;
		else
			++*known;
	}
}

void model_cancel_state(unsigned int client, unsigned int name)
{
	struct sk_buff *skb = request(LUNATIK_CMD_CANCEL, 0);
	unsigned int known, orphans;
	int error;

	count_runs(name, &known, &orphans);
	nla_put_string(skb, LUNATIK_A_RUN_STATE, names[name]);
	if (states[name].exists)
		interrupt(&states[name]);
	error = ask(client, skb);
	if (states[name].limbo)
		return;
	expect(error, states[name].exists ? 0 : -ENOENT, "cancel");
	if (!error && ((answer.count < known && !may_be_held()) || answer.count > known + orphans))
		fuzz_fail("cancel reached %u runs, not %u", answer.count, known);
}

void model_cancel_cookie(unsigned int client, unsigned int number)
{
	struct sk_buff *skb = request(LUNATIK_CMD_CANCEL, 0);
	struct run *run = &runs[number % RUNS];
	bool interrupted = run->interrupted;
	int error;

	put_u64(skb, LUNATIK_A_RUN_COOKIE, run->cookie ? run->cookie : ~0ull);
	run->interrupted = true;
	error = ask(client, skb);
	if (run->outstanding && run->orphan)
		return;
	if (run->outstanding && error == -ENOENT && may_be_held()) {
		run->interrupted = interrupted; /* it has its end, and is not to be told of another */
		return;
	}
	expect(error, run->outstanding ? 0 : -ENOENT, "cancel of a run");
	if (!error && answer.count != 1)
		fuzz_fail("cancel reached %u runs of one", answer.count);
}

/* --- what was kept ---------------------------------------------------------------------------- */

/* Whether what a run left may be had: 1 yes, 0 no, -1 either, since its time is about over. */
static int is_kept(const struct run *run)
{
	u64 age = ktime_get_ns() - run->kept_at;

	if (!run->kept || run->outstanding || run->orphan || run->released || !run->cookie)
		return 0;
	return age < LUNATIK_RESULT_TIME ? 1 : -1;
}

void model_result(unsigned int client, unsigned int number)
{
	struct sk_buff *skb = request(LUNATIK_CMD_RESULT, NLM_F_DUMP);
	const struct run *run = &runs[number % RUNS];
	int error, kept = is_kept(run);

	put_u64(skb, LUNATIK_A_RUN_COOKIE, run->cookie ? run->cookie : ~0ull);
	error = ask(client, skb);
	if (kept >= 0)
		expect(error, kept ? 0 : -ENOENT, "result");
	if (!error && answer.bytes != run->kept)
		fuzz_fail("%zu bytes of results, not %zu", answer.bytes, run->kept);
}

void model_release(unsigned int client, unsigned int number)
{
	struct sk_buff *skb = request(LUNATIK_CMD_RELEASE, 0);
	struct run *run = &runs[number % RUNS];
	int error, kept = is_kept(run);

	put_u64(skb, LUNATIK_A_RUN_COOKIE, run->cookie ? run->cookie : ~0ull);
	error = ask(client, skb);
	if (kept >= 0)
		expect(error, kept ? 0 : -ENOENT, "release");
	run->released |= !error;
}

/* --- clients ---------------------------------------------------------------------------------- */

void model_reopen(unsigned int client)
{
	unsigned int i;

	/* who is in the middle of a request cannot leave */
	if (asking)
		return;
	model_receive();
	for (i = 0; i < RUNS; i++)
		if (runs[i].client == client) {
			runs[i].orphan = true;
			runs[i].interrupted = true;
		}
	world_close(clients[client].sock);
	clients[client] = (struct client){ .sock = world_open(WORLD_BUFFER) };
}

void model_subscribe(unsigned int client, bool join)
{
	/* what was sent to a member is still to be read */
	model_receive();
	if (netlink_membership(clients[client].sock, lunatik_family.mcgrp_offset, join))
		fuzz_fail("the group cannot be joined or left");
	clients[client].subscribed = join;
	clients[client].event = 0;
}

/* --- all of it -------------------------------------------------------------------------------- */

void model_begin(void)
{
	unsigned int i;

	memset(states, 0, sizeof(states));
	memset(runs, 0, sizeof(runs));
	memset(counted, 0, sizeof(counted));
	runs_next = 0;
	counted_next = 0;
	instances = 0;
	sequence = 1;
	cookies = 1000;
	for (i = 0; i < MODEL_CLIENTS; i++)
		clients[i] = (struct client){ .sock = world_open(WORLD_BUFFER) };
}

void model_check(void)
{
	unsigned int i, known = 0, orphans = 0;

	if (lunatik_states_count() != states_count())
		fuzz_fail("%u states, not %u", lunatik_states_count(), states_count());
	for (i = 0; i < RUNS; i++) {
		known += runs[i].outstanding && !runs[i].orphan;
		orphans += runs[i].outstanding && runs[i].orphan;
	}
	if (lunatik_runs_count() < known || lunatik_runs_count() > known + orphans)
		fuzz_fail("%u runs, not %u", lunatik_runs_count(), known);
	/* once there is no other one left, those without a client have ended */
	if (lunatik_runs_count() == known)
		for (i = 0; i < RUNS; i++)
			if (runs[i].orphan)
				runs[i].outstanding = false;
}

void model_check_idle(void)
{
	unsigned int i;
	bool busy;
	u32 waiting;

	model_check();
	if (lunatik_runs_count())
		fuzz_fail("%u runs are left though nothing is left to do", lunatik_runs_count());
	for (i = 0; i < MODEL_NAMES; i++) {
		look(i, &busy, &waiting);
		if (busy || waiting)
			fuzz_fail("%s is busy though nothing is left to do", names[i]);
	}
}
