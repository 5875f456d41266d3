// SPDX-License-Identifier: MIT
/* See messagepack.h. */
#include <stdlib.h>
#include <string.h>

#include "messagepack.h"

#define DEPTH_MAX 32

enum kind { NIL, BOOLEAN, INTEGER, FLOAT, STRING, TABLE };

struct entry {
	struct value *key, *value;
};

struct value {
	struct value *next; /* of all that were made */
	enum kind kind;
	long long integer;
	double number;
	const unsigned char *text;
	size_t size;
	struct entry *entries;
	size_t count, room;
};

struct reader {
	const unsigned char *at, *end;
	int strict, failed;
};

static struct value *made;

static void *grow(void *memory, size_t size)
{
	memory = realloc(memory, size);
	if (!memory)
		abort();
	return memory;
}

static struct value *make(enum kind kind)
{
	struct value *value = calloc(1, sizeof(*value));

	if (!value)
		abort();
	value->kind = kind;
	value->next = made;
	made = value;
	return value;
}

void values_free(void)
{
	while (made) {
		struct value *value = made;

		made = value->next;
		free(value->entries);
		free(value);
	}
}

/* --- an order of all values, so that tables can be sorted and compared -------------------------- */

static int order(const struct value *a, const struct value *b);

static int order_bytes(const unsigned char *a, size_t a_size, const unsigned char *b, size_t b_size)
{
	size_t size = a_size < b_size ? a_size : b_size;
	int difference = size ? memcmp(a, b, size) : 0;

	return difference ? difference : (a_size > b_size) - (a_size < b_size);
}

static int order_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int difference = order(x->key, y->key);

	return difference ? difference : order(x->value, y->value);
}

static int order_tables(const struct value *a, const struct value *b)
{
	int difference = (a->count > b->count) - (a->count < b->count);
	size_t i;

	for (i = 0; i < a->count && !difference; i++)
		difference = order_entries(&a->entries[i], &b->entries[i]);
	return difference;
}

/* Negative, 0 or positive. The same bits are the same float, and so is any NaN. Tables have been sorted. */
static int order(const struct value *a, const struct value *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	switch (a->kind) {
	case FLOAT:
		if (a->number != a->number && b->number != b->number)
			return 0;
		return memcmp(&a->number, &b->number, sizeof(a->number));
	case STRING:
		return order_bytes(a->text, a->size, b->text, b->size);
	case TABLE:
		return order_tables(a, b);
	default:
		return (a->integer > b->integer) - (a->integer < b->integer);
	}
}

static void table_sort(struct value *table)
{
	if (table->count)
		qsort(table->entries, table->count, sizeof(*table->entries), order_entries);
}

int values_equal(const struct value *a, const struct value *b)
{
	return order(a, b) == 0;
}

/* --- tables, with Lua's rules of keys ----------------------------------------------------------- */

/* A float that is a whole number is that integer as a key. */
static void key_normalize(struct value *key)
{
	if (key->kind == FLOAT && key->number >= -0x1p63 && key->number < 0x1p63 &&
	    key->number == (double)(long long)key->number) {
		key->kind = INTEGER;
		key->integer = (long long)key->number;
	}
}

static void table_remove(struct value *table, size_t index)
{
	table->entries[index] = table->entries[--table->count];
}

/* Set table[key]; a table as a key is equal to no other one. */
static void table_set(struct value *table, struct value *key, struct value *value)
{
	size_t i;

	for (i = 0; i < table->count && key->kind != TABLE; i++)
		if (!order(table->entries[i].key, key))
			break;
	if (key->kind == TABLE)
		i = table->count;
	if (value->kind == NIL) {
		if (i < table->count)
			table_remove(table, i);
		return;
	}
	if (i == table->count) {
		if (table->count == table->room) {
			table->room = table->room ? 2 * table->room : 8;
			table->entries = grow(table->entries, table->room * sizeof(*table->entries));
		}
		table->count++;
	}
	table->entries[i] = (struct entry){ .key = key, .value = value };
}

/* Whether the keys are exactly 1 to the number of entries. They differ, so it is enough that all are in the range. */
static int is_sequence(const struct value *table)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		const struct value *key = table->entries[i].key;

		if (key->kind != INTEGER || key->integer < 1 || key->integer > (long long)table->count)
			return 0;
	}
	return 1;
}

