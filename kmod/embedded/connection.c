// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A connection has two threads. The reader cuts the stream into messages and carries them out, as
 * the client's own thread does inside sendmsg(). The writer fetches what waits for the client, as
 * its thread does inside recvmsg(), and blocks while the client does not read; then the receive
 * queue of the netlink socket fills up, and messages are lost as in the kernel. So a client can
 * stall nobody but itself.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <linux/list.h>
#include <net/netlink.h>

#include "connection.h"
#include "netlink.h"
#include "task.h"

#define INPUT_SIZE 65536
/* A longer message does not fit a buffer, and is refused with EMSGSIZE as a small send buffer would. */
#define MESSAGE_MAX (KMALLOC_MAX_SIZE - SKB_OVERHEAD - 64)
/* The writer hands over at most so many messages at once. */
#define BATCH 16

struct connection {
	struct list_head entry;
	int fd;
	struct sock *sk;
	pthread_t reader, writer;
	struct ucred peer;
	char comm[TASK_COMM_LEN];
	void (*ended)(void);

	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool ready;    /* the socket has something for the client */
	bool draining; /* write what there is, then close */
	bool over;     /* all is done but the reader's return; guarded by list_mutex, as is fd then */

	size_t have, used; /* bytes in input, and how many of them were taken */
	unsigned char input[INPUT_SIZE];
};

/* How long a client may take for what still waits for it when its connection ends. */
#define DRAIN_SECONDS 1

static pthread_mutex_t list_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t list_changed = PTHREAD_COND_INITIALIZER; /* one is over */
static LIST_HEAD(connections);

static void connection_ready(void *context)
{
	struct connection *connection = context;

	pthread_mutex_lock(&connection->mutex);
	connection->ready = true;
	pthread_cond_signal(&connection->changed);
	pthread_mutex_unlock(&connection->mutex);
}

/* --- the writer --- */

static bool write_all(int fd, struct iovec *parts, size_t count)
{
	while (count) {
		struct msghdr message = { .msg_iov = parts, .msg_iovlen = count };
		ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return false;
		while (count && (size_t)sent >= parts->iov_len) {
			sent -= parts->iov_len;
			parts++;
			count--;
		}
		if (count) {
			parts->iov_base = (char *)parts->iov_base + sent;
			parts->iov_len -= sent;
		}
	}
	return true;
}

/* Write what can be fetched now. False when the client takes no more. */
static bool write_batch(struct connection *connection, bool *any)
{
	struct sk_buff *messages[BATCH];
	struct iovec parts[BATCH];
	size_t i, count = 0;
	bool written = true;

	while (count < BATCH && (messages[count] = netlink_recv(connection->sk))) {
		/* every message ends on a multiple of 4, since all that is put into it does */
		parts[count].iov_base = messages[count]->data;
		parts[count].iov_len = messages[count]->len;
		count++;
	}
	*any = count;
	if (count)
		written = write_all(connection->fd, parts, count);
	for (i = 0; i < count; i++)
		kfree_skb(messages[i]);
	return written;
}

/* Wait for something to write; false when there will be no more. */
static bool wait_for_messages(struct connection *connection)
{
	bool more;

	pthread_mutex_lock(&connection->mutex);
	while (!connection->ready && !connection->draining)
		pthread_cond_wait(&connection->changed, &connection->mutex);
	more = connection->ready;
	connection->ready = false;
	pthread_mutex_unlock(&connection->mutex);
	return more;
}

static void *writer_main(void *argument)
{
	struct connection *connection = argument;
	bool open = true;

	task_act_for(connection->peer.pid, connection->peer.uid, connection->comm);
	while (open && wait_for_messages(connection)) {
		bool any = true;

		while (open && any)
			open = write_batch(connection, &any);
	}
	/* the reader sees the end of the stream, and closes */
	shutdown(connection->fd, SHUT_RDWR);
	return NULL;
}

/* --- the reader --- */

