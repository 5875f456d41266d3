/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef LUNATIK_LIBC_STDLIB_H
#define LUNATIK_LIBC_STDLIB_H

#include <stddef.h>

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1

#define abs(x) __builtin_abs(x)

/* Lua's panic, which nothing can reach: every entry is a protected call. */
#define abort() __builtin_trap()

#define strtod number_parse
static double strtod(const char *text, char **end);

#endif
