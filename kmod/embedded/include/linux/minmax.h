/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Smaller, larger, between. */
#ifndef EMBEDDED_LINUX_MINMAX_H
#define EMBEDDED_LINUX_MINMAX_H

/* As in the kernel, comparing two types that differ is a mistake caught while compiling. */
#define __careful_compare(x, y, op) ({ \
	__typeof__(x) __x = (x); __typeof__(y) __y = (y); \
	(void)(&__x == &__y); \
	__x op __y ? __x : __y; })

#define min(x, y) (__builtin_constant_p(x) && __builtin_constant_p(y) && \
	__builtin_types_compatible_p(__typeof__(x), __typeof__(y)) ? \
	((x) < (y) ? (x) : (y)) : __careful_compare(x, y, <))
#define max(x, y) (__builtin_constant_p(x) && __builtin_constant_p(y) && \
	__builtin_types_compatible_p(__typeof__(x), __typeof__(y)) ? \
	((x) > (y) ? (x) : (y)) : __careful_compare(x, y, >))
#define min_t(type, x, y) ({ type __min1 = (x), __min2 = (y); __min1 < __min2 ? __min1 : __min2; })
#define max_t(type, x, y) ({ type __max1 = (x), __max2 = (y); __max1 > __max2 ? __max1 : __max2; })
#define min3(x, y, z) min((__typeof__(x))min(x, y), z)
#define max3(x, y, z) max((__typeof__(x))max(x, y), z)
#define clamp(value, low, high) min((__typeof__(value))max(value, low), high)
#define clamp_t(type, value, low, high) min_t(type, max_t(type, value, low), high)
#define clamp_val(value, low, high) clamp_t(__typeof__(value), value, low, high)
#define swap(a, b) do { __typeof__(a) __swap = (a); (a) = (b); (b) = __swap; } while (0)

#endif