/* Read exactly so many bytes, or with a NULL target skip them; false at the end of the stream. */
static bool read_all(struct connection *connection, unsigned char *target, size_t size)
{
	while (size) {
		size_t part = min(connection->have - connection->used, size);
		bool direct = !part && target && size >= INPUT_SIZE;
		ssize_t got;

		if (part) {
			if (target) {
				memcpy(target, connection->input + connection->used, part);
				target += part;
			}
			connection->used += part;
			size -= part;
			continue;
		}
		got = recv(connection->fd, direct ? target : connection->input,
			   direct ? size : INPUT_SIZE, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		if (direct) {
			target += got;
			size -= got;
		} else {
			connection->used = 0;
			connection->have = got;
		}
	}
	return true;
}

/* Answer a message of which only the header was read. */
static void refuse(struct connection *connection, const struct nlmsghdr *header, int error)
{
	struct netlink_ext_ack extack = { ._msg = NULL };
	struct sk_buff *skb = alloc_skb(sizeof(*header), GFP_KERNEL | __GFP_NOFAIL);

	if (!skb)
		return;
	memcpy(skb_put(skb, sizeof(*header)), header, sizeof(*header));
	NETLINK_CB(skb) = (struct netlink_skb_parms) {
		.portid = connection->sk->portid, .sk = connection->sk,
	};
	netlink_ack(skb, nlmsg_hdr(skb), error, &extack);
	kfree_skb(skb);
}

static void membership(struct connection *connection, struct sk_buff *skb)
{
	const struct nlmsghdr *nlh = nlmsg_hdr(skb);
	u32 wish[2];
	int error = -EINVAL;

	if (nlmsg_len(nlh) == sizeof(wish)) {
		memcpy(wish, nlmsg_data(nlh), sizeof(wish));
		if (wish[1] <= 1)
			error = netlink_membership(connection->sk, wish[0], wish[1]);
	}
	if (error || nlh->nlmsg_flags & NLM_F_ACK)
		refuse(connection, nlh, error);
	kfree_skb(skb);
}

/* Read one message and carry it out; false when the stream has ended, or is not one of messages. */
static bool serve_message(struct connection *connection)
{
	struct nlmsghdr header;
	struct sk_buff *skb;
	size_t padding;

	if (!read_all(connection, (unsigned char *)&header, sizeof(header)))
		return false;
	if (header.nlmsg_len < sizeof(header)) {
		refuse(connection, &header, -EINVAL);
		return false;
	}
	padding = NLMSG_ALIGN((size_t)header.nlmsg_len) - header.nlmsg_len;
	if (header.nlmsg_len > MESSAGE_MAX) {
		refuse(connection, &header, -EMSGSIZE);
		return read_all(connection, NULL, header.nlmsg_len - sizeof(header) + padding);
	}
	skb = alloc_skb(header.nlmsg_len, GFP_KERNEL);
	if (!skb) {
		refuse(connection, &header, -ENOBUFS);
		return read_all(connection, NULL, header.nlmsg_len - sizeof(header) + padding);
	}
	memcpy(skb_put(skb, header.nlmsg_len), &header, sizeof(header));
	if (!read_all(connection, skb->data + sizeof(header), header.nlmsg_len - sizeof(header))) {
		kfree_skb(skb);
		return false;
	}
	if (header.nlmsg_type == MESSAGE_MEMBERSHIP)
		membership(connection, skb);
	else
		netlink_send(connection->sk, skb);
	task_assert_free("a request");
	return read_all(connection, NULL, padding);
}

static void drain(struct connection *connection)
{
	pthread_mutex_lock(&connection->mutex);
	connection->draining = true;
	pthread_cond_signal(&connection->changed);
	pthread_mutex_unlock(&connection->mutex);
}

static struct timespec drain_end(clockid_t clock)
{
	struct timespec until;

	clock_gettime(clock, &until);
	until.tv_sec += DRAIN_SECONDS;
	return until;
}

static void *reader_main(void *argument)
{
	struct connection *connection = argument;
	void (*ended)(void) = connection->ended;
	struct timespec until;

	task_act_for(connection->peer.pid, connection->peer.uid, connection->comm);
	while (serve_message(connection))
		;
	drain(connection);
	until = drain_end(CLOCK_REALTIME);
	/* not pthread_clockjoin_np(), which ThreadSanitizer does not know */
	if (pthread_timedjoin_np(connection->writer, NULL, &until)) {
		shutdown(connection->fd, SHUT_RDWR);
		pthread_join(connection->writer, NULL);
	}
	netlink_close(connection->sk);
	pthread_mutex_lock(&list_mutex);
	close(connection->fd);
	connection->over = true;
	pthread_cond_broadcast(&list_changed);
	pthread_mutex_unlock(&list_mutex);
	ended();
	return NULL;
}

/* --- both --- */

static void comm_read(struct connection *connection)
{
	char path[32];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", connection->peer.pid);
	file = fopen(path, "re");
	if (!file)
		return;
	if (!fgets(connection->comm, sizeof(connection->comm), file))
		connection->comm[0] = '\0';
	connection->comm[strcspn(connection->comm, "\n")] = '\0';
	fclose(file);
}

/* Both threads, once all else is there. 0 or a positive errno. */
static int threads_start(struct connection *connection)
{
	int error = thread_start(&connection->writer, connection->comm, writer_main, connection);

	if (error)
		return error;
	error = thread_start(&connection->reader, connection->comm, reader_main, connection);
	if (error) {
		drain(connection);
		pthread_join(connection->writer, NULL);
	}
	return error;
}

int connection_open(int fd, size_t limit, void (*ended)(void))
{
	struct connection *connection = calloc(1, sizeof(*connection));
	socklen_t size = sizeof(connection->peer);
	int error = ENOMEM;

	if (!connection)
		goto close;
	connection->fd = fd;
	connection->ended = ended;
	pthread_mutex_init(&connection->mutex, NULL);
	pthread_cond_init(&connection->changed, NULL);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &connection->peer, &size)) {
		error = errno;
		goto free;
	}
	comm_read(connection);
	connection->sk = netlink_open(limit, connection_ready, connection);
	if (!connection->sk)
		goto free;
	pthread_mutex_lock(&list_mutex);
	error = threads_start(connection);
	if (!error)
		list_add_tail(&connection->entry, &connections);
	pthread_mutex_unlock(&list_mutex);
	if (!error)
		return 0;
	netlink_close(connection->sk);
