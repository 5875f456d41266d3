/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Sockets: only netlink's, see ../netlink.h of the shim. */
#ifndef EMBEDDED_NET_SOCK_H
#define EMBEDDED_NET_SOCK_H

#include <linux/types.h>
#include <net/net_namespace.h>

struct sock;

enum sock_flags {
	SOCK_DEAD, /* closed: its port may be another's */
};

static inline struct net *sock_net(const struct sock *sk)
{
	(void)sk;
	return &init_net;
}

void sock_hold(struct sock *sk);
void sock_put(struct sock *sk);
bool sock_flag(const struct sock *sk, enum sock_flags flag);

#endif
