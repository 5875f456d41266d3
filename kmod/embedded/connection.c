// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A connection has two threads. The reader cuts the stream into messages and carries them out, as
 * the client's own thread does inside sendmsg(). A run that this queues the reader makes itself, and
 * writes what waits for the client, without a change of threads.
 *
 * The writer looks after what the reader cannot wait for. It writes while the client does not read;
 * then the receive queue of the netlink socket fills up, and messages are lost as in the kernel. It
 * carries dumps on. And while the reader makes runs it looks every few milliseconds whether that is
 * still the same one: then it becomes the reader, a new thread the writer, and the old reader ends
 * with its run. So a client can stall nobody but itself, and not even itself by a long run.
 */
#include <errno.h>
#include <poll.h>
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
#include "work.h"

#define INPUT_SIZE 65536
/* A longer message does not fit a buffer, and is refused with EMSGSIZE as a small send buffer would. */
#define MESSAGE_MAX (KMALLOC_MAX_SIZE - SKB_OVERHEAD - 64)
/* At most so many messages are handed over at once. */
#define BATCH 64
/* At most so many old readers; then workers make the runs. */
#define LEAVING_MAX 16
/* How often the writer looks after a reader that makes runs, and for how long after the last one. */
#define WATCH_NS (2 * 1000 * 1000)
#define WATCH_TICKS 50

struct connection {
	struct list_head entry;
	int fd;
	struct sock *sk;
	pthread_t last; /* to be joined once it is over */
	struct ucred peer;
	char comm[TASK_COMM_LEN];
	void (*ended)(void);

	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool ready;    /* the socket has something for the client */
	bool writing;  /* a thread is at it, and sees to what becomes ready meanwhile */
	bool blocked;  /* the client must read first: the writer waits for that */
	bool draining; /* write what there is, then close */
	bool deaf;     /* the client takes no more: the writer ends */
	bool over;     /* all is done but the last thread's return; guarded by list_mutex, as is fd then */
	pthread_t writer;

	bool watched;     /* the writer looks after the reader */
	bool helping;     /* the reader makes runs */
	unsigned int helped; /* runs that were begun so */
	unsigned int turn;   /* the reader's: another one has the next */
	unsigned int leaving; /* old readers that make their last run */

	char *left;    /* of a message that was written in part; of who is writing */
	size_t left_size, left_at;

	size_t have, used; /* bytes in input, and how many of them were taken */
	unsigned char input[INPUT_SIZE];
};

/* How long a client may take for what still waits for it when its connection ends. */
#define DRAIN_SECONDS 1

static pthread_mutex_t list_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t list_changed = PTHREAD_COND_INITIALIZER; /* one is over */
static LIST_HEAD(connections);

/* The connection whose reader this thread is, and which one. */
static __thread struct connection *mine;
static __thread unsigned int my_turn;

static void connection_ready(void *context)
{
	struct connection *connection = context;

	pthread_mutex_lock(&connection->mutex);
	connection->ready = true;
	/* what the reader brings about it writes itself, before it waits; an old one waits no more */
	if (mine != connection || connection->turn != my_turn)
		pthread_cond_signal(&connection->changed);
	pthread_mutex_unlock(&connection->mutex);
}

/* --- writing --- */

enum written { ALL, SOME, BROKEN };

/* Keep what is left of the parts for the next time. */
static enum written keep(struct connection *connection, const struct iovec *parts, size_t count)
{
	size_t i, size = 0;
	char *left;

	for (i = 0; i < count; i++)
		size += parts[i].iov_len;
	left = malloc(size);
	if (!left)
		return BROKEN;
	connection->left = left;
	connection->left_size = size;
	connection->left_at = 0;
	for (i = 0; i < count; i++) {
		memcpy(left, parts[i].iov_base, parts[i].iov_len);
		left += parts[i].iov_len;
	}
	return SOME;
}

