// SPDX-License-Identifier: MIT
/* Compiled like the unit, without any header of the C library. */
#include "libm.c"
#include "number.c"
#include "libc/format.c"
#include "libc/time.c"

#include <stdlib.h>

#include "conversions_unit.h"

int unit_format(char *to, unsigned long size, const char *format, double x)
{
	return snprintf(to, size, format, x);
}

int unit_format_integer(char *to, unsigned long size, const char *format, long long x)
{
	return snprintf(to, size, format, x);
}

double unit_parse(const char *text, char **end)
{
	return strtod(text, end);
}

double unit_floor(double x)
{
	return floor(x);
}

double unit_ceil(double x)
{
	return ceil(x);
}

double unit_sqrt(double x)
{
	return sqrt(x);
}
