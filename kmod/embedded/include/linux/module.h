/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The module: the server calls its entry, and on SIGTERM or SIGINT its exit. */
#ifndef EMBEDDED_LINUX_MODULE_H
#define EMBEDDED_LINUX_MODULE_H

#include_next <linux/module.h>

#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>

#define MODULE_NAME_LEN 56

struct module {
	const char *name;
	const char *version;
	int references;
	bool going; /* no reference can be had any more */
};

extern struct module embedded_module;
#define THIS_MODULE (&embedded_module)

bool try_module_get(struct module *module);
void module_put(struct module *module);

int embedded_module_init(void);
void embedded_module_exit(void);

#define module_init(function) \
	int embedded_module_init(void) \
	{ \
		return function(); \
	} \
	_Static_assert(sizeof(&function), "keep the semicolon")
#define module_exit(function) \
	void embedded_module_exit(void) \
	{ \
		function(); \
	} \
	_Static_assert(sizeof(&function), "keep the semicolon")

#define MODULE_VERSION(text) const char embedded_module_version[] = text
extern const char embedded_module_version[];

#define __EMBEDDED_MODULE_NOTE(text) _Static_assert(sizeof(text), "keep the semicolon")
#define MODULE_LICENSE(text) __EMBEDDED_MODULE_NOTE(text)
#define MODULE_AUTHOR(text) __EMBEDDED_MODULE_NOTE(text)
#define MODULE_DESCRIPTION(text) __EMBEDDED_MODULE_NOTE(text)
#define MODULE_ALIAS(text) __EMBEDDED_MODULE_NOTE(text)
#define MODULE_IMPORT_NS(name) __EMBEDDED_MODULE_NOTE(#name)
#define MODULE_SOFTDEP(text) __EMBEDDED_MODULE_NOTE(text)
#define EXPORT_SYMBOL(name) __EMBEDDED_MODULE_NOTE(&name)
#define EXPORT_SYMBOL_GPL(name) __EMBEDDED_MODULE_NOTE(&name)

#endif
