// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

#define BATCH 4              /* runs that one operation has in flight, at most */
#define SECOND 1000000000ull /* ns */
#define BIT(error) (1u << (error))

/* What a run is for, and how it may end besides being cancelled. */
static const struct work {
	const char *code, *function;
	bool counts; /* adds 1 to the state's counter and returns it */
	bool prints;
	uint32_t ends;
	uint64_t max_steps, max_memory;
} works[] = {
	{ .code = "function count() n = (n or 0) + 1 return n end return count()", .counts = true,
	  .ends = BIT(0) },
	{ .function = "count", .counts = true, .ends = BIT(0) | BIT(LUNATIK_ERROR_NO_FUNCTION) },
	{ .code = "error('on purpose')", .ends = BIT(LUNATIK_ERROR_RUNTIME) },
	{ .code = "local function deep(i) if i == 0 then error({}) end return 1 + deep(i - 1) end "
		  "for i = 1, 20 do pcall(deep, i * 5) end error(setmetatable({}, "
		  "{__tostring = function() error('again') end}))",
	  .ends = BIT(LUNATIK_ERROR_RUNTIME) },
	/* errors through C functions that keep buffers on the stack, and memory asked for afterwards */
	{ .code = "for i = 1, 10 do pcall(string.gsub, ('x'):rep(9), 'x', function(c) error(c) end) "
		  "pcall(table.sort, {3, 1, 2}, function() error() end) "
		  "local t = {} for j = 1, 100 do t[j] = ('a'):rep(j * 8) end end", .ends = BIT(0) },
	{ .code = "return (((", .ends = BIT(LUNATIK_ERROR_SYNTAX) },
	{ .code = "while true do end", .max_steps = 20000, .ends = BIT(LUNATIK_ERROR_STEPS) },
	{ .code = "local t = {} while true do t[#t + 1] = ('x'):rep(4000) end", .max_memory = 1 << 20,
	  .ends = BIT(LUNATIK_ERROR_MEMORY) },
	{ .code = "print(('y'):rep(50)) print()", .prints = true, .ends = BIT(0) },
	{ .code = "for i = 1, 50 do setmetatable({}, {__gc = function() g = (g or 0) + 1.5 end}) end "
		  "collectgarbage()", .ends = BIT(0) },
	{ .code = "print('z') return ('q'):rep(60000)", .prints = true, .ends = BIT(0) },
	{ .code = "local s = 0.0 for i = 1, 3000 do s = s + math.sin(i) end return s // 1 == s",
	  .ends = BIT(0) },
};
#define WORKS (sizeof(works) / sizeof(*works))
#define WORK_LARGE 10

void own_name(char name[LUNATIK_NAME_MAX + 1], unsigned int number, unsigned int which)
{
	snprintf(name, LUNATIK_NAME_MAX + 1, "own-%u-%u", number, which);
}

void shared_name(char name[LUNATIK_NAME_MAX + 1], unsigned int which)
{
	snprintf(name, LUNATIK_NAME_MAX + 1, "shared-%u", which);
}

static uint64_t below(struct client *client, uint64_t limit)
{
	return random_below(&client->random, limit);
}

/* Those that print come seldom: the kernel log has to hold the whole test. */
static const struct work *work_choose(struct client *client)
{
	const struct work *work = &works[below(client, WORKS)];

	return work->prints && below(client, 8) ? &works[0] : work;
}

static void nap(long ns)
{
	nanosleep(&(struct timespec) { .tv_nsec = ns }, NULL);
}

static void commit(struct client *client)
{
	account_commit(client->slot, &client->account);
}

/* An operation is under way; after a death the successor finds it so. */
static void pend(struct client *client, enum operation operation, unsigned int which,
		 unsigned int count)
{
	client->account.pending.operation = operation;
	client->account.pending.which = which;
	client->account.pending.count = count;
	commit(client);
}

static void settle(struct client *client)
{
	client->account.pending.operation = NONE;
	client->account.operations++;
	commit(client);
}

static void told(struct client *client, int error)
{
	client->account.codes[error]++;
}

/* Die in the middle of what was begun, now and then. */
static void perhaps_die(struct client *client)
{
	if (!below(client, 400))
		_exit(0);
}

/* --- own states ------------------------------------------------------------------------------- */

