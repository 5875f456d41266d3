/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Module parameters, as the command line sets them. */
#ifndef EMBEDDED_MODULE_H
#define EMBEDDED_MODULE_H

#include <stdio.h>

/*
 * Set a parameter from "name=value". Returns 0, -ENOENT when there is no such parameter, or what
 * the parameter's type says of the value: -EINVAL, -ERANGE.
 */
int module_parameter_set(const char *assignment);

/* A line for each parameter: name, type, value, description. */
void module_parameters_print(FILE *file);

#endif