/* Write as much as the client takes at once. */
static enum written write_parts(struct connection *connection, struct iovec *parts, size_t count)
{
	while (count) {
		struct msghdr message = { .msg_iov = parts, .msg_iovlen = count };
		ssize_t sent = sendmsg(connection->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return keep(connection, parts, count);
		if (sent < 0)
			return BROKEN;
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
	return ALL;
}

static enum written write_left(struct connection *connection)
{
	struct iovec part = {
		.iov_base = connection->left + connection->left_at,
		.iov_len = connection->left_size - connection->left_at,
	};
	char *left = connection->left;
	enum written written;

	if (!left)
		return ALL;
	connection->left = NULL;
	written = write_parts(connection, &part, 1);
	free(left);
	return written;
}

/* Write what can be fetched now. *any: whether there was something. */
static enum written write_batch(struct connection *connection, bool *any)
{
	struct sk_buff *messages[BATCH];
	struct iovec parts[BATCH];
	enum written written = ALL;
	size_t i, count = 0;

	while (count < BATCH && (messages[count] = netlink_recv(connection->sk))) {
		/* every message ends on a multiple of 4, since all that is put into it does */
		parts[count].iov_base = messages[count]->data;
		parts[count].iov_len = messages[count]->len;
		count++;
	}
	*any = count;
	if (count)
		written = write_parts(connection, parts, count);
	for (i = 0; i < count; i++)
		kfree_skb(messages[i]);
	return written;
}

static enum written write_all(struct connection *connection)
{
	enum written written = write_left(connection);
	bool any = true;

	while (written == ALL && any)
		written = write_batch(connection, &any);
	return written;
}

/*
 * Write what is ready, unless another thread is at it. What the client does not take is left to the
 * writer. False when the client takes no more at all. The mutex is held, and given back meanwhile.
 */
static bool flush(struct connection *connection)
{
	enum written written = ALL;

	while (connection->ready && !connection->writing && !connection->blocked &&
	       written == ALL) {
		connection->ready = false;
		connection->writing = true;
		pthread_mutex_unlock(&connection->mutex);
		written = write_all(connection);
		pthread_mutex_lock(&connection->mutex);
		connection->writing = false;
		if (written == SOME)
			connection->blocked = true;
	}
	return written != BROKEN;
}

/*
 * Wait until the client has read something, or the connection is shut; false when that has not
 * happened after so many ms (-1: for ever).
 */
static bool wait_for_room(struct connection *connection, int ms)
{
	struct pollfd wait = { .fd = connection->fd, .events = POLLOUT };
	int found;

	do {
		found = poll(&wait, 1, ms);
	} while (found < 0 && errno == EINTR);
	return found;
}

/* --- the writer --- */

static int thread_of(struct connection *connection, pthread_t *thread, bool is_reader);

/*
 * Leave the reader to its run: this thread is the reader then, and a new one the writer. False when
 * there is no such thread. The mutex is held.
 */
static bool take_over(struct connection *connection)
{
	if (thread_of(connection, &connection->writer, false))
		return false;
	connection->leaving++;
	connection->helping = false;
	connection->watched = false;
	connection->turn++;
	return true;
}

/* Take over if the reader has been making one run since the last look. The mutex is held. */
static bool look(struct connection *connection, unsigned int *seen, int *idle)
{
	bool same = connection->helped == *seen;

	*seen = connection->helped;
	*idle = same ? *idle + 1 : 0;
	if (same && connection->helping && take_over(connection))
		return true;
	if (*idle > WATCH_TICKS) {
		connection->watched = false;
		*idle = 0;
	}
	return false;
}

static void watch_wait(struct connection *connection)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += WATCH_NS;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_cond_clockwait(&connection->changed, &connection->mutex, CLOCK_MONOTONIC, &until);
}

/* Returns true when the thread is to be the reader, and false at the end of the connection. */
static bool writer_part(struct connection *connection)
{
	bool reader = false, open = true;
	unsigned int seen;
	int idle = 0;

	pthread_mutex_lock(&connection->mutex);
	seen = connection->helped;
	while (open && !reader) {
		if (connection->blocked) {
			int ms = connection->watched ? WATCH_NS / (1000 * 1000) : -1;
			bool room;

			pthread_mutex_unlock(&connection->mutex);
			room = wait_for_room(connection, ms);
			pthread_mutex_lock(&connection->mutex);
			if (!room) {
				reader = look(connection, &seen, &idle);
				continue;
			}
			connection->blocked = false;
			connection->ready = true;
		}
		if (connection->ready && !connection->writing) {
			open = flush(connection);
		} else if (connection->draining && !connection->writing) {
			open = false;
		} else if (connection->watched) {
			watch_wait(connection);
			reader = look(connection, &seen, &idle);
		} else {
			pthread_cond_wait(&connection->changed, &connection->mutex);
		}
	}
	connection->deaf = !open; /* what is in the input still goes to workers */
	/* the reader would see the end of the stream after its run only, which the close is to end */
	if (!open && connection->helping && !connection->draining)
		reader = take_over(connection);
	pthread_mutex_unlock(&connection->mutex);
	/* the reader sees the end of the stream, and closes */
	if (!open)
		shutdown(connection->fd, SHUT_RDWR);
	return reader;
}

/* --- the reader --- */

/* Write what the messages so far have brought, before this thread waits for more. */
static void flush_mine(struct connection *connection)
{
	pthread_mutex_lock(&connection->mutex);
	if (!READ_ONCE(connection->sk->dumping) && !flush(connection))
		shutdown(connection->fd, SHUT_RDWR);
	if (connection->ready || connection->blocked || connection->draining)
		pthread_cond_signal(&connection->changed);
	pthread_mutex_unlock(&connection->mutex);
}

/*
 * recv() would do, but it also wakes up when the client reads what was written before, for
 * nothing: a change of threads more for each call.
 */
static void wait_for_bytes(struct connection *connection)
{
	struct pollfd wait = { .fd = connection->fd, .events = POLLIN };

	while (poll(&wait, 1, -1) < 0 && errno == EINTR)
		;
}

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
		flush_mine(connection);
		wait_for_bytes(connection);
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

/* Whether nobody has taken the reader's part while this thread makes runs; it is about to make one. */
static bool is_reader(void *context)
{
	struct connection *connection = context;
	bool is;

	pthread_mutex_lock(&connection->mutex);
	is = connection->turn == my_turn;
	if (is)
		connection->helped++;
	pthread_mutex_unlock(&connection->mutex);
	return is;
}

/* Have the writer look after this thread. False when it cannot, or could not take over. */
static bool help_begin(struct connection *connection)
{
	bool may;

	pthread_mutex_lock(&connection->mutex);
	may = !connection->blocked && !connection->deaf && connection->leaving < LEAVING_MAX;
	connection->helping = may;
	connection->helped += may;
	if (may && !connection->watched) {
		connection->watched = true;
		pthread_cond_signal(&connection->changed);
	}
	pthread_mutex_unlock(&connection->mutex);
	return may;
}

static void help_end(struct connection *connection)
{
	pthread_mutex_lock(&connection->mutex);
	if (connection->turn == my_turn)
		connection->helping = false;
	else
		mine = NULL;
	pthread_mutex_unlock(&connection->mutex);
}

/*
 * Carry a message out, and the runs that it begins; then mine is NULL if the writer took over, and
 * the connection's input is not this thread's any more. Not after a message whose padding has not
 * been read.
 */
static void carry_out(struct connection *connection, struct sk_buff *skb, bool may_help)
{
	bool put_off;

	work_defer(may_help);
	netlink_send(connection->sk, skb);
	put_off = work_defer(false);
	if (!put_off)
		return;
	if (help_begin(connection)) {
		work_help(is_reader, connection);
		help_end(connection);
	} else {
		work_undefer();
	}
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
		carry_out(connection, skb, !padding);
	task_assert_free("a request");
	return read_all(connection, NULL, padding);
}

static struct timespec drain_end(clockid_t clock)
{
	struct timespec until;

