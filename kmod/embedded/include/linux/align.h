/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef EMBEDDED_LINUX_ALIGN_H
#define EMBEDDED_LINUX_ALIGN_H

#define ALIGN(x, to) (((x) + ((__typeof__(x))(to) - 1)) & ~((__typeof__(x))(to) - 1))
#define ALIGN_DOWN(x, to) ((x) & ~((__typeof__(x))(to) - 1))
#define IS_ALIGNED(x, to) (((x) & ((__typeof__(x))(to) - 1)) == 0)
#define PTR_ALIGN(p, to) ((__typeof__(p))ALIGN((unsigned long)(p), (to)))

#endif
