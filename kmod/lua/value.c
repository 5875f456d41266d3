// SPDX-License-Identifier: GPL-2.0 OR MIT
/* See value.h. */

#include "value.h"

#define VALUE_FIRST_ROOM 256ul /* bytes, as the next ones a power of two with ... */
#define VALUE_HEAD 8           /* ... what the host puts in front */
#define VALUE_PIECE 4096       /* bytes of a string that are looked at in one go */

/* --- reading --------------------------------------------------------------------------------- */

struct value_input {
	const unsigned char *at;
	const unsigned char *end;
};

static l_noret value_malformed(lua_State *L, const char *what)
{
	engine_of(L)->error = LUNATIK_ERROR_INVALID;
	lua_pushfstring(L, "malformed arguments: %s", what);
	lua_error(L);
	__builtin_unreachable();
}

/* The next size bytes. */
static const unsigned char *value_take(lua_State *L, struct value_input *input, size_t size)
{
	const unsigned char *at = input->at;

	if (size > (size_t)(input->end - at))
		value_malformed(L, "they end too early");
	input->at += size;
	return at;
}

static unsigned long long value_take_number(lua_State *L, struct value_input *input, int size)
{
	const unsigned char *at = value_take(L, input, size);
	unsigned long long number = 0;

	while (size--)
		number = number << 8 | *at++;
	return number;
}

static void value_read(lua_State *L, struct value_input *input, int depth);

static void value_check_depth(lua_State *L, int depth)
{
	if (depth > VALUE_DEPTH)
		value_malformed(L, "they are nested too deeply");
}

static void value_read_array(lua_State *L, struct value_input *input, size_t count, int depth)
{
	size_t i;

	value_check_depth(L, depth);
	/* An element takes a byte at least, so a false count cannot cost memory. */
	if (count > (size_t)(input->end - input->at))
		value_malformed(L, "they end too early");
	lua_createtable(L, count, 0);
	for (i = 1; i <= count; i++) {
		luai_charge(L, 1, (void)0);
		value_read(L, input, depth + 1);
		lua_rawseti(L, -2, i);
	}
}

static void value_read_map(lua_State *L, struct value_input *input, size_t count, int depth)
{
	value_check_depth(L, depth);
	if (count > (size_t)(input->end - input->at) / 2)
		value_malformed(L, "they end too early");
	lua_createtable(L, 0, count);
	while (count--) {
		luai_charge(L, 1, (void)0);
		value_read(L, input, depth + 1);
		if (lua_isnil(L, -1))
			value_malformed(L, "a key is nil");
		if (lua_type(L, -1) == LUA_TNUMBER && lua_tonumber(L, -1) != lua_tonumber(L, -1))
			value_malformed(L, "a key is not a number");
		value_read(L, input, depth + 1);
		lua_rawset(L, -3);
	}
}

static void value_read_string(lua_State *L, struct value_input *input, size_t size)
{
	const unsigned char *at = value_take(L, input, size);

	lua_pushlstring(L, (const char *)at, size);
}

static void value_read_float(lua_State *L, struct value_input *input, int size)
{
	unsigned long long bits = value_take_number(L, input, size);
	double number;

	if (size == 4) {
		unsigned int half = bits;
		float single;

		memcpy(&single, &half, sizeof(single));
		number = single;
	} else {
		memcpy(&number, &bits, sizeof(number));
	}
	lua_pushnumber(L, number);
}

/* The integers, of 1, 2, 4 or 8 bytes. */
static void value_read_integer(lua_State *L, struct value_input *input, int size, int is_signed)
{
	unsigned long long number = value_take_number(L, input, size);
	int shift = 64 - 8 * size;

	if (is_signed)
		lua_pushinteger(L, (long long)(number << shift) >> shift);
	else if (number >> 63)
		value_malformed(L, "an integer is above 2^63 - 1");
	else
		lua_pushinteger(L, number);
}

