// SPDX-License-Identifier: MIT
/*
 * Sends what no client would: messages with wrong lengths, nesting, types and flags, cut and glued,
 * chunks of a megabyte, dumps that nobody reads to their end. Meanwhile an ordinary client must find
 * everything in order, and at the end nothing may be left.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options.h"
#include "talk.h"

#define PEERS 6
#define DATAGRAM_MAX (3 << 20)
#define SECOND 1000000000ull

static const char usage[] =
	"Usage: fuzz [--socket PATH] [--time SECONDS] [--seed NUMBER]\n"
	"Needs a module without states. Without --socket: the one in the kernel.\n";

static struct options options = { .seconds = 60 };
static uint64_t dice;
static struct peer peers[PEERS];
static uint64_t sent, refused_to_send, replies, errors, overruns, opened;

static uint64_t below(uint64_t limit)
{
	return random_below(&dice, limit);
}

/* --- messages --------------------------------------------------------------------------------- */

static const char *const chunks[] = {
	"return 1, 2.5, 'three', {4}", "n = (n or 0) + 1 return n", "print('p')", "error('e')",
	"return ('x'):rep(50000)", "return ...", "while true do end", "\033Lua byte code",
	"local t = {} for i = 1, 1000 do t[i] = {i} end return #t", "return setmetatable({}, "
	"{__gc = function() while true do end end})", "", "x = ", "return string.rep",
	"local t = {} t[1] = t return t",
};

/* A name, which is one of a few more often than not. */
static void name_put(struct message *message, uint16_t type)
{
	char name[80];
	size_t size;

	if (below(10)) {
		size = snprintf(name, sizeof(name), "fuzz-%u", (unsigned int)below(6)) + below(2);
	} else {
		size = below(sizeof(name));
		for (size_t i = 0; i < size; i++)
			name[i] = below(256);
	}
	message_put(message, type, name, size);
}

static void number_put(struct message *message, uint16_t type)
{
	static const uint64_t numbers[] = { 0, 1, 2, 3, 7, 1000, 20000, 1 << 20, 1ull << 32, ~0ull >> 1,
					    ~0ull };
	uint64_t number = below(2) ? numbers[below(sizeof(numbers) / sizeof(*numbers))] :
				     random_next(&dice);
	static const size_t sizes[] = { 8, 8, 8, 4, 4, 4, 1, 2, 0, 7 };

	message_put(message, type, &number, sizes[below(sizeof(sizes) / sizeof(*sizes))]);
	if (!below(20))
		message_put(message, type, &number, sizeof(number));
}

/* Bytes of any size up to `most`, in as many attributes of the type as that takes. */
static void bytes_put(struct message *message, uint16_t type, size_t most)
{
	static unsigned char bytes[65531];
	size_t size = below(most), piece;

	for (piece = 0; piece < 64; piece++)
		bytes[below(sizeof(bytes))] = random_next(&dice);
	do {
		piece = size < sizeof(bytes) ? size : 1 + below(sizeof(bytes));
		message_put(message, type, bytes, piece);
		size -= piece;
	} while (size);
}

static void code_put(struct message *message)
{
	const char *chunk = chunks[below(sizeof(chunks) / sizeof(*chunks))];

	if (!below(100))
		bytes_put(message, LUNATIK_A_RUN_CODE, below(4) ? 70000 : 2 << 20);
	else
		message_put(message, LUNATIK_A_RUN_CODE, chunk, strlen(chunk));
}

/* Nests in nests, some deeper than the kernel goes. */
static void nest_put(struct message *message, unsigned int depth)
{
	size_t start = message->size;
	struct nlattr *head;

	message_put(message, below(40) | NLA_F_NESTED, NULL, 0);
	if (depth && below(8))
		nest_put(message, depth - 1);
	else
		bytes_put(message, below(40), 40);
	head = (struct nlattr *)(message->data + start);
	head->nla_len = message->size - start;
}

static void attribute_put(struct message *message)
{
	switch (below(8)) {
	case 0:
		name_put(message, below(40));
		break;
	case 1:
	case 2:
		number_put(message, below(40));
		break;
	case 3:
		bytes_put(message, below(40), 300);
		break;
	case 4:
		nest_put(message, below(30));
		break;
	case 5:
		number_put(message, below(1 << 16));
		break;
	default:
		break;
	}
}

