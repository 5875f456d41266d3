/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What other kernel modules may use: Lua states by name.
 *
 * All four are for process context and may sleep. A caller's module depends on lunatik.ko, so the
 * functions stay callable as long as the caller is loaded. The same states are reached from user
 * space through the generic netlink family; see uapi/lunatik.h. A state itself is a struct
 * lunatik_state (state.h), which stays with the module: it is named, never pointed to.
 *
 * A name has 1 to 63 bytes, none of them a control character. Limits are the module's defaults.
 */
#ifndef LUNATIK_H
#define LUNATIK_H

/*
 * Create a state with all libraries. Returns 0, or
 *   -EINVAL        name is NULL, empty, or holds a control character
 *   -ENAMETOOLONG  the name is longer than 63 bytes
 *   -EEXIST        a state has this name
 *   -ESTALE        a state has this name and is being deleted
 *   -ENOSPC        there are as many states as the parameter max_states allows
 *   -EDQUOT        the memory for all states is used up, or the default limit is too small
 *   -ENOMEM        the kernel has no memory
 */
int klua_createstate(const char *name);

/*
 * Delete a state. Its finalizers have run, under the state's own limits, when this returns.
 * Returns 0, or
 *   -EINVAL, -ENAMETOOLONG  as above
 *   -ENOENT                 no state has this name
 *   -EBUSY                  a run is in progress
 *   -ESTALE                 somebody else is deleting it
 *   -EINTR                  the caller was killed; the deletion goes on
 */
int klua_deletestate(const char *name);

/* Write one line for each state to the kernel log, after a line with their number. */
void klua_liststates(void);

/*
 * Compile code, which is text, and run it in the state; wait for the end. What it prints goes to
 * the kernel log, what it returns is dropped. The wait ends early when the caller is killed; the
 * run is then cancelled. Returns 0, or
 *   -EINVAL, -ENAMETOOLONG  as above; code is NULL
 *   -E2BIG                  the code is longer than 1 MiB
 *   -ENOENT                 no state has this name
 *   -EBUSY                  a run is in progress in it
 *   -ESTALE                 the state is being deleted
 *   -ENOBUFS                there are as many runs as the parameter max_runs allows
 *   -ENOEXEC                the code does not compile, or is byte code
 *   -EIO                    a Lua error
 *   -EDQUOT                 the state's memory limit, or the memory for all states
 *   -ETIME, -ETIMEDOUT      the step budget, the time limit
 *   -ECANCELED              the run was cancelled
 *   -EMSGSIZE, -ELOOP, -EPROTOTYPE  what it returned cannot leave the state (size, depth, type)
 *   -EINTR                  the caller was killed
 *   -ENOMEM                 the kernel has no memory
 */
int klua_execute(const char *name, const char *code);

#endif
