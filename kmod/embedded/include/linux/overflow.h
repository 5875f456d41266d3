/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Sums and products that say when they do not fit. */
#ifndef EMBEDDED_LINUX_OVERFLOW_H
#define EMBEDDED_LINUX_OVERFLOW_H

#include <linux/limits.h>
#include <linux/types.h>

#define check_add_overflow(a, b, result) __builtin_add_overflow(a, b, result)
#define check_sub_overflow(a, b, result) __builtin_sub_overflow(a, b, result)
#define check_mul_overflow(a, b, result) __builtin_mul_overflow(a, b, result)

static inline size_t size_mul(size_t a, size_t b)
{
	size_t product;

	return __builtin_mul_overflow(a, b, &product) ? SIZE_MAX : product;
}

static inline size_t size_add(size_t a, size_t b)
{
	size_t sum;

	return __builtin_add_overflow(a, b, &sum) ? SIZE_MAX : sum;
}

#define array_size(n, size) size_mul(n, size)
#define struct_size(pointer, member, count) \
	size_add(sizeof(*(pointer)), size_mul(count, sizeof(*(pointer)->member)))
#define flex_array_size(pointer, member, count) size_mul(count, sizeof(*(pointer)->member))

#endif
