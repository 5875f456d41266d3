/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Answers that leave together. A buffer, a wake-up of the asker and a read of its own for each
 * answer cost more than a short run does. So a worker that goes on with the next run of its state,
 * for the same asker, may hold the answer of the last one back, and puts the next one behind it:
 * several messages in one datagram, in the order of the runs, for one asker.
 *
 *      worker:   ... run, answer ──▶ hold ──▶ run ──▶ take, answer ──▶ hold or send
 *      the clock:                     └── after at most two ticks: send
 *
 * A letter is held while a worker makes a run, and not otherwise: it never waits for somebody to
 * ask for something. When that run takes longer than its forerunners did, the clock sends the
 * letter.
 *
 * The letter is of the asker whose run has the state, since only a worker that goes on for the same
 * asker holds one. So only the run that has the state may take it, before it gives the state away:
 * a run that leaves the queue meanwhile, and the next run with another worker, are another's.
 */
#ifndef LUNATIK_LETTER_H
#define LUNATIK_LETTER_H

#include <linux/skbuff.h>
#include <linux/workqueue.h>
#include <net/sock.h>

struct lunatik_state;

/* A state's, guarded by its lock. */
struct lunatik_letter {
	struct sk_buff *held; /* or NULL */
	struct delayed_work tick; /* pending only while one is held; has a reference to the state then */
};

void lunatik_letter_init(struct lunatik_letter *letter);

/* An empty letter to an asker, with room for so many bytes; NULL when there is no memory. */
struct sk_buff *lunatik_letter_new(struct sock *asker, size_t room);

/* Forget it instead of sending it. */
void lunatik_letter_free(struct sk_buff *skb);

/*
 * The letter that is held, now the caller's; or NULL. For the end of the run that has the state,
 * under the state's lock.
 */
struct sk_buff *lunatik_letter_take(struct lunatik_state *state);

/* Hold a letter with answers in it while the next run is made; the worker's that makes it. */
void lunatik_letter_hold(struct lunatik_state *state, struct sk_buff *skb);

/*
 * Send a letter with answers in it; takes it. 0, or -ECONNREFUSED when the asker is gone. Another
 * error: its buffer is full, the answers are lost, and its socket tells it.
 */
int lunatik_letter_send(struct sk_buff *skb);

int lunatik_letters_init(void);

/* No worker is left: wait until what they held has been sent. */
void lunatik_letters_stop(void);

/* After lunatik_letters_stop(). */
void lunatik_letters_exit(void);

#endif