	clock_gettime(clock, &until);
	until.tv_sec += DRAIN_SECONDS;
	return until;
}

/* Returns true at the end of the stream, and false when the writer has taken over. */
static bool reader_part(struct connection *connection)
{
	mine = connection;
	my_turn = connection->turn;
	while (serve_message(connection))
		if (!mine)
			return false;
	return true;
}

static void connection_end(struct connection *connection)
{
	void (*ended)(void) = connection->ended;
	struct timespec until = drain_end(CLOCK_REALTIME);
	pthread_t writer;

	pthread_mutex_lock(&connection->mutex);
	connection->draining = true;
	pthread_cond_signal(&connection->changed);
	writer = connection->writer;
	pthread_mutex_unlock(&connection->mutex);
	/* not pthread_clockjoin_np(), which ThreadSanitizer does not know */
	if (pthread_timedjoin_np(writer, NULL, &until)) {
		shutdown(connection->fd, SHUT_RDWR);
		pthread_join(writer, NULL);
	}
	/* this ends the runs that old readers are making */
	netlink_close(connection->sk);
	pthread_mutex_lock(&connection->mutex);
	while (connection->leaving)
		pthread_cond_wait(&connection->changed, &connection->mutex);
	pthread_mutex_unlock(&connection->mutex);

	pthread_mutex_lock(&list_mutex);
	close(connection->fd);
	connection->last = pthread_self();
	connection->over = true;
	pthread_cond_broadcast(&list_changed);
	pthread_mutex_unlock(&list_mutex);
	ended();
}

/* An old reader's end: from here on the connection may be gone. */
static void leave(struct connection *connection)
{
	pthread_detach(pthread_self());
	pthread_mutex_lock(&connection->mutex);
	connection->leaving--;
	/* the writer, or who ends the connection */
	pthread_cond_broadcast(&connection->changed);
	pthread_mutex_unlock(&connection->mutex);
}

static void *reader_main(void *argument)
{
	struct connection *connection = argument;

	task_act_for(connection->peer.pid, connection->peer.uid, connection->comm);
	if (reader_part(connection))
		connection_end(connection);
	else
		leave(connection);
	return NULL;
}

static void *writer_main(void *argument)
{
	struct connection *connection = argument;

	task_act_for(connection->peer.pid, connection->peer.uid, connection->comm);
	if (!writer_part(connection))
		return NULL;
	return reader_main(connection);
}

static int thread_of(struct connection *connection, pthread_t *thread, bool is_reader)
{
	return thread_start(thread, connection->comm, is_reader ? reader_main : writer_main,
			    connection);
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

static void drain(struct connection *connection)
{
	pthread_mutex_lock(&connection->mutex);
	connection->draining = true;
	pthread_cond_signal(&connection->changed);
	pthread_mutex_unlock(&connection->mutex);
}

/* Both threads, once all else is there. 0 or a positive errno. */
static int threads_start(struct connection *connection)
{
	pthread_t reader;
	int error = thread_of(connection, &connection->writer, false);

	if (error)
		return error;
	error = thread_of(connection, &reader, true);
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
		pthread_join(connection->last, NULL);
		free(connection->left);
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
