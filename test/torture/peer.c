// SPDX-License-Identifier: MIT
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "peer.h"

/* The embedded backend's own message for joining a group (kmod/embedded/README.md). */
#define MESSAGE_MEMBERSHIP 0x0e
/* More than any message of the module's, and than the kernel's parts of a dump. */
#define INPUT_ROOM (4 << 20)

uint16_t family;
uint32_t group_events;

/* --- writing ---------------------------------------------------------------------------------- */

static void *message_room(struct message *message, size_t size)
{
	void *place;

	while (message->size + size > message->room) {
		message->room = message->room ? 2 * message->room : 4096;
		message->data = realloc(message->data, message->room);
		if (!message->data)
			abort();
	}
	place = message->data + message->size;
	memset(place, 0, size);
	message->size += size;
	return place;
}

void message_begin(struct message *message, uint8_t command, uint16_t flags, uint32_t sequence)
{
	struct nlmsghdr *header;
	struct genlmsghdr *generic;

	message->size = 0;
	header = message_room(message, NLMSG_HDRLEN);
	header->nlmsg_type = family;
	header->nlmsg_flags = flags;
	header->nlmsg_seq = sequence;
	generic = message_room(message, GENL_HDRLEN);
	generic->cmd = command;
	generic->version = LUNATIK_GENL_VERSION;
}

void message_raw(struct message *message, const void *data, size_t size)
{
	void *place = message_room(message, size);

	if (size)
		memcpy(place, data, size);
}

void message_put(struct message *message, uint16_t type, const void *data, size_t size)
{
	struct nlattr head = { .nla_len = NLA_HDRLEN + size, .nla_type = type };

	message_raw(message, &head, sizeof(head));
	message_raw(message, data, size);
	message_room(message, NLA_ALIGN(size) - size);
}

void message_text(struct message *message, uint16_t type, const char *text)
{
	message_put(message, type, text, strlen(text) + 1);
}

void message_u32(struct message *message, uint16_t type, uint32_t value)
{
	message_put(message, type, &value, sizeof(value));
}

void message_u64(struct message *message, uint16_t type, uint64_t value)
{
	message_put(message, type, &value, sizeof(value));
}

void message_end(struct message *message)
{
	((struct nlmsghdr *)message->data)->nlmsg_len = message->size;
}

void message_free(struct message *message)
{
	free(message->data);
	memset(message, 0, sizeof(*message));
}

/* --- the socket ------------------------------------------------------------------------------- */