/* Push one value. */
static void value_read(lua_State *L, struct value_input *input, int depth)
{
	unsigned int type = *value_take(L, input, 1);

	luaL_checkstack(L, 4, NULL);
	if (type <= 0x7f) {
		lua_pushinteger(L, type);
		return;
	}
	if (type >= 0xe0) {
		lua_pushinteger(L, (int)type - 0x100);
		return;
	}
	if (type <= 0x8f) {
		value_read_map(L, input, type & 15, depth);
		return;
	}
	if (type <= 0x9f) {
		value_read_array(L, input, type & 15, depth);
		return;
	}
	if (type <= 0xbf) {
		value_read_string(L, input, type & 31);
		return;
	}
	switch (type) {
	case 0xc0:
		lua_pushnil(L);
		break;
	case 0xc2:
	case 0xc3:
		lua_pushboolean(L, type & 1);
		break;
	case 0xc4: /* bin and str, with a size of 1, 2 or 4 bytes */
	case 0xc5:
	case 0xc6:
		value_read_string(L, input, value_take_number(L, input, 1 << (type - 0xc4)));
		break;
	case 0xd9:
	case 0xda:
	case 0xdb:
		value_read_string(L, input, value_take_number(L, input, 1 << (type - 0xd9)));
		break;
	case 0xca:
	case 0xcb:
		value_read_float(L, input, type == 0xca ? 4 : 8);
		break;
	case 0xcc:
	case 0xcd:
	case 0xce:
	case 0xcf:
		value_read_integer(L, input, 1 << (type - 0xcc), 0);
		break;
	case 0xd0:
	case 0xd1:
	case 0xd2:
	case 0xd3:
		value_read_integer(L, input, 1 << (type - 0xd0), 1);
		break;
	case 0xdc:
	case 0xdd:
		value_read_array(L, input, value_take_number(L, input, type == 0xdc ? 2 : 4),
				 depth);
		break;
	case 0xde:
	case 0xdf:
		value_read_map(L, input, value_take_number(L, input, type == 0xde ? 2 : 4), depth);
		break;
	default:
		value_malformed(L, "there is a type that Lua has not");
	}
}

static int value_decode(lua_State *L, const struct engine_bytes *bytes)
{
	struct value_input input;
	unsigned int type;
	size_t count, i;

	if (!bytes->size)
		return 0;
	input.at = (const unsigned char *)bytes->data;
	input.end = input.at + bytes->size;
	type = *value_take(L, &input, 1);
	if ((type & 0xf0) == 0x90)
		count = type & 15;
	else if (type == 0xdc || type == 0xdd)
		count = value_take_number(L, &input, type == 0xdc ? 2 : 4);
	else
		value_malformed(L, "they are not an array");
	if (count > (size_t)(input.end - input.at))
		value_malformed(L, "they end too early");
	if (count >= LUAI_MAXSTACK)
		value_malformed(L, "there are too many");
	luaL_checkstack(L, count + 4, "too many arguments");
	for (i = 0; i < count; i++) {
		luai_charge(L, 1, (void)0);
		value_read(L, &input, 1);
	}
	if (input.at != input.end)
		value_malformed(L, "something follows them");
	return count;
}

/* --- writing --------------------------------------------------------------------------------- */

struct value_output {
	struct engine_bytes *bytes;
	unsigned long room; /* bytes there is memory for */
	unsigned long most;
};

/* The way to the value that is being written, for messages; it lies on the C stack. */
struct value_path {
	const struct value_path *outer;
	int index; /* of the key on Lua's stack; 0 at the top */
	int result;
	int depth;
};

/* Push "result 2, field 'x'". */
static void value_push_path(lua_State *L, const struct value_path *path)
{
	if (!path->outer) {
		lua_pushfstring(L, "result %d", path->result);
		return;
	}
	value_push_path(L, path->outer);
	luaL_checkstack(L, 4, NULL);
	switch (lua_type(L, path->index)) {
	case LUA_TSTRING:
		lua_pushfstring(L, ", field '%s'", lua_tostring(L, path->index));
		break;
	case LUA_TNUMBER:
		lua_pushvalue(L, path->index);
		lua_pushfstring(L, ", field %s", lua_tostring(L, -1));
		lua_remove(L, -2);
		break;
	default:
		lua_pushfstring(L, ", a field whose key is a %s", luaL_typename(L, path->index));
	}
	lua_concat(L, 2);
}

static l_noret value_refuse(lua_State *L, const struct value_path *path, enum lunatik_error error,
			    const char *what)
{
	engine_of(L)->error = error;
	value_push_path(L, path);
	lua_pushfstring(L, "%s: %s", lua_tostring(L, -1), what);
	lua_error(L);
	__builtin_unreachable();
}

