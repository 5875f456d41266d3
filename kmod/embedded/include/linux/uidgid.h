/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Users. There is one user namespace. */
#ifndef EMBEDDED_LINUX_UIDGID_H
#define EMBEDDED_LINUX_UIDGID_H

#include <linux/types.h>

typedef struct { uid_t val; } kuid_t;

struct user_namespace {
	int unused;
};

extern struct user_namespace init_user_ns;

static inline uid_t from_kuid(const struct user_namespace *ns, kuid_t uid)
{
	(void)ns;
	return uid.val;
}

#define from_kuid_munged(ns, uid) from_kuid(ns, uid)

#endif
