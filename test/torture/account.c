// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "account.h"

const char *const codes[LUNATIK_ERROR_MAX + 1] = {
	"", "ERR_INVALID", "ERR_UNSUPPORTED", "ERR_NO_STATE", "ERR_NO_RUN", "ERR_NAME_TOO_LONG",
	"ERR_STALE", "ERR_EXISTS", "ERR_RANGE", "ERR_TOO_MANY_STATES", "ERR_TOTAL_MEMORY",
	"ERR_NO_MEMORY", "ERR_BUSY", "ERR_QUEUE_FULL", "ERR_SYNTAX", "ERR_BYTECODE", "ERR_TOO_LARGE",
	"ERR_RUNTIME", "ERR_NO_FUNCTION", "ERR_MEMORY", "ERR_STEPS", "ERR_TIME", "ERR_CANCELLED",
	"ERR_RESULT_SIZE", "ERR_RESULT_DEPTH", "ERR_RESULT_TYPE",
};
_Static_assert(LUNATIK_ERROR_MAX == LUNATIK_ERROR_RESULT_TYPE, "a new error needs its code here");

struct world *world;

int code_find(const char *text)
{
	size_t size = strcspn(text, ":");
	int i;

	for (i = 1; i <= LUNATIK_ERROR_MAX; i++)
		if (strlen(codes[i]) == size && !memcmp(codes[i], text, size))
			return i;
	return -1;
}

void world_open(uint64_t seed)
{
	world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (world == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	world->seed = seed;
}

void fail(const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fprintf(stderr, "FAILED (seed %llu): %s\n", (unsigned long long)world->seed, text);
	atomic_store(&world->failed, 1);
	atomic_store(&world->stop, 1);
	_exit(1);
}

void account_read(const struct slot *slot, struct account *account)
{
	*account = slot->copies[atomic_load(&slot->version) & 1];
}

void account_commit(struct slot *slot, const struct account *account)
{
	uint32_t next = atomic_load(&slot->version) + 1;

	slot->copies[next & 1] = *account;
	atomic_store(&slot->version, next);
}

/* A token has 39 bits and is not 0, a number 24. */
bool seen_add(uint64_t token, uint64_t number)
{
	uint64_t key = token << 24 | (number & 0xffffff), mixed = key;
	uint32_t at = random_next(&mixed) % SEEN_MAX;
	uint64_t empty;

	if (atomic_fetch_add(&world->seen_count, 1) > SEEN_MAX / 2)
		fail("the table of numbers is too small for so long a run");
	for (;; at = (at + 1) % SEEN_MAX) {
		empty = 0;
		if (atomic_compare_exchange_strong(&world->seen[at], &empty, key))
			return true;
		if (empty == key)
			return false;
	}
}

uint64_t seen_tokens(uint64_t token)
{
	uint64_t count = 0;
	uint32_t at;

	for (at = 0; at < SEEN_MAX; at++)
		count += atomic_load(&world->seen[at]) >> 24 == token;
	return count;
}

uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* A counter, and a mixer of its bits. */
uint64_t random_next(uint64_t *state)
{
	uint64_t mixed = *state += 0x9e3779b97f4a7c15;

	mixed = (mixed ^ mixed >> 32) * 0xd6e8feb86659fd93;
	mixed = (mixed ^ mixed >> 32) * 0xd6e8feb86659fd93;
	return mixed ^ mixed >> 32;
}

uint64_t random_below(uint64_t *state, uint64_t limit)
{
	return random_next(state) % limit;
}
