/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * How deep Lua may nest in C. The host says where the stack ends. A call of a C function, or one
 * through C, that would start below CSTACK_ROOM bytes above that end raises "C stack overflow";
 * the message handler of that very error may go CSTACK_HANDLER bytes further, before the run ends
 * with "error in error handling". From there CSTACK_LEAF bytes are enough for any C function that
 * calls nothing back, raising an error included; the few that need more ask for it first. The last
 * CSTACK_RESERVE bytes are for interrupts and the host's own functions: Lua never touches them.
 */
#ifndef LUNATIK_CSTACK_H
#define LUNATIK_CSTACK_H

#include <stddef.h>

#if defined(CONFIG_KASAN_STACK)
#define CSTACK_SCALE 2u /* as much as the kernel makes its stacks larger then */
#elif defined(__SANITIZE_ADDRESS__) && !defined(__KERNEL__)
#define CSTACK_SCALE 4u /* about what it makes of a frame */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(__KERNEL__)
#define CSTACK_SCALE 4u
#endif
#endif
#ifndef CSTACK_SCALE
#define CSTACK_SCALE 1u
#endif

#define CSTACK_RESERVE (CSTACK_SCALE * 3136u)
#define CSTACK_LEAF (CSTACK_SCALE * 736u)
#define CSTACK_HANDLER (CSTACK_SCALE * 2272u)
#define CSTACK_FLOAT (CSTACK_SCALE * 1500u) /* what writing a float takes */
#define CSTACK_ROOM (CSTACK_RESERVE + CSTACK_LEAF + CSTACK_HANDLER)

static inline size_t cstack_pointer(void)
{
	size_t pointer;

#if defined(__x86_64__)
	__asm__("movq %%rsp, %0" : "=r"(pointer));
#else
	pointer = (size_t)__builtin_frame_address(0);
#endif
	return pointer;
}

/*
 * How deep a run goes is seen afterwards: what lies below its first frame is cleared before it, all
 * but a little at the end, where the kernel has a mark of its own, and right below the caller.
 */
#define CSTACK_END 64
#define CSTACK_NEAR 512

/* Clear the stack from its end up to here. */
static __attribute__((noinline)) void cstack_clear(size_t end)
{
	size_t at = (end + CSTACK_END + 7) & ~(size_t)7;
	size_t count = (cstack_pointer() - CSTACK_NEAR - at) / 8;

#if defined(__x86_64__)
	__asm__ volatile("rep stosq" : "+D"(at), "+c"(count) : "a"(0) : "memory");
#else
	for (; count--; at += 8)
		*(volatile size_t *)at = 0;
#endif
}

/* The lowest address that is not clear any more, not above *most*. */
static __attribute__((noinline, no_sanitize("address"))) size_t cstack_lowest(size_t end,
									     size_t most)
{
	const volatile size_t *at = (size_t *)((end + CSTACK_END + 7) & ~(size_t)7);

	while ((size_t)at < most && !*at)
		at++;
	return (size_t)at;
}

#define luai_stacklow(L) (cstack_pointer() < G(L)->cstack)

/* Not even room for the message handler of an overflow. */
#define luai_stackout(L) (cstack_pointer() < G(L)->cstack - CSTACK_HANDLER)

/* Raise the error unless there are so many bytes for the function that asks. */
#define luai_needstack(L, size) \
	do { \
		if (cstack_pointer() - (size) < G(L)->cstack - CSTACK_HANDLER - CSTACK_LEAF) \
			luaG_runerror(L, "C stack overflow"); \
	} while (0)

#endif
