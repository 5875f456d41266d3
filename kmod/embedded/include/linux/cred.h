/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Who the current task is. */
#ifndef EMBEDDED_LINUX_CRED_H
#define EMBEDDED_LINUX_CRED_H

#include <linux/sched.h>
#include <linux/uidgid.h>

#define current_uid() (current->uid)
#define current_euid() (current->uid)

#endif
