/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Named Lua states inside the kernel: create, delete, get, list, execute, call, cancel, log,
 * and their events.
 *
 * Every operation needs CAP_NET_ADMIN in the initial namespaces. A refused request is answered
 * by an error whose extended acknowledgement reads "ERR_CODE: text" and names the offending
 * attribute. The acknowledgement of execute and call means "queued"; exactly one message
 * finished with the same sequence number and cookie tells the outcome of the run. Lua values
 * travel as MessagePack. A binary value over 65531 bytes is cut over several attributes of the
 * same type, in order; they need not be cut at any particular place.
 *
 * Generated from kmod/lunatik.yaml by npm run generate; edit that file instead.
 */
#ifndef _UAPI_LINUX_LUNATIK_H
#define _UAPI_LINUX_LUNATIK_H

#define LUNATIK_GENL_NAME "lunatik"
#define LUNATIK_GENL_VERSION 1

/* Multicast group. */
#define LUNATIK_MCGRP_EVENTS "events"

/* Longest name of a state, in bytes. */
#define LUNATIK_NAME_MAX 63

/* Longest description of a state, in bytes. */
#define LUNATIK_DESCRIPTION_MAX 255

/* Longest name of a chunk, in bytes. */
#define LUNATIK_CHUNK_NAME_MAX 255

/* Longest dotted name of a function, in bytes. */
#define LUNATIK_FUNCTION_MAX 255

/* Longest chunk, and longest encoding of the arguments, in bytes. */
#define LUNATIK_CHUNK_MAX 1048576

/*
 * Results and output of a run that together exceed this many bytes stay with the run; see the
 * operation result.
 */
#define LUNATIK_INLINE_MAX 32768

/* The libraries that a state may be given. The base library is always there. */
enum lunatik_library {
	LUNATIK_LIBRARY_COROUTINE = 1 << 0,
	LUNATIK_LIBRARY_STRING = 1 << 1,
	LUNATIK_LIBRARY_TABLE = 1 << 2,
	LUNATIK_LIBRARY_MATH = 1 << 3,
	LUNATIK_LIBRARY_UTF8 = 1 << 4,
	/* Only time, clock, date and difftime. */
	LUNATIK_LIBRARY_OS = 1 << 5,
	/* Only traceback and getinfo. */
	LUNATIK_LIBRARY_DEBUG = 1 << 6,

	LUNATIK_LIBRARY_MASK = 0x7f,
};

enum lunatik_create_flag {
	/* Delete a state of the same name first, if there is one; it must not be busy. */
	LUNATIK_CREATE_FLAG_REPLACE = 1 << 0,
	/* Succeed, and change nothing, if a state has the name already. */
	LUNATIK_CREATE_FLAG_IF_NOT_EXISTS = 1 << 1,

	LUNATIK_CREATE_FLAG_MASK = 0x3,
};

enum lunatik_delete_flag {
	/* End the run in progress and the ones that wait, then delete. */
	LUNATIK_DELETE_FLAG_FORCE = 1 << 0,

	LUNATIK_DELETE_FLAG_MASK = 0x1,
};

enum lunatik_event_type {
	LUNATIK_EVENT_TYPE_CREATED = 1,
	LUNATIK_EVENT_TYPE_DELETED,
	/* A run ended with an error that is not a spent limit. */
	LUNATIK_EVENT_TYPE_FAILED,
	/* A run ended because a limit on steps, time or memory was spent. */
	LUNATIK_EVENT_TYPE_LIMIT,
	/* A run printed. */
	LUNATIK_EVENT_TYPE_PRINT,

	__LUNATIK_EVENT_TYPE_MAX,
	LUNATIK_EVENT_TYPE_MAX = (__LUNATIK_EVENT_TYPE_MAX - 1)
};

/*
 * What can go wrong. Each doc starts with the errno. The code on the wire is the name in
 * capitals after "ERR_".
 */
