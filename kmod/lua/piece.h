/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Work on as many bytes as a script likes, in pieces with a look at the budget between them: what
 * memcpy(), memcmp(), memchr() and strlen() would do in one go. A step for every 64 bytes. All but
 * piece_line() may end the run.
 */
#ifndef LUNATIK_PIECE_H
#define LUNATIK_PIECE_H

#include "lua-5.4.8/src/lobject.h"

#define PIECE ((size_t)65536)

/* The longest text of a number, in bytes: what is longer is none. Reading it takes one go. */
#define NUMERAL_MAX ((size_t)16384)

/* From here on a string is hashed and compared in pieces where it is a key. */
#define PIECE_KEY ((size_t)512)

static void piece_copy(lua_State *L, char *to, const char *from, size_t size);
static int piece_compare(lua_State *L, const char *a, const char *b, size_t size);
static const char *piece_find(lua_State *L, const char *from, int byte, size_t size);
static size_t piece_length(lua_State *L, const char *text);

/* Whether from begins with what, size bytes. */
static int piece_starts(lua_State *L, const char *from, const char *what, size_t size);

/* Whether two long strings are equal. */
static int piece_equal(lua_State *L, TString *a, TString *b);

/* Hash a long string, so that a lookup finds the hash there. */
static void piece_hash(lua_State *L, TString *key);

/* As luaH_get() with a long string. */
static const TValue *piece_get(lua_State *L, Table *t, TString *key);

/* The first newline in a chunk's name, as far as it is ever shown; NULL if there is none. */
static const char *piece_line(const char *name, size_t size);

/* The length of a number's text; more than NUMERAL_MAX if it is too long. */
static size_t luai_numeral(const char *text);

#define luai_islong(o) (ttypetag(o) == LUA_VLNGSTR)
#define luai_isbig(s) ((s)->tt == LUA_VLNGSTR && (s)->u.lnglen > PIECE_KEY)
#define luai_isbigkey(o) (luai_islong(o) && tsvalue(o)->u.lnglen > PIECE_KEY)

/* As luaH_get() and luaH_getstr(), in functions that have an L; the third in luaV_execute(). */
#define luai_get(t, key) (luai_isbigkey(key) ? piece_get(L, t, tsvalue(key)) : luaH_get(t, key))
#define luai_getstr(t, key) (luai_isbig(key) ? piece_get(L, t, key) : luaH_getstr(t, key))
#define luai_vmget(t, key) \
	(luai_isbigkey(key) ? (savestate(L, ci), piece_get(L, t, tsvalue(key))) : luaH_get(t, key))

#define luai_hash(L, key) \
	do { \
		if (luai_isbigkey(key)) \
			piece_hash(L, tsvalue(key)); \
	} while (0)

/* As luaV_rawequalobj(). */
#define luai_rawequal(L, a, b) \
	(luai_islong(a) && luai_islong(b) ? piece_equal(L, tsvalue(a), tsvalue(b)) \
					  : luaV_rawequalobj(a, b))
#define luai_vmequal(a, b) \
	(luai_islong(b) && luai_islong(a) \
		 ? (savestate(L, ci), piece_equal(L, tsvalue(a), tsvalue(b))) \
		 : luaV_rawequalobj(a, b))

#endif