/* Room for size more bytes. */
static unsigned char *value_room(lua_State *L, struct value_output *output,
				 const struct value_path *path, size_t size)
{
	struct engine_bytes *bytes = output->bytes;
	unsigned char *at;

	if (size > output->most - bytes->size)
		value_refuse(L, path, LUNATIK_ERROR_RESULT_SIZE, "the results are too large");
	if (size > output->room - bytes->size) {
		unsigned long room = output->room ? output->room + VALUE_HEAD : VALUE_FIRST_ROOM / 2;
		enum lunatik_error error;
		void *data;

		do
			room *= 2;
		while (room - VALUE_HEAD < bytes->size + size);
		room -= VALUE_HEAD;
		if (room > output->most)
			room = output->most;
		section_leave(&engine_of(L)->heap.section);
		error = engine_host_alloc(room, &data);
		if (!error) {
			if (bytes->size)
				memcpy(data, bytes->data, bytes->size);
			engine_host_free(bytes->data);
			bytes->data = data;
			output->room = room;
		}
		section_enter(&engine_of(L)->heap.section);
		if (error) {
			engine_of(L)->error = error;
			luaL_error(L, "no memory for the results");
		}
	}
	at = (unsigned char *)bytes->data + bytes->size;
	bytes->size += size;
	return at;
}

/* A type byte, then a number of size bytes, the most significant first. */
static void value_put(lua_State *L, struct value_output *output, const struct value_path *path,
		      unsigned int type, unsigned long long number, int size)
{
	unsigned char *at = value_room(L, output, path, size + 1);

	*at = type;
	for (; size; size--, number >>= 8)
		at[size] = number;
}

/* The head of a string, array or map: a short form if there is one, or with 1, 2 or 4 bytes. */
static void value_put_head(lua_State *L, struct value_output *output,
			   const struct value_path *path, size_t count, unsigned int short_type,
			   unsigned int short_most, unsigned int byte_type, unsigned int word_type)
{
	if (count <= short_most && short_type)
		value_put(L, output, path, short_type | count, 0, 0);
	else if (count <= 0xff && byte_type)
		value_put(L, output, path, byte_type, count, 1);
	else if (count <= 0xffff)
		value_put(L, output, path, word_type, count, 2);
	else if (count <= 0xffffffff)
		value_put(L, output, path, word_type + 1, count, 4);
	else
		value_refuse(L, path, LUNATIK_ERROR_RESULT_SIZE, "the results are too large");
}

static void value_put_integer(lua_State *L, struct value_output *output,
			      const struct value_path *path, long long number)
{
	if (number >= -32 && number <= 127)
		value_put(L, output, path, number & 0xff, 0, 0);
	else if (number == (signed char)number)
		value_put(L, output, path, 0xd0, number, 1);
	else if (number == (short)number)
		value_put(L, output, path, 0xd1, number, 2);
	else if (number == (int)number)
		value_put(L, output, path, 0xd2, number, 4);
	else
		value_put(L, output, path, 0xd3, number, 8);
}

/* As the Unicode standard has it: shortest forms, no surrogates, up to U+10FFFF. */
static int value_is_utf8(lua_State *L, const unsigned char *s, size_t size)
{
	const unsigned char *end = s + size, *looked = s;

	while (s < end) {
		unsigned int least, code;
		int more;

		if (s - looked >= VALUE_PIECE) {
			luai_charge(L, VALUE_PIECE / 64, (void)0);
			looked += VALUE_PIECE;
		}
		if (*s < 0x80) {
			s++;
			continue;
		}
		if ((*s & 0xe0) == 0xc0)
			more = 1, least = 0x80, code = *s & 0x1f;
		else if ((*s & 0xf0) == 0xe0)
			more = 2, least = 0x800, code = *s & 0x0f;
		else if ((*s & 0xf8) == 0xf0)
			more = 3, least = 0x10000, code = *s & 0x07;
		else
			return 0;
		if (end - s <= more)
			return 0;
		for (s++; more; more--, s++) {
			if ((*s & 0xc0) != 0x80)
				return 0;
			code = code << 6 | (*s & 0x3f);
		}
		if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
			return 0;
	}
	return 1;
}

