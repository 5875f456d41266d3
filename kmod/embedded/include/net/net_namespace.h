/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* There is one network namespace. */
#ifndef EMBEDDED_NET_NET_NAMESPACE_H
#define EMBEDDED_NET_NET_NAMESPACE_H

struct net {
	int unused;
};

extern struct net init_net;

typedef struct {
	struct net *net;
} possible_net_t;

static inline int net_eq(const struct net *a, const struct net *b)
{
	return a == b;
}

#endif
