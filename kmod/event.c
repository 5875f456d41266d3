// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Events: what happened, told to the multicast group. */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <net/genetlink.h>

#include "event.h"
#include "netlink.h"
#include "netlink_gen.h"
#include "state.h"

/* Guards what follows, and keeps events in the order of their numbers. */
static DEFINE_MUTEX(events_mutex);
static bool started;
static u64 sequence;

static int event_fill(struct sk_buff *skb, const struct lunatik_event *event)
{
	void *header = genlmsg_put(skb, 0, 0, &lunatik_family, 0, LUNATIK_CMD_EVENT);

	if (!header)
		return -EMSGSIZE;
	if (nla_put_u64_64bit(skb, LUNATIK_A_EVENT_SEQUENCE, sequence, LUNATIK_A_EVENT_PAD) ||
	    nla_put_u32(skb, LUNATIK_A_EVENT_TYPE, event->type) ||
	    nla_put_string(skb, LUNATIK_A_EVENT_STATE, event->state->name) ||
	    nla_put_u64_64bit(skb, LUNATIK_A_EVENT_STATE_ID, event->state->id,
			      LUNATIK_A_EVENT_PAD) ||
	    (event->run && nla_put_u64_64bit(skb, LUNATIK_A_EVENT_RUN, event->run,
					     LUNATIK_A_EVENT_PAD)) ||
	    nla_put_u64_64bit(skb, LUNATIK_A_EVENT_TIME, ktime_get_real_ns(), LUNATIK_A_EVENT_PAD))
		return -EMSGSIZE;
	if (event->error) {
		const struct lunatik_error_info *info = &lunatik_errors[event->error];
		size_t size = min_t(size_t, event->message_size, LUNATIK_EVENT_MESSAGE_MAX);

		if (nla_put_u32(skb, LUNATIK_A_EVENT_ERRNO, info->number) ||
		    nla_put_string(skb, LUNATIK_A_EVENT_ERROR_CODE, info->code) ||
		    nla_put(skb, LUNATIK_A_EVENT_MESSAGE, size, event->message))
			return -EMSGSIZE;
	}
	if (event->output_size &&
	    nla_put(skb, LUNATIK_A_EVENT_OUTPUT, event->output_size, event->output))
		return -EMSGSIZE;
	genlmsg_end(skb, header);
	return 0;
}

void lunatik_event_send(const struct lunatik_event *event)
{
	size_t room = NLMSG_GOODSIZE + event->output_size +
		      min_t(size_t, event->message_size, LUNATIK_EVENT_MESSAGE_MAX);
	struct sk_buff *skb;

	might_sleep();
	mutex_lock(&events_mutex);
	sequence++;
	if (!started || !genl_has_listeners(&lunatik_family, &init_net, 0))
		goto out;
	skb = genlmsg_new(room, GFP_KERNEL);
	if (!skb)
		goto out;
	if (WARN_ON_ONCE(event_fill(skb, event)))
		nlmsg_free(skb);
	else
		genlmsg_multicast(&lunatik_family, skb, 0, 0, GFP_KERNEL);
out:
	mutex_unlock(&events_mutex);
}

u64 lunatik_event_sequence(void)
{
	u64 last;

	mutex_lock(&events_mutex);
	last = sequence;
	mutex_unlock(&events_mutex);
	return last;
}

void lunatik_events_start(void)
{
	mutex_lock(&events_mutex);
	started = true;
	mutex_unlock(&events_mutex);
}

void lunatik_events_stop(void)
{
	mutex_lock(&events_mutex);
	started = false;
	mutex_unlock(&events_mutex);
}
