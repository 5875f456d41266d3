// SPDX-License-Identifier: MIT
/*
 * Loads the module, works with it and unloads it, again and again, and compares the kernel's memory
 * after the first rounds, in the middle of the rest and at the end: slab caches by objects, vmalloc
 * areas by who asked for them, pages. What grows by one for every second round, both times, is a leak;
 * what grows once is the kernel's own. The kernel counts what its CPUs have at hand as taken, and looking
 * takes memory: with nothing going on a cache seems to hold a hundred objects more, and fewer again half
 * a second later. So a stock is the least of several looks.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "talk.h"

#define STATES 8
#define STOCKS 3 /* after the first rounds, in the middle of the rest, at the end */
#define LOOKS 5      /* at each stock */
#define LOOKS_MORE 20 /* at the last one, as long as something seems to have grown */

static const char usage[] =
	"Usage: rounds [--rounds N] MODULE.ko\n"
	"Loads and unloads the module in this kernel; as root, in a VM that can be lost.\n";

/* --- the module ------------------------------------------------------------------------------- */

static void load(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fail("%s: %s", file, strerror(errno));
	if (syscall(SYS_finit_module, fd, "", 0))
		fail("the module does not load: %s", strerror(errno));
	close(fd);
	family = 0; /* it has another number each time */
}

static void unload(void)
{
	if (syscall(SYS_delete_module, "lunatik", O_NONBLOCK))
		fail("the module does not unload: %s", strerror(errno));
}

/* --- a round ---------------------------------------------------------------------------------- */

static const struct {
	const char *code;
	int error;
	uint64_t max_steps; /* 0: the state's */
} works[] = {
	{ .code = "t = {} for i = 1, 3000 do t[i] = {i, tostring(i)} end return #t" },
	{ .code = "for i = 1, 20 do pcall(error, {}) end error('thrown')", .error = LUNATIK_ERROR_RUNTIME },
	{ .code = "for i = 1, 10 do pcall(string.gsub, ('x'):rep(9), 'x', function(c) error(c) end) end "
	  "local t = {} for j = 1, 300 do t[j] = ('a'):rep(j * 8) end" },
	{ .code = "local s = 'x' while true do s = s .. s end", .error = LUNATIK_ERROR_MEMORY },
	{ .code = "setmetatable({}, {__gc = function() print('closed') end}) print('open')" },
	{ .code = "local c = coroutine.wrap(function() for i = 1, 100 do coroutine.yield(i * 1.5) end end) "
	  "for i = 1, 50 do c() end" },
	{ .code = "return ('k'):rep(200000)" },
	{ .code = "while true do end", .error = LUNATIK_ERROR_STEPS, .max_steps = 50000 },
	{ .code = "return (", .error = LUNATIK_ERROR_SYNTAX },
};
#define WORKS (sizeof(works) / sizeof(*works))

static void state_name(char name[LUNATIK_NAME_MAX + 1], unsigned int which)
{
	snprintf(name, LUNATIK_NAME_MAX + 1, "round-%u", which);
}

/*
 * Everything that takes memory. Some states are deleted, some replaced, and the rest is left to the
 * unloading, with results that nobody released, runs in progress and runs that wait.
 */
static void work(struct talk *talk)
{
	/* rmmod cancels it long before that */
	struct run_request endless = { .state = "round-0", .code = "while true do end",
				       .max_wait = 100ull * 1000000000 };
	char name[LUNATIK_NAME_MAX + 1];
	struct run_view runs[WORKS];
	struct state_view view;
	unsigned int i;

	if (peer_join(&talk->peer))
		fail("cannot join the event group");
	peer_leave(&talk->peer);
	for (i = 0; i < STATES; i++) {
		state_name(name, i);
		if (talk_create(talk, name, 0, &view))
			fail("%s cannot be created", name);
	}
	for (i = 0; i < WORKS; i++) {
		struct run_request request = { .state = name, .code = works[i].code,
					       .max_steps = works[i].max_steps,
					       .max_memory = 2 << 20,
					       .max_wait = endless.max_wait };

		state_name(name, i % STATES);
		talk_run_send(talk, &request, &runs[i]);
	}
	talk_runs_wait(talk, runs, WORKS, true);
	for (i = 0; i < WORKS; i++)
		if (runs[i].refusal || runs[i].error != works[i].error)
			fail("'%s' ended with '%s'", works[i].code,
			     codes[runs[i].refusal ? runs[i].refusal : runs[i].error]);
	talk_delete(talk, "round-1", false);
	talk_create(talk, "round-2", LUNATIK_CREATE_FLAG_REPLACE, &view);
	for (i = 0; i < 3; i++)
		talk_run_send(talk, &endless, &runs[i]);
	talk_runs_wait(talk, runs, 3, false);
}

static void a_round(const char *file)
{
	struct talk talk = {};

	load(file);
	talk_open(&talk, NULL, 1, 0);
	work(&talk);
	unload();
	talk_close(&talk);
}

/* --- the kernel's memory ---------------------------------------------------------------------- */

struct count {
	char name[96];
	long long seen; /* in this look */
	long long taken[STOCKS];
};

static struct count counts[4096];
static unsigned int counts_used;

static void count_add(const char *name, long long number)
{
	struct count *count = counts;

	while (count < counts + counts_used && strcmp(count->name, name))
		count++;
	if (count == counts + sizeof(counts) / sizeof(*counts))
		fail("too many kinds of memory");
	if (count == counts + counts_used) {
		counts_used++;
		snprintf(count->name, sizeof(count->name), "%s", name);
	}
	count->seen += number;
}

