/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * How deep Lua may nest in C. The host says where the stack ends; a call that would start below
 * CSTACK_ROOM bytes above that end raises "C stack overflow", and the message handler of that very
 * error may go CSTACK_HANDLER bytes further, before the run ends with "error in error handling".
 * What is left then is enough for the deepest C function that calls nothing back, for an interrupt
 * and for the host's own functions (CSTACK_RESERVE of it, which Lua never touches).
 */
#ifndef LUNATIK_CSTACK_H
#define LUNATIK_CSTACK_H

#include <stddef.h>

#define CSTACK_RESERVE 3072u /* never used by Lua */
#define CSTACK_LEAF 1536u    /* the deepest C function of the libraries, with what it calls */
#define CSTACK_HANDLER 1024u /* for a message handler, after an overflow */
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

#define luai_stacklow(L) (cstack_pointer() < G(L)->cstack)

/* Not even room for the message handler of an overflow. */
#define luai_stackout(L) (cstack_pointer() < G(L)->cstack - CSTACK_HANDLER)

#endif
