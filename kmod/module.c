// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The module: its parameters, its beginning and its end. */
#define pr_fmt(fmt) "lunatik: " fmt

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>

#include "host.h"
#include "netlink.h"
#include "run.h"
#include "settings.h"
#include "state.h"

static unsigned long long default_memory = 64 << 20;
module_param(default_memory, ullong, 0444);
MODULE_PARM_DESC(default_memory, "Limit on memory of a state created without one, in bytes (64 MiB)");

static unsigned long long default_steps = 1000000000;
module_param(default_steps, ullong, 0444);
MODULE_PARM_DESC(default_steps, "Limit on the steps of a run in a state created without one (1e9)");

static unsigned long long default_time_ms = 10000;
module_param(default_time_ms, ullong, 0444);
MODULE_PARM_DESC(default_time_ms, "Limit on the time of a run in a state created without one, in ms (10000)");

static unsigned long long max_memory;
module_param(max_memory, ullong, 0444);
MODULE_PARM_DESC(max_memory, "Highest limit on memory of a state, in bytes (0: total_memory_mb)");

static unsigned long long max_steps = 1000000000000000;
module_param(max_steps, ullong, 0444);
MODULE_PARM_DESC(max_steps, "Highest limit on the steps of a run (1e15)");

static unsigned long long max_time_ms = 3600000;
module_param(max_time_ms, ullong, 0444);
MODULE_PARM_DESC(max_time_ms, "Highest limit on the time of a run, in ms (3600000)");

static unsigned int max_states = 16384;
module_param(max_states, uint, 0444);
MODULE_PARM_DESC(max_states, "Most states (16384)");

static unsigned long long total_memory_mb;
module_param(total_memory_mb, ullong, 0444);
MODULE_PARM_DESC(total_memory_mb, "Memory of all states together, in MiB (0: half of the RAM)");

static unsigned int max_waiting = 64;
module_param(max_waiting, uint, 0444);
MODULE_PARM_DESC(max_waiting, "Most runs that wait for one state (64)");

static unsigned int max_runs = 4096;
module_param(max_runs, uint, 0444);
MODULE_PARM_DESC(max_runs, "Most runs in all: queued, waiting or in progress (4096)");

static unsigned long long max_results = 1 << 20;
module_param(max_results, ullong, 0444);
MODULE_PARM_DESC(max_results, "Most bytes of results of a run (1 MiB)");

static unsigned long long max_output = 64 << 10;
module_param(max_output, ullong, 0444);
MODULE_PARM_DESC(max_output, "Most bytes of printed output that a run keeps (64 KiB)");

/* Results and output are one allocation each, which the kernel bounds at INT_MAX. */
#define BUFFER_MAX (1ull << 30)

struct lunatik_settings lunatik_settings __ro_after_init;

static int __init parameter_range(const char *name, u64 value, u64 low, u64 high)
{
	if (value >= low && value <= high)
		return 0;
	pr_err("parameter %s: %llu is not between %llu and %llu\n", name, value, low, high);
	return -EINVAL;
}

/* A default above the ceiling is not wanted by anybody: bring it down, and say so. */
static u64 __init parameter_default(const char *name, u64 value, u64 ceiling)
{
	if (value > ceiling)
		pr_notice("parameter %s: lowered to the ceiling, %llu\n", name, ceiling);
	return min(value, ceiling);
}

static int __init settings_init(void)
{
	const u64 most_ms = div_u64(U64_MAX >> 1, NSEC_PER_MSEC);
	u64 ram = (u64)totalram_pages() << PAGE_SHIFT;
	struct lunatik_settings *settings = &lunatik_settings;

	if (parameter_range("total_memory_mb", total_memory_mb, 0, S64_MAX >> 20) ||
	    parameter_range("max_steps", max_steps, 1, S64_MAX) ||
	    parameter_range("max_time_ms", max_time_ms, 1, most_ms) ||
	    parameter_range("default_memory", default_memory, 1, S64_MAX) ||
	    parameter_range("default_steps", default_steps, 1, S64_MAX) ||
	    parameter_range("default_time_ms", default_time_ms, 1, most_ms) ||
	    parameter_range("max_results", max_results, 1, BUFFER_MAX) ||
	    parameter_range("max_output", max_output, 0, BUFFER_MAX))
		return -EINVAL;

	settings->total_memory = total_memory_mb ? total_memory_mb << 20 : ram / 2;
	settings->ceiling.memory = max_memory ? min(max_memory, settings->total_memory) :
						settings->total_memory;
	settings->ceiling.steps = max_steps;
	settings->ceiling.time = max_time_ms * NSEC_PER_MSEC;
	settings->defaults.memory = parameter_default("default_memory", default_memory,
						      settings->ceiling.memory);
	settings->defaults.steps = parameter_default("default_steps", default_steps, max_steps);
	settings->defaults.time = parameter_default("default_time_ms", default_time_ms,
						    max_time_ms) * NSEC_PER_MSEC;
	settings->max_states = max_states;
	settings->max_waiting = max_waiting;
	settings->max_runs = max_runs;
	settings->max_results = max_results;
	settings->max_output = max_output;
	return 0;
}

static int __init lunatik_init(void)
{
	int error;

	error = settings_init();
	if (error)
		return error;
	error = lunatik_host_init();
	if (error)
		return error;
	error = lunatik_states_init();
	if (error)
		goto err_states;
	error = lunatik_letters_init();
	if (error)
		goto err_letters;
	error = lunatik_runs_init();
	if (error)
		goto err_runs;
	error = lunatik_netlink_init();
	if (error)
		goto err_netlink;
	pr_info("version %s, %s\n", LUNATIK_VERSION, engine_lua_version);
	return 0;

err_netlink:
	lunatik_runs_exit();
err_runs:
	lunatik_letters_exit();
err_letters:
	lunatik_states_exit();
err_states:
	lunatik_host_exit();
	return error;
}

/*
 * No request can come in, then no run is left, then no state. The notifier stays until the runs
 * have been answered, so that none is answered to a stranger.
 */
static void __exit lunatik_exit(void)
{
	lunatik_netlink_stop();
	lunatik_runs_stop();
	lunatik_letters_stop();
	lunatik_netlink_exit();
	lunatik_states_exit();
	lunatik_runs_exit();
	lunatik_letters_exit();
	lunatik_host_exit();
}

module_init(lunatik_init);
module_exit(lunatik_exit);

MODULE_DESCRIPTION("Named Lua states inside the kernel");
MODULE_AUTHOR("The Lunatik authors");
MODULE_LICENSE("Dual MIT/GPL");
MODULE_VERSION(LUNATIK_VERSION);
MODULE_ALIAS_GENL_FAMILY(LUNATIK_GENL_NAME);
