/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The end of the module, and its parameters as the command line sets them. */
#ifndef EMBEDDED_MODULE_H
#define EMBEDDED_MODULE_H

#include <stdio.h>

struct module;

/* From now on no reference to the module can be had. */
void module_leave(struct module *module);

/*
 * Set a parameter from "name=value". Returns 0, -ENOENT when there is no such parameter, or what
 * the parameter's type says of the value: -EINVAL, -ERANGE.
 */
int module_parameter_set(const char *assignment);

/* A line for each parameter: name, type, value, description. */
void module_parameters_print(FILE *file);

#endif
