/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Attributes, single accesses and memory barriers, as the kernel names them. */
#ifndef EMBEDDED_LINUX_COMPILER_H
#define EMBEDDED_LINUX_COMPILER_H

#define __init
#define __exit
#define __user
#define __rcu
#define __force
#define __read_mostly
#define __ro_after_init
#define __cold __attribute__((__cold__))
#define __printf(format, first) __attribute__((__format__(__printf__, format, first)))
#define __maybe_unused __attribute__((__unused__))
#define __always_unused __attribute__((__unused__))
#define __must_check __attribute__((__warn_unused_result__))
#define __malloc __attribute__((__malloc__))
#define __used __attribute__((__used__))
#define __packed __attribute__((__packed__))
#define __aligned(size) __attribute__((__aligned__(size)))
#define __noreturn __attribute__((__noreturn__))
#define __acquires(lock)
#define __releases(lock)
#define __must_hold(lock)
#define ____cacheline_aligned __attribute__((__aligned__(64)))
#define ____cacheline_aligned_in_smp ____cacheline_aligned
#undef __always_inline
#define __always_inline inline __attribute__((__always_inline__))
#undef noinline
#define noinline __attribute__((__noinline__))
#define noinline_for_stack noinline
#if defined(__has_attribute) && __has_attribute(__fallthrough__)
#define fallthrough __attribute__((__fallthrough__))
#else
#define fallthrough do { } while (0)
#endif

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define unreachable() __builtin_unreachable()
#define barrier() __asm__ __volatile__("" : : : "memory")

#define READ_ONCE(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, value) __atomic_store_n(&(x), (value), __ATOMIC_RELAXED)
#define smp_load_acquire(p) __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, value) __atomic_store_n(p, (value), __ATOMIC_RELEASE)
#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_mb__before_atomic() smp_mb()
#define smp_mb__after_atomic() smp_mb()
#define smp_store_mb(x, value) __atomic_store_n(&(x), (value), __ATOMIC_SEQ_CST)

#define xchg(p, value) __atomic_exchange_n(p, (value), __ATOMIC_SEQ_CST)
#define cmpxchg(p, old, new) ({ \
	__typeof__(*(p)) __old = (old); \
	__atomic_compare_exchange_n((p), &__old, (new), false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
	__old; })

#endif
