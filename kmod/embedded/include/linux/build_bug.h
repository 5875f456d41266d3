/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Checks made while compiling. */
#ifndef EMBEDDED_LINUX_BUILD_BUG_H
#define EMBEDDED_LINUX_BUILD_BUG_H

#define BUILD_BUG_ON(condition) _Static_assert(!(condition), "BUILD_BUG_ON: " #condition)
#define BUILD_BUG_ON_MSG(condition, text) _Static_assert(!(condition), text)
#define BUILD_BUG_ON_ZERO(condition) ((int)sizeof(struct { int : -!!(condition); }))
#ifndef static_assert
#define __static_assert_1(condition) _Static_assert(condition, #condition)
#define __static_assert_2(condition, text) _Static_assert(condition, text)
#define __static_assert_pick(one, two, name, ...) name
#define static_assert(...) \
	__static_assert_pick(__VA_ARGS__, __static_assert_2, __static_assert_1)(__VA_ARGS__)
#endif

#endif