/* A request as it should be, or nearly. */
static void request_put(struct message *message, uint8_t command)
{
	unsigned int i;

	switch (command) {
	case LUNATIK_CMD_CREATE:
		name_put(message, LUNATIK_A_STATE_NAME);
		if (below(2))
			message_u64(message, LUNATIK_A_STATE_MAX_MEMORY, below(1 << 20));
		if (below(2))
			message_u32(message, LUNATIK_A_STATE_CREATE_FLAGS, below(5));
		if (below(2))
			message_u32(message, LUNATIK_A_STATE_LIBRARIES, below(256));
		if (!below(4))
			bytes_put(message, LUNATIK_A_STATE_DESCRIPTION, 300);
		/* a finalizer without an end takes that long */
		message_u64(message, LUNATIK_A_STATE_MAX_TIME, 1 + below(SECOND / 20));
		break;
	case LUNATIK_CMD_DELETE:
		name_put(message, LUNATIK_A_STATE_NAME);
		message_u32(message, LUNATIK_A_STATE_DELETE_FLAGS, below(3));
		break;
	case LUNATIK_CMD_EXECUTE:
	case LUNATIK_CMD_CALL:
		name_put(message, LUNATIK_A_RUN_STATE);
		if (command == LUNATIK_CMD_EXECUTE)
			code_put(message);
		else
			message_text(message, LUNATIK_A_RUN_FUNCTION, below(2) ? "print" : "string.rep");
		if (below(2))
			message_u64(message, LUNATIK_A_RUN_COOKIE, below(8));
		if (!below(4))
			bytes_put(message, LUNATIK_A_RUN_ARGUMENTS, below(4) ? 20 : 70000);
		if (below(2))
			message_u64(message, LUNATIK_A_RUN_MAX_WAIT, below(SECOND));
		break;
	case LUNATIK_CMD_GET:
	case LUNATIK_CMD_CANCEL:
	case LUNATIK_CMD_RESULT:
	case LUNATIK_CMD_RELEASE:
		if (below(2))
			name_put(message, 1);
		if (below(2))
			message_u64(message, LUNATIK_A_RUN_ID, sent - below(300));
		if (below(2))
			message_u64(message, LUNATIK_A_RUN_COOKIE, below(8));
		break;
	default:
		break;
	}
	for (i = below(3) ? 0 : below(5); i; i--)
		attribute_put(message);
	if (!below(500))
		for (i = 10000; i; i--)
			message_put(message, LUNATIK_A_RUN_PAD, NULL, 0);
}

static uint16_t flags(void)
{
	static const uint16_t usual[] = { NLM_F_REQUEST, NLM_F_REQUEST | NLM_F_ACK,
					  NLM_F_REQUEST | NLM_F_DUMP, NLM_F_REQUEST | NLM_F_ECHO };

	return below(12) ? usual[below(4)] : below(1 << 16);
}

/* Break what is there: a byte, a length, the end. */
static void spoil(struct message *message, size_t start)
{
	struct nlmsghdr *header = (struct nlmsghdr *)(message->data + start);
	size_t size = message->size - start;
	uint16_t length;

	switch (below(7)) {
	case 0:
		header->nlmsg_len = below(4) ? header->nlmsg_len + below(40) - 20 : random_next(&dice);
		break;
	case 1:
		message->size -= below(size);
		break;
	case 2:
		/* where an attribute begins, as often as not */
		length = below(2) ? below(8) : below(1 << 16);
		if (size >= NLMSG_HDRLEN + GENL_HDRLEN + 4)
			memcpy(message->data + start + NLMSG_HDRLEN + GENL_HDRLEN +
			       (below(2) ? 0 : below((size - 22) / 4 + 1) * 4), &length, 2);
		break;
	case 3:
		header->nlmsg_type = below(3) ? below(20) : family + below(3) - 1;
		break;
	default:
		message->data[start + below(size)] = random_next(&dice);
		break;
	}
}

/* One to four messages in a row. */
static void datagram(struct message *datagram)
{
	static struct message message;
	unsigned int count = below(8) ? 1 : 1 + below(4);
	size_t start;

	datagram->size = 0;
	while (count--) {
		uint8_t command = below(12) ? 1 + below(LUNATIK_CMD_INFO) : below(256);

		if (command == LUNATIK_CMD_LOG && below(500))
			continue; /* the kernel log has to hold the whole test */
		message_begin(&message, command, flags(), random_next(&dice));
		request_put(&message, command);
		message_end(&message);
		start = datagram->size;
		message_raw(datagram, message.data, message.size);
		if (!below(3))
			spoil(datagram, start);
	}
	if (datagram->size > DATAGRAM_MAX)
		datagram->size = DATAGRAM_MAX;
}

