/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Atomic counters. All of them are fully ordered, which the kernel's need not be. */
#ifndef EMBEDDED_LINUX_ATOMIC_H
#define EMBEDDED_LINUX_ATOMIC_H

#include <linux/compiler.h>
#include <linux/types.h>

#define ATOMIC_INIT(value) { (value) }
#define ATOMIC64_INIT(value) { (value) }
#define ATOMIC_LONG_INIT(value) { (value) }

#define EMBEDDED_ATOMIC(name, type) \
static inline type name##_read(const name##_t *v) \
{ \
	return __atomic_load_n(&v->counter, __ATOMIC_RELAXED); \
} \
static inline void name##_set(name##_t *v, type value) \
{ \
	__atomic_store_n(&v->counter, value, __ATOMIC_RELAXED); \
} \
static inline type name##_read_acquire(const name##_t *v) \
{ \
	return __atomic_load_n(&v->counter, __ATOMIC_ACQUIRE); \
} \
static inline void name##_set_release(name##_t *v, type value) \
{ \
	__atomic_store_n(&v->counter, value, __ATOMIC_RELEASE); \
} \
static inline type name##_add_return(type by, name##_t *v) \
{ \
	return __atomic_add_fetch(&v->counter, by, __ATOMIC_SEQ_CST); \
} \
static inline type name##_sub_return(type by, name##_t *v) \
{ \
	return __atomic_sub_fetch(&v->counter, by, __ATOMIC_SEQ_CST); \
} \
static inline type name##_fetch_add(type by, name##_t *v) \
{ \
	return __atomic_fetch_add(&v->counter, by, __ATOMIC_SEQ_CST); \
} \
static inline void name##_add(type by, name##_t *v) \
{ \
	name##_add_return(by, v); \
} \
static inline void name##_sub(type by, name##_t *v) \
{ \
	name##_sub_return(by, v); \
} \
static inline void name##_inc(name##_t *v) \
{ \
	name##_add_return(1, v); \
} \
static inline void name##_dec(name##_t *v) \
{ \
	name##_sub_return(1, v); \
} \
static inline type name##_inc_return(name##_t *v) \
{ \
	return name##_add_return(1, v); \
} \
static inline type name##_dec_return(name##_t *v) \
{ \
	return name##_sub_return(1, v); \
} \
static inline bool name##_dec_and_test(name##_t *v) \
{ \
	return name##_sub_return(1, v) == 0; \
} \
static inline bool name##_sub_and_test(type by, name##_t *v) \
{ \
	return name##_sub_return(by, v) == 0; \
} \
static inline type name##_xchg(name##_t *v, type value) \
{ \
	return __atomic_exchange_n(&v->counter, value, __ATOMIC_SEQ_CST); \
} \
static inline type name##_cmpxchg(name##_t *v, type old, type value) \
{ \
	__atomic_compare_exchange_n(&v->counter, &old, value, false, __ATOMIC_SEQ_CST, \
				    __ATOMIC_SEQ_CST); \
	return old; \
} \
static inline bool name##_try_cmpxchg(name##_t *v, type *old, type value) \
{ \
	return __atomic_compare_exchange_n(&v->counter, old, value, false, __ATOMIC_SEQ_CST, \
					   __ATOMIC_SEQ_CST); \
} \
/* Add unless it is the given value; says whether it added. */ \
static inline bool name##_add_unless(name##_t *v, type by, type unless) \
{ \
	type old = name##_read(v); \
\
	while (old != unless) \
		if (name##_try_cmpxchg(v, &old, old + by)) \
			return true; \
	return false; \
} \
static inline bool name##_inc_not_zero(name##_t *v) \
{ \
	return name##_add_unless(v, 1, 0); \
}

EMBEDDED_ATOMIC(atomic, int)
EMBEDDED_ATOMIC(atomic_long, long)
EMBEDDED_ATOMIC(atomic64, s64)

#endif
