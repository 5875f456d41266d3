/* SPDX-License-Identifier: MIT */
/*
 * The embedded backend in one thread, with a clock of its own: what work queues, timers, grace
 * periods and completions do there with threads, serial.c does when it is told to. So whatever the
 * module does follows from the input alone, the order of the work included.
 *
 * Who waits for a completion lets other work be done until it is completed; that nothing is left to
 * do then is a deadlock, and a finding. A work item runs as a task of its own, on top of the stack
 * of whoever let it run.
 */
#ifndef LUNATIK_FUZZ_SERIAL_H
#define LUNATIK_FUZZ_SERIAL_H

#include <linux/types.h>

/* ns that pass at every look at the clock. */
#define SERIAL_TICK 20000ull

/* The calling thread's task begins here: its stack is that of a kernel's task from this frame on. */
void serial_task_here(void);

/* Run one item of the waiting work, counted from the oldest, modulo how many there are. False: there is none. */
bool serial_work(unsigned int choice);

/* Run all work there is, and what that begets, and end the grace periods. Timers stay set. */
void serial_drain(void);

/* Let so much time pass, in ns; timers go off on their way. */
void serial_pass(u64 time);

/* Called where a run lets others have the CPU, but not while a call is in progress; NULL for nothing. */
extern void (*serial_relaxed)(void);

/* Called with each record of the kernel log, its level and its end left out; NULL for nothing. */
extern void (*serial_logged)(const char *text);

/* How many work items are being run, one on top of the other. */
extern unsigned int serial_depth;

/* How often work was queued so far. */
extern unsigned long serial_tickets;

#endif
