/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Single bits and masks. */
#ifndef EMBEDDED_LINUX_BITS_H
#define EMBEDDED_LINUX_BITS_H

#define BITS_PER_BYTE 8
#define BITS_PER_LONG 64
#define BIT(n) (1UL << (n))
#define BIT_ULL(n) (1ULL << (n))
#define GENMASK(high, low) ((~0UL << (low)) & (~0UL >> (BITS_PER_LONG - 1 - (high))))

#endif
