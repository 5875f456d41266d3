// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "talk.h"

#define BUFFER (8 << 20) /* no reply is lost with that */

void talk_open(struct talk *talk, const char *socket, uint32_t identity, uint32_t sequence)
{
	int error = peer_open(&talk->peer, socket);

	if (error)
		fail("cannot connect: %s", strerror(-error));
	if (!talk->peer.stream)
		peer_buffers(&talk->peer, BUFFER, BUFFER);
	talk->cookies = (uint64_t)identity << 32;
	talk->sequence = sequence;
}

void talk_close(struct talk *talk)
{
	peer_close(&talk->peer);
	message_free(&talk->request);
	memset(talk, 0, sizeof(*talk));
}

/* --- one request ------------------------------------------------------------------------------ */

static struct message *begin(struct talk *talk, uint8_t command, uint16_t flags)
{
	message_begin(&talk->request, command, NLM_F_REQUEST | flags, ++talk->sequence);
	return &talk->request;
}

static void submit(struct talk *talk)
{
	int error;

	message_end(&talk->request);
	error = peer_send(&talk->peer, talk->request.data, talk->request.size);
	if (error)
		fail("cannot send: %s", strerror(-error));
}

static const struct nlmsghdr *receive(struct talk *talk)
{
	const struct nlmsghdr *header;
	int got = peer_receive(&talk->peer, PATIENCE, &header);

	if (!got)
		fail("no reply within %d s", PATIENCE / 1000);
	if (got < 0)
		fail("cannot receive: %s", strerror(-got));
	return header;
}

/* What an acknowledgement, or the end of a dump, says: 0 or an enum lunatik_error. */
static int verdict(const struct nlmsghdr *header)
{
	const struct nlmsgerr *answer = NLMSG_DATA(header);
	const char *at = (const char *)(answer + 1);
	const char *end = (const char *)header + header->nlmsg_len;
	int error;

	if (answer->error >= 0)
		return 0;
	if (header->nlmsg_type == NLMSG_DONE)
		at = (const char *)&answer->msg;
	else if (!(header->nlmsg_flags & NLM_F_CAPPED))
		at += answer->msg.nlmsg_len - sizeof(answer->msg);
	while (at + NLA_HDRLEN <= end) {
		const struct nlattr *attribute = (const void *)at;

		if (attribute->nla_len < NLA_HDRLEN)
			break;
		if (attribute->nla_type == NLMSGERR_ATTR_MSG) {
			error = code_find(attribute_text(attribute));
			if (error > 0)
				return error;
			fail("refused with an unknown code: %s", attribute_text(attribute));
		}
		at += NLA_ALIGN(attribute->nla_len);
	}
	fail("refused without a code: %s", strerror(-answer->error));
}

static void __attribute__((noreturn)) stranger(const struct talk *talk,
					       const struct nlmsghdr *header)
{
	fail("a reply to nobody: type %u, command %u, sequence %u, and the last request was %u",
	     header->nlmsg_type, header->nlmsg_type == family ? message_command(header) : 0,
	     header->nlmsg_seq, talk->sequence);
}

/* Send what was begun and wait for its acknowledgement; a message before it goes to the function. */
static int exchange(struct talk *talk, void (*reply)(const struct nlmsghdr *header, void *context),
		    void *context)
{
	const struct nlmsghdr *header;

	submit(talk);
	for (;;) {
		header = receive(talk);
		if (header->nlmsg_seq != talk->sequence)
			stranger(talk, header);
		if (header->nlmsg_type == NLMSG_ERROR)
			return verdict(header);
		if (header->nlmsg_type != family || !reply)
			fail("a message of type %u that was not asked for", header->nlmsg_type);
		reply(header, context);
	}
}

/* --- states ----------------------------------------------------------------------------------- */

