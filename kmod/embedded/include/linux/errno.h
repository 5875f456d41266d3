/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Error numbers that never reach user space, after the ones that do. */
#ifndef EMBEDDED_LINUX_ERRNO_H
#define EMBEDDED_LINUX_ERRNO_H

#include_next <linux/errno.h>

#define ERESTARTSYS 512
#define ENOTSUPP 524

#endif
