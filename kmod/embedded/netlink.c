// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Netlink sockets: ports, receive queues, groups, dumps, acknowledgements. */
#include <linux/errno.h>
#include <linux/hashtable.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <net/genetlink.h>
#include <net/netlink.h>
#include <net/sock.h>

#include "genetlink.h"
#include "netlink.h"

/* A dump message is as large as the kernel makes it for clients that read with 32 KiB buffers. */
#define DUMP_SIZE SKB_WITH_OVERHEAD(32768)

struct net init_net;

static DEFINE_HASHTABLE(sockets, 8);
static pthread_rwlock_t sockets_lock = PTHREAD_RWLOCK_INITIALIZER;
static BLOCKING_NOTIFIER_HEAD(notifiers);

int netlink_register_notifier(struct notifier_block *block)
{
	return blocking_notifier_chain_register(&notifiers, block);
}

int netlink_unregister_notifier(struct notifier_block *block)
{
	return blocking_notifier_chain_unregister(&notifiers, block);
}

/* --- ports --- */

static struct sock *sock_find(u32 portid)
{
	struct sock *sk;

	hash_for_each_possible(sockets, sk, node, portid)
		if (sk->portid == portid)
			return sk;
	return NULL;
}

void sock_hold(struct sock *sk)
{
	refcount_inc(&sk->references);
}

void sock_put(struct sock *sk)
{
	if (refcount_dec_and_test(&sk->references))
		kfree(sk);
}

bool sock_flag(const struct sock *sk, enum sock_flags flag)
{
	return flag == SOCK_DEAD && __atomic_load_n(&sk->dead, __ATOMIC_ACQUIRE);
}

/* The socket of a port, with a reference. */
static struct sock *sock_get(u32 portid)
{
	struct sock *sk;

	pthread_rwlock_rdlock(&sockets_lock);
	sk = sock_find(portid);
	if (sk)
		refcount_inc(&sk->references);
	pthread_rwlock_unlock(&sockets_lock);
	return sk;
}

struct sock *netlink_open(size_t limit, void (*ready)(void *context), void *context)
{
	struct sock *sk = kzalloc(sizeof(*sk), GFP_KERNEL);

	if (!sk)
		return NULL;
	refcount_set(&sk->references, 1);
	pthread_mutex_init(&sk->queue_mutex, NULL);
	mutex_init(&sk->dump_mutex);
	sk->last = &sk->first;
	sk->limit = limit;
	sk->ready = ready;
	sk->context = context;
	pthread_rwlock_wrlock(&sockets_lock);
	/* as in the kernel a port number is free for the next one at once */
	for (sk->portid = 1; sock_find(sk->portid); sk->portid++)
		;
	hash_add(sockets, &sk->node, sk->portid);
	pthread_rwlock_unlock(&sockets_lock);
	return sk;
}

/* --- the receive queue --- */

static size_t skb_charge(const struct sk_buff *skb)
{
	return skb->len + SKB_OVERHEAD;
}

/* What follows is called with the queue's mutex held: once gone is set, ready is called no more. */
static void queue_append(struct sock *sk, struct sk_buff *skb)
{
	skb->next = NULL;
	*sk->last = skb;
	sk->last = &skb->next;
	sk->queued += skb_charge(skb);
	sk->ready(sk->context);
}

static void queue_lost(struct sock *sk)
{
	sk->congested = true;
	sk->overrun = true;
	sk->ready(sk->context);
}

/* Queue a message, whatever the limit; takes the buffer. */
static void queue_add(struct sock *sk, struct sk_buff *skb)
{
	pthread_mutex_lock(&sk->queue_mutex);
	if (sk->gone)
		kfree_skb(skb);
	else
		queue_append(sk, skb);
	pthread_mutex_unlock(&sk->queue_mutex);
}

static void queue_overrun(struct sock *sk)
{
	pthread_mutex_lock(&sk->queue_mutex);
	if (!sk->gone)
		queue_lost(sk);
	pthread_mutex_unlock(&sk->queue_mutex);
}