static void value_put_string(lua_State *L, struct value_output *output,
			     const struct value_path *path, int index)
{
	size_t size;
	const char *s = lua_tolstring(L, index, &size);

	if (size > output->most)
		value_refuse(L, path, LUNATIK_ERROR_RESULT_SIZE, "the results are too large");
	if (value_is_utf8(L, (const unsigned char *)s, size))
		value_put_head(L, output, path, size, 0xa0, 31, 0xd9, 0xda);
	else
		value_put_head(L, output, path, size, 0, 0, 0xc4, 0xc5);
	if (size)
		piece_copy(L, (char *)value_room(L, output, path, size), s, size);
}

static void value_write(lua_State *L, struct value_output *output, int index,
			const struct value_path *path);

/* How many entries the table at an index has, and whether the keys are exactly 1 to that. */
static size_t value_count(lua_State *L, int index, int *is_array)
{
	size_t count = 0;
	lua_Integer highest = 0;

	*is_array = 1;
	lua_pushnil(L);
	while (lua_next(L, index)) {
		luai_charge(L, 1, (void)0);
		count++;
		if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) < 1)
			*is_array = 0;
		else if (lua_tointeger(L, -2) > highest)
			highest = lua_tointeger(L, -2);
		lua_pop(L, 1);
	}
	if ((size_t)highest != count)
		*is_array = 0;
	return count;
}

static void value_write_table(lua_State *L, struct value_output *output, int index,
			      const struct value_path *outer)
{
	struct value_path path = {
		.outer = outer, .index = lua_gettop(L) + 1, .depth = outer->depth + 1,
	};
	size_t count, i;
	int is_array;

	if (path.depth > VALUE_DEPTH)
		value_refuse(L, outer, LUNATIK_ERROR_RESULT_DEPTH,
			     "nested too deeply, or contains itself");
	luaL_checkstack(L, 8, NULL);
	count = value_count(L, index, &is_array);
	if (is_array) {
		value_put_head(L, output, outer, count, 0x90, 15, 0, 0xdc);
		for (i = 1; i <= count; i++) {
			luai_charge(L, 1, (void)0);
			lua_pushinteger(L, i);
			lua_rawgeti(L, index, i);
			value_write(L, output, path.index + 1, &path);
			lua_pop(L, 2);
		}
		return;
	}
	value_put_head(L, output, outer, count, 0x80, 15, 0, 0xde);
	lua_pushnil(L);
	while (lua_next(L, index)) {
		luai_charge(L, 1, (void)0);
		value_write(L, output, path.index, &path);
		value_write(L, output, path.index + 1, &path);
		lua_pop(L, 1);
	}
}

/* Write the value at an absolute index. */
static void value_write(lua_State *L, struct value_output *output, int index,
			const struct value_path *path)
{
	unsigned long long bits;
	double number;

	switch (lua_type(L, index)) {
	case LUA_TNIL:
		value_put(L, output, path, 0xc0, 0, 0);
		break;
	case LUA_TBOOLEAN:
		value_put(L, output, path, 0xc2 | lua_toboolean(L, index), 0, 0);
		break;
	case LUA_TNUMBER:
		if (lua_isinteger(L, index)) {
			value_put_integer(L, output, path, lua_tointeger(L, index));
		} else {
			number = lua_tonumber(L, index);
			memcpy(&bits, &number, sizeof(bits));
			value_put(L, output, path, 0xcb, bits, 8);
		}
		break;
	case LUA_TSTRING:
		value_put_string(L, output, path, index);
		break;
	case LUA_TTABLE:
		value_write_table(L, output, index, path);
		break;
	default:
		luaL_checkstack(L, 4, NULL);
		value_refuse(L, path, LUNATIK_ERROR_RESULT_TYPE,
			     lua_pushfstring(L, "a %s cannot leave the state",
					     luaL_typename(L, index)));
	}
}

static void value_encode(lua_State *L, int first, struct engine_bytes *bytes, unsigned long most)
{
	struct value_output output = {.bytes = bytes, .most = most};
	struct value_path path = {.outer = NULL};
	int last = lua_gettop(L), index;

	luaL_checkstack(L, 8, NULL);
	value_put_head(L, &output, &path, last - first + 1, 0x90, 15, 0, 0xdc);
	for (index = first; index <= last; index++) {
		path.result = index - first + 1;
		value_write(L, &output, index, &path);
	}
}
