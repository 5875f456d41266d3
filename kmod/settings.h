/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The module's parameters, as they are after the checks at load. Constant from then on. */
#ifndef LUNATIK_SETTINGS_H
#define LUNATIK_SETTINGS_H

#include <linux/types.h>

#include "lua/engine.h"

#define LUNATIK_VERSION "0.1.0"

struct lunatik_settings {
	struct engine_limits defaults; /* of a state created without limits */
	struct engine_limits ceiling;  /* highest limits that create accepts */
	u64 total_memory;              /* bytes, all states together */
	u32 max_states;
	u32 max_waiting;               /* runs that wait for one state */
	u32 max_runs;                  /* runs in all: queued, waiting or in progress */
	u64 max_results;               /* bytes a run */
	u64 max_output;                /* bytes a run */
};

extern struct lunatik_settings lunatik_settings;

#endif
