/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The kernel's small change: containers, rounding, sizes of arrays. */
#ifndef EMBEDDED_LINUX_KERNEL_H
#define EMBEDDED_LINUX_KERNEL_H

#include <stdarg.h>
#include <stdio.h>

#include <linux/align.h>
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/limits.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/types.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define upper_32_bits(n) ((u32)((u64)(n) >> 32))
#define lower_32_bits(n) ((u32)(n))

/* As snprintf(), but returns what was written, never more. */
int scnprintf(char *buffer, size_t size, const char *format, ...) __printf(3, 4);
int vscnprintf(char *buffer, size_t size, const char *format, va_list arguments);

int kstrtoull(const char *text, unsigned int base, unsigned long long *value);
int kstrtoll(const char *text, unsigned int base, long long *value);
int kstrtobool(const char *text, bool *value);

void might_sleep(void);

#endif