static void state_read(const struct nlmsghdr *header, void *context)
{
	const struct nlattr *attribute = NULL, *inside;
	struct state_view *view = context;
	int error;

	memset(view, 0, sizeof(*view));
	view->there = true;
	while ((attribute = attribute_next(header, attribute))) {
		switch (attribute_type(attribute)) {
		case LUNATIK_A_STATE_NAME:
			snprintf(view->name, sizeof(view->name), "%s", attribute_text(attribute));
			break;
		case LUNATIK_A_STATE_ID:
			view->id = attribute_number(attribute);
			break;
		case LUNATIK_A_STATE_RUNS:
			view->runs = attribute_number(attribute);
			break;
		case LUNATIK_A_STATE_BUSY:
			view->busy = attribute_number(attribute);
			break;
		case LUNATIK_A_STATE_DYING:
			view->dying = attribute_number(attribute);
			break;
		case LUNATIK_A_STATE_WAITING:
			view->waiting = attribute_number(attribute);
			break;
		case LUNATIK_A_STATE_FAILURES:
			error = 0;
			inside = NULL;
			while ((inside = attribute_inside(attribute, inside))) {
				if (attribute_type(inside) == LUNATIK_A_FAILURE_CODE)
					error = code_find(attribute_text(inside));
				else if (attribute_type(inside) == LUNATIK_A_FAILURE_COUNT && error > 0)
					view->failures[error] = attribute_number(inside);
			}
			break;
		}
	}
}

void talk_create_send(struct talk *talk, const char *name)
{
	message_text(begin(talk, LUNATIK_CMD_CREATE, 0), LUNATIK_A_STATE_NAME, name);
	submit(talk);
}

int talk_create(struct talk *talk, const char *name, uint32_t flags, struct state_view *view)
{
	struct message *message = begin(talk, LUNATIK_CMD_CREATE, NLM_F_ACK);

	message_text(message, LUNATIK_A_STATE_NAME, name);
	message_u64(message, LUNATIK_A_STATE_MAX_MEMORY, 4 << 20);
	message_u64(message, LUNATIK_A_STATE_MAX_TIME, 300ull * 1000000000);
	if (flags)
		message_u32(message, LUNATIK_A_STATE_CREATE_FLAGS, flags);
	view->there = false;
	return exchange(talk, state_read, view);
}

int talk_delete(struct talk *talk, const char *name, bool force)
{
	struct message *message = begin(talk, LUNATIK_CMD_DELETE, NLM_F_ACK);

	message_text(message, LUNATIK_A_STATE_NAME, name);
	if (force)
		message_u32(message, LUNATIK_A_STATE_DELETE_FLAGS, LUNATIK_DELETE_FLAG_FORCE);
	return exchange(talk, NULL, NULL);
}

int talk_get(struct talk *talk, const char *name, struct state_view *view)
{
	struct message *message = begin(talk, LUNATIK_CMD_GET, NLM_F_ACK);

	message_text(message, LUNATIK_A_STATE_NAME, name);
	view->there = false;
	return exchange(talk, state_read, view);
}

void talk_list_send(struct talk *talk)
{
	begin(talk, LUNATIK_CMD_GET, NLM_F_DUMP);
	submit(talk);
}

bool talk_list(struct talk *talk, void (*each)(const struct state_view *view, void *context),
	       void *context)
{
	const struct nlmsghdr *header;
	struct state_view view;
	bool whole = true;

	talk_list_send(talk);
	for (;;) {
		header = receive(talk);
		if (header->nlmsg_seq != talk->sequence)
			stranger(talk, header);
		if (header->nlmsg_flags & NLM_F_DUMP_INTR)
			whole = false;
		if (header->nlmsg_type == NLMSG_DONE && !verdict(header))
			return whole;
		if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR)
			fail("a dump was refused: %s", codes[verdict(header)]);
		state_read(header, &view);
		each(&view, context);
	}
}

/* --- the rest --------------------------------------------------------------------------------- */

static void count_read(const struct nlmsghdr *header, void *context)
{
	*(unsigned int *)context = attribute_number(attribute_find(header, LUNATIK_A_RUN_COUNT));
}

int talk_cancel(struct talk *talk, const char *state, uint64_t cookie, unsigned int *count)
{
	struct message *message = begin(talk, LUNATIK_CMD_CANCEL, NLM_F_ACK);

	if (state)
		message_text(message, LUNATIK_A_RUN_STATE, state);
	if (cookie)
		message_u64(message, LUNATIK_A_RUN_COOKIE, cookie);
	*count = 0;
	return exchange(talk, count_read, count);
}

int talk_log(struct talk *talk)
{
	begin(talk, LUNATIK_CMD_LOG, NLM_F_ACK);
	return exchange(talk, NULL, NULL);
}