enum lunatik_error {
	/* EINVAL. The request is malformed. */
	LUNATIK_ERROR_INVALID = 1,
	/* EOPNOTSUPP. The request has an unknown attribute or flag. */
	LUNATIK_ERROR_UNSUPPORTED,
	/* ENOENT. No state has this name. */
	LUNATIK_ERROR_NO_STATE,
	/* ENOENT. No run matches. */
	LUNATIK_ERROR_NO_RUN,
	/* ENAMETOOLONG. The name is longer than 63 bytes. */
	LUNATIK_ERROR_NAME_TOO_LONG,
	/* ESTALE. The state is being deleted. */
	LUNATIK_ERROR_STALE,
	/* EEXIST. A state has this name already. */
	LUNATIK_ERROR_EXISTS,
	/* ERANGE. A limit is out of range. */
	LUNATIK_ERROR_RANGE,
	/* ENOSPC. There are as many states as allowed. */
	LUNATIK_ERROR_TOO_MANY_STATES,
	/* EDQUOT. The memory for all states is used up. */
	LUNATIK_ERROR_TOTAL_MEMORY,
	/* ENOMEM. The kernel has no memory. */
	LUNATIK_ERROR_NO_MEMORY,
	/* EBUSY. A run is in progress. */
	LUNATIK_ERROR_BUSY,
	/* ENOBUFS. Too many runs are waiting. */
	LUNATIK_ERROR_QUEUE_FULL,
	/* ENOEXEC. The chunk does not compile. */
	LUNATIK_ERROR_SYNTAX,
	/* ENOEXEC. The chunk is byte code; only text is accepted. */
	LUNATIK_ERROR_BYTECODE,
	/* E2BIG. The chunk or the arguments are larger than allowed. */
	LUNATIK_ERROR_TOO_LARGE,
	/* EIO. A Lua run-time error, stack overflow included. */
	LUNATIK_ERROR_RUNTIME,
	/* ENOSYS. No function has this name. */
	LUNATIK_ERROR_NO_FUNCTION,
	/* EDQUOT. The state's memory limit is reached. */
	LUNATIK_ERROR_MEMORY,
	/* ETIME. The step budget is spent. */
	LUNATIK_ERROR_STEPS,
	/* ETIMEDOUT. The deadline has passed. */
	LUNATIK_ERROR_TIME,
	/* ECANCELED. The run was cancelled. */
	LUNATIK_ERROR_CANCELLED,
	/* EMSGSIZE. The results are larger than allowed. */
	LUNATIK_ERROR_RESULT_SIZE,
	/* ELOOP. The results are nested too deeply, or contain themselves. */
	LUNATIK_ERROR_RESULT_DEPTH,
	/* EPROTOTYPE. A result is of a type that cannot leave the state. */
	LUNATIK_ERROR_RESULT_TYPE,

	__LUNATIK_ERROR_MAX,
	LUNATIK_ERROR_MAX = (__LUNATIK_ERROR_MAX - 1)
};

/*
 * Attributes of a message or nest about: failure. How often the runs of a state failed in one
 * way.
 */
enum {
	/* string: An error code, "ERR_RUNTIME". */
	LUNATIK_A_FAILURE_CODE = 1,
	/* only aligns the u64 after it */
	LUNATIK_A_FAILURE_PAD,
	/* u64 */
	LUNATIK_A_FAILURE_COUNT,

	__LUNATIK_A_FAILURE_MAX,
};
#define LUNATIK_A_FAILURE_MAX (__LUNATIK_A_FAILURE_MAX - 1)

/* Attributes of a message or nest about: error-record. The last error of a state. */
enum {
	/* u32: A positive errno. */
	LUNATIK_A_ERROR_ERRNO = 1,
	/* string */
	LUNATIK_A_ERROR_CODE,
	/* binary */
	LUNATIK_A_ERROR_MESSAGE,
	/* only aligns the u64 after it */
	LUNATIK_A_ERROR_PAD,
	/* u64: When, in nanoseconds since the epoch. */
	LUNATIK_A_ERROR_TIME,

	__LUNATIK_A_ERROR_MAX,
};
#define LUNATIK_A_ERROR_MAX (__LUNATIK_A_ERROR_MAX - 1)

