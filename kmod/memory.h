/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The account of memory for all states: the pages of their heaps, and of runs the chunks, arguments,
 * results and output, until they are answered, or as long as they are kept. Small pieces of a run
 * are not on it: their number is bounded by that of runs. docs/limits.md lists what is not. Any
 * context.
 */
#ifndef LUNATIK_MEMORY_H
#define LUNATIK_MEMORY_H

#include <linux/types.h>

/* A piece of a run that is not larger is not on the account, in bytes. */
#define LUNATIK_MEMORY_SMALL 4096

/* Put size bytes on the account. False when they would exceed the limit; nothing is put then. */
bool lunatik_memory_charge(u64 size);

/* Take them off again. */
void lunatik_memory_uncharge(u64 size);

/* Bytes on the account now. */
u64 lunatik_memory_used(void);

/*
 * Would a piece of so many bytes leave the others less than a sixteenth of the RAM? Whoever asks
 * for a page when states and runs have taken the last one is killed for it.
 */
bool lunatik_memory_is_short(u64 size);

#endif
