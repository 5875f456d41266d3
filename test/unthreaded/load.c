// SPDX-License-Identifier: MIT
/* Loading: parameters, and what happens when it fails half-way. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <net/genetlink.h>

#include "kmod/lunatik.h"
#include "kmod/netlink.h"
#include "kmod/settings.h"
#include "module.h"
#include "test.h"

static void out_of_range(void)
{
	static const struct {
		const char *bad, *good;
	} parameters[] = {
		{ "total_memory_mb=99999999999999", "total_memory_mb=0" },
		{ "max_steps=0", "max_steps=1000000" }, { "max_time_ms=0", "max_time_ms=1000" },
		{ "default_memory=0", "default_memory=1000000" },
		{ "default_steps=0", "default_steps=1000" },
		{ "default_time_ms=0", "default_time_ms=100" },
		{ "max_results=0", "max_results=1000" },
		{ "max_output=9999999999", "max_output=0" },
		/* the first ones that are too much, and the last ones that are not */
		{ "total_memory_mb=8796093022208", "total_memory_mb=8796093022207" },
		{ "max_steps=9223372036854775808", "max_steps=9223372036854775807" },
		{ "max_time_ms=9223372036855", "max_time_ms=9223372036854" },
		{ "default_memory=9223372036854775808", "default_memory=9223372036854775807" },
		{ "default_steps=9223372036854775808", "default_steps=9223372036854775807" },
		{ "default_time_ms=9223372036855", "default_time_ms=9223372036854" },
		{ "max_results=1073741825", "max_results=1073741824" },
		{ "max_output=1073741825", "max_output=1073741824" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(parameters); i++) {
		check(!module_parameter_set(parameters[i].bad));
		check(embedded_module_init() == -EINVAL);
		check(!module_parameter_set(parameters[i].good));
	}
	load();
	unload();
}

static void above_ceiling(void)
{
	check(!module_parameter_set("default_steps=2000"));
	check(!module_parameter_set("max_steps=1000"));
	check(!module_parameter_set("default_memory=2000000"));
	check(!module_parameter_set("max_memory=1000000"));
	load();
	check(lunatik_settings.defaults.steps == 1000);
	check(lunatik_settings.defaults.memory == 1000000);
	unload();
}

static void set(const char *parameter)
{
	check(!module_parameter_set(parameter));
}

static void settings(void)
{
	const struct lunatik_settings *now = &lunatik_settings;

	set("total_memory_mb=64");
	set("max_memory=1000000000");
	set("max_time_ms=2000");
	set("default_time_ms=3000");
	set("max_states=11");
	set("max_waiting=12");
	set("max_runs=13");
	set("max_results=14");
	set("max_output=15");
	load();
	check(now->total_memory == 64ull << 20);
	check(now->ceiling.memory == 64ull << 20); /* not more than there is for all */
	check(now->ceiling.time == 2 * NSEC_PER_SEC);
	check(now->defaults.time == 2 * NSEC_PER_SEC);
	check(now->max_states == 11 && now->max_waiting == 12 && now->max_runs == 13);
	check(now->max_results == 14 && now->max_output == 15);
	unload();
}

static void settings_unset(void)
{
	load();
	check(lunatik_settings.total_memory == (u64)totalram_pages() * PAGE_SIZE / 2);
	check(lunatik_settings.ceiling.memory == lunatik_settings.total_memory);
	check(lunatik_settings.ceiling.steps == 1000000000000000);
	check(lunatik_settings.defaults.steps == 1000000000);
	check(lunatik_settings.defaults.time == 10 * NSEC_PER_SEC);
	unload();
}

/* The kernel does the rest: it asks for CAP_NET_ADMIN in the first user namespace, and shows the family to no other network. */
static void rights(void)
{
	const struct genl_family *family = &lunatik_family;
	unsigned int commands = 0, i;

	load();
	for (i = 0; i < family->n_ops; i++) {
		check(family->ops[i].flags & GENL_ADMIN_PERM);
		check(!(family->ops[i].flags & GENL_UNS_ADMIN_PERM));
		commands |= 1u << family->ops[i].cmd;
	}
	/* all but the two that the module sends itself */
	check(commands == ((2u << LUNATIK_CMD_MAX) - 2) -
			  (1u << LUNATIK_CMD_EVENT) - (1u << LUNATIK_CMD_FINISHED));
	check(family->n_mcgrps == 1 && family->mcgrps[0].flags == GENL_MCAST_CAP_NET_ADMIN);
	check(!family->netnsok);
	unload();
}

static void no_memory(void)
{
	unsigned long n, left = 0;
	int error;

	for (n = 1; !left; n++) {
		slab_fail_nth(n);
		error = embedded_module_init();
		left = slab_fail_nth(0);
		check(error == (left ? 0 : -ENOMEM));
	}
	check(n > 4);
	check(klua_createstate("s") == 0);
	unload();
}

static void name_taken(void)
{
	static struct genl_family other = { .name = LUNATIK_GENL_NAME, .version = 1 };

	check(!genl_register_family(&other));
	check(embedded_module_init() == -EEXIST);
	check(!genl_unregister_family(&other));
	load();
	check(klua_createstate("s") == 0);
	unload();
}

const struct case_of load_cases[] = {
	{ "a parameter out of range is refused", out_of_range },
	{ "a default above its ceiling is lowered", above_ceiling },
	{ "each parameter sets what it says", settings },
	{ "what no parameter says follows from the machine", settings_unset },
	{ "every operation and every event is for the administrator of the network", rights },
	{ "a load without memory leaves nothing, whichever allocation fails", no_memory },
	{ "a load with the family's name taken leaves nothing", name_taken },
	{ NULL },
};