/* Attributes of a message or nest about: state. */
enum {
	/* string: 1 to 63 bytes without control characters. */
	LUNATIK_A_STATE_NAME = 1,
	/* only aligns the u64 after it */
	LUNATIK_A_STATE_PAD,
	/* u64: Never used twice while the module is loaded. */
	LUNATIK_A_STATE_ID,
	/* string */
	LUNATIK_A_STATE_DESCRIPTION,
	/* u32 of LUNATIK_LIBRARY_*: All of them unless given. */
	LUNATIK_A_STATE_LIBRARIES,
	/* u64: Limit on memory, in bytes. */
	LUNATIK_A_STATE_MAX_MEMORY,
	/* u64: Limit on the steps of one run. */
	LUNATIK_A_STATE_MAX_STEPS,
	/* u64: Limit on the time of one run, in nanoseconds. */
	LUNATIK_A_STATE_MAX_TIME,
	/* u32 of LUNATIK_CREATE_FLAG_* */
	LUNATIK_A_STATE_CREATE_FLAGS,
	/* u32 of LUNATIK_DELETE_FLAG_* */
	LUNATIK_A_STATE_DELETE_FLAGS,
	/* u64: In use now, in bytes. */
	LUNATIK_A_STATE_MEMORY,
	/* u64 */
	LUNATIK_A_STATE_MEMORY_PEAK,
	/* u8: 1 while a run is in progress. */
	LUNATIK_A_STATE_BUSY,
	/* u8: 1 while the state is being deleted. */
	LUNATIK_A_STATE_DYING,
	/* u64: The id of the run in progress; absent when there is none. */
	LUNATIK_A_STATE_RUN,
	/* u32: Runs that wait for the state. */
	LUNATIK_A_STATE_WAITING,
	/* u64: Runs that have ended, failed ones included. */
	LUNATIK_A_STATE_RUNS,
	/* nest of LUNATIK_A_FAILURE_*, may repeat */
	LUNATIK_A_STATE_FAILURES,
	/* u64: Steps of all runs. */
	LUNATIK_A_STATE_STEPS,
	/* u64: Time of all runs, in nanoseconds. */
	LUNATIK_A_STATE_TIME,
	/* u64: Time of the longest run, in nanoseconds. */
	LUNATIK_A_STATE_TIME_LONGEST,
	/* u64: When, in nanoseconds since the epoch. */
	LUNATIK_A_STATE_CREATED,
	/* u32 */
	LUNATIK_A_STATE_CREATOR_PID,
	/* u32 */
	LUNATIK_A_STATE_CREATOR_UID,
	/* string */
	LUNATIK_A_STATE_CREATOR_COMM,
	/* nest of LUNATIK_A_ERROR_* */
	LUNATIK_A_STATE_LAST_ERROR,
	/* u64: The longest FPU section of a run, in nanoseconds. Preemption is off in it. */
	LUNATIK_A_STATE_SECTION_LONGEST,
	/* u32: The most bytes of a kernel stack that a run has used. */
	LUNATIK_A_STATE_STACK_DEEPEST,

	__LUNATIK_A_STATE_MAX,
};
#define LUNATIK_A_STATE_MAX (__LUNATIK_A_STATE_MAX - 1)

