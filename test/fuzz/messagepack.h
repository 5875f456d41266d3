/* SPDX-License-Identifier: MIT */
/*
 * MessagePack read once more, apart from kmod/lua/value.c: what the bytes mean as values of Lua, for comparison.
 */
#ifndef LUNATIK_FUZZ_MESSAGEPACK_H
#define LUNATIK_FUZZ_MESSAGEPACK_H

#include <stddef.h>

struct value;

/*
 * The values of the one array that the bytes are, or of no bytes; NULL when they are something else, hold what Lua has
 * not, or nest more than 32 tables deep. They stay until values_free().
 */
struct value *values_read(const unsigned char *data, size_t size);

/*
 * The same for what value.c wrote, with its forms: the shortest integer, str exactly for UTF-8, an array exactly for
 * keys from 1 to n. NULL when a form is another.
 */
struct value *values_read_strictly(const unsigned char *data, size_t size);

/* Whether two lists of values are the same to Lua: integers are not floats, the order of entries does not matter. */
int values_equal(const struct value *a, const struct value *b);

/* Free all that was read. */
void values_free(void);

#endif
