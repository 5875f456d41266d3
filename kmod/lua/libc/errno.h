/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef LUNATIK_LIBC_ERRNO_H
#define LUNATIK_LIBC_ERRNO_H

/* Nothing that Lua calls here sets it; lauxlib's file functions, which read it, are not used. */
#define errno (*(int[]){ 0 })

#endif