/* Attributes of a message or nest about: run. */
enum {
	/* string: The name of the state. */
	LUNATIK_A_RUN_STATE = 1,
	/* only aligns the u64 after it */
	LUNATIK_A_RUN_PAD,
	/* u64: Never used twice while the module is loaded. */
	LUNATIK_A_RUN_ID,
	/* u64: Chosen by the client, echoed in the reply; cancel finds the run by it. */
	LUNATIK_A_RUN_COOKIE,
	/* string: As luaL_loadbuffer takes it; "=chunk" unless given. */
	LUNATIK_A_RUN_CHUNK_NAME,
	/* binary, may repeat: The text of the chunk. */
	LUNATIK_A_RUN_CODE,
	/* string: A function's name, dotted when it lies in tables, "geo.area". */
	LUNATIK_A_RUN_FUNCTION,
	/* binary, may repeat: A MessagePack array. */
	LUNATIK_A_RUN_ARGUMENTS,
	/*
	 * u64: Bytes; at most the state's own limit. This and the next two are the state's own
	 * unless given.
	 */
	LUNATIK_A_RUN_MAX_MEMORY,
	/* u64 */
	LUNATIK_A_RUN_MAX_STEPS,
	/* u64: Nanoseconds. */
	LUNATIK_A_RUN_MAX_TIME,
	/* u64: How long to wait for a busy state, in nanoseconds; 0 (not at all) unless given. */
	LUNATIK_A_RUN_MAX_WAIT,
	/* u32: 0 when the run succeeded, else a positive errno. */
	LUNATIK_A_RUN_ERRNO,
	/* string */
	LUNATIK_A_RUN_ERROR_CODE,
	/* binary: The error's message, with chunk name and line where Lua gives them. */
	LUNATIK_A_RUN_MESSAGE,
	/* binary */
	LUNATIK_A_RUN_TRACEBACK,
	/* binary, may repeat: A MessagePack array. */
	LUNATIK_A_RUN_RESULTS,
	/* binary, may repeat: What the run printed. */
	LUNATIK_A_RUN_OUTPUT,
	/* u64: Bytes printed beyond what a run may keep; absent when none. */
	LUNATIK_A_RUN_OUTPUT_DROPPED,
	/* u64 */
	LUNATIK_A_RUN_STEPS,
	/* u64: Nanoseconds from start to end, waiting excluded. */
	LUNATIK_A_RUN_TIME,
	/* u64: Nanoseconds spent waiting for the state. */
	LUNATIK_A_RUN_WAIT,
	/* u64: The state's memory after the run, in bytes. */
	LUNATIK_A_RUN_MEMORY,
	/* u64: The state's highest memory during the run, in bytes. */
	LUNATIK_A_RUN_MEMORY_PEAK,
	/* u64: In a reply without results, how many bytes of them the operation result gives. */
	LUNATIK_A_RUN_RESULTS_SIZE,
	/* u64 */
	LUNATIK_A_RUN_OUTPUT_SIZE,
	/* u32: Runs that cancel reached. */
	LUNATIK_A_RUN_COUNT,

	__LUNATIK_A_RUN_MAX,
};
#define LUNATIK_A_RUN_MAX (__LUNATIK_A_RUN_MAX - 1)

/* Attributes of a message or nest about: event. */
enum {
	/* u64: One more than that of the event before; a gap means a loss. */
	LUNATIK_A_EVENT_SEQUENCE = 1,
	/* only aligns the u64 after it */
	LUNATIK_A_EVENT_PAD,
	/* u32 of LUNATIK_EVENT_TYPE_* */
	LUNATIK_A_EVENT_TYPE,
	/* string */
	LUNATIK_A_EVENT_STATE,
	/* u64 */
	LUNATIK_A_EVENT_STATE_ID,
	/* u64: The id of the run, for failed, limit and print. */
	LUNATIK_A_EVENT_RUN,
	/* u64: When, in nanoseconds since the epoch. */
	LUNATIK_A_EVENT_TIME,
	/* u32 */
	LUNATIK_A_EVENT_ERRNO,
	/* string */
	LUNATIK_A_EVENT_ERROR_CODE,
	/* binary */
	LUNATIK_A_EVENT_MESSAGE,
	/* binary: What was printed, for print; at most 4096 bytes an event. */
	LUNATIK_A_EVENT_OUTPUT,

	__LUNATIK_A_EVENT_MAX,
};
#define LUNATIK_A_EVENT_MAX (__LUNATIK_A_EVENT_MAX - 1)

