/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef EMBEDDED_LINUX_GENETLINK_H
#define EMBEDDED_LINUX_GENETLINK_H

#include_next <linux/genetlink.h>

#include <linux/module.h>

#define MODULE_ALIAS_GENL_FAMILY(family) MODULE_ALIAS("net-pf-16-proto-16-family-" family)

#endif
