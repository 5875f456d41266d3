/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The name under which musl's src/math asks for its internal header; the parts of it that would
 * need the x87 are taken out. See ../libm.c.
 */
#ifndef LUNATIK_LIBC_LIBM_H
#define LUNATIK_LIBC_LIBM_H

#include <features.h>

#define fp_barrierl(x) (x)
#define fp_force_evall(x) ((void)(x))
#include "musl-1.2.5/src/internal/libm.h"

#endif