/* --- reading ---------------------------------------------------------------------------------- */

static struct value *read_value(struct reader *reader, int depth);

static const unsigned char *take(struct reader *reader, size_t size)
{
	const unsigned char *at = reader->at;

	if (reader->failed || size > (size_t)(reader->end - at)) {
		reader->failed = 1;
		return NULL;
	}
	reader->at += size;
	return at;
}

static unsigned long long take_number(struct reader *reader, size_t size)
{
	const unsigned char *at = take(reader, size);
	unsigned long long number = 0;

	while (at && size--)
		number = number << 8 | *at++;
	return number;
}

/* The bytes of one character's UTF-8 form, by its first byte; 0 when none begins so. */
static size_t character_size(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/* Table 3-7 of the Unicode standard. */
static int is_utf8(const unsigned char *s, size_t size)
{
	while (size) {
		size_t length = character_size(*s), i;

		if (!length || length > size)
			return 0;
		for (i = 1; i < length; i++)
			if (s[i] < 0x80 || s[i] > 0xbf)
				return 0;
		if ((*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] > 0x9f) ||
		    (*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] > 0x8f))
			return 0;
		s += length;
		size -= length;
	}
	return 1;
}

static struct value *read_string(struct reader *reader, size_t size, int is_str)
{
	struct value *value = make(STRING);

	value->text = take(reader, size);
	value->size = size;
	if (reader->strict && value->text && is_utf8(value->text, size) != is_str)
		reader->failed = 1;
	return value;
}

/* An integer from a form with so many bytes; least is the first positive number that needs them. */
static struct value *read_integer(struct reader *reader, size_t size, int is_signed)
{
	struct value *value = make(INTEGER);
	unsigned long long number = take_number(reader, size);
	long long low, high;

	if (!is_signed) {
		if (number >> 63 || reader->strict)
			reader->failed = 1;
		value->integer = number;
		return value;
	}
	switch (size) {
	case 1:
		value->integer = (signed char)number;
		low = -32, high = 127;
		break;
	case 2:
		value->integer = (short)number;
		low = -128, high = 127;
		break;
	case 4:
		value->integer = (int)number;
		low = -32768, high = 32767;
		break;
	default:
		value->integer = (long long)number;
		low = -2147483648LL, high = 2147483647;
	}
	if (reader->strict && value->integer >= low && value->integer <= high)
		reader->failed = 1;
	return value;
}

static struct value *read_float(struct reader *reader, size_t size)
{
	struct value *value = make(FLOAT);
	unsigned long long bits = take_number(reader, size);
	unsigned int half = bits;
	float single;

	if (size == 4) {
		memcpy(&single, &half, sizeof(single));
		value->number = single;
	} else {
		memcpy(&value->number, &bits, sizeof(value->number));
	}
	if (reader->strict && size == 4)
		reader->failed = 1;
	return value;
}

static struct value *read_array(struct reader *reader, size_t count, int depth)
{
	struct value *table = make(TABLE);
	size_t i;

	if (depth > DEPTH_MAX)
		reader->failed = 1;
	for (i = 1; i <= count && !reader->failed; i++) {
		struct value *value = read_value(reader, depth + 1);
		struct value *key = make(INTEGER);

		key->integer = i;
		if (reader->failed)
			break;
		if (reader->strict && value->kind == NIL)
			reader->failed = 1;
		/* the keys grow: there is nothing to look for */
		if (value->kind != NIL) {
			if (table->count == table->room) {
				table->room = table->room ? 2 * table->room : 8;
				table->entries = grow(table->entries,
						      table->room * sizeof(*table->entries));
			}
			table->entries[table->count++] = (struct entry){ .key = key, .value = value };
		}
	}
	return table;
}

static struct value *read_map(struct reader *reader, size_t count, int depth)
{
	struct value *table = make(TABLE);
	size_t left = count;

	if (depth > DEPTH_MAX)
		reader->failed = 1;
	while (left-- && !reader->failed) {
		struct value *key = read_value(reader, depth + 1);
		struct value *value;

		if (reader->failed)
			break;
		if (key->kind == NIL || (key->kind == FLOAT && key->number != key->number))
			reader->failed = 1;
		if (reader->strict && key->kind == FLOAT) {
			key_normalize(key);
			reader->failed |= key->kind != FLOAT;
		}
		key_normalize(key);
		value = read_value(reader, depth + 1);
		if (!reader->failed)
			table_set(table, key, value);
	}
	if (reader->strict && (table->count != count || is_sequence(table)))
		reader->failed = 1;
	table_sort(table);
	return table;
}

