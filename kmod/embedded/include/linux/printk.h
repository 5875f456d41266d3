/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The kernel log: records of one line, "[seconds.microseconds] text" as dmesg prints them. The
 * format is printf's, without the kernel's own forms of %p.
 */
#ifndef EMBEDDED_LINUX_PRINTK_H
#define EMBEDDED_LINUX_PRINTK_H

#include <linux/compiler.h>
#include <linux/ratelimit_types.h>

#define KERN_SOH "\001"
#define KERN_EMERG KERN_SOH "0"
#define KERN_ALERT KERN_SOH "1"
#define KERN_CRIT KERN_SOH "2"
#define KERN_ERR KERN_SOH "3"
#define KERN_WARNING KERN_SOH "4"
#define KERN_NOTICE KERN_SOH "5"
#define KERN_INFO KERN_SOH "6"
#define KERN_DEBUG KERN_SOH "7"
#define KERN_CONT ""

#ifndef pr_fmt
#define pr_fmt(format) format
#endif

int _printk(const char *format, ...) __printf(1, 2);
#define printk(format, ...) _printk(format, ##__VA_ARGS__)
#define pr_emerg(format, ...) _printk(KERN_EMERG pr_fmt(format), ##__VA_ARGS__)
#define pr_alert(format, ...) _printk(KERN_ALERT pr_fmt(format), ##__VA_ARGS__)
#define pr_crit(format, ...) _printk(KERN_CRIT pr_fmt(format), ##__VA_ARGS__)
#define pr_err(format, ...) _printk(KERN_ERR pr_fmt(format), ##__VA_ARGS__)
#define pr_warn(format, ...) _printk(KERN_WARNING pr_fmt(format), ##__VA_ARGS__)
#define pr_notice(format, ...) _printk(KERN_NOTICE pr_fmt(format), ##__VA_ARGS__)
#define pr_info(format, ...) _printk(KERN_INFO pr_fmt(format), ##__VA_ARGS__)
/* As in a kernel without DEBUG: checked, not printed. */
#define pr_debug(format, ...) do { \
	if (0) \
		_printk(KERN_DEBUG pr_fmt(format), ##__VA_ARGS__); \
} while (0)

#define __pr_ratelimited(pr, ...) do { \
	static DEFINE_RATELIMIT_STATE(__limit, DEFAULT_RATELIMIT_INTERVAL, DEFAULT_RATELIMIT_BURST); \
	if (___ratelimit(&__limit, __func__)) \
		pr(__VA_ARGS__); \
} while (0)
#define pr_err_ratelimited(...) __pr_ratelimited(pr_err, __VA_ARGS__)
#define pr_warn_ratelimited(...) __pr_ratelimited(pr_warn, __VA_ARGS__)
#define pr_notice_ratelimited(...) __pr_ratelimited(pr_notice, __VA_ARGS__)
#define pr_info_ratelimited(...) __pr_ratelimited(pr_info, __VA_ARGS__)
#define __pr_once(pr, ...) do { \
	static bool __done; \
	if (!xchg(&__done, true)) \
		pr(__VA_ARGS__); \
} while (0)
#define pr_warn_once(...) __pr_once(pr_warn, __VA_ARGS__)
#define pr_info_once(...) __pr_once(pr_info, __VA_ARGS__)

#endif