static void own_late(struct own *own, const struct state_view *view)
{
	uint64_t late = view->runs - own->runs;

	if (view->runs < own->runs || late > own->late)
		return;
	own->late -= late;
	own->runs += late;
	own->failures[LUNATIK_ERROR_CANCELLED] += late;
}

/* Nobody else runs in it, and none of our runs is under way: all must be as it was told. */
static void own_check(struct client *client, unsigned int which)
{
	struct own *own = &client->account.own[which];
	char name[LUNATIK_NAME_MAX + 1];
	struct state_view view;
	int error, i;

	own_name(name, client->number, which);
	error = talk_get(&client->control, name, &view);
	if (error != (own->exists ? 0 : LUNATIK_ERROR_NO_STATE) || view.there != own->exists)
		fail("%s: get says '%s', and it should %s", name, codes[error],
		     own->exists ? "be there" : "not be there");
	if (!own->exists)
		return;
	if (view.id != own->id)
		fail("%s: its id is %" PRIu64 ", not %" PRIu64, name, view.id, own->id);
	own_late(own, &view);
	if (view.runs != own->runs)
		fail("%s: counts %" PRIu64 " runs, not %" PRIu64, name, view.runs, own->runs);
	for (i = 1; i <= LUNATIK_ERROR_MAX; i++)
		if (view.failures[i] != own->failures[i])
			fail("%s: counts %" PRIu64 " %s, not %" PRIu64, name, view.failures[i],
			     codes[i], own->failures[i]);
	if (view.busy || view.dying || view.waiting)
		fail("%s: busy %u, dying %u, waiting %u, and nobody uses it", name, view.busy,
		     view.dying, view.waiting);
}

void client_verify(struct client *client)
{
	unsigned int which;

	for (which = 0; which < OWN; which++)
		own_check(client, which);
}

static void own_made(struct client *client, unsigned int which, uint64_t id)
{
	struct own *own = &client->account.own[which];

	client->account.created++;
	client->account.deleted += own->exists;
	*own = (struct own) { .exists = true, .id = id };
}

static void own_create(struct client *client, unsigned int which)
{
	static const uint32_t kinds[] = { 0, LUNATIK_CREATE_FLAG_REPLACE,
					  LUNATIK_CREATE_FLAG_IF_NOT_EXISTS };
	uint32_t flags = kinds[below(client, 3)];
	struct own *own = &client->account.own[which];
	char name[LUNATIK_NAME_MAX + 1];
	struct state_view view;
	int error;

	own_name(name, client->number, which);
	pend(client, flags == LUNATIK_CREATE_FLAG_REPLACE ? REPLACE_OWN : CREATE_OWN, which, 0);
	error = talk_create(&client->control, name, flags, &view);
	told(client, error);
	if (error != (own->exists && !flags ? LUNATIK_ERROR_EXISTS : 0))
		fail("%s: create %u says '%s', and it %s", name, flags, codes[error],
		     own->exists ? "exists" : "does not exist");
	if (!error && own->exists && flags == LUNATIK_CREATE_FLAG_IF_NOT_EXISTS) {
		if (view.id != own->id)
			fail("%s: if-not-exists gave another one", name);
	} else if (!error) {
		if (!view.there || (own->exists && view.id <= own->id))
			fail("%s: create gave id %" PRIu64, name, view.id);
		own_made(client, which, view.id);
	}
	settle(client);
}

static void own_delete(struct client *client, unsigned int which)
{
	struct own *own = &client->account.own[which];
	char name[LUNATIK_NAME_MAX + 1];
	int error;

	own_name(name, client->number, which);
	pend(client, DELETE_OWN, which, 0);
	error = talk_delete(&client->control, name, below(client, 2));
	told(client, error);
	if (error != (own->exists ? 0 : LUNATIK_ERROR_NO_STATE))
		fail("%s: delete says '%s', and it %s", name, codes[error],
		     own->exists ? "exists" : "does not exist");
	client->account.deleted += own->exists;
	*own = (struct own) {};
	settle(client);
}