static int connect_to(struct peer *peer, const char *socket_path)
{
	struct sockaddr_un path = { .sun_family = AF_UNIX };
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int on = 1;

	peer->stream = socket_path;
	if (socket_path) {
		if (strlen(socket_path) >= sizeof(path.sun_path))
			return -ENAMETOOLONG;
		strcpy(path.sun_path, socket_path);
		peer->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (peer->fd < 0 || connect(peer->fd, (struct sockaddr *)&path, sizeof(path)))
			return -errno;
		return 0;
	}
	peer->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (peer->fd < 0 || bind(peer->fd, (struct sockaddr *)&kernel, sizeof(kernel)))
		return -errno;
	setsockopt(peer->fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(peer->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	return 0;
}

/* Ask the controller for the family's number and its group's. */
static int resolve(struct peer *peer)
{
	struct message message = {};
	const struct nlattr *attribute = NULL, *inside;
	const struct nlmsghdr *header;
	int got;

	message_begin(&message, CTRL_CMD_GETFAMILY, NLM_F_REQUEST, 0);
	((struct nlmsghdr *)message.data)->nlmsg_type = GENL_ID_CTRL;
	message_text(&message, CTRL_ATTR_FAMILY_NAME, LUNATIK_GENL_NAME);
	message_end(&message);
	got = peer_send(peer, message.data, message.size);
	message_free(&message);
	if (got)
		return got;
	got = peer_receive(peer, 30000, &header);
	if (got <= 0)
		return got ? got : -ETIMEDOUT;
	if (header->nlmsg_type == NLMSG_ERROR)
		return ((struct nlmsgerr *)NLMSG_DATA(header))->error;
	family = attribute_number(attribute_find(header, CTRL_ATTR_FAMILY_ID));
	attribute = attribute_find(header, CTRL_ATTR_MCAST_GROUPS);
	attribute = attribute ? attribute_inside(attribute, NULL) : NULL;
	inside = attribute ? attribute_inside(attribute, NULL) : NULL;
	for (; inside; inside = attribute_inside(attribute, inside))
		if (attribute_type(inside) == CTRL_ATTR_MCAST_GRP_ID)
			group_events = attribute_number(inside);
	return family && group_events ? 0 : -EPROTO;
}

int peer_open(struct peer *peer, const char *socket_path)
{
	int error;

	memset(peer, 0, sizeof(*peer));
	peer->fd = -1;
	peer->room = INPUT_ROOM;
	peer->input = malloc(peer->room);
	if (!peer->input)
		return -ENOMEM;
	error = connect_to(peer, socket_path);
	if (!error && !family)
		error = resolve(peer);
	if (error)
		peer_close(peer);
	return error;
}

void peer_close(struct peer *peer)
{
	if (peer->fd >= 0)
		close(peer->fd);
	peer->fd = -1;
	free(peer->input);
	peer->input = NULL;
}

void peer_buffers(struct peer *peer, int receive, int send)
{
	if (setsockopt(peer->fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive, sizeof(receive)))
		setsockopt(peer->fd, SOL_SOCKET, SO_RCVBUF, &receive, sizeof(receive));
	if (setsockopt(peer->fd, SOL_SOCKET, SO_SNDBUFFORCE, &send, sizeof(send)))
		setsockopt(peer->fd, SOL_SOCKET, SO_SNDBUF, &send, sizeof(send));
}

static int membership(struct peer *peer, bool join)
{
	struct { struct nlmsghdr header; uint32_t group, join; } request = {
		.header = { .nlmsg_len = sizeof(request), .nlmsg_type = MESSAGE_MEMBERSHIP,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.group = group_events,
		.join = join,
	};
	const struct nlmsghdr *answer;
	int error;

	if (peer->stream) {
		error = peer_send(peer, &request, sizeof(request));
		if (!error)
			error = peer_receive(peer, 30000, &answer) == 1 ? 0 : -EPROTO;
		return error;
	}
	if (setsockopt(peer->fd, SOL_NETLINK, join ? NETLINK_ADD_MEMBERSHIP : NETLINK_DROP_MEMBERSHIP,
		       &request.group, sizeof(request.group)))
		return -errno;
	return 0;
}

int peer_join(struct peer *peer)
{
	return membership(peer, true);
}

int peer_leave(struct peer *peer)
{
	return membership(peer, false);
}

int peer_send(struct peer *peer, const void *data, size_t size)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	const char *rest = data;
	ssize_t sent;

	while (size) {
		if (peer->stream)
			sent = send(peer->fd, rest, size, MSG_NOSIGNAL);
		else
			sent = sendto(peer->fd, rest, size, 0, (struct sockaddr *)&kernel,
				      sizeof(kernel));
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -errno;
		if (!peer->stream)
			return 0;
		rest += sent;
		size -= sent;
	}
	return 0;
}

/* A whole message that has come already, or NULL. */
static const struct nlmsghdr *take(struct peer *peer)
{
	const struct nlmsghdr *header = (void *)(peer->input + peer->used);
	size_t left = peer->have - peer->used;

	if (left < sizeof(*header) || NLMSG_ALIGN(header->nlmsg_len) > left)
		return NULL;
	peer->used += NLMSG_ALIGN(header->nlmsg_len);
	return header;
}

int peer_receive(struct peer *peer, int patience, const struct nlmsghdr **header)
{
	struct pollfd ready = { .fd = peer->fd, .events = POLLIN };
	ssize_t got;

	while (!(*header = take(peer))) {
		/* of a datagram nothing may be left; what is left of the stream is the next one's head */
		if (!peer->stream && peer->have != peer->used)
			return -EBADMSG;
		memmove(peer->input, peer->input + peer->used, peer->have - peer->used);
		peer->have -= peer->used;
		peer->used = 0;
		if (peer->have == peer->room)
			return -EMSGSIZE;
		got = poll(&ready, 1, patience);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : 0;
		got = recv(peer->fd, peer->input + peer->have, peer->room - peer->have, MSG_TRUNC);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			return -ECONNRESET;
		if ((size_t)got > peer->room - peer->have)
			return -EMSGSIZE;
		peer->have += got;
	}
	if ((*header)->nlmsg_len < sizeof(**header))
		return -EBADMSG;
	return (*header)->nlmsg_type == NLMSG_OVERRUN ? -ENOBUFS : 1;
}

/* --- reading ---------------------------------------------------------------------------------- */

static const struct nlattr *next_in(const char *begin, const char *end,
				    const struct nlattr *previous)
{
	const char *at = previous ? (const char *)previous + NLA_ALIGN(previous->nla_len) : begin;
	const struct nlattr *attribute = (const void *)at;

	if (at + NLA_HDRLEN > end || attribute->nla_len < NLA_HDRLEN || at + attribute->nla_len > end)
		return NULL;
	return attribute;
}

const struct nlattr *attribute_next(const struct nlmsghdr *header, const struct nlattr *previous)
{
	return next_in((const char *)NLMSG_DATA(header) + GENL_HDRLEN,
		       (const char *)header + header->nlmsg_len, previous);
}

const struct nlattr *attribute_inside(const struct nlattr *nest, const struct nlattr *previous)
{
	return next_in((const char *)nest + NLA_HDRLEN, (const char *)nest + nest->nla_len, previous);
}

const struct nlattr *attribute_find(const struct nlmsghdr *header, uint16_t type)
{
	const struct nlattr *attribute = NULL;

	while ((attribute = attribute_next(header, attribute)))
		if (attribute_type(attribute) == type)
			break;
	return attribute;
}

const void *attribute_data(const struct nlattr *attribute)
{
	return (const char *)attribute + NLA_HDRLEN;
}

size_t attribute_size(const struct nlattr *attribute)
{
	return attribute->nla_len - NLA_HDRLEN;
}

uint16_t attribute_type(const struct nlattr *attribute)
{
	return attribute->nla_type & NLA_TYPE_MASK;
}

uint64_t attribute_number(const struct nlattr *attribute)
{
	uint64_t number = 0;

	if (attribute)
		memcpy(&number, attribute_data(attribute),
		       attribute_size(attribute) < 8 ? attribute_size(attribute) : 8);
	return number;
}

const char *attribute_text(const struct nlattr *attribute)
{
	return attribute ? attribute_data(attribute) : "";
}

uint8_t message_command(const struct nlmsghdr *header)
{
	return ((const struct genlmsghdr *)NLMSG_DATA(header))->cmd;
}
