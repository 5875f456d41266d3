// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What the kernel gives to Lua: memory, the FPU, time, the stack's end, a place to print.
 *
 * A script may call us with little of the 16 KiB kernel stack left (twice that with KASAN, and
 * twice the frames), and reclaiming memory or writing to a console needs several KiB. So whatever
 * may go deep runs on a worker's fresh stack when less than STACK_ENOUGH is left.
 */
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/kmemleak.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/thread_info.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#include <asm/fpu/api.h>

#include "host.h"
#include "lua/engine.h"
#include "memory.h"
#include "print.h"
#include "state.h"

#define STACK_ENOUGH (THREAD_SIZE / 2)

/* Up to here pages come from the page allocator, beyond from vmalloc. */
#define PAGES_DIRECT (64 * 1024)

#ifdef LUNATIK_EMBEDDED
const char lunatik_backend[] = "embedded";
#else
const char lunatik_backend[] = "kernel";
#endif

/* Its work items wait for nothing of ours, so waiting for them from any other worker is safe. */
static struct workqueue_struct *stacks;

struct errand {
	struct work_struct work;
	void (*run)(struct errand *errand);
	void *owner;
	const char *text;
	unsigned long size;
	void *memory;
};

static void errand_work(struct work_struct *work)
{
	struct errand *errand = container_of(work, struct errand, work);

	errand->run(errand);
}

/* Run an errand here, or on a fresh stack when this one is nearly full. */
static void errand_run(struct errand *errand)
{
	unsigned long left = (unsigned long)__builtin_frame_address(0) - engine_host_stack_end();

	if (left >= STACK_ENOUGH) {
		errand->run(errand);
		return;
	}
	INIT_WORK_ONSTACK(&errand->work, errand_work);
	queue_work(stacks, &errand->work);
	flush_work(&errand->work);
	destroy_work_on_stack(&errand->work);
}

/*
 * When there is no memory the run fails: without __GFP_RETRY_MAYFAIL processes would be killed for
 * it, none of which has taken what the script has.
 */
static void pages_get(struct errand *errand)
{
	/* a failed try for adjacent pages is no trouble: vmalloc needs none */
	if (errand->size <= PAGES_DIRECT)
		errand->memory = alloc_pages_exact(errand->size, GFP_KERNEL | __GFP_NOWARN |
						   (errand->size > PAGE_SIZE ? __GFP_NORETRY :
						    __GFP_RETRY_MAYFAIL));
	/* kmemleak looks into vmalloc's memory and knows nothing of pages, which hold the pointers */
	if (errand->memory)
		kmemleak_alloc(errand->memory, errand->size, 1, GFP_KERNEL);
	else
		errand->memory = __vmalloc(errand->size, GFP_KERNEL | __GFP_NOWARN |
					   __GFP_RETRY_MAYFAIL);
}

static void pages_put(struct errand *errand)
{
	if (is_vmalloc_addr(errand->memory)) {
		vfree(errand->memory);
		return;
	}
	kmemleak_free(errand->memory);
	free_pages_exact(errand->memory, errand->size);
}

enum lunatik_error engine_host_pages(void *owner, unsigned long size, void **pages)
{
	struct errand errand = { .run = pages_get, .size = size };

	might_sleep();
	if (lunatik_memory_is_short(size))
		return LUNATIK_ERROR_NO_MEMORY;
	if (!lunatik_memory_charge(size))
		return LUNATIK_ERROR_TOTAL_MEMORY;
	errand_run(&errand);
	if (!errand.memory) {
		lunatik_memory_uncharge(size);
		return LUNATIK_ERROR_NO_MEMORY;
	}
	*pages = errand.memory;
	return 0;
}

void engine_host_pages_free(void *owner, void *pages, unsigned long size)
{
	struct errand errand = { .run = pages_put, .size = size, .memory = pages };

	might_sleep();
	errand_run(&errand);
	lunatik_memory_uncharge(size);
}

/* In front of what engine_host_alloc() gives. */
struct piece {
	u64 charged; /* bytes on the account of memory */
	char data[];
};

static void memory_get(struct errand *errand)
{
	errand->memory = kvmalloc(sizeof(struct piece) + errand->size, GFP_KERNEL | __GFP_NOWARN);
}

enum lunatik_error engine_host_alloc(unsigned long size, void **memory)
{
	struct errand errand = { .run = memory_get, .size = size };
	u64 charged = size > LUNATIK_MEMORY_SMALL ? size : 0;
	struct piece *piece;

	might_sleep();
	if (!size || size > INT_MAX - sizeof(*piece) || (charged && lunatik_memory_is_short(size)))
		return LUNATIK_ERROR_NO_MEMORY;
	if (!lunatik_memory_charge(charged))
		return LUNATIK_ERROR_TOTAL_MEMORY;
	errand_run(&errand);
	piece = errand.memory;
	if (!piece) {
		lunatik_memory_uncharge(charged);
		return LUNATIK_ERROR_NO_MEMORY;
	}
	piece->charged = charged;
	*memory = piece->data;
	return 0;
}

static void memory_put(struct errand *errand)
{
	kvfree(errand->memory);
}

void engine_host_free(void *memory)
{
	struct errand errand = { .run = memory_put };
	struct piece *piece;
	u64 charged;

	if (!memory)
		return;
	piece = container_of(memory, struct piece, data);
	charged = piece->charged;
	errand.memory = piece;
	errand_run(&errand);
	lunatik_memory_uncharge(charged);
}

static void print(struct errand *errand)
{
	lunatik_print(errand->owner, errand->text, errand->size);
}

void engine_host_print(void *owner, const char *text, unsigned long size)
{
	struct errand errand = { .run = print, .owner = owner, .text = text, .size = size };

	might_sleep();
	if (size)
		errand_run(&errand);
}

void engine_host_fpu_begin(void)
{
	kernel_fpu_begin();
}

void engine_host_fpu_end(void)
{
	kernel_fpu_end();
}

void engine_host_relax(void)
{
	cond_resched();
}

unsigned long engine_host_stack_end(void)
{
	return (unsigned long)task_stack_page(current);
}

#ifdef CONFIG_KASAN_STACK
/*
 * The only way to this for a module: the compiler calls it at the end of a function with arrays of
 * variable length. By another name, since compilers and kernels differ about its parameters.
 */
void kasan_stack_forget(const void *low, const void *high) __asm__("__asan_allocas_unpoison");

void engine_host_stack_forget(unsigned long low, unsigned long high)
{
	kasan_stack_forget((const void *)low, (const void *)high);
}
#endif

unsigned long engine_host_stack_size(void)
{
	return THREAD_SIZE;
}

unsigned long long engine_host_now(void)
{
	return ktime_get_ns();
}

unsigned long long engine_host_realtime(void)
{
	return ktime_get_real_ns();
}

int lunatik_host_init(void)
{
	stacks = alloc_workqueue("lunatik-stack", WQ_UNBOUND, 0);
	return stacks ? 0 : -ENOMEM;
}

void lunatik_host_exit(void)
{
	destroy_workqueue(stacks);
}
