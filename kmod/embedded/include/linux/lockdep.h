/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Locks know who holds them, so what the kernel only asserts under lockdep is always asserted. */
#ifndef EMBEDDED_LINUX_LOCKDEP_H
#define EMBEDDED_LINUX_LOCKDEP_H

#include <linux/bug.h>

#define lockdep_is_held(lock) (__atomic_load_n(&(lock)->owner, __ATOMIC_RELAXED) == get_current())
#define lockdep_assert_held(lock) WARN_ON(!lockdep_is_held(lock))
#define lockdep_assert_not_held(lock) WARN_ON(lockdep_is_held(lock))
#define lockdep_assert(condition) WARN_ON(!(condition))
#define might_lock(lock) do { } while (0)

#endif
