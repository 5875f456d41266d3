// SPDX-License-Identifier: MIT
/*
 * Operations of several clients on several states, in any order, with the work of the module done
 * in any order between them, and in the middle of runs; all of it read from the bytes of the input.
 * A model (model.h) knows which states there are, which runs are outstanding and what was kept, and
 * every answer is held against it: the errno, the list, the counts, one reply for every run that
 * was accepted, runs of a state made in the order in which they were accepted, events without a gap.
 */
#include <string.h>

#include <linux/kernel.h>
#include <linux/ktime.h>

#include "fuzz.h"
#include "model.h"
#include "serial.h"
#include "world.h"

#define OPERATIONS_MAX 200

static struct fuzz_input input;
static unsigned int operations;

/* What the chunks do; see chunk_texts in model.c. */
static enum chunk chunk_choose(void)
{
	return fuzz_byte(&input) % CHUNKS;
}

static void operate(bool nested);

/* A run lets others have the CPU: some of the next operations come now. */
static void relaxed(void)
{
	unsigned int count = fuzz_byte(&input) % 4;

	while (count--)
		operate(true);
}

/* One operation. In the middle of a run none may wait for that very run to end. */
static void operate(bool nested)
{
	unsigned int kind = fuzz_byte(&input) % 16;
	unsigned int client = fuzz_byte(&input) % MODEL_CLIENTS;
	unsigned int name = fuzz_byte(&input) % MODEL_NAMES;

	if (!input.left || operations++ > OPERATIONS_MAX)
		return;
	switch (kind) {
	case 0:
	case 1:
		model_create(client, name, fuzz_byte(&input) & 3);
		break;
	case 2:
		model_delete(client, name, !nested && fuzz_byte(&input) & 1);
		break;
	case 3:
	case 4:
		model_execute(client, name, chunk_choose(), fuzz_byte(&input));
		break;
	case 5:
		model_call(client, name, fuzz_byte(&input) & 3, fuzz_byte(&input));
		break;
	case 6:
		model_cancel_state(client, name);
		break;
	case 7:
		model_cancel_cookie(client, fuzz_byte(&input));
		break;
	case 8:
		model_get(client, name);
		break;
	case 9:
		model_list(client);
		break;
	case 10:
		model_info(client);
		break;
	case 11:
		model_result(client, fuzz_byte(&input));
		break;
	case 12:
		model_release(client, fuzz_byte(&input));
		break;
	case 13:
		name = fuzz_byte(&input);
		if (name % 8 == 0)
			serial_pass((name / 8 + 1ull) * 4 * NSEC_PER_SEC);
		else if (name % 8 == 1)
			model_log(client);
		else
			serial_pass(name * 5 * NSEC_PER_MSEC);
		break;
	case 14:
		name = fuzz_byte(&input);
		if (name & 1)
			model_reopen(client);
		else
			model_subscribe(client, name & 2);
		break;
	default:
		serial_work(fuzz_byte(&input));
	}
	model_receive();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	world_load();
	input = (struct fuzz_input){ data, size };
	operations = 0;
	model_begin();
	serial_relaxed = relaxed;
	while (input.left && operations < OPERATIONS_MAX) {
		operate(false);
		model_check();
	}
	serial_relaxed = NULL;
	serial_drain();
	model_receive();
	model_check_idle();
	world_end();
	return 0;
}
