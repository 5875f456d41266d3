/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Reference counts that cannot wrap: a misuse ends the process. */
#ifndef EMBEDDED_LINUX_REFCOUNT_H
#define EMBEDDED_LINUX_REFCOUNT_H

#include <linux/atomic.h>
#include <linux/bug.h>

typedef struct { atomic_t refs; } refcount_t;

#define REFCOUNT_INIT(n) { .refs = ATOMIC_INIT(n) }

static inline void refcount_set(refcount_t *r, int n)
{
	atomic_set(&r->refs, n);
}

static inline unsigned int refcount_read(const refcount_t *r)
{
	return atomic_read(&r->refs);
}

static inline void refcount_inc(refcount_t *r)
{
	int now = atomic_inc_return(&r->refs);

	if (unlikely(now <= 1))
		bug("refcount_inc: %s", now == 1 ? "use after free" : "saturated");
}

static inline bool __must_check refcount_inc_not_zero(refcount_t *r)
{
	bool added = atomic_inc_not_zero(&r->refs);

	if (unlikely(added && atomic_read(&r->refs) < 0))
		bug("refcount_inc_not_zero: saturated");
	return added;
}

static inline bool __must_check refcount_dec_and_test(refcount_t *r)
{
	int now = atomic_dec_return(&r->refs);

	if (unlikely(now < 0))
		bug("refcount_dec_and_test: underflow");
	return now == 0;
}

static inline void refcount_dec(refcount_t *r)
{
	if (unlikely(atomic_dec_return(&r->refs) <= 0))
		bug("refcount_dec: hit 0");
}

#endif
