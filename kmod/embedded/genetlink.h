/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Generic netlink, as netlink sockets see it. */
#ifndef EMBEDDED_GENETLINK_H
#define EMBEDDED_GENETLINK_H

#include <net/genetlink.h>

/* Carry a request out. 0 or a negative errno to acknowledge, or -EINTR: a dump answers instead. */
int genl_receive(struct sk_buff *skb, struct nlmsghdr *nlh, struct netlink_ext_ack *extack);

bool genl_group_exists(u32 group);

/*
 * Call look with every family, until it returns a number other than 0, and return that. Families
 * come in the order of their numbers and stay meanwhile.
 */
int genl_each_family(int (*look)(const struct genl_family *family, void *argument), void *argument);

/* The family of the controller, which nlctrl.c registers before any other. */
#define GENL_ID_FIRST 0x13
int nlctrl_init(void);
void nlctrl_exit(void);

#endif
