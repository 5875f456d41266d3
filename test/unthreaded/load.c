// SPDX-License-Identifier: MIT
/* Loading: parameters, and what happens when it fails half-way. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <net/genetlink.h>

#include "kmod/lunatik.h"
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
	{ "a load without memory leaves nothing, whichever allocation fails", no_memory },
	{ "a load with the family's name taken leaves nothing", name_taken },
	{ NULL },
};
