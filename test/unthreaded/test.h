/* SPDX-License-Identifier: MIT */
/* What the cases share; see test.c. */
#ifndef TEST_UNTHREADED_H
#define TEST_UNTHREADED_H

#include <linux/types.h>

#include "netlink.h"
#include "uapi/lunatik.h"

#define check(condition) check_at(!!(condition), #condition, __FILE__, __LINE__)

void check_at(bool good, const char *what, const char *file, int line);

/* Load the module, afresh; unload it, with a check that nothing of it is left. */
void load(void);
void unload(void);

struct case_of {
	const char *name;
	void (*run)(void);
};

/* Each ends with a nameless one. */
extern const struct case_of dump_cases[], end_cases[], event_cases[], export_cases[], letter_cases[],
	limit_cases[], load_cases[], log_cases[], memory_cases[], port_cases[], request_cases[], result_cases[];

/* --- a client --- */

struct sock *client_open(void);

/* A request with room for so many bytes, to be filled in. */
struct sk_buff *client_request(u8 command, int flags, size_t room);

/* Send it; the errno of the acknowledgement, and the text with it, or "", which lives until the next. */
int client_ask(struct sock *client, struct sk_buff *skb, const char **told);

/* Send a request for which no acknowledgement is asked, with a cookie unless that is 0. */
void client_tell(struct sock *client, struct sk_buff *skb, u64 cookie);

/* Load the module, and create the state "s" in it; the client that did. */
struct sock *load_with_state(void);

/* Ask for a run of the code, with a cookie; the errno of the acknowledgement. */
int client_execute(struct sock *client, const char *state, const char *code, u64 cookie);

/* Ask for a run that may wait for its turn, and for no acknowledgement; its answer is left unread. */
void client_submit(struct sock *client, const char *state, const char *code, u64 cookie);

/* Ask for what was kept of a run; how many bytes of it came, or a negative errno. */
long client_result(struct sock *client, u64 cookie);

/* The errno in the answer of the run with that cookie, 0 when it was a success; -1 when there is none. The others are read, too. */
long client_answer(struct sock *client, u64 cookie);

/* Create a state; the errno. */
int client_create(struct sock *client, const char *name);

/* Read and forget what waits. */
void client_drain(struct sock *client);

#endif
