/* SPDX-License-Identifier: MIT */
/*
 * What the module should know, kept beside it. A model_*() function asks one thing of the module as
 * one of the clients, and fails when the answer is not the one that the model expects; then the
 * model takes over what has changed.
 *
 * While a state is being deleted or replaced, other operations may come in (that of another client,
 * in the middle of a run): the name is in limbo then, and nobody touches it.
 */
#ifndef LUNATIK_FUZZ_MODEL_H
#define LUNATIK_FUZZ_MODEL_H

#include <linux/types.h>

#define MODEL_CLIENTS 3
#define MODEL_NAMES 4 /* one more than there may be states */

/* What may be executed; the texts are in model.c. */
enum chunk {
	CHUNK_COUNT,    /* counts the runs of the state */
	CHUNK_ERROR,
	CHUNK_ENDLESS,
	CHUNK_SYNTAX,
	CHUNK_LARGE,    /* results that are kept */
	CHUNK_OUTPUT,   /* output that is kept */
	CHUNK_PRINT,
	CHUNK_MEMORY,
	CHUNK_LONG,     /* counts, after some thousand steps */
	CHUNK_FINALIZER,
	CHUNK_COROUTINE,
	CHUNK_TYPE,     /* a result that cannot leave */
	CHUNKS,
};

void model_begin(void);

/* flags: LUNATIK_CREATE_FLAG_* */
void model_create(unsigned int client, unsigned int name, u32 flags);
void model_delete(unsigned int client, unsigned int name, bool force);
/* wait: 0 not at all, else some ms */
void model_execute(unsigned int client, unsigned int name, enum chunk chunk, unsigned int wait);
void model_call(unsigned int client, unsigned int name, unsigned int function, unsigned int wait);
void model_cancel_state(unsigned int client, unsigned int name);
/* Of the runs asked for lately the one with this number, whether it has ended or not. */
void model_cancel_cookie(unsigned int client, unsigned int number);
void model_get(unsigned int client, unsigned int name);
void model_list(unsigned int client);
void model_info(unsigned int client);
void model_log(unsigned int client);
void model_result(unsigned int client, unsigned int number);
void model_release(unsigned int client, unsigned int number);
/* The client closes its socket, and comes again. */
void model_reopen(unsigned int client);
void model_subscribe(unsigned int client, bool join);

/* Take what waits for the clients. */
void model_receive(void);

/* Hold the module's own counts against the model. */
void model_check(void);

/* All work has been done: no run may be outstanding. */
void model_check_idle(void);

#endif