/* A head with a count behind it must not be longer than it has to be. */
static size_t take_count(struct reader *reader, size_t size, size_t least)
{
	size_t count = take_number(reader, size);

	if (reader->strict && count < least)
		reader->failed = 1;
	return count;
}

static struct value *read_boolean(unsigned int type)
{
	struct value *value = make(BOOLEAN);

	value->integer = type & 1;
	return value;
}

static struct value *read_small(int number)
{
	struct value *value = make(INTEGER);

	value->integer = number;
	return value;
}

static struct value *read_value(struct reader *reader, int depth)
{
	const unsigned char *at = take(reader, 1);
	unsigned int type = at ? *at : 0xc1;

	if (type < 0x80)
		return read_small(type);
	if (type < 0x90)
		return read_map(reader, type - 0x80, depth);
	if (type < 0xa0)
		return read_array(reader, type - 0x90, depth);
	if (type < 0xc0)
		return read_string(reader, type - 0xa0, 1);
	if (type >= 0xe0)
		return read_small((int)type - 256);
	switch (type) {
	case 0xc0: return make(NIL);
	case 0xc2:
	case 0xc3: return read_boolean(type);
	case 0xc4: return read_string(reader, take_count(reader, 1, 0), 0);
	case 0xc5: return read_string(reader, take_count(reader, 2, 0x100), 0);
	case 0xc6: return read_string(reader, take_count(reader, 4, 0x10000), 0);
	case 0xca: return read_float(reader, 4);
	case 0xcb: return read_float(reader, 8);
	case 0xcc: return read_integer(reader, 1, 0);
	case 0xcd: return read_integer(reader, 2, 0);
	case 0xce: return read_integer(reader, 4, 0);
	case 0xcf: return read_integer(reader, 8, 0);
	case 0xd0: return read_integer(reader, 1, 1);
	case 0xd1: return read_integer(reader, 2, 1);
	case 0xd2: return read_integer(reader, 4, 1);
	case 0xd3: return read_integer(reader, 8, 1);
	case 0xd9: return read_string(reader, take_count(reader, 1, 32), 1);
	case 0xda: return read_string(reader, take_count(reader, 2, 0x100), 1);
	case 0xdb: return read_string(reader, take_count(reader, 4, 0x10000), 1);
	case 0xdc: return read_array(reader, take_count(reader, 2, 16), depth);
	case 0xdd: return read_array(reader, take_count(reader, 4, 0x10000), depth);
	case 0xde: return read_map(reader, take_count(reader, 2, 16), depth);
	case 0xdf: return read_map(reader, take_count(reader, 4, 0x10000), depth);
	default:
		reader->failed = 1;
		return NULL;
	}
}

/* The list is a table whose nils count as well. */
static struct value *read_list(struct reader *reader)
{
	struct value *list = make(TABLE);
	const unsigned char *at = take(reader, 1);
	unsigned int type = at ? *at : 0;
	size_t count = 0, i;

	if (type >= 0x90 && type <= 0x9f)
		count = type - 0x90;
	else if (type == 0xdc || type == 0xdd)
		count = take_count(reader, type == 0xdc ? 2 : 4, type == 0xdc ? 16 : 0x10000);
	else
		reader->failed = 1;
	if (count > (size_t)(reader->end - reader->at))
		reader->failed = 1;
	if (reader->failed)
		return NULL;
	list->entries = grow(NULL, (count + 1) * sizeof(*list->entries));
	for (i = 0; i < count; i++) {
		struct value *value = read_value(reader, 1);

		if (reader->failed)
			return NULL;
		list->entries[list->count++] = (struct entry){ .key = read_small(i), .value = value };
	}
	return reader->at == reader->end ? list : NULL;
}

struct value *values_read(const unsigned char *data, size_t size)
{
	struct reader reader = { .at = data, .end = data + size };

	return size ? read_list(&reader) : make(TABLE);
}

struct value *values_read_strictly(const unsigned char *data, size_t size)
{
	struct reader reader = { .at = data, .end = data + size, .strict = 1 };

	return read_list(&reader);
}

