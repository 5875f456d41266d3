/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Lua values as MessagePack, both ways.
 *
 * nil, booleans, integers, floats (always 64 bits), strings (str when valid UTF-8, else bin),
 * tables: an array when the keys are exactly 1 to n, or when there are none, a map otherwise.
 * Integers and floats keep their subtype. Read as well: smaller floats, unsigned integers up to
 * 2^63 - 1, empty maps. Tables nest VALUE_DEPTH deep at most.
 */
#ifndef LUNATIK_VALUE_H
#define LUNATIK_VALUE_H

#include "engine.h"

#define VALUE_DEPTH 32

/*
 * Push what the array in the bytes holds, and return how many values those are. Raises an error
 * with engine->error set to LUNATIK_ERROR_INVALID when the bytes are not one array and nothing
 * else. No bytes are no values.
 */
static int value_decode(lua_State *L, const struct engine_bytes *bytes);

/*
 * Write the values from stack index first to the top as one array of at most that many bytes, in
 * the host's memory. Raises an error with engine->error set to LUNATIK_ERROR_RESULT_SIZE, _DEPTH,
 * _TYPE or _NO_MEMORY; what was written until then is the caller's to free as well.
 */
static void value_encode(lua_State *L, int first, struct engine_bytes *bytes, unsigned long most);

#endif
