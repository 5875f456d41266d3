/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* From a member to what holds it. */
#ifndef EMBEDDED_LINUX_CONTAINER_OF_H
#define EMBEDDED_LINUX_CONTAINER_OF_H

#include <stddef.h>

#define container_of(member_pointer, type, member) \
	((type *)((char *)(1 ? (member_pointer) : &((type *)0)->member) - offsetof(type, member)))
#define sizeof_field(type, member) sizeof(((type *)0)->member)
#define offsetofend(type, member) (offsetof(type, member) + sizeof_field(type, member))

#endif
