/* SPDX-License-Identifier: MIT */
/* The conversions of Lua's unit under names that the C library's own do not have. */
#ifndef LUNATIK_CONVERSIONS_UNIT_H
#define LUNATIK_CONVERSIONS_UNIT_H

int unit_format(char *to, unsigned long size, const char *format, double x);
int unit_format_integer(char *to, unsigned long size, const char *format, long long x);
double unit_parse(const char *text, char **end);
double unit_floor(double x);
double unit_ceil(double x);
double unit_sqrt(double x);

#endif
