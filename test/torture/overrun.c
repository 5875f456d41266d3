// SPDX-License-Identifier: MIT
/*
 * Clients that do not read what they asked for: they are told of the loss by an error, nobody else
 * notices, and the module waits for none of them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "options.h"
#include "talk.h"

#define SMALL 4096  /* a receive buffer that overruns at once */
#define RUNS 400
#define STATES 300
#define SECOND 1000000000ull

static struct options options;

static void small_open(struct talk *talk, uint32_t identity)
{
	talk_open(talk, options.socket, identity, 0);
	if (!talk->peer.stream)
		peer_buffers(&talk->peer, SMALL, 8 << 20);
}

/* Until the state is there, whose creation was asked for last, and no run is left. */
static void idle_wait(struct talk *talk, const char *last)
{
	uint64_t until = now() + PATIENCE;
	struct state_view view;
	struct info_view info = { .runs = RUNS };

	do {
		talk_get(talk, last, &view);
		if (!view.there)
			continue;
		talk_info(talk, &info);
		if (!info.runs)
			return;
		usleep(5000);
	} while (now() < until);
	fail("%" PRIu64 " runs do not end because nobody reads their replies", info.runs);
}

/* Read until nothing comes. How many messages came, and how often the socket said that some did not. */
static unsigned int read_all(struct peer *peer, unsigned int *losses)
{
	const struct nlmsghdr *header;
	unsigned int count = 0;
	int got;

	for (*losses = 0;;) {
		got = peer_receive(peer, 500, &header);
		if (!got)
			return count;
		if (got == 1)
			count++;
		else if (got == -ENOBUFS)
			++*losses;
		else
			fail("cannot receive after an overrun: %s", strerror(-got));
	}
}

static void still_works(struct talk *talk, const char *name)
{
	struct state_view view;
	int error = talk_get(talk, name, &view);

	if (error || !view.there)
		fail("after an overrun the socket answers '%s'", codes[error]);
}

/* More replies than the buffer holds. */
static void replies(struct talk *sane)
{
	struct run_request request = { .state = "replies", .code = "return ('r'):rep(30000)",
				       .max_wait = 100 * SECOND };
	unsigned int i, count, losses;
	struct talk talk = {};
	struct state_view view;
	struct run_view run;

	talk_create(sane, "replies", 0, &view);
	small_open(&talk, 11);
	for (i = 0; i < RUNS; i++)
		talk_run_send(&talk, &request, &run);
	talk_create_send(&talk, "replies-end");
	idle_wait(sane, "replies-end");
	count = read_all(&talk.peer, &losses);
	if (!losses)
		fail("of %d replies and acknowledgements %u came, and no loss was told", 2 * RUNS, count);
	still_works(&talk, "replies");
	talk_close(&talk);
	printf("  replies: %u of %d messages came, the loss was told %u times\n", count, 2 * RUNS, losses);
}

/* A listener to the events that does not listen. */
static void events(struct talk *sane)
{
	struct run_request request = { .state = "events",
		.code = "for i = 1, 3000 do print(('e'):rep(3000)) end", .max_wait = SECOND };
	unsigned int count, losses, more;
	struct talk deaf = {};
	struct state_view view;
	struct run_view run;

	talk_create(sane, "events", 0, &view);
	small_open(&deaf, 12);
	if (peer_join(&deaf.peer))
		fail("cannot join the event group");
	still_works(&deaf, "events");
	talk_run_send(sane, &request, &run);
	talk_runs_wait(sane, &run, 1, true);
	if (run.refusal || run.error)
		fail("a run whose events nobody reads ends with '%s'", codes[run.error]);
	count = read_all(&deaf.peer, &losses);
	if (!losses)
		fail("of 3000 events %u came, and no loss was told", count);
	talk_create(sane, "later", 0, &view);
	if (!read_all(&deaf.peer, &more))
		fail("after an overrun no event comes any more");
	talk_close(&deaf);
	printf("  events: %u of 3000 came, the loss was told %u times\n", count, losses);
}

static void count_each(const struct state_view *view, void *context)
{
	(void)view;
	++*(unsigned int *)context;
}

/* A dump that is begun, left alone while its states go, and then read on, or not. */
static void dumps(struct talk *sane)
{
	struct talk slow = {}, never = {};
	const struct nlmsghdr *header;
	char name[LUNATIK_NAME_MAX + 1];
	struct state_view view;
	unsigned int i, left = 0;
	int got;

	for (i = 0; i < STATES; i++) {
		snprintf(name, sizeof(name), "listed-%u", i);
		talk_create(sane, name, 0, &view);
	}
	small_open(&slow, 13);
	small_open(&never, 14);
	talk_list_send(&slow);
	talk_list_send(&never);
	got = peer_receive(&slow.peer, PATIENCE, &header);
	if (got != 1)
		fail("a dump does not begin: %d", got);
	for (i = 0; i < STATES; i++) {
		snprintf(name, sizeof(name), "listed-%u", i);
		if (talk_delete(sane, name, false))
			fail("%s cannot be deleted while it is dumped", name);
	}
	talk_close(&never);
	while ((got = peer_receive(&slow.peer, PATIENCE, &header)) == 1 &&
	       header->nlmsg_type != NLMSG_DONE)
		;
	if (got != 1)
		fail("a dump that was left alone does not end: %d", got);
	talk_list(&slow, count_each, &left);
	talk_close(&slow);
	printf("  dumps: read on after its states were deleted, %u states left\n", left);
}

/* Results that are read while they are released, by whom the socket is closed in the middle. */
static void results(struct talk *sane)
{
	struct run_request request = { .state = "replies", .code = "return ('k'):rep(900000)" };
	struct talk slow = {}, other = {};
	struct run_view run;
	uint64_t size;
	int error;

	small_open(&slow, 15);
	talk_run_send(sane, &request, &run);
	talk_runs_wait(sane, &run, 1, true);
	talk_result_send(&slow, run.id);
	error = talk_release(sane, run.id);
	if (error)
		fail("release says '%s' while a dump is under way", codes[error]);
	error = talk_result_read(&slow, &size);
	if (error || size != run.results_size)
		fail("of %" PRIu64 " bytes that were released meanwhile %" PRIu64 " came, '%s'",
		     run.results_size, size, codes[error]);
	error = talk_result(&slow, run.id, &size);
	if (error != LUNATIK_ERROR_NO_RUN)
		fail("what was released is still there: '%s'", codes[error]);

	small_open(&other, 16);
	talk_run_send(sane, &request, &run);
	talk_runs_wait(sane, &run, 1, true);
	talk_result_send(&other, run.id);
	talk_close(&other);
	error = talk_result(&slow, run.id, &size);
	if (error || size != run.results_size)
		fail("one reader's end took the results from the other: '%s'", codes[error]);
	talk_close(&slow);
	printf("  results: %" PRIu64 " bytes came whole although they were released meanwhile\n", size);
}

int main(int argc, char **argv)
{
	struct talk sane = {};

	options_read(&options, "s", "Usage: overrun [--socket PATH]\n", argc, argv);
	world_open(0);
	talk_expect_empty(options.socket);
	printf("overrun:\n");
	talk_open(&sane, options.socket, 1, 0);
	replies(&sane);
	events(&sane);
	dumps(&sane);
	results(&sane);
	/* what is kept goes with the socket that asked for it */
	talk_close(&sane);
	talk_open(&sane, options.socket, 2, 0);
	talk_empty(&sane);
	talk_close(&sane);
	return 0;
}