static void file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		perror(path);
	close(fd);
}

/* Give back what is only kept at hand, so that what is left is in use. */
static void settle(void)
{
	DIR *folder = opendir("/sys/kernel/slab");
	const struct dirent *entry;
	char path[512];

	file_write("/proc/sys/vm/drop_caches", "3");
	while (folder && (entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", entry->d_name);
		file_write(path, "1");
	}
	if (folder)
		closedir(folder);
}

static FILE *file_read(const char *path)
{
	FILE *file = fopen(path, "re");

	if (!file)
		fail("%s: %s", path, strerror(errno));
	return file;
}

/*
 * What a debug kernel writes down of others' objects. Those are counted themselves; a record may stay
 * longer, that of a timer or a work until its address is used again.
 */
static bool is_record(const char *cache)
{
	return !strcmp(cache, "debug_objects_cache") || !strcmp(cache, "kmemleak_object");
}

static void slab_count(void)
{
	FILE *file = file_read("/proc/slabinfo");
	char line[512], cache[64], name[80];
	long long active;

	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%63s %lld", cache, &active) != 2 || is_record(cache))
			continue;
		snprintf(name, sizeof(name), "slab %s", cache);
		count_add(name, active);
	}
	fclose(file);
}

static void vmalloc_count(void)
{
	FILE *file = file_read("/proc/vmallocinfo");
	char line[512], caller[64], name[80];

	while (fgets(line, sizeof(line), file)) {
		/* freed already, the addresses only not yet */
		if (strstr(line, "unpurged") || sscanf(line, "%*s %*s %63[^+ ]", caller) != 1)
			continue;
		snprintf(name, sizeof(name), "vmalloc %s", caller);
		count_add(name, 1);
	}
	fclose(file);
}

static long long field(const char *wanted)
{
	FILE *file = file_read("/proc/meminfo");
	char line[256], name[64];
	long long value, found = 0;

	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%63[^:]: %lld", name, &value) == 2 && !strcmp(name, wanted))
			found = value;
	fclose(file);
	return found;
}

/* Pages that the kernel holds, in no slab and no file: none of a process's, none kept by a CPU. */
static long long pages_held(void)
{
	static const char *const others[] = { "MemFree", "Buffers", "Cached", "AnonPages", "PageTables",
					      "SReclaimable", "SUnreclaim" };
	long long held = field("MemTotal"), at_hand;
	FILE *file = file_read("/proc/zoneinfo");
	char line[256];
	unsigned int i;

	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		held -= field(others[i]);
	held /= 4;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, " count: %lld", &at_hand) == 1)
			held -= at_hand;
	fclose(file);
	return held;
}

static void look(void)
{
	unsigned int i;

	for (i = 0; i < counts_used; i++)
		counts[i].seen = 0;
	settle();
	usleep(200000);
	settle();
	slab_count();
	vmalloc_count();
	count_add("pages", pages_held());
	count_add("per-CPU KiB", field("Percpu"));
}

/* Look once more, and keep the least. */
static void stock_look(unsigned int stock, bool first)
{
	unsigned int i;

	look();
	for (i = 0; i < counts_used; i++)
		if (first || counts[i].seen < counts[i].taken[stock])
			counts[i].taken[stock] = counts[i].seen;
}

static void take_stock(unsigned int stock)
{
	unsigned int i;

	for (i = 0; i < LOOKS; i++)
		stock_look(stock, !i);
}

/* Pages come and go with other things of the kernel's: fewer than a leak of two a round is noise. */
static long long allowance(const char *name, long long rounds)
{
	return strcmp(name, "pages") ? rounds / 2 : 2 * rounds;
}

/* How many kinds have grown, both times; told when asked for. */
static unsigned int compare(long long rounds, bool tell)
{
	unsigned int i, grown = 0;

	for (i = 0; i < counts_used; i++) {
		const long long *taken = counts[i].taken;
		long long allowed = allowance(counts[i].name, rounds);

		if (taken[1] - taken[0] < allowed || taken[2] - taken[1] < allowed)
			continue;
		grown++;
		if (tell)
			fprintf(stderr, "  %s: %lld, %lld, %lld, with %lld rounds in between\n",
				counts[i].name, taken[0], taken[1], taken[2], rounds);
	}
	return grown;
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "rounds", required_argument, NULL, 'n' }, {} };
	long long rounds = 200, part, i;
	unsigned int more;
	uint64_t begin = now();
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'n') {
			fputs(usage, stderr);
			return 2;
		}
		rounds = strtoll(optarg, NULL, 0);
	}
	if (optind + 1 != argc || rounds < 10) {
		fputs(usage, stderr);
		return 2;
	}
	world_open(0);
	/* a fifth to begin with, then two fifths and two fifths */
	part = rounds / 5;
	for (i = 0; i < 5 * part; i++) {
		if (i == part || i == 3 * part)
			take_stock(i / (2 * part));
		a_round(argv[optind]);
	}
	take_stock(STOCKS - 1);
	for (more = 0; more < LOOKS_MORE && compare(2 * part, false); more++)
		stock_look(STOCKS - 1, false);
	printf("rounds: %lld in %" PRIu64 " s, %u kinds of memory compared\n", i,
	       (now() - begin) / 1000, counts_used);
	if (compare(2 * part, true))
		fail("memory grows with every round");
	return 0;
}
