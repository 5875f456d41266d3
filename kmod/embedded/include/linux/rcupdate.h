/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Read-copy-update: readers share one lock, and a grace period is a moment without readers. */
#ifndef EMBEDDED_LINUX_RCUPDATE_H
#define EMBEDDED_LINUX_RCUPDATE_H

#include <linux/sched.h>
#include <linux/types.h>

void rcu_read_lock(void);
void rcu_read_unlock(void);
bool rcu_read_lock_held(void);

/* Wait until every reader that began before has left. */
void synchronize_rcu(void);

/* Call func after a grace period, on a thread where it must not sleep. */
void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head));

/* Wait for every callback queued before. */
void rcu_barrier(void);

/* kfree() or kvfree() the object at this distance before its head, after a grace period. */
void kfree_after_grace(struct rcu_head *head, size_t distance);

#define kfree_rcu(p, member) kfree_after_grace(&(p)->member, offsetof(__typeof__(*(p)), member))
#define kvfree_rcu(p, member) kfree_rcu(p, member)

#define RCU_INIT_POINTER(p, value) WRITE_ONCE(p, value)
#define rcu_assign_pointer(p, value) smp_store_release(&(p), value)
#define rcu_dereference(p) ({ WARN_ON(!rcu_read_lock_held()); smp_load_acquire(&(p)); })
#define rcu_dereference_protected(p, condition) ({ WARN_ON(!(condition)); READ_ONCE(p); })
#define rcu_dereference_check(p, condition) \
	({ WARN_ON(!(condition) && !rcu_read_lock_held()); smp_load_acquire(&(p)); })
#define rcu_access_pointer(p) READ_ONCE(p)
#define rcu_dereference_raw(p) smp_load_acquire(&(p))

#endif
