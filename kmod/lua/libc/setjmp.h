/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * setjmp and longjmp for Lua's errors: callee-saved registers, stack pointer, return address; no
 * signal mask and no floating-point state, of which the ABI keeps nothing over a call but the
 * control words, and those never change. The code is in jump.c.
 */
#ifndef LUNATIK_LIBC_SETJMP_H
#define LUNATIK_LIBC_SETJMP_H

typedef unsigned long jmp_buf[8];

#define setjmp engine_setjmp
#define longjmp engine_longjmp

/* Defined in assembly in the same unit; hidden, so that no call goes through a table. */
extern int engine_setjmp(unsigned long *point)
	__attribute__((returns_twice, visibility("hidden")));
extern void engine_longjmp(unsigned long *point, int value)
	__attribute__((noreturn, visibility("hidden")));

#endif
