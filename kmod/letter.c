// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Answers that leave together; letter.h tells when. */
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/netlink.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "letter.h"
#include "state.h"

/* In the buffer until it is sent, as netlink's own notes are from then on. */
struct letter_note {
	struct sock *asker; /* with a reference */
};

static struct workqueue_struct *ticks; /* send what is still held; never behind runs */

static struct letter_note *letter_note(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct letter_note) > sizeof(skb->cb));
	return (struct letter_note *)skb->cb;
}

struct sk_buff *lunatik_letter_new(struct sock *asker, size_t room)
{
	struct sk_buff *skb = genlmsg_new(room, GFP_KERNEL | __GFP_NOWARN);

	if (!skb)
		return NULL;
	sock_hold(asker);
	letter_note(skb)->asker = asker;
	return skb;
}

void lunatik_letter_free(struct sk_buff *skb)
{
	sock_put(letter_note(skb)->asker);
	nlmsg_free(skb);
}

int lunatik_letter_send(struct sk_buff *skb)
{
	struct sock *asker = letter_note(skb)->asker;
	int error;

	memset(letter_note(skb), 0, sizeof(struct letter_note));
	/* looked at last of all: the port may be another's as soon as the asker is gone */
	if (sock_flag(asker, SOCK_DEAD)) {
		nlmsg_free(skb);
		error = -ECONNREFUSED;
	} else {
		/* a full buffer loses the answers; the asker's socket then reports ENOBUFS */
		error = genlmsg_unicast(&init_net, skb, nlmsg_hdr(skb)->nlmsg_pid);
	}
	sock_put(asker);
	return error;
}

/* The run that a letter is held behind takes long; or this is the tick of an earlier letter. */
static void tick_work(struct work_struct *work)
{
	struct lunatik_letter *letter = container_of(to_delayed_work(work), struct lunatik_letter,
						     tick);
	struct lunatik_state *state = container_of(letter, struct lunatik_state, letter);
	struct sk_buff *skb;

	spin_lock(&state->lock);
	skb = letter->held;
	letter->held = NULL;
	spin_unlock(&state->lock);
	if (skb)
		lunatik_letter_send(skb);
	lunatik_state_put(state);
}

struct sk_buff *lunatik_letter_take(struct lunatik_state *state)
{
	struct lunatik_letter *letter = &state->letter;
	struct sk_buff *skb = letter->held;

	lockdep_assert_held(&state->lock);
	if (!skb)
		return NULL;
	letter->held = NULL;
	/* when it is too late to cancel, tick_work() finds no letter, or a later one */
	if (cancel_delayed_work(&letter->tick))
		lunatik_state_put(state); /* not the last: the run that ends holds one */
	return skb;
}

void lunatik_letter_hold(struct lunatik_state *state, struct sk_buff *skb)
{
	struct lunatik_letter *letter = &state->letter;

	spin_lock(&state->lock);
	WARN_ON_ONCE(letter->held);
	letter->held = skb;
	if (queue_delayed_work(ticks, &letter->tick, 1))
		lunatik_state_get(state);
	spin_unlock(&state->lock);
}

void lunatik_letter_init(struct lunatik_letter *letter)
{
	INIT_DELAYED_WORK(&letter->tick, tick_work);
}

int lunatik_letters_init(void)
{
	ticks = alloc_workqueue("lunatik-letter", WQ_UNBOUND, 0);
	return ticks ? 0 : -ENOMEM;
}

void lunatik_letters_stop(void)
{
	flush_workqueue(ticks);
}

void lunatik_letters_exit(void)
{
	destroy_workqueue(ticks);
}