/* Attributes of a message or nest about: module. */
enum {
	/* string: The module's version. */
	LUNATIK_A_MODULE_VERSION = 1,
	/* only aligns the u64 after it */
	LUNATIK_A_MODULE_PAD,
	/* string: "Lua 5.4.8". */
	LUNATIK_A_MODULE_LUA_VERSION,
	/* string: "kernel" or "embedded". */
	LUNATIK_A_MODULE_BACKEND,
	/* u32 */
	LUNATIK_A_MODULE_STATES,
	/* u32 */
	LUNATIK_A_MODULE_STATES_MAX,
	/*
	 * u64: On the account of memory, in bytes. The pages of all states, and what runs were
	 * given, return and print.
	 */
	LUNATIK_A_MODULE_MEMORY,
	/* u64 */
	LUNATIK_A_MODULE_MEMORY_MAX,
	/* u64: Limit on memory of a state created without one, in bytes. */
	LUNATIK_A_MODULE_DEFAULT_MEMORY,
	/* u64 */
	LUNATIK_A_MODULE_DEFAULT_STEPS,
	/* u64: Nanoseconds. */
	LUNATIK_A_MODULE_DEFAULT_TIME,
	/* u64: The highest limit on memory that create accepts, in bytes. */
	LUNATIK_A_MODULE_CEILING_MEMORY,
	/* u64 */
	LUNATIK_A_MODULE_CEILING_STEPS,
	/* u64: Nanoseconds. */
	LUNATIK_A_MODULE_CEILING_TIME,
	/* u64: The most bytes of results a run may have. */
	LUNATIK_A_MODULE_RESULTS_MAX,
	/* u64: The most bytes of output a run keeps. */
	LUNATIK_A_MODULE_OUTPUT_MAX,
	/* u32: The most runs that wait for one state. */
	LUNATIK_A_MODULE_WAITING_MAX,
	/* u32: Runs queued, waiting or in progress now, in all states. */
	LUNATIK_A_MODULE_RUNS,
	/* u32 */
	LUNATIK_A_MODULE_RUNS_MAX,
	/* u64: The sequence number of the last event. */
	LUNATIK_A_MODULE_EVENT_SEQUENCE,

	__LUNATIK_A_MODULE_MAX,
};
#define LUNATIK_A_MODULE_MAX (__LUNATIK_A_MODULE_MAX - 1)

