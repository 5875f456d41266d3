// SPDX-License-Identifier: MIT
/*
 * Many clients, each a process, that do at random what clients do and die at any time, checked
 * against a model (account.h). Ends with 0 when the module has lost, doubled and miscounted nothing.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "options.h"

static const char usage[] =
	"Usage: torture [--socket PATH] [--clients N] [--time SECONDS] [--seed NUMBER]\n"
	"Needs a module without states. Without --socket: the one in the kernel.\n";

static struct options options = { .clients = 16, .seconds = 120 };

static struct life {
	pid_t pid;
	struct client client; /* the embedded backend's: opened here, to see its end */
} lives[CLIENTS_MAX];
static pid_t observer;
static uint64_t kills;

/* --- the observer of events ------------------------------------------------------------------- */

static void observe_deleted(struct witness *witness, uint64_t id)
{
	uint32_t i;

	for (i = 0; i < witness->count && witness->live[i] != id; i++)
		;
	if (i == witness->count)
		fail("an event tells of the end of state %" PRIu64 ", which is not there", id);
	witness->live[i] = witness->live[--witness->count];
	witness->deleted++;
}

static void observe_event(struct witness *witness, const struct nlmsghdr *header)
{
	uint64_t sequence = attribute_number(attribute_find(header, LUNATIK_A_EVENT_SEQUENCE));
	uint64_t id = attribute_number(attribute_find(header, LUNATIK_A_EVENT_STATE_ID));

	if (witness->last && sequence != witness->last + 1)
		fail("event %" PRIu64 " follows %" PRIu64, sequence, witness->last);
	witness->last = sequence;
	switch (attribute_number(attribute_find(header, LUNATIK_A_EVENT_TYPE))) {
	case LUNATIK_EVENT_TYPE_CREATED:
		if (witness->count == sizeof(witness->live) / sizeof(*witness->live))
			fail("too many states");
		witness->live[witness->count++] = id;
		witness->created++;
		break;
	case LUNATIK_EVENT_TYPE_DELETED:
		observe_deleted(witness, id);
		break;
	case LUNATIK_EVENT_TYPE_FAILED:
	case LUNATIK_EVENT_TYPE_LIMIT:
		witness->failed++;
		break;
	}
}

static void observe(void)
{
	const struct nlmsghdr *header;
	uint64_t until;
	struct peer peer;
	int got;

	got = peer_open(&peer, options.socket);
	if (got)
		fail("the observer cannot connect: %s", strerror(-got));
	peer_buffers(&peer, 256 << 20, 1 << 20);
	got = peer_join(&peer);
	if (got)
		fail("cannot join the event group: %s", strerror(-got));
	atomic_store(&world->watching, 1);
	for (;;) {
		until = atomic_load(&world->watch_until);
		if (until && world->witness.last >= until)
			_exit(0);
		got = peer_receive(&peer, 200, &header);
		if (got < 0)
			fail("the observer cannot receive: %s", strerror(-got));
		if (got && header->nlmsg_type == family)
			observe_event(&world->witness, header);
	}
}

/* --- lives ------------------------------------------------------------------------------------ */

/* The embedded backend has done all that the dead client had asked for when it closes its end. */
static void drain(struct talk *talk)
{
	struct pollfd ready = { .fd = talk->peer.fd, .events = POLLIN };
	static char waste[1 << 16];
	ssize_t got;

	shutdown(talk->peer.fd, SHUT_WR);
	do {
		if (poll(&ready, 1, PATIENCE) <= 0)
			fail("a connection does not end");
		got = recv(talk->peer.fd, waste, sizeof(waste), 0);
	} while (got > 0);
}

static void live(struct client *client)
{
	signal(SIGTERM, SIG_DFL);
	client_begin(client);
	while (!atomic_load(&world->stop))
		client_step(client);
	_exit(0);
}

static void life_begin(unsigned int number)
{
	struct life *life = &lives[number];

	if (options.socket)
		client_open(&life->client, number, options.socket);
	life->pid = fork();
	if (life->pid < 0)
		fail("cannot fork: %s", strerror(errno));
	if (life->pid)
		return;
	if (!options.socket)
		client_open(&life->client, number, NULL);
	live(&life->client);
}

static void life_ended(struct life *life, int status)
{
	life->pid = 0;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		;
	else if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		fail("a client ended with status 0x%x", status);
	if (options.socket) {
		drain(&life->client.runs);
		drain(&life->client.control);
		client_close(&life->client);
	}
}

/* Take the dead, until none is left or, with an end, until they come no more. */
static void reap(bool all)
{
	uint64_t until = now() + PATIENCE + 30000;
	unsigned int i, left;
	int status;

	do {
		for (i = left = 0; i < options.clients; i++) {
			if (!lives[i].pid)
				continue;
			if (waitpid(lives[i].pid, &status, WNOHANG) > 0)
				life_ended(&lives[i], status);
			else
				left++;
		}
		if (all && left && now() > until)
			fail("%u clients do not end", left);
		if (all && left)
			usleep(10000);
	} while (all && left);
}

static void torture(void)
{
	uint64_t random = world->seed, until = now() + options.seconds * 1000, next = now() + 10000;
	struct life *victim;
	unsigned int i;

	while (now() < until && !atomic_load(&world->failed)) {
		for (i = 0; i < options.clients; i++)
			if (!lives[i].pid)
				life_begin(i);
		usleep(1000 * (5 + random_below(&random, 60)));
		victim = &lives[random_below(&random, options.clients)];
		if (victim->pid && random_below(&random, 2)) {
			kill(victim->pid, SIGKILL);
			kills++;
		}
		reap(false);
		if (now() > next && now() < until) {
			next += 10000;
			fprintf(stderr, "torture: %" PRIu64 " s left\n", (until - now()) / 1000);
		}
	}
	atomic_store(&world->stop, 1);
	reap(true);
}

