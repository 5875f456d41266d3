/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef LUNATIK_LIBC_SIGNAL_H
#define LUNATIK_LIBC_SIGNAL_H

/* Lua's only use: a flag that a hook may set at any time. */
typedef int sig_atomic_t;

#endif