/* What a run's end means for the account of its state. */
static void own_ended(struct client *client, unsigned int which, const struct work *work,
		      const struct run_view *run)
{
	struct own *own = &client->account.own[which];
	uint32_t ends = work->ends | BIT(LUNATIK_ERROR_CANCELLED);

	if (run->refusal)
		fail("own-%u-%u: a run was refused: %s", client->number, which, codes[run->refusal]);
	if (work->function && own->least)
		ends &= ~BIT(LUNATIK_ERROR_NO_FUNCTION);
	if (!(ends & BIT(run->error)))
		fail("own-%u-%u: '%s' ended with '%s'", client->number, which,
		     work->code ? work->code : work->function, codes[run->error]);
	own->runs++;
	told(client, run->error);
	client->account.runs++;
	if (run->error) {
		own->failures[run->error]++;
		client->account.failed++;
	}
	if (work->counts && !run->error) {
		if (run->count != 1 || run->numbers[0] <= own->least || run->numbers[0] > own->most + 1)
			fail("own-%u-%u: the counter is %" PRIu64 ", and should be %" PRIu64 " to %" PRIu64,
			     client->number, which, run->numbers[0], own->least + 1, own->most + 1);
		own->least = own->most = run->numbers[0];
	} else if (work->counts && run->error == LUNATIK_ERROR_CANCELLED) {
		own->most++;
	}
}

static void large_check(struct client *client, const struct run_view *run)
{
	uint64_t size;
	int error;

	if (run->error)
		return;
	if (!run->results_size || !run->output_size)
		fail("a large result came with the reply");
	if (below(client, 2)) {
		error = talk_result(&client->control, run->id, &size);
		if (error || size != run->results_size + run->output_size)
			fail("of %" PRIu64 " bytes kept, %" PRIu64 " came: '%s'",
			     run->results_size + run->output_size, size, codes[error]);
	}
	client->account.kept++;
	/* else until the socket is closed */
	if (below(client, 4) && (error = talk_release(&client->control, run->id)))
		fail("release says '%s'", codes[error]);
}

static void run_request(const struct work *work, const char *name, struct run_request *request)
{
	*request = (struct run_request) {
		.state = name,
		.code = work->code,
		.function = work->function,
		.max_steps = work->max_steps,
		.max_memory = work->max_memory,
		.max_wait = 250 * SECOND,
	};
}

static void own_run(struct client *client, unsigned int which)
{
	unsigned int i, count = 1 + below(client, BATCH);
	const struct work *chosen[BATCH];
	char name[LUNATIK_NAME_MAX + 1];
	struct run_request request;
	struct run_view runs[BATCH];

	if (!client->account.own[which].exists)
		return;
	own_name(name, client->number, which);
	pend(client, RUN_OWN, which, count);
	for (i = 0; i < count; i++) {
		chosen[i] = work_choose(client);
		run_request(chosen[i], name, &request);
		talk_run_send(&client->runs, &request, &runs[i]);
		perhaps_die(client);
	}
	talk_runs_wait(&client->runs, runs, count, true);
	for (i = 0; i < count; i++)
		own_ended(client, which, chosen[i], &runs[i]);
	settle(client);
	for (i = 0; i < count; i++)
		if (chosen[i] == &works[WORK_LARGE])
			large_check(client, &runs[i]);
}

/* A run without an end, another one behind it, and the cancelling of both. */
static void own_cancel(struct client *client, unsigned int which)
{
	static const struct work endless = { .code = "while true do end" };
	char name[LUNATIK_NAME_MAX + 1];
	struct run_request request;
	unsigned int count, reached = 0;
	struct run_view runs[2];
	int error, i;

	if (!client->account.own[which].exists)
		return;
	own_name(name, client->number, which);
	pend(client, RUN_OWN, which, 2);
	run_request(&endless, name, &request);
	request.max_steps = 1000000000;
	for (i = 0; i < 2; i++)
		talk_run_send(&client->runs, &request, &runs[i]);
	talk_runs_wait(&client->runs, runs, 2, false);
	nap(below(client, 5) * 1000000);
	perhaps_die(client);
	if (below(client, 2)) {
		/* others may have been faster, and then there is none any more */
		error = talk_cancel(&client->control, name, 0, &reached);
		if (error)
			fail("%s: cancel says '%s'", name, codes[error]);
	} else {
		for (i = 1; i >= 0; i--) {
			error = talk_cancel(&client->control, NULL,
					    talk_cookie(&client->runs, &runs[i]), &count);
			if (error && error != LUNATIK_ERROR_NO_RUN)
				fail("%s: cancel says '%s'", name, codes[error]);
			reached += count;
		}
	}
	/* those that an earlier death left waiting may be cancelled already, and not have ended yet */
	if (reached > 2 + client->account.own[which].late)
		fail("%s: cancel reached %u of two, and of %" PRIu64 " before", name, reached,
		     client->account.own[which].late);
	talk_runs_wait(&client->runs, runs, 2, true);
	for (i = 0; i < 2; i++)
		own_ended(client, which, &endless, &runs[i]);
	settle(client);
}