/* Queue a message unless the queue is full; takes the buffer. 0, -ECONNREFUSED or -EAGAIN. */
static int deliver(struct sock *sk, struct sk_buff *skb)
{
	int error = 0;

	pthread_mutex_lock(&sk->queue_mutex);
	if (sk->gone) {
		error = -ECONNREFUSED;
	} else if (sk->congested || sk->queued > sk->limit) {
		queue_lost(sk);
		error = -EAGAIN;
	} else {
		queue_append(sk, skb);
	}
	pthread_mutex_unlock(&sk->queue_mutex);
	if (error)
		kfree_skb(skb);
	return error;
}

int nlmsg_unicast(struct sk_buff *skb, u32 portid)
{
	struct sock *sk = sock_get(portid);
	int error;

	if (!sk) {
		kfree_skb(skb);
		return -ECONNREFUSED;
	}
	error = deliver(sk, skb);
	sock_put(sk);
	return error;
}

static bool is_member(struct sock *sk, unsigned int group)
{
	return __atomic_load_n(&sk->groups, __ATOMIC_RELAXED) & BIT_ULL(group);
}

int nlmsg_multicast(struct sk_buff *skb, u32 portid, unsigned int group)
{
	struct sock *sk;
	int bucket, error = -ESRCH;

	pthread_rwlock_rdlock(&sockets_lock);
	hash_for_each(sockets, bucket, sk, node) {
		struct sk_buff *clone;

		if (sk->portid == portid || !is_member(sk, group))
			continue;
		clone = skb_clone(skb, GFP_ATOMIC);
		if (!clone)
			queue_overrun(sk);
		else if (!deliver(sk, clone))
			error = 0;
	}
	pthread_rwlock_unlock(&sockets_lock);
	kfree_skb(skb);
	return error;
}

bool netlink_has_listeners(unsigned int group)
{
	struct sock *sk;
	bool has = false;
	int bucket;

	pthread_rwlock_rdlock(&sockets_lock);
	hash_for_each(sockets, bucket, sk, node)
		has |= is_member(sk, group);
	pthread_rwlock_unlock(&sockets_lock);
	return has;
}

int netlink_membership(struct sock *sk, u32 group, bool join)
{
	if (group >= NETLINK_GROUPS || !genl_group_exists(group))
		return -EINVAL;
	if (join)
		__atomic_fetch_or(&sk->groups, BIT_ULL(group), __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&sk->groups, ~BIT_ULL(group), __ATOMIC_RELAXED);
	return 0;
}

/* --- dumps --- */

/* The dump is over, well or not. The dump mutex is held. */
static void dump_end(struct sock *sk)
{
	struct netlink_callback *cb = &sk->dump;

	if (cb->done)
		cb->done(cb);
	module_put(cb->module);
	kfree_skb(cb->skb);
	WRITE_ONCE(sk->dumping, false);
}

/* The words of an extended acknowledgement, as attributes; at most this long. */
static int tlv_size(const struct netlink_ext_ack *extack)
{
	return extack->_msg ? nla_total_size(strlen(extack->_msg) + 1) : 0;
}

static int dump_finish(struct sock *sk, struct sk_buff *skb, struct netlink_ext_ack *extack)
{
	struct netlink_callback *cb = &sk->dump;
	struct nlmsghdr *nlh = nlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
					 NLMSG_DONE, sizeof(int), NLM_F_MULTI | cb->answer_flags);

	if (!nlh)
		return -ENOBUFS;
	nl_dump_check_consistent(cb, nlh);
	memcpy(nlmsg_data(nlh), &sk->dump_result, sizeof(int));
	if (extack->_msg && !nla_put_string(skb, NLMSGERR_ATTR_MSG, extack->_msg)) {
		nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
		nlmsg_end(skb, nlh);
	}
	return 0;
}

/* Queue the next message of the dump. 0, or -ENOBUFS: to be tried again. The dump mutex is held. */
static int dump_more(struct sock *sk)
{
	struct netlink_callback *cb = &sk->dump;
	struct netlink_ext_ack extack = { ._msg = NULL };
	struct sk_buff *skb = alloc_skb(max_t(u32, cb->min_dump_alloc, DUMP_SIZE), GFP_KERNEL);

	if (!skb)
		return -ENOBUFS;
	if (sk->dump_result > 0) {
		cb->extack = &extack;
		sk->dump_result = cb->dump(skb, cb);
		cb->extack = NULL;
	}
	if (sk->dump_result > 0 ||
	    skb_tailroom(skb) < nlmsg_total_size(sizeof(int)) + tlv_size(&extack)) {
		if (!skb->len)
			bug("a dump goes on without a message");
		queue_add(sk, skb);
		return 0;
	}
	dump_finish(sk, skb, &extack);
	dump_end(sk);
	queue_add(sk, skb);
	return 0;
}

