// SPDX-License-Identifier: MIT
/* See host.h. */

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "host.h"

struct host host = {.stack = 14 * 1024, .fail_with = LUNATIK_ERROR_NO_MEMORY};

static unsigned long long section_began;

static void must(int condition, const char *rule)
{
	if (condition)
		return;
	fprintf(stderr, "host: broken rule: %s\n", rule);
	abort();
}

static unsigned long long clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

void host_stack_here(void)
{
	host.stack_end = (unsigned long)__builtin_frame_address(0) - host.stack;
}

void host_check_nothing_left(void)
{
	must(host.pages == 0, "all pages are given back");
	must(host.allocs == 0, "all buffers are freed");
	must(!host.in_fpu, "the FPU section is closed");
}

/* Count down to a failure that was asked for. */
static int fails(long *countdown)
{
	if (*countdown <= 0)
		return 0;
	if (*countdown == 1 && host.fail_forever)
		return 1;
	return --*countdown == 0;
}

enum lunatik_error engine_host_pages(void *owner, unsigned long size, void **pages)
{
	(void)owner;
	must(!host.in_fpu, "pages are asked for outside an FPU section");
	must(size && size % 4096 == 0, "whole pages are asked for");
	host.pages_calls++;
	if (fails(&host.fail_pages))
		return host.fail_with;
	*pages = aligned_alloc(4096, size);
	if (!*pages)
		return LUNATIK_ERROR_NO_MEMORY;
	memset(*pages, 0xa5, size);
	host.pages += size;
	return 0;
}

void engine_host_pages_free(void *owner, void *pages, unsigned long size)
{
	(void)owner;
	must(!host.in_fpu, "pages are given back outside an FPU section");
	must(host.pages >= size, "no more pages come back than went out");
	memset(pages, 0x5a, size);
	host.pages -= size;
	free(pages);
}

enum lunatik_error engine_host_alloc(unsigned long size, void **memory)
{
	must(!host.in_fpu, "buffers are asked for outside an FPU section");
	if (fails(&host.fail_alloc))
		return host.fail_with;
	*memory = malloc(size);
	if (!*memory)
		return LUNATIK_ERROR_NO_MEMORY;
	host.allocs++;
	return 0;
}

/* A block of a state's heap is about to be made, or to grow. */
int engine_host_block_fails(void)
{
	int failing = fails(&host.fail_block);

	host.failed_blocks += failing;
	return failing;
}

void engine_host_free(void *memory)
{
	must(!host.in_fpu, "buffers are freed outside an FPU section");
	if (!memory)
		return;
	host.allocs--;
	free(memory);
}

void engine_host_print(void *owner, const char *text, unsigned long size)
{
	(void)owner;
	must(!host.in_fpu, "printing is outside an FPU section");
	if (host.output) {
		fwrite(text, 1, size, host.output);
		return;
	}
	if (size > sizeof(host.printed) - 1 - host.printed_size)
		size = sizeof(host.printed) - 1 - host.printed_size;
	memcpy(host.printed + host.printed_size, text, size);
	host.printed_size += size;
	host.printed[host.printed_size] = '\0';
}

void engine_host_fpu_begin(void)
{
	must(!host.in_fpu, "FPU sections do not nest");
	host.in_fpu = 1;
	host.sections++;
	section_began = engine_host_now();
}

void engine_host_fpu_end(void)
{
	unsigned long long lasted = engine_host_now() - section_began;

	must(host.in_fpu, "an FPU section that ends has begun");
	host.in_fpu = 0;
	if (lasted > host.longest_section)
		host.longest_section = lasted;
}

void engine_host_relax(void)
{
	must(!host.in_fpu, "relaxing is outside an FPU section");
	host.relaxed++;
}

unsigned long engine_host_stack_end(void)
{
	return host.stack_end;
}

unsigned long engine_host_stack_size(void)
{
	return host.stack;
}

/* The engine looks at the clock at every poll. */
static void watch_polls(void)
{
	static unsigned long long last;
	unsigned long long now = host.watch_polls ? clock_ns(CLOCK_THREAD_CPUTIME_ID) : 0;

	if (last && now && now - last > host.longest_work)
		host.longest_work = now - last;
	last = now;
}

unsigned long long engine_host_now(void)
{
	watch_polls();
	if (host.at_look && --host.at_look == 0)
		host.on_look();
	if (host.tick)
		return host.clock += host.tick;
	return clock_ns(CLOCK_MONOTONIC);
}

unsigned long long engine_host_realtime(void)
{
	return host.realtime ? host.realtime : clock_ns(CLOCK_REALTIME);
}
