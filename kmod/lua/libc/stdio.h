/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef LUNATIK_LIBC_STDIO_H
#define LUNATIK_LIBC_STDIO_H

#include <stdarg.h>
#include <stddef.h>

#define EOF (-1)

/*
 * As in C, for what Lua asks for: flags, width, precision, the modifiers l, ll and h, and
 * c d i u o x X p s % a A e E f F g G. A precision of a float over NUMBER_PRECISION_MAX (99, all
 * that string.format lets through) counts as that. See format.c.
 */
#define snprintf libc_snprintf
#define vsnprintf libc_vsnprintf
static int snprintf(char *to, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4), unused));
static int vsnprintf(char *to, size_t size, const char *format, va_list arguments);

#endif