/* --- peers ------------------------------------------------------------------------------------ */

static void renew(struct peer *peer)
{
	int error;

	if (peer->input)
		peer_close(peer);
	error = peer_open(peer, options.socket);
	if (error)
		fail("cannot connect: %s", strerror(-error));
	if (!peer->stream)
		peer_buffers(peer, below(3) ? 4096 : 1 << 20, 8 << 20);
	if (!below(4))
		peer_join(peer);
	opened++;
}

/* Read some of what came, or all of it. */
static void read_some(struct peer *peer)
{
	unsigned int most = below(4) ? below(4) : 10000;
	const struct nlmsghdr *header;
	int got;

	while (most--) {
		got = peer_receive(peer, 0, &header);
		if (!got)
			return;
		if (got == -ENOBUFS) {
			overruns++;
		} else if (got == -ECONNRESET && peer->stream) {
			/* the stream had no next message: that ends it */
			renew(peer);
			return;
		} else if (got < 0) {
			fail("cannot receive: %s", strerror(-got));
		} else {
			replies++;
			if (header->nlmsg_type == NLMSG_ERROR)
				errors += ((struct nlmsgerr *)NLMSG_DATA(header))->error != 0;
		}
	}
}

static void fuzz_once(void)
{
	static struct message message;
	struct peer *peer = &peers[below(PEERS)];
	int error;

	if (!below(60))
		renew(peer);
	datagram(&message);
	/* a stream that is full of replies would block us */
	if (peer->stream)
		read_some(peer);
	error = peer_send(peer, message.data, message.size);
	if (!error)
		sent++;
	else if (peer->stream)
		renew(peer);
	else
		refused_to_send++;
	read_some(peer);
}

/* --- the ordinary client ---------------------------------------------------------------------- */

static void all_is_well(struct talk *talk)
{
	struct run_request request = { .state = "sane", .code = "return 6 * 7", .max_wait = SECOND };
	struct state_view view;
	struct run_view run;
	int error;

	error = talk_create(talk, "sane", 0, &view);
	if (error)
		fail("create says '%s'", codes[error]);
	talk_run_send(talk, &request, &run);
	talk_runs_wait(talk, &run, 1, true);
	if (run.refusal || run.error || run.count != 1 || run.numbers[0] != 42)
		fail("6 * 7 ends with '%s' and is %" PRIu64, codes[run.refusal + run.error],
		     run.numbers[0]);
	error = talk_get(talk, "sane", &view);
	if (error || view.runs != 1 || view.busy)
		fail("get says '%s', %" PRIu64 " runs", codes[error], view.runs);
	error = talk_delete(talk, "sane", false);
	if (error)
		fail("delete says '%s'", codes[error]);
}

static void fuzz(struct talk *talk)
{
	uint64_t until = now() + options.seconds * 1000, check = 0;
	unsigned int i;

	for (i = 0; i < PEERS; i++)
		renew(&peers[i]);
	while (now() < until) {
		fuzz_once();
		if (now() < check)
			continue;
		all_is_well(talk);
		check = now() + 300;
	}
	for (i = 0; i < PEERS; i++)
		peer_close(&peers[i]);
}

int main(int argc, char **argv)
{
	struct talk talk = {};

	options_read(&options, "stS", usage, argc, argv);
	world_open(options.seed);
	dice = options.seed;
	fprintf(stderr, "fuzz: seed %" PRIu64 "\n", options.seed);
	talk_expect_empty(options.socket);
	talk_open(&talk, options.socket, 1, 0);
	fuzz(&talk);
	talk_empty(&talk);
	talk_close(&talk);
	printf("fuzz: %" PRIu64 " s, seed %" PRIu64 ": %" PRIu64 " datagrams sent, %" PRIu64
	       " not taken, %" PRIu64 " replies (%" PRIu64 " errors), %" PRIu64 " overruns, %" PRIu64
	       " sockets\n", options.seconds, options.seed, sent, refused_to_send, replies, errors,
	       overruns, opened);
	return 0;
}