int talk_release(struct talk *talk, uint64_t run)
{
	message_u64(begin(talk, LUNATIK_CMD_RELEASE, NLM_F_ACK), LUNATIK_A_RUN_ID, run);
	return exchange(talk, NULL, NULL);
}

static void info_read(const struct nlmsghdr *header, void *context)
{
	struct info_view *view = context;

	view->states = attribute_number(attribute_find(header, LUNATIK_A_MODULE_STATES));
	view->runs = attribute_number(attribute_find(header, LUNATIK_A_MODULE_RUNS));
	view->memory = attribute_number(attribute_find(header, LUNATIK_A_MODULE_MEMORY));
	view->events = attribute_number(attribute_find(header, LUNATIK_A_MODULE_EVENT_SEQUENCE));
}

int talk_info(struct talk *talk, struct info_view *view)
{
	memset(view, 0, sizeof(*view));
	begin(talk, LUNATIK_CMD_INFO, NLM_F_ACK);
	return exchange(talk, info_read, view);
}

/* --- the whole module ------------------------------------------------------------------------- */

void talk_expect_empty(const char *socket)
{
	struct info_view info;
	struct talk talk = {};

	talk_open(&talk, socket, 0, 0);
	talk_info(&talk, &info);
	talk_close(&talk);
	if (info.states || info.runs)
		fail("the module has %" PRIu64 " states and %" PRIu64 " runs already", info.states,
		     info.runs);
}

struct names {
	char (*names)[LUNATIK_NAME_MAX + 1];
	size_t count;
};

static void name_keep(const struct state_view *view, void *context)
{
	struct names *names = context;

	names->names = realloc(names->names, (names->count + 1) * sizeof(*names->names));
	if (!names->names)
		abort();
	memcpy(names->names[names->count++], view->name, sizeof(*names->names));
}

void talk_empty(struct talk *talk)
{
	uint64_t until = now() + 60000;
	struct info_view info;

	do {
		struct names names = {};
		size_t i;

		talk_list(talk, name_keep, &names);
		for (i = 0; i < names.count; i++)
			talk_delete(talk, names.names[i], true);
		free(names.names);
		talk_info(talk, &info);
		if (!info.states && !info.runs && !info.memory)
			return;
		usleep(20000);
	} while (now() < until);
	fail("left at the end: %" PRIu64 " states, %" PRIu64 " runs, %" PRIu64 " bytes", info.states,
	     info.runs, info.memory);
}

/* --- runs ------------------------------------------------------------------------------------- */

void talk_run_send(struct talk *talk, const struct run_request *request, struct run_view *run)
{
	struct message *message = begin(talk, request->function ? LUNATIK_CMD_CALL :
					LUNATIK_CMD_EXECUTE, NLM_F_ACK);
	const struct { uint16_t type; uint64_t value; } limits[] = {
		{ LUNATIK_A_RUN_MAX_STEPS, request->max_steps },
		{ LUNATIK_A_RUN_MAX_MEMORY, request->max_memory },
		{ LUNATIK_A_RUN_MAX_TIME, request->max_time },
		{ LUNATIK_A_RUN_MAX_WAIT, request->max_wait },
	};
	unsigned int i;

	memset(run, 0, sizeof(*run));
	run->sequence = talk->sequence;
	message_text(message, LUNATIK_A_RUN_STATE, request->state);
	message_u64(message, LUNATIK_A_RUN_COOKIE, talk_cookie(talk, run));
	if (request->function)
		message_text(message, LUNATIK_A_RUN_FUNCTION, request->function);
	else
		message_put(message, LUNATIK_A_RUN_CODE, request->code, strlen(request->code));
	/* nobody looks at them, but they are memory that a run has to give back */
	if (!request->function)
		message_text(message, LUNATIK_A_RUN_CHUNK_NAME, "=torture");
	message_put(message, LUNATIK_A_RUN_ARGUMENTS, "\x92\x01\xa1x", 4);
	for (i = 0; i < sizeof(limits) / sizeof(*limits); i++)
		if (limits[i].value)
			message_u64(message, limits[i].type, limits[i].value);
	submit(talk);
}

uint64_t talk_cookie(const struct talk *talk, const struct run_view *run)
{
	return talk->cookies | run->sequence;
}

