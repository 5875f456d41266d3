// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The API for other kernel modules; lunatik.h tells what each function does and returns. */
#include <linux/completion.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "lunatik.h"
#include "netlink_gen.h"
#include "run.h"
#include "settings.h"
#include "state.h"

static int errno_of(enum lunatik_error error)
{
	return -lunatik_errors[error].number;
}

/* The state of this name, with a reference. */
static enum lunatik_error named_state(const char *name, struct lunatik_state **state)
{
	enum lunatik_error error;
	size_t size;

	if (!name)
		return LUNATIK_ERROR_INVALID;
	size = strlen(name);
	error = lunatik_name_check(name, size);
	if (error)
		return error;
	*state = lunatik_state_find(name, size);
	return *state ? 0 : LUNATIK_ERROR_NO_STATE;
}

int klua_createstate(const char *name)
{
	struct lunatik_state_wish wish = { .name = name, .libraries = LUNATIK_LIBRARY_MASK };
	struct lunatik_state *state;
	enum lunatik_error error = LUNATIK_ERROR_INVALID;

	might_sleep();
	if (name) {
		wish.name_size = strlen(name);
		error = lunatik_name_check(name, wish.name_size);
	}
	if (!error)
		error = lunatik_state_create(&wish, &state);
	if (!error)
		lunatik_state_put(state);
	return errno_of(error);
}
EXPORT_SYMBOL(klua_createstate);

int klua_deletestate(const char *name)
{
	struct lunatik_state *state;
	enum lunatik_error error;

	might_sleep();
	error = named_state(name, &state);
	if (error)
		return errno_of(error);
	error = lunatik_state_delete(state, false);
	lunatik_state_put(state);
	/* nothing was cancelled but our wait */
	return error == LUNATIK_ERROR_CANCELLED ? -EINTR : errno_of(error);
}
EXPORT_SYMBOL(klua_deletestate);

void klua_liststates(void)
{
	lunatik_states_log();
}
EXPORT_SYMBOL(klua_liststates);

/* Fill a run, submit it and wait for its end. A negative errno, since a wait may be cut short. */
static int execute(struct lunatik_run *run, struct lunatik_state *state, const char *code)
{
	size_t size = strlen(code);
	enum lunatik_error error;

	if (size > LUNATIK_CHUNK_MAX)
		return errno_of(LUNATIK_ERROR_TOO_LARGE);
	error = lunatik_run_charge(run, size);
	if (error)
		return errno_of(error);
	/* the caller's text may go when a killed caller returns before its run has ended */
	run->engine.code.data = kvmalloc(size + 1, GFP_KERNEL);
	if (!run->engine.code.data)
		return errno_of(LUNATIK_ERROR_NO_MEMORY);
	memcpy(run->engine.code.data, code, size);
	run->engine.code.size = size;
	run->engine.limits = state->limits;

	error = lunatik_run_submit(run, state, 0);
	if (error)
		return errno_of(error);
	if (wait_for_completion_killable(&run->ended)) {
		lunatik_runs_cancel(&(struct lunatik_run_match) { .id = run->id });
		return -EINTR;
	}
	return errno_of(run->engine.error);
}

int klua_execute(const char *name, const char *code)
{
	struct lunatik_state *state;
	struct lunatik_run *run;
	enum lunatik_error error;
	int result;

	might_sleep();
	if (!code)
		return errno_of(LUNATIK_ERROR_INVALID);
	error = named_state(name, &state);
	if (error)
		return errno_of(error);
	run = lunatik_run_new();
	if (run) {
		result = execute(run, state, code);
		lunatik_run_put(run);
	} else {
		result = errno_of(LUNATIK_ERROR_NO_MEMORY);
	}
	lunatik_state_put(state);
	return result;
}
EXPORT_SYMBOL(klua_execute);
