/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What a state prints goes three ways: into its run's output, to the kernel log a line at a time, and
 * to the event group. A struct lunatik_print belongs to whoever has the state's Lua: its run, or
 * its closing. So no lock guards it.
 */
#ifndef LUNATIK_PRINT_H
#define LUNATIK_PRINT_H

#include <linux/types.h>

struct lunatik_state;

/* What a run has printed and the reply gives back; on the account of memory when it is large. */
struct lunatik_output {
	char *data;
	size_t size;
	size_t room; /* bytes that data has */
	u64 dropped; /* bytes beyond what may be kept */
};

/* Free what was printed; how much was dropped stays. */
void lunatik_output_free(struct lunatik_output *output);

struct lunatik_print_buffers;

struct lunatik_print {
	struct lunatik_print_buffers *buffers; /* NULL until something is printed */
	u64 window;                            /* ns; when the present second of log lines began */
	u32 lines;                             /* in it */
	u64 suppressed;                        /* lines since the last one that was logged */
};

/* Print a piece of text, which need not be a line. May sleep. */
void lunatik_print(struct lunatik_state *state, const char *text, size_t size);

/*
 * The run is over: write out what is left and free the buffers. The last time, when the state is
 * closed, the log also gets the count of lines that are still unreported.
 */
void lunatik_print_end(struct lunatik_state *state, bool last);

/*
 * Write bytes as the log shows them, with what is not printable ASCII as \xNN. The room is at
 * least 4 * size + 1. Returns the length, final NUL not counted.
 */
size_t lunatik_print_escape(char *to, const char *text, size_t size);

#endif