int netlink_dump_start(struct sock *sk, struct sk_buff *request, const struct nlmsghdr *nlh,
		       struct netlink_dump_control *control)
{
	int error = 0;

	mutex_lock(&sk->dump_mutex);
	if (sk->dumping) {
		error = -EBUSY;
		goto unlock;
	}
	if (!try_module_get(control->module)) {
		error = -EPROTONOSUPPORT;
		goto unlock;
	}
	sk->dump = (struct netlink_callback) {
		.skb = skb_clone(request, GFP_KERNEL), .nlh = nlh, .dump = control->dump,
		.done = control->done, .data = control->data, .module = control->module,
		.min_dump_alloc = control->min_dump_alloc, .strict_check = true,
	};
	if (!sk->dump.skb) {
		error = -ENOBUFS;
		goto put_module;
	}
	if (control->start) {
		sk->dump.extack = control->extack;
		error = control->start(&sk->dump);
		sk->dump.extack = NULL;
		if (error)
			goto free_request;
	}
	WRITE_ONCE(sk->dumping, true);
	sk->dump_result = INT_MAX;
	if (dump_more(sk))
		queue_overrun(sk);
	mutex_unlock(&sk->dump_mutex);
	return -EINTR;

free_request:
	kfree_skb(sk->dump.skb);
put_module:
	module_put(control->module);
unlock:
	mutex_unlock(&sk->dump_mutex);
	return error;
}

static void dump_abort(struct sock *sk)
{
	mutex_lock(&sk->dump_mutex);
	if (sk->dumping)
		dump_end(sk);
	mutex_unlock(&sk->dump_mutex);
}

void netlink_end_dumps(void)
{
	struct sock *sk;
	u32 port, ports = 0;
	int bucket;

	pthread_rwlock_rdlock(&sockets_lock);
	hash_for_each(sockets, bucket, sk, node)
		ports = max(ports, sk->portid);
	pthread_rwlock_unlock(&sockets_lock);
	for (port = 1; port <= ports; port++) {
		sk = sock_get(port);
		if (!sk)
			continue;
		dump_abort(sk);
		sock_put(sk);
	}
}

/* Whether a dump is to be carried on now; as in the kernel, while the queue is at most half full. */
static bool dump_wanted(struct sock *sk)
{
	bool room;

	if (!READ_ONCE(sk->dumping))
		return false;
	pthread_mutex_lock(&sk->queue_mutex);
	room = sk->queued <= sk->limit / 2;
	pthread_mutex_unlock(&sk->queue_mutex);
	return room;
}

/* --- sending and receiving --- */

/* The first of the queue; with *lost when the owner must be told of a loss first. */
static struct sk_buff *queue_take(struct sock *sk, bool *lost)
{
	struct sk_buff *skb = NULL;

	pthread_mutex_lock(&sk->queue_mutex);
	*lost = sk->overrun;
	sk->overrun = false;
	if (!*lost)
		skb = sk->first;
	if (skb) {
		sk->first = skb->next;
		sk->queued -= skb_charge(skb);
	}
	if (!sk->first) {
		sk->last = &sk->first;
		sk->congested = false;
	}
	pthread_mutex_unlock(&sk->queue_mutex);
	return skb;
}

static struct sk_buff *overrun_message(struct sock *sk)
{
	struct sk_buff *skb = alloc_skb(NLMSG_HDRLEN, GFP_KERNEL | __GFP_NOFAIL);

	if (skb)
		nlmsg_put(skb, sk->portid, 0, NLMSG_OVERRUN, 0, 0);
	return skb;
}

struct sk_buff *netlink_recv(struct sock *sk)
{
	struct sk_buff *skb;
	bool lost, more;

