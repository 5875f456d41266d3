/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The host's side of the door to Lua (lua/engine.h declares what Lua asks of it). */
#ifndef LUNATIK_HOST_H
#define LUNATIK_HOST_H

/* "kernel" or "embedded". */
extern const char lunatik_backend[];

/* Make ready, before any state is created: 0 or -ENOMEM. Then undo, after the last one is gone. */
int lunatik_host_init(void);
void lunatik_host_exit(void);

#endif
