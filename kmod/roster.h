/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What belongs to netlink ports, runs or results that are kept: found by port when one is closed,
 * and walked as a whole. There may be very many, and any socket of any process that is closed asks
 * for those of its port. So a walk holds the lock for a few of them at a time: the walker's place
 * is kept by a marker among them.
 */
#ifndef LUNATIK_ROSTER_H
#define LUNATIK_ROSTER_H

#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#define LUNATIK_ROSTER_BITS 8

/* As many are looked at while a lock is held. */
#define LUNATIK_ROSTER_BATCH 32

/* In what is listed; guarded by the roster's lock. */
struct lunatik_place {
	struct list_head node;
	bool marker; /* of a walk; not a place of anything */
};

struct lunatik_roster {
	spinlock_t lock; /* may guard more of its owner's */
	struct list_head ports[1 << LUNATIK_ROSTER_BITS]; /* by a hash */
};

/* For a place in a roster, under its lock. True: go no further. */
typedef bool lunatik_roster_look(struct lunatik_place *place, void *context);

/* Inline, so that lockdep takes the locks of each file's roster for a class of their own. */
static inline void lunatik_roster_init(struct lunatik_roster *roster)
{
	size_t i;

	spin_lock_init(&roster->lock);
	for (i = 0; i < ARRAY_SIZE(roster->ports); i++)
		INIT_LIST_HEAD(&roster->ports[i]);
}

/* Under the lock: put in what belongs to a port (0: to nobody), and take it out. */
void lunatik_roster_add(struct lunatik_roster *roster, struct lunatik_place *place, u32 port);
void lunatik_roster_remove(struct lunatik_roster *roster, struct lunatik_place *place);

/*
 * Look at all that was put in before and stays; or at that of a port, and at some of other ports.
 * What is looked at may be taken out by that. Without the lock, which is dropped and others let run
 * in between; may sleep.
 */
void lunatik_roster_walk(struct lunatik_roster *roster, lunatik_roster_look *look, void *context);
void lunatik_roster_walk_port(struct lunatik_roster *roster, u32 port, lunatik_roster_look *look,
			      void *context);

/* Is nothing in it? A walk through it, which puts nothing in, may be under way. Without the lock. */
bool lunatik_roster_is_empty(struct lunatik_roster *roster);

#endif
