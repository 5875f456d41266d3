/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The account of memory for all states: the pages of their heaps, the chunks and arguments of runs
 * that have not ended, and the results that are kept. Any context.
 */
#ifndef LUNATIK_MEMORY_H
#define LUNATIK_MEMORY_H

#include <linux/types.h>

/* Put size bytes on the account. False when they would exceed the limit; nothing is put then. */
bool lunatik_memory_charge(u64 size);

/* Take them off again. */
void lunatik_memory_uncharge(u64 size);

/* Bytes on the account now. */
u64 lunatik_memory_used(void);

#endif