enum {
	/*
	 * Create a state. Answers with the state, as get does.
	 *
	 * do request, LUNATIK_A_STATE_*: NAME, DESCRIPTION, LIBRARIES, MAX_MEMORY, MAX_STEPS,
	 * MAX_TIME, CREATE_FLAGS.
	 *
	 * do reply, LUNATIK_A_STATE_*: NAME, ID, DESCRIPTION, LIBRARIES, MAX_MEMORY, MAX_STEPS,
	 * MAX_TIME, MEMORY, MEMORY_PEAK, BUSY, DYING, RUN, WAITING, RUNS, FAILURES, STEPS,
	 * TIME, TIME_LONGEST, CREATED, CREATOR_PID, CREATOR_UID, CREATOR_COMM, LAST_ERROR,
	 * SECTION_LONGEST, STACK_DEEPEST.
	 */
	LUNATIK_CMD_CREATE = 1,
	/*
	 * Delete a state. Its finalizers have run when the request is acknowledged.
	 *
	 * do request, LUNATIK_A_STATE_*: NAME, DELETE_FLAGS.
	 */
	LUNATIK_CMD_DELETE,
	/*
	 * One state, or all of them. A dump that a create or delete overlapped is marked
	 * NLM_F_DUMP_INTR.
	 *
	 * do request, LUNATIK_A_STATE_*: NAME.
	 *
	 * do reply, LUNATIK_A_STATE_*: NAME, ID, DESCRIPTION, LIBRARIES, MAX_MEMORY, MAX_STEPS,
	 * MAX_TIME, MEMORY, MEMORY_PEAK, BUSY, DYING, RUN, WAITING, RUNS, FAILURES, STEPS,
	 * TIME, TIME_LONGEST, CREATED, CREATOR_PID, CREATOR_UID, CREATOR_COMM, LAST_ERROR,
	 * SECTION_LONGEST, STACK_DEEPEST.
	 *
	 * dump request: no attributes.
	 *
	 * dump reply, LUNATIK_A_STATE_*: NAME, ID, DESCRIPTION, LIBRARIES, MAX_MEMORY,
	 * MAX_STEPS, MAX_TIME, MEMORY, MEMORY_PEAK, BUSY, DYING, RUN, WAITING, RUNS, FAILURES,
	 * STEPS, TIME, TIME_LONGEST, CREATED, CREATOR_PID, CREATOR_UID, CREATOR_COMM,
	 * LAST_ERROR, SECTION_LONGEST, STACK_DEEPEST.
	 */
	LUNATIK_CMD_GET,
	/*
	 * Compile and run a chunk; the arguments are its varargs. The acknowledgement means
	 * queued; finished is the reply.
	 *
	 * do request, LUNATIK_A_RUN_*: STATE, COOKIE, CHUNK_NAME, CODE, ARGUMENTS, MAX_MEMORY,
	 * MAX_STEPS, MAX_TIME, MAX_WAIT.
	 */
	LUNATIK_CMD_EXECUTE,
	/*
	 * Call a function of the state; nothing is compiled. Acknowledged and answered as
	 * execute is.
	 *
	 * do request, LUNATIK_A_RUN_*: STATE, COOKIE, FUNCTION, ARGUMENTS, MAX_MEMORY,
	 * MAX_STEPS, MAX_TIME, MAX_WAIT.
	 */
	LUNATIK_CMD_CALL,
	/*
	 * Cancel runs: the one with the id, or those with the cookie, or else all of the state,
	 * running and waiting. At least one of the three is given; those given must all match.
	 * Answers with how many were reached.
	 *
	 * do request, LUNATIK_A_RUN_*: STATE, ID, COOKIE.
	 *
	 * do reply, LUNATIK_A_RUN_*: COUNT.
	 */
	LUNATIK_CMD_CANCEL,
	/*
	 * The results and output of a run that were too large for its reply, piece by piece.
	 * May be repeated until release; kept as long as the socket that asked for the run, and
	 * at most 60 seconds.
	 *
	 * dump request, LUNATIK_A_RUN_*: ID, COOKIE.
	 *
	 * dump reply, LUNATIK_A_RUN_*: ID, RESULTS, OUTPUT.
	 */
	LUNATIK_CMD_RESULT,
	/*
	 * Forget the results and output kept for a run.
	 *
	 * do request, LUNATIK_A_RUN_*: ID, COOKIE.
	 */
	LUNATIK_CMD_RELEASE,
	/*
	 * List the states to the kernel log, as klua_liststates does.
	 *
	 * do request: no attributes.
	 */
	LUNATIK_CMD_LOG,
	/*
	 * The module itself. Its version, its limits, and how much of them is in use.
	 *
	 * do request: no attributes.
	 *
	 * do reply, LUNATIK_A_MODULE_*: VERSION, LUA_VERSION, BACKEND, STATES, STATES_MAX,
	 * MEMORY, MEMORY_MAX, DEFAULT_MEMORY, DEFAULT_STEPS, DEFAULT_TIME, CEILING_MEMORY,
	 * CEILING_STEPS, CEILING_TIME, RESULTS_MAX, OUTPUT_MAX, WAITING_MAX, RUNS, RUNS_MAX,
	 * EVENT_SEQUENCE.
	 */
	LUNATIK_CMD_INFO,
	/*
	 * Something happened to a state or a run.
	 *
	 * message to the group "events", LUNATIK_A_EVENT_*: SEQUENCE, TYPE, STATE, STATE_ID,
	 * RUN, TIME, ERRNO, ERROR_CODE, MESSAGE, OUTPUT.
	 */
	LUNATIK_CMD_EVENT,
	/*
	 * The reply to execute and call, sent when the run has ended: once for every request
	 * that is not refused, to the socket that asked, with its sequence number and cookie.
	 * It may overtake the acknowledgement. Several may come in one datagram, one behind the
	 * other.
	 *
	 * message to the socket that asked, LUNATIK_A_RUN_*: STATE, ID, COOKIE, ERRNO,
	 * ERROR_CODE, MESSAGE, TRACEBACK, RESULTS, OUTPUT, OUTPUT_DROPPED, STEPS, TIME, WAIT,
	 * MEMORY, MEMORY_PEAK, RESULTS_SIZE, OUTPUT_SIZE.
	 */
	LUNATIK_CMD_FINISHED,

	__LUNATIK_CMD_MAX,
};
#define LUNATIK_CMD_MAX (__LUNATIK_CMD_MAX - 1)

#endif /* _UAPI_LINUX_LUNATIK_H */
