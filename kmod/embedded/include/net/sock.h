/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Sockets: only netlink's, see ../netlink.h of the shim. */
#ifndef EMBEDDED_NET_SOCK_H
#define EMBEDDED_NET_SOCK_H

#include <net/net_namespace.h>

struct sock;

static inline struct net *sock_net(const struct sock *sk)
{
	(void)sk;
	return &init_net;
}

#endif
