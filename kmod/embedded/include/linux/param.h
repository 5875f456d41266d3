/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef EMBEDDED_LINUX_PARAM_H
#define EMBEDDED_LINUX_PARAM_H

#include_next <linux/param.h>

#undef HZ
#define HZ 250

#endif
