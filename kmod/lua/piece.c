// SPDX-License-Identifier: GPL-2.0 OR MIT
/* See piece.h. In front of it all of Lua's core but the virtual machine. */

static inline size_t piece_of(size_t size)
{
	return size < PIECE ? size : PIECE;
}

static void piece_copy(lua_State *L, char *to, const char *from, size_t size)
{
	while (size > PIECE) {
		luai_charge(L, PIECE / 64, (void)0);
		memcpy(to, from, PIECE);
		to += PIECE;
		from += PIECE;
		size -= PIECE;
	}
	luai_charge(L, size / 64, (void)0);
	memcpy(to, from, size);
}

static int piece_compare(lua_State *L, const char *a, const char *b, size_t size)
{
	/* most differ soon */
	size_t piece = size < 64 ? size : 64;
	int order = memcmp(a, b, piece);

	while (!order && size > piece) {
		a += piece;
		b += piece;
		size -= piece;
		piece = piece_of(size);
		luai_charge(L, piece / 64, (void)0);
		order = memcmp(a, b, piece);
	}
	return order;
}

static const char *piece_find(lua_State *L, const char *from, int byte, size_t size)
{
	while (size) {
		size_t piece = piece_of(size);
		const char *at = memchr(from, byte, piece);

		luai_charge(L, (at ? at - from : piece) / 64, (void)0);
		if (at)
			return at;
		from += piece;
		size -= piece;
	}
	return NULL;
}

static size_t piece_length(lua_State *L, const char *text)
{
	return piece_find(L, text, '\0', ~(size_t)0 / 2) - text;
}

static int piece_starts(lua_State *L, const char *from, const char *what, size_t size)
{
	return piece_compare(L, from, what, size) == 0;
}

static int piece_equal(lua_State *L, TString *a, TString *b)
{
	size_t size = a->u.lnglen;

	return a == b || (size == b->u.lnglen &&
			  piece_compare(L, getlngstr(a), getlngstr(b), size) == 0);
}

/* As luaS_hash(), from the end on. */
static void piece_hash(lua_State *L, TString *key)
{
	const char *bytes = getlngstr(key);
	size_t left = key->u.lnglen;
	unsigned int hash = key->hash ^ (unsigned int)left;

	if (key->extra)
		return;
	while (left) {
		size_t end = left - piece_of(left);

		luai_charge(L, (left - end) / 64, (void)0);
		for (; left > end; left--)
			hash ^= (hash << 5) + (hash >> 2) + (unsigned char)bytes[left - 1];
	}
	key->hash = hash;
	key->extra = 1;
}

static const TValue *piece_get(lua_State *L, Table *t, TString *key)
{
	unsigned int walked = 0;
	Node *node;

	piece_hash(L, key);
	node = hashstr(t, key);
	for (;;) {
		if (keytt(node) == ctb(LUA_VLNGSTR) && keystrval(node)->hash == key->hash &&
		    piece_equal(L, keystrval(node), key))
			return gval(node);
		if (gnext(node) == 0)
			return &absentkey;
		luai_walk(t->g, walked);
		node += gnext(node);
	}
}

static const char *piece_line(const char *name, size_t size)
{
	size_t i;

	for (i = 0; i < size && i < LUA_IDSIZE && name[i]; i++)
		if (name[i] == '\n')
			return name + i;
	return NULL;
}

static size_t luai_numeral(const char *text)
{
	const char *end = memchr(text, '\0', NUMERAL_MAX + 1);

	return end ? (size_t)(end - text) : NUMERAL_MAX + 1;
}
