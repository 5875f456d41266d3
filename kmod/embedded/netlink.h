/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Netlink sockets of the generic protocol, without the file descriptors: whoever has messages to
 * bring and fetch (a connection, a test, a fuzzer) opens one.
 *
 *   netlink_send():  a request -> the operation of its family -> replies into the receive queue
 *   netlink_recv():  the next message of the receive queue; carries a dump on when there is room
 *
 * One thread may send while another receives.
 */
#ifndef EMBEDDED_NETLINK_H
#define EMBEDDED_NETLINK_H

#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/refcount.h>

/* Highest number of a group, plus one. */
#define NETLINK_GROUPS 64

struct sock {
	struct hlist_node node; /* of the table of sockets */
	refcount_t references;
	u32 portid;
	bool dead;        /* closed: the port may be another's */
	void (*ready)(void *context); /* something can be received; called with queue_mutex held */
	void *context;

	pthread_mutex_t queue_mutex;
	struct sk_buff *first, **last;
	size_t queued;    /* bytes, bookkeeping included */
	size_t limit;     /* of queued: a message that finds more is lost */
	bool congested;   /* a message was lost, and the queue has not been empty since */
	bool overrun;     /* the same, and the owner has not been told */
	bool gone;        /* closed: nothing is queued any more */
	u64 groups;       /* a bit for each group it is a member of */

	struct mutex dump_mutex;
	bool dumping;
	struct netlink_callback dump;
	int dump_result;
};

/*
 * Open a socket with the lowest free port number, from 1. limit is that of the receive queue, in
 * bytes. ready is called with context when the queue gets something. NULL when there is no memory.
 */
struct sock *netlink_open(size_t limit, void (*ready)(void *context), void *context);

/* Close: the port is free, the notifiers hear of it, a dump ends. Nobody sends or receives now. */
void netlink_close(struct sock *sk);

/* Bring one message; takes the buffer. Operations run in the calling thread. */
void netlink_send(struct sock *sk, struct sk_buff *skb);

/*
 * Fetch the next message, which the caller frees; NULL when there is none. A loss is told by a
 * message of type NLMSG_OVERRUN, where the kernel's recv() fails with ENOBUFS.
 */
struct sk_buff *netlink_recv(struct sock *sk);

/* Join or leave a group: 0 or -EINVAL. */
int netlink_membership(struct sock *sk, u32 group, bool join);

/* End every dump in progress, as a module that leaves by force would. */
void netlink_end_dumps(void);

#endif