/* --- states of all ---------------------------------------------------------------------------- */

static void expect(const char *what, int error, uint32_t allowed)
{
	if (!((allowed | BIT(0)) & BIT(error)))
		fail("%s says '%s'", what, codes[error]);
}

static void shared_create(struct client *client, const char *name)
{
	static const uint32_t kinds[] = { 0, LUNATIK_CREATE_FLAG_REPLACE,
					  LUNATIK_CREATE_FLAG_IF_NOT_EXISTS };
	unsigned int kind = below(client, 3);
	struct state_view view;
	int error;

	pend(client, CREATE, 0, 0);
	error = talk_create(&client->control, name, kinds[kind], &view);
	told(client, error);
	expect("create", error, BIT(LUNATIK_ERROR_STALE) |
	       (kind == 0 ? BIT(LUNATIK_ERROR_EXISTS) : kind == 1 ? BIT(LUNATIK_ERROR_BUSY) : 0));
	if (!error && kind == 0) {
		client->account.created++;
	} else if (!error && kind == 1) {
		client->account.created++;
		client->account.maybe_deleted++; /* it may have had a predecessor */
	} else if (!error) {
		client->account.maybe_created++;
	}
	settle(client);
}

static void shared_delete(struct client *client, const char *name)
{
	bool force = below(client, 2);
	int error;

	pend(client, DELETE, 0, 0);
	error = talk_delete(&client->control, name, force);
	told(client, error);
	expect("delete", error, BIT(LUNATIK_ERROR_NO_STATE) | BIT(LUNATIK_ERROR_STALE) |
	       (force ? 0 : BIT(LUNATIK_ERROR_BUSY)));
	client->account.deleted += !error;
	settle(client);
}

/* What a state that anybody may use, delete or cancel does to a run. */
#define INTERRUPTED (BIT(LUNATIK_ERROR_CANCELLED) | BIT(LUNATIK_ERROR_STALE) | BIT(LUNATIK_ERROR_BUSY))

static void shared_run(struct client *client, const char *name)
{
	const struct work *work = work_choose(client);
	bool counting = below(client, 2);
	struct run_request request;
	struct run_view run;
	char code[TEXT];

	run_request(work, name, &request);
	request.max_wait = below(client, 3) * below(client, SECOND / 10);
	if (counting) {
		snprintf(code, sizeof(code),
			 "token = token or %" PRIu64 " m = (m or 0) + 1 return token, m",
			 below(client, 1ull << 38) + 1);
		request = (struct run_request) { .state = name, .code = code,
						 .max_wait = request.max_wait };
	}
	pend(client, RUN, 0, 1);
	talk_run_send(&client->runs, &request, &run);
	perhaps_die(client);
	talk_runs_wait(&client->runs, &run, 1, true);
	told(client, run.refusal ? run.refusal : run.error);
	if (run.refusal) {
		expect("a run", run.refusal, BIT(LUNATIK_ERROR_NO_STATE) | BIT(LUNATIK_ERROR_STALE) |
		       BIT(LUNATIK_ERROR_BUSY) | BIT(LUNATIK_ERROR_QUEUE_FULL));
	} else {
		client->account.runs++;
		client->account.failed += run.error != 0;
		if (!((INTERRUPTED | (counting ? BIT(0) : work->ends)) & BIT(run.error)))
			fail("'%s' ended with '%s'", counting ? code : work->code, codes[run.error]);
		if (counting && !run.error &&
		    (run.count != 2 || !seen_add(run.numbers[0], run.numbers[1])))
			fail("%s: number %" PRIu64 " was given out twice", name, run.numbers[1]);
		if (counting && run.error == LUNATIK_ERROR_CANCELLED)
			client->account.maybe_counted++;
		if (counting && run.error == LUNATIK_ERROR_STALE)
			client->account.maybe_counted++;
	}
	settle(client);
}

