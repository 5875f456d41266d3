/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef LUNATIK_LIBC_FEATURES_H
#define LUNATIK_LIBC_FEATURES_H

/* musl marks its internal symbols with this; here all of them are static (libm.c). */
#define hidden

#endif