/* --- the reckoning ---------------------------------------------------------------------------- */

static struct account sum;
static unsigned int found; /* states in the last dump */
static unsigned int strangers;

static void add_up(const struct account *account)
{
	int i;

	sum.created += account->created;
	sum.maybe_created += account->maybe_created;
	sum.deleted += account->deleted;
	sum.maybe_deleted += account->maybe_deleted;
	sum.failed += account->failed;
	sum.maybe_failed += account->maybe_failed;
	sum.maybe_counted += account->maybe_counted;
	sum.operations += account->operations;
	sum.runs += account->runs;
	sum.lives += account->lives;
	sum.dumps += account->dumps;
	sum.kept += account->kept;
	for (i = 0; i <= LUNATIK_ERROR_MAX; i++)
		sum.codes[i] += account->codes[i];
}

static void compare(const struct state_view *view, void *context)
{
	const struct witness *witness = &world->witness;
	uint32_t i;

	(void)context;
	found++;
	for (i = 0; i < witness->count && witness->live[i] != view->id; i++)
		;
	if (i == witness->count)
		strangers++;
}

/* The numbers that a shared state gave out, against those that came. */
static void shared_verify(struct talk *talk, const char *name)
{
	struct run_request request = { .state = name, .code = "return token, m" };
	struct run_view run;
	uint64_t came;

	talk_run_send(talk, &request, &run);
	talk_runs_wait(talk, &run, 1, true);
	if (run.refusal == LUNATIK_ERROR_NO_STATE)
		return;
	if (run.refusal || run.error)
		fail("%s: cannot be asked: '%s'", name, codes[run.refusal ? run.refusal : run.error]);
	if (run.count != 2)
		return;
	came = seen_tokens(run.numbers[0]);
	if (came > run.numbers[1] || run.numbers[1] - came > sum.maybe_counted)
		fail("%s: gave out %" PRIu64 " numbers, %" PRIu64 " came, %" PRIu64 " may be lost", name,
		     run.numbers[1], came, sum.maybe_counted);
}

static void within(const char *what, uint64_t count, uint64_t least, uint64_t maybe)
{
	if (count < least || count > least + maybe)
		fail("%" PRIu64 " events say that %s; the clients know of %" PRIu64 ", and of %" PRIu64
		     " that may have been", count, what, least, maybe);
}

/* What the observer saw up to now, against everything else. */
static void events_verify(struct talk *talk)
{
	const struct witness *witness = &world->witness;
	struct info_view info;
	int status;

	talk_info(talk, &info);
	atomic_store(&world->watch_until, info.events);
	if (waitpid(observer, &status, 0) != observer || status)
		fail("the observer ended with status 0x%x", status);
	found = strangers = 0;
	talk_list(talk, compare, NULL);
	if (strangers || found != witness->count || found != info.states)
		fail("there are %u states in the dump (%u of them unknown), %" PRIu64
		     " by the module's count, and %u by its events", found, strangers, info.states,
		     witness->count);
	within("a state was created", witness->created, sum.created, sum.maybe_created);
	within("a state was deleted", witness->deleted, sum.deleted, sum.maybe_deleted);
	within("a run failed", witness->failed, sum.failed, sum.maybe_failed);
}

static void reckon(void)
{
	static struct client client;
	char name[LUNATIK_NAME_MAX + 1];
	struct talk talk = {};
	unsigned int i;

	for (i = 0; i < options.clients; i++) {
		client_open(&client, i, options.socket);
		client_begin(&client);
		add_up(&client.account);
		client_close(&client);
	}
	talk_open(&talk, options.socket, 1000, 0);
	for (i = 0; i < SHARED; i++) {
		shared_name(name, i);
		shared_verify(&talk, name);
	}
	events_verify(&talk);
	talk_empty(&talk);
	talk_close(&talk);
}

static void report(void)
{
	int i;

	printf("torture: %" PRIu64 " clients, %" PRIu64 " s, seed %" PRIu64 ": %" PRIu64
	       " operations, %" PRIu64 " runs, %" PRIu64 " lives (%" PRIu64 " killed), %" PRIu64 " dumps, %" PRIu64 " large results, %"
	       PRIu64 " states created, %" PRIu64 " deleted\n", options.clients, options.seconds, world->seed,
	       sum.operations, sum.runs, sum.lives, kills, sum.dumps, sum.kept,
	       world->witness.created, world->witness.deleted);
	printf("  told: %" PRIu64 " ok", sum.codes[0]);
	for (i = 1; i <= LUNATIK_ERROR_MAX; i++)
		if (sum.codes[i])
			printf(", %" PRIu64 " %s", sum.codes[i], codes[i]);
	printf("\n");
}

int main(int argc, char **argv)
{
	options_read(&options, "sctS", usage, argc, argv);
	if (!options.clients || options.clients > CLIENTS_MAX) {
		fputs(usage, stderr);
		return 2;
	}
	world_open(options.seed);
	fprintf(stderr, "torture: seed %" PRIu64 "\n", options.seed);
	talk_expect_empty(options.socket);

	observer = fork();
	if (!observer)
		observe();
	while (!atomic_load(&world->watching) && !atomic_load(&world->failed))
		usleep(1000);
	torture();
	if (atomic_load(&world->failed)) {
		kill(observer, SIGKILL);
		return 1;
	}
	reckon();
	report();
	return 0;
}
