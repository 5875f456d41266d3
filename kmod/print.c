// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What a state prints: kept for the reply, logged line by line, told to the event group. */
#define pr_fmt(fmt) "lunatik: " fmt

#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "event.h"
#include "memory.h"
#include "print.h"
#include "run.h"
#include "settings.h"
#include "state.h"

/* A record of the kernel log: longer lines go on in the next one. */
#define LINE_MAX 512

/* At most so many lines a second of one state reach the kernel log. */
#define LINES_MAX 100
#define WINDOW 1000000000ull /* ns */

#define OUTPUT_FIRST 256

struct lunatik_print_buffers {
	char line[LINE_MAX + 1]; /* escaped already */
	size_t line_size;
	char event[LUNATIK_EVENT_OUTPUT_MAX];
	size_t event_size;
};

static size_t escape_byte(char *to, u8 byte)
{
	static const char digits[] = "0123456789abcdef";

	if (byte >= 0x20 && byte < 0x7f) {
		to[0] = byte;
		return 1;
	}
	to[0] = '\\';
	if (byte == '\t') {
		to[1] = 't';
		return 2;
	}
	to[1] = 'x';
	to[2] = digits[byte >> 4];
	to[3] = digits[byte & 15];
	return 4;
}

size_t lunatik_print_escape(char *to, const char *text, size_t size)
{
	size_t used = 0;
	size_t i;

	for (i = 0; i < size; i++)
		used += escape_byte(to + used, text[i]);
	to[used] = '\0';
	return used;
}

/* What of a room is on the account of memory, in bytes. */
static u64 output_charge(size_t room)
{
	return room > LUNATIK_MEMORY_SMALL ? room : 0;
}

void lunatik_output_free(struct lunatik_output *output)
{
	kvfree(output->data);
	lunatik_memory_uncharge(output_charge(output->room));
	output->data = NULL;
	output->size = 0;
	output->room = 0;
}

/* Room for so many bytes in all. False: there is no memory, or no room on its account. */
static bool output_grow(struct lunatik_output *output, size_t room)
{
	u64 charge = output_charge(room);
	char *data;

	if ((charge && lunatik_memory_is_short(room)) || !lunatik_memory_charge(charge))
		return false;
	data = kvmalloc(room, GFP_KERNEL | __GFP_NOWARN);
	if (!data) {
		lunatik_memory_uncharge(charge);
		return false;
	}
	if (output->size)
		memcpy(data, output->data, output->size);
	kvfree(output->data);
	lunatik_memory_uncharge(output_charge(output->room));
	output->data = data;
	output->room = room;
	return true;
}

/* Keep text for the reply. What does not fit, or finds no memory, is counted as dropped. */
static void output_append(struct lunatik_output *output, const char *text, size_t size)
{
	size_t limit = lunatik_settings.max_output;
	size_t kept = min(size, limit - min(limit, output->size));

	/* a hole in the middle would mislead: once something was dropped, all that follows is */
	if (output->dropped)
		kept = 0;
	if (kept && output->size + kept > output->room) {
		size_t room = max_t(size_t, OUTPUT_FIRST, output->room);

		while (room < output->size + kept)
			room *= 2;
		if (!output_grow(output, min(room, limit)))
			kept = 0;
	}
	if (kept) {
		memcpy(output->data + output->size, text, kept);
		output->size += kept;
	}
	output->dropped += size - kept;
}

static void suppressed_flush(struct lunatik_state *state)
{
	struct lunatik_print *print = &state->print;

	if (print->suppressed)
		pr_info("[%s] %llu lines suppressed\n", state->label, print->suppressed);
	print->suppressed = 0;
}

/* When a second has passed, begin a new one, with a line about what the old one suppressed. */
static void window_turn(struct lunatik_state *state)
{
	struct lunatik_print *print = &state->print;
	u64 now = ktime_get_ns();

	if (print->window && now - print->window < WINDOW)
		return;
	print->window = now;
	print->lines = 0;
	suppressed_flush(state);
}

static void line_flush(struct lunatik_state *state)
{
	struct lunatik_print *print = &state->print;
	struct lunatik_print_buffers *buffers = print->buffers;

	window_turn(state);
	if (print->lines < LINES_MAX) {
		print->lines++;
		buffers->line[buffers->line_size] = '\0';
		pr_info("[%s] %s\n", state->label, buffers->line);
	} else {
		print->suppressed++;
	}
	buffers->line_size = 0;
}

static void line_append(struct lunatik_state *state, const char *text, size_t size)
{
	struct lunatik_print_buffers *buffers = state->print.buffers;
	size_t i;

	for (i = 0; i < size; i++) {
		if (text[i] == '\n') {
			line_flush(state);
			continue;
		}
		if (buffers->line_size > LINE_MAX - 4)
			line_flush(state);
		buffers->line_size += escape_byte(buffers->line + buffers->line_size, text[i]);
	}
}

static void event_flush(struct lunatik_state *state)
{
	struct lunatik_print_buffers *buffers = state->print.buffers;

	lunatik_event_send(&(struct lunatik_event) {
		.type = LUNATIK_EVENT_TYPE_PRINT,
		.state = state,
		.run = state->run ? state->run->id : 0,
		.output = buffers->event,
		.output_size = buffers->event_size,
	});
	buffers->event_size = 0;
}

/* An event ends with a line, or when it is full. */
static void event_append(struct lunatik_state *state, const char *text, size_t size)
{
	struct lunatik_print_buffers *buffers = state->print.buffers;

	while (size) {
		size_t part = min(size, sizeof(buffers->event) - buffers->event_size);

		memcpy(buffers->event + buffers->event_size, text, part);
		buffers->event_size += part;
		text += part;
		size -= part;
		if (buffers->event_size == sizeof(buffers->event))
			event_flush(state);
	}
	if (buffers->event_size && buffers->event[buffers->event_size - 1] == '\n')
		event_flush(state);
}

void lunatik_print(struct lunatik_state *state, const char *text, size_t size)
{
	/* no lock: the caller is the run, so the field does not change under us */
	struct lunatik_run *run = state->run;

	if (run)
		output_append(&run->output, text, size);

	if (!state->print.buffers)
		state->print.buffers = kzalloc(sizeof(*state->print.buffers),
					       GFP_KERNEL | __GFP_NOWARN);
	if (!state->print.buffers) {
		state->print.suppressed++;
		return;
	}
	line_append(state, text, size);
	event_append(state, text, size);
}

void lunatik_print_end(struct lunatik_state *state, bool last)
{
	struct lunatik_print *print = &state->print;

	if (print->buffers) {
		if (print->buffers->line_size)
			line_flush(state);
		if (print->buffers->event_size)
			event_flush(state);
	}
	kfree(print->buffers);
	print->buffers = NULL;

	/* not at the end of every run: many short ones would flood the log with this line */
	if (last)
		suppressed_flush(state);
	else if (print->suppressed)
		window_turn(state);
}
