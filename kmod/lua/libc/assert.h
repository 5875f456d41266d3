/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef LUNATIK_LIBC_ASSERT_H
#define LUNATIK_LIBC_ASSERT_H

#define assert(condition) ((void)0)

#endif
