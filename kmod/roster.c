// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What belongs to netlink ports; roster.h tells why. */
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/sched.h>

#include "roster.h"

static struct list_head *port_list(struct lunatik_roster *roster, u32 port)
{
	return &roster->ports[hash_32(port, LUNATIK_ROSTER_BITS)];
}

void lunatik_roster_add(struct lunatik_roster *roster, struct lunatik_place *place, u32 port)
{
	lockdep_assert_held(&roster->lock);
	place->marker = false;
	list_add_tail(&place->node, port_list(roster, port));
}

void lunatik_roster_remove(struct lunatik_roster *roster, struct lunatik_place *place)
{
	lockdep_assert_held(&roster->lock);
	list_del_init(&place->node);
}

/*
 * Two markers: how far the walk is, and where it ends, so that it does not run after those who put
 * something in meanwhile. True when it was ended.
 */
static bool list_walk(struct lunatik_roster *roster, struct list_head *list,
		      lunatik_roster_look *look, void *context)
{
	struct lunatik_place here = { .marker = true };
	struct lunatik_place end = { .marker = true };
	unsigned int looked = 0;
	bool done = false;

	might_sleep();
	if (list_empty(list)) /* nearly all are: what was put in before would be seen */
		return false;
	spin_lock(&roster->lock);
	list_add(&here.node, list);
	list_add_tail(&end.node, list);
	while (!done && here.node.next != &end.node) {
		struct lunatik_place *place = list_entry(here.node.next, struct lunatik_place,
							 node);

		list_move(&here.node, &place->node);
		if (!place->marker)
			done = look(place, context);
		if (++looked % LUNATIK_ROSTER_BATCH)
			continue;
		spin_unlock(&roster->lock);
		cond_resched();
		spin_lock(&roster->lock);
	}
	list_del(&here.node);
	list_del(&end.node);
	spin_unlock(&roster->lock);
	return done;
}

void lunatik_roster_walk(struct lunatik_roster *roster, lunatik_roster_look *look, void *context)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(roster->ports); i++)
		if (list_walk(roster, &roster->ports[i], look, context))
			return;
}

void lunatik_roster_walk_port(struct lunatik_roster *roster, u32 port, lunatik_roster_look *look,
			      void *context)
{
	list_walk(roster, port_list(roster, port), look, context);
}

bool lunatik_roster_is_empty(struct lunatik_roster *roster)
{
	const struct lunatik_place *place;
	bool empty = true;
	size_t i;

	spin_lock(&roster->lock);
	for (i = 0; i < ARRAY_SIZE(roster->ports); i++)
		list_for_each_entry(place, &roster->ports[i], node)
			empty &= place->marker;
	spin_unlock(&roster->lock);
	return empty;
}
