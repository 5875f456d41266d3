/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What must not happen. A kernel goes on after a WARN; here every one of them ends the process with
 * a backtrace, so that no test passes over it.
 */
#ifndef EMBEDDED_LINUX_BUG_H
#define EMBEDDED_LINUX_BUG_H

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/types.h>

/* Write "BUG: " and the text to the log with a backtrace, and abort. */
void bug(const char *format, ...) __printf(1, 2) __noreturn __cold;

#define BUG() bug("%s:%d: BUG", __FILE__, __LINE__)
#define BUG_ON(condition) do { \
	if (unlikely(condition)) \
		bug("%s:%d: BUG_ON(%s)", __FILE__, __LINE__, #condition); \
} while (0)
#define WARN(condition, format, ...) ({ \
	bool __warn = !!(condition); \
	if (unlikely(__warn)) \
		bug("%s:%d: WARN: " format, __FILE__, __LINE__, ##__VA_ARGS__); \
	__warn; })
#define WARN_ON(condition) ({ \
	bool __warn = !!(condition); \
	if (unlikely(__warn)) \
		bug("%s:%d: WARN_ON(%s)", __FILE__, __LINE__, #condition); \
	__warn; })
#define WARN_ON_ONCE(condition) WARN_ON(condition)
#define WARN_ONCE(condition, format, ...) WARN(condition, format, ##__VA_ARGS__)

#endif