free:
	free(connection);
close:
	close(fd);
	return error;
}

size_t connections_reap(void)
{
	struct connection *connection, *next;
	LIST_HEAD(over);
	size_t left = 0;

	pthread_mutex_lock(&list_mutex);
	list_for_each_entry_safe(connection, next, &connections, entry) {
		if (connection->over)
			list_move_tail(&connection->entry, &over);
		else
			left++;
	}
	pthread_mutex_unlock(&list_mutex);
	list_for_each_entry_safe(connection, next, &over, entry) {
		pthread_join(connection->reader, NULL);
		free(connection);
	}
	return left;
}

void connections_close(void)
{
	struct timespec until = drain_end(CLOCK_MONOTONIC);
	struct connection *connection;
	int late = 0;

	pthread_mutex_lock(&list_mutex);
	list_for_each_entry(connection, &connections, entry)
		drain(connection);
	while (!late) {
		bool all = true;

		list_for_each_entry(connection, &connections, entry)
			all &= connection->over;
		if (all)
			break;
		late = pthread_cond_clockwait(&list_changed, &list_mutex, CLOCK_MONOTONIC, &until);
	}
	list_for_each_entry(connection, &connections, entry)
		if (!connection->over)
			shutdown(connection->fd, SHUT_RDWR);
	pthread_mutex_unlock(&list_mutex);
	while (connections_reap()) {
		pthread_mutex_lock(&list_mutex);
		list_for_each_entry(connection, &connections, entry)
			if (connection->over)
				break;
		if (&connection->entry == &connections)
			pthread_cond_wait(&list_changed, &list_mutex);
		pthread_mutex_unlock(&list_mutex);
	}
}