/* --- looking ---------------------------------------------------------------------------------- */

#define LIST_MAX 1024

struct listing {
	struct client *client;
	uint64_t ids[LIST_MAX];
	char names[LIST_MAX][LUNATIK_NAME_MAX + 1];
	unsigned int count, own[OWN];
};

static void listed(const struct state_view *view, void *context)
{
	struct listing *listing = context;
	unsigned int i, number, which;

	if (listing->count == LIST_MAX)
		fail("the dump has no end");
	for (i = 0; i < listing->count; i++)
		if (listing->ids[i] == view->id)
			fail("the dump has state %" PRIu64 " twice", view->id);
	listing->ids[listing->count] = view->id;
	snprintf(listing->names[listing->count++], sizeof(listing->names[0]), "%s", view->name);
	if (sscanf(view->name, "own-%u-%u", &number, &which) != 2 ||
	    number != listing->client->number)
		return;
	if (which >= OWN || !listing->client->account.own[which].exists ||
	    view->id != listing->client->account.own[which].id)
		fail("the dump has %s with id %" PRIu64, view->name, view->id);
	listing->own[which]++;
}

static void list(struct client *client)
{
	static struct listing listing;
	unsigned int i, j;
	bool whole;

	memset(&listing, 0, sizeof(listing));
	listing.client = client;
	whole = talk_list(&client->control, listed, &listing);
	for (i = 0; i < OWN; i++)
		if (listing.own[i] != client->account.own[i].exists)
			fail("the dump has own-%u-%u %u times", client->number, i, listing.own[i]);
	for (i = 0; whole && i < listing.count; i++)
		for (j = 0; j < i; j++)
			if (!strcmp(listing.names[i], listing.names[j]))
				fail("a whole dump has %s twice", listing.names[i]);
	client->account.dumps++;
	settle(client);
}

static void disturb(struct client *client)
{
	char name[LUNATIK_NAME_MAX + 1];
	unsigned int count;
	int error;

	if (below(client, 2))
		shared_name(name, below(client, SHARED));
	else
		own_name(name, below(client, CLIENTS_MAX), below(client, OWN));
	error = talk_cancel(&client->control, name, 0, &count);
	told(client, error);
	expect("cancel", error, BIT(LUNATIK_ERROR_NO_STATE));
	settle(client);
}

/* --- lives ------------------------------------------------------------------------------------ */

/* The state as it is once nothing of the dead client's is under way in it. */
static void own_calm(struct client *client, unsigned int which, bool replaced,
		     struct state_view *view)
{
	char name[LUNATIK_NAME_MAX + 1];
	unsigned int i;
	int error;

	own_name(name, client->number, which);
	for (i = 0; i < PATIENCE; i++) {
		error = talk_get(&client->control, name, view);
		expect("get", error, BIT(LUNATIK_ERROR_NO_STATE));
		/* a state that is being replaced is gone for a moment */
		if (view->there ? !view->busy && !view->dying && !view->waiting : !replaced)
			return;
		nap(1000000);
	}
	fail("%s: busy %u, dying %u, waiting %u, long after its user's death", name, view->busy,
	     view->dying, view->waiting);
}

static void own_recover_runs(struct client *client, unsigned int which, unsigned int count,
			     const struct state_view *view)
{
	struct own *own = &client->account.own[which];
	uint64_t ended = view->runs - own->runs;
	uint64_t most = own->late + count; /* of earlier deaths, some may not have been counted either */
	uint64_t failed = 0;
	int i;

	if (view->runs < own->runs || ended > most)
		fail("own-%u-%u: %" PRIu64 " runs after %" PRIu64 " and at most %" PRIu64 " more",
		     client->number, which, view->runs, own->runs, most);
	own->most += ended;
	for (i = 1; i <= LUNATIK_ERROR_MAX; i++) {
		if (view->failures[i] < own->failures[i])
			fail("own-%u-%u: fewer %s than there were", client->number, which, codes[i]);
		failed += view->failures[i] - own->failures[i];
		own->failures[i] = view->failures[i];
	}
	if (failed > ended)
		fail("own-%u-%u: more failures than runs", client->number, which);
	client->account.failed += failed;
	/* those of earlier deaths are in it already */
	client->account.maybe_failed += count > ended ? count - ended : 0;
	own->late = most - ended;
	own->runs = view->runs;
}