/* The integers at the beginning of a MessagePack array, none of which is below 0. */
static void numbers_read(struct run_view *run, const struct nlattr *results)
{
	const uint8_t *at = attribute_data(results), *end = at + attribute_size(results);
	unsigned int size;
	uint64_t number;

	if (at == end || *at++ >> 4 != 9)
		return;
	while (at < end && run->count < 4) {
		number = *at;
		size = 0;
		if (number >= 0xcc && number <= 0xd3) {
			size = 1u << (number & 3);
			number = 0;
		} else if (number > 0x7f) {
			return;
		}
		at++;
		if (size > (size_t)(end - at))
			return;
		for (; size; size--)
			number = number << 8 | *at++;
		run->numbers[run->count++] = number;
	}
}

static void finished_read(const struct talk *talk, const struct nlmsghdr *header,
			  struct run_view *run)
{
	const struct nlattr *attribute;
	int error;

	if (run->finished)
		fail("a run was answered twice");
	if (run->refusal)
		fail("a run that was refused is answered");
	run->finished = true;
	run->id = attribute_number(attribute_find(header, LUNATIK_A_RUN_ID));
	if (attribute_number(attribute_find(header, LUNATIK_A_RUN_COOKIE)) != talk_cookie(talk, run))
		fail("the reply has another cookie");
	attribute = attribute_find(header, LUNATIK_A_RUN_ERROR_CODE);
	error = attribute ? code_find(attribute_text(attribute)) : 0;
	if (error < 0)
		fail("a run ended with an unknown code: %s", attribute_text(attribute));
	run->error = error;
	if (!error != !attribute_number(attribute_find(header, LUNATIK_A_RUN_ERRNO)))
		fail("a run's errno and code contradict each other");
	run->results_size = attribute_number(attribute_find(header, LUNATIK_A_RUN_RESULTS_SIZE));
	run->output_size = attribute_number(attribute_find(header, LUNATIK_A_RUN_OUTPUT_SIZE));
	attribute = attribute_find(header, LUNATIK_A_RUN_RESULTS);
	if (attribute)
		numbers_read(run, attribute);
}

static bool waits(const struct run_view *runs, unsigned int count, bool ended)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (!runs[i].acknowledged || (ended && !runs[i].finished && !runs[i].refusal))
			return true;
	return false;
}

void talk_runs_wait(struct talk *talk, struct run_view *runs, unsigned int count, bool ended)
{
	const struct nlmsghdr *header;
	struct run_view *run;

	while (waits(runs, count, ended)) {
		header = receive(talk);
		for (run = runs; run < runs + count && run->sequence != header->nlmsg_seq; run++)
			;
		if (run == runs + count)
			stranger(talk, header);
		if (header->nlmsg_type == NLMSG_ERROR) {
			if (run->acknowledged)
				fail("a run was acknowledged twice");
			run->acknowledged = true;
			run->refusal = verdict(header);
			if (run->refusal && run->finished)
				fail("a run that was answered is refused");
		} else if (message_command(header) == LUNATIK_CMD_FINISHED) {
			finished_read(talk, header, run);
		} else {
			fail("a message of command %u that was not asked for", message_command(header));
		}
	}
}

void talk_result_send(struct talk *talk, uint64_t run)
{
	struct pollfd begun = { .fd = talk->peer.fd, .events = POLLIN };

	message_u64(begin(talk, LUNATIK_CMD_RESULT, NLM_F_DUMP), LUNATIK_A_RUN_ID, run);
	submit(talk);
	if (poll(&begun, 1, PATIENCE) != 1)
		fail("a dump does not begin");
}

int talk_result_read(struct talk *talk, uint64_t *size)
{
	const struct nlattr *attribute;
	const struct nlmsghdr *header;

	for (*size = 0;;) {
		header = receive(talk);
		if (header->nlmsg_seq != talk->sequence)
			stranger(talk, header);
		if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR)
			return verdict(header);
		for (attribute = NULL; (attribute = attribute_next(header, attribute));)
			if (attribute_type(attribute) == LUNATIK_A_RUN_RESULTS ||
			    attribute_type(attribute) == LUNATIK_A_RUN_OUTPUT)
				*size += attribute_size(attribute);
	}
}

int talk_result(struct talk *talk, uint64_t run, uint64_t *size)
{
	talk_result_send(talk, run);
	return talk_result_read(talk, size);
}