	do {
		skb = queue_take(sk, &lost);
		if (lost)
			return overrun_message(sk);
		more = dump_wanted(sk);
		if (more) {
			mutex_lock(&sk->dump_mutex);
			if (sk->dumping && dump_more(sk))
				queue_overrun(sk);
			mutex_unlock(&sk->dump_mutex);
		}
	} while (!skb && more);
	return skb;
}

static int put_miss(struct sk_buff *reply, const struct nlmsghdr *nlh,
		    const struct netlink_ext_ack *extack)
{
	if (extack->miss_nest &&
	    nla_put_u32(reply, NLMSGERR_ATTR_MISS_NEST,
			(const char *)extack->miss_nest - (const char *)nlh))
		return -EMSGSIZE;
	return extack->miss_type ?
		nla_put_u32(reply, NLMSGERR_ATTR_MISS_TYPE, extack->miss_type) : 0;
}

void netlink_ack(struct sk_buff *request, struct nlmsghdr *nlh, int error,
		 const struct netlink_ext_ack *extack)
{
	const struct nlmsgerr answer = { .error = error, .msg = *nlh };
	struct sk_buff *reply = nlmsg_new(sizeof(answer) + tlv_size(extack) + 64, GFP_KERNEL);
	struct nlmsghdr *header;
	u32 portid = NETLINK_CB(request).portid;
	unsigned int bare;

	if (!reply) {
		struct sock *sk = NETLINK_CB(request).sk;

		queue_overrun(sk);
		return;
	}
	header = nlmsg_put(reply, portid, nlh->nlmsg_seq, NLMSG_ERROR, sizeof(answer),
			   NLM_F_CAPPED);
	memcpy(nlmsg_data(header), &answer, sizeof(answer));
	bare = reply->len;
	if (extack->_msg)
		nla_put_string(reply, NLMSGERR_ATTR_MSG, extack->_msg);
	if (error && extack->bad_attr) {
		const unsigned char *attr = (const unsigned char *)extack->bad_attr;

		BUG_ON(attr < request->data || attr >= skb_tail_pointer(request));
		nla_put_u32(reply, NLMSGERR_ATTR_OFFS, attr - (const unsigned char *)nlh);
	}
	if (extack->cookie_len)
		nla_put(reply, NLMSGERR_ATTR_COOKIE, extack->cookie_len, extack->cookie);
	if (error)
		put_miss(reply, nlh, extack);
	if (reply->len > bare)
		header->nlmsg_flags |= NLM_F_ACK_TLVS;
	nlmsg_end(reply, header);
	nlmsg_unicast(reply, portid);
}

void netlink_send(struct sock *sk, struct sk_buff *skb)
{
	struct nlmsghdr *nlh = nlmsg_hdr(skb);
	struct netlink_ext_ack extack = { ._msg = NULL };
	int error = 0;

	if (!nlmsg_ok(nlh, skb->len))
		goto free;
	NETLINK_CB(skb) = (struct netlink_skb_parms) { .portid = sk->portid, .sk = sk };
	if (nlh->nlmsg_flags & NLM_F_REQUEST && nlh->nlmsg_type >= NLMSG_MIN_TYPE)
		error = genl_receive(skb, nlh, &extack);
	if (error != -EINTR && (error || nlh->nlmsg_flags & NLM_F_ACK))
		netlink_ack(skb, nlh, error, &extack);
free:
	kfree_skb(skb);
}

void netlink_close(struct sock *sk)
{
	struct netlink_notify notice = {
		.net = &init_net, .portid = sk->portid, .protocol = NETLINK_GENERIC,
	};

	pthread_rwlock_wrlock(&sockets_lock);
	hash_del(&sk->node);
	__atomic_store_n(&sk->dead, true, __ATOMIC_RELEASE);
	pthread_rwlock_unlock(&sockets_lock);
	pthread_mutex_lock(&sk->queue_mutex);
	sk->gone = true;
	pthread_mutex_unlock(&sk->queue_mutex);
	blocking_notifier_call_chain(&notifiers, NETLINK_URELEASE, &notice);
	dump_abort(sk);
	while (sk->first) {
		struct sk_buff *skb = sk->first;

		sk->first = skb->next;
		kfree_skb(skb);
	}
	sock_put(sk);
}
