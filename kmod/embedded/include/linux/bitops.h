/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Bits of an array of longs, changed as one step. */
#ifndef EMBEDDED_LINUX_BITOPS_H
#define EMBEDDED_LINUX_BITOPS_H

#include <linux/bits.h>
#include <linux/types.h>

#define __BIT_WORD(n, array) (&((unsigned long *)(array))[(n) / BITS_PER_LONG])
#define __BIT_MASK(n) (1UL << ((n) % BITS_PER_LONG))

static inline void set_bit(long n, volatile unsigned long *array)
{
	__atomic_fetch_or(__BIT_WORD(n, array), __BIT_MASK(n), __ATOMIC_SEQ_CST);
}

static inline void clear_bit(long n, volatile unsigned long *array)
{
	__atomic_fetch_and(__BIT_WORD(n, array), ~__BIT_MASK(n), __ATOMIC_SEQ_CST);
}

static inline bool test_bit(long n, const volatile unsigned long *array)
{
	return __atomic_load_n(__BIT_WORD(n, array), __ATOMIC_RELAXED) & __BIT_MASK(n);
}

static inline bool test_and_set_bit(long n, volatile unsigned long *array)
{
	return __atomic_fetch_or(__BIT_WORD(n, array), __BIT_MASK(n), __ATOMIC_SEQ_CST) &
	       __BIT_MASK(n);
}

static inline bool test_and_clear_bit(long n, volatile unsigned long *array)
{
	return __atomic_fetch_and(__BIT_WORD(n, array), ~__BIT_MASK(n), __ATOMIC_SEQ_CST) &
	       __BIT_MASK(n);
}

static inline int fls64(u64 x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}

static inline int fls(unsigned int x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}

static inline unsigned long __ffs(unsigned long x)
{
	return __builtin_ctzl(x);
}

static inline unsigned int hweight32(u32 x)
{
	return __builtin_popcount(x);
}

#endif
