/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Module parameters: --param name=value. */
#ifndef EMBEDDED_LINUX_MODULEPARAM_H
#define EMBEDDED_LINUX_MODULEPARAM_H

#include <linux/types.h>

struct module_parameter {
	struct module_parameter *next;
	const char *name;
	const char *type;
	const char *description;
	void *value;
	/* Both set or print a value of the type; set returns 0 or a negative errno. */
	int (*set)(const char *text, void *value);
	int (*print)(char *buffer, size_t size, const void *value);
};

/* What MODULE_PARM_DESC says of a parameter. */
struct module_parameter_text {
	struct module_parameter_text *next;
	const char *name;
	const char *text;
};

void module_parameter_add(struct module_parameter *parameter);
void module_parameter_describe(struct module_parameter_text *text);

#define EMBEDDED_PARAMETER_TYPE(name) \
	int param_set_##name(const char *text, void *value); \
	int param_print_##name(char *buffer, size_t size, const void *value)
EMBEDDED_PARAMETER_TYPE(bool);
EMBEDDED_PARAMETER_TYPE(int);
EMBEDDED_PARAMETER_TYPE(uint);
EMBEDDED_PARAMETER_TYPE(ulong);
EMBEDDED_PARAMETER_TYPE(ullong);

/* The type is pasted at once: bool is a macro in user space. */
#define module_param_named(name, variable, type, mode) \
	__module_param(name, variable, #type, param_set_##type, param_print_##type, mode)
#define module_param(name, type, mode) \
	__module_param(name, name, #type, param_set_##type, param_print_##type, mode)
#define __module_param(name_, variable, type_, set_, print_, mode) \
	static struct module_parameter __parameter_##name_ = { \
		.name = #name_, .type = type_, .value = &(variable), .set = set_, .print = print_, \
	}; \
	static void __attribute__((__constructor__)) __parameter_add_##name_(void) \
	{ \
		_Static_assert((mode) <= 0666, "mode of " #name_); \
		module_parameter_add(&__parameter_##name_); \
	} \
	_Static_assert(sizeof(variable), "keep the semicolon")
#define MODULE_PARM_DESC(name_, text_) \
	static struct module_parameter_text __parameter_text_##name_ = { \
		.name = #name_, .text = text_, \
	}; \
	static void __attribute__((__constructor__)) __parameter_describe_##name_(void) \
	{ \
		module_parameter_describe(&__parameter_text_##name_); \
	} \
	_Static_assert(sizeof(#name_), "keep the semicolon")

#endif