/* The life before ended in the middle of this: the module must show one of its possible outcomes. */
static void recover(struct client *client)
{
	enum operation operation = client->account.pending.operation;
	unsigned int count = client->account.pending.count, which = client->account.pending.which;
	struct own *own = &client->account.own[which];
	struct state_view view;

	switch (operation) {
	case NONE:
		return;
	case CREATE:
		client->account.maybe_created++;
		client->account.maybe_deleted++;
		break;
	case DELETE:
		client->account.maybe_deleted++;
		break;
	case RUN:
		client->account.maybe_counted += count;
		client->account.maybe_failed += count;
		break;
	default:
		own_calm(client, which, operation == REPLACE_OWN && own->exists, &view);
		if (view.there && own->exists && view.id == own->id) {
			if (operation == RUN_OWN)
				own_recover_runs(client, which, count, &view);
		} else if (view.there && (operation == CREATE_OWN || operation == REPLACE_OWN)) {
			if (own->exists && operation == CREATE_OWN)
				fail("own-%u-%u: another one took its place", client->number, which);
			own_made(client, which, view.id);
		} else if (!view.there && own->exists && operation == DELETE_OWN) {
			client->account.deleted++;
			*own = (struct own) {};
		} else if (view.there || own->exists) {
			fail("own-%u-%u: %s after operation %d was cut", client->number, which,
			     view.there ? "there" : "not there", operation);
		}
		break;
	}
	settle(client);
}

/* The sequence numbers of a life begin where no life before has come to. */
static void open_both(struct client *client, uint32_t sequence)
{
	talk_open(&client->runs, client->socket, 2 * client->number + 1, sequence);
	talk_open(&client->control, client->socket, 2 * client->number + 2, sequence);
}

void client_open(struct client *client, unsigned int number, const char *socket)
{
	memset(client, 0, sizeof(*client));
	client->number = number;
	client->slot = &world->slots[number];
	client->socket = socket;
	account_read(client->slot, &client->account);
	client->random = world->seed ^ (uint64_t)number << 48 ^ client->account.lives << 32;
	open_both(client, client->account.lives << 18);
}

void client_close(struct client *client)
{
	talk_close(&client->runs);
	talk_close(&client->control);
}

void client_begin(struct client *client)
{
	client->account.lives++;
	commit(client);
	recover(client);
	client_verify(client);
}

/*
 * Close the socket with a run under way and take another, which gets the same port: no answer of
 * the old one's may reach it.
 */
static void rebind(struct client *client)
{
	unsigned int which = below(client, OWN);
	char name[LUNATIK_NAME_MAX + 1];
	struct run_request request;
	struct run_view run;
	uint32_t sequence;

	if (client->runs.peer.stream || !client->account.own[which].exists)
		return;
	own_name(name, client->number, which);
	pend(client, RUN_OWN, which, 1);
	run_request(work_choose(client), name, &request);
	talk_run_send(&client->runs, &request, &run);
	sequence = client->runs.sequence > client->control.sequence ? client->runs.sequence :
								     client->control.sequence;
	client_close(client);
	open_both(client, sequence);
	recover(client);
}

void client_step(struct client *client)
{
	unsigned int which = below(client, OWN), choice = below(client, 100);
	char name[LUNATIK_NAME_MAX + 1];
	struct info_view info;

	shared_name(name, below(client, SHARED));
	if (choice < 12)
		own_create(client, which);
	else if (choice < 18)
		own_delete(client, which);
	else if (choice < 40)
		own_run(client, which);
	else if (choice < 45)
		own_cancel(client, which);
	else if (choice < 54)
		shared_create(client, name);
	else if (choice < 60)
		shared_delete(client, name);
	else if (choice < 82)
		shared_run(client, name);
	else if (choice < 86)
		disturb(client);
	else if (choice < 90)
		list(client);
	else if (choice < 91)
		rebind(client);
	else if (choice < 92)
		expect("info", talk_info(&client->control, &info), 0);
	else if (choice == 92 && !below(client, 50))
		expect("log", talk_log(&client->control), 0);
	else
		own_check(client, which);
}
