// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The port of Lua as one translation unit: Lua's own sources, the C library they need and what the
 * port adds, all static but engine_*(). One unit, so that objtool sees which functions never
 * return, the compiler inlines across files, and the module exports nothing by accident.
 *
 * No kernel header may come in here; the compiler is given -nostdinc, kmod/lua/libc for headers
 * and build/sources for the sources of Lua and musl (tools/fetch-sources).
 */

/* Asked of the whole unit, at whose end the compiler looks: Lua declares more than is defined. */
#pragma GCC diagnostic ignored "-Wunused-function"

/* Kbuild includes some macros of the kernel's into everything. */
#undef noinline
#undef __LITTLE_ENDIAN
#undef __BIG_ENDIAN

#ifndef __FP_FAST_FMA
#define __FP_FAST_FMA 0 /* musl asks with -Wundef */
#endif

#include "engine.h"

/* The C library. */
#include "libm.c"
#include "number.c"
#include "libc/format.c"
#include "libc/time.c"

/* The port, as far as Lua's sources need to see it. */
#include "budget.h"
#include "cstack.h"
#include "engine_state.h"
#include "heap.c"
#include "hide.h"
#include "jump.h"

/* How Lua is configured: as Debian's lua5.4, with small buffers, since they lie on the C stack. */
#define LUA_CORE
#define LUA_LIB
#define LUA_COMPAT_5_3
#define luai_noinline __attribute__((noinline))
#define luai_forceinline inline __attribute__((always_inline))
#ifdef __KERNEL__
#define LUA_USE_JUMPTABLE 0 /* kernels with retpolines forbid it */
#endif
#define l_randomizePivot() 0x9e3779b9u /* any; the same program takes the same steps */

#include "lua-5.4.8/src/luaconf.h"

#undef LUA_API
#undef LUALIB_API
#undef LUAMOD_API
#undef LUAI_FUNC
#undef LUAI_DDEC
#undef LUAI_DDEF
#define LUA_API static
#define LUALIB_API static
#define LUAMOD_API static
#define LUAI_FUNC static
#define LUAI_DDEC(definition)
#define LUAI_DDEF static

typedef struct FILE FILE; /* named by lauxlib.h, used by nothing */

#undef LUAL_BUFFERSIZE
#define LUAL_BUFFERSIZE 256

#undef lua_integer2str
#define lua_integer2str(to, size, number) engine_integer_text(to, number)

#define lua_writestring(text, size) engine_print(L, text, size)
#define lua_writeline() engine_print(L, "\n", 1)
#define lua_writestringerror(format, text) engine_print(ud, text, piece_length(ud, text)) /* warnf*() */

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-const-variable"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wdeclaration-after-statement"
#pragma GCC diagnostic ignored "-Wimplicit-fallthrough"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

#include "piece.h"
#include "lua-5.4.8/src/lzio.c"
#include "lua-5.4.8/src/lctype.c"
#include "lua-5.4.8/src/lopcodes.c"
#include "lua-5.4.8/src/lmem.c"
#include "lua-5.4.8/src/lstate.c"
#include "lua-5.4.8/src/lgc.c"
#include "lua-5.4.8/src/llex.c"
#include "lua-5.4.8/src/lcode.c"
#include "noinline.h"
#include "lua-5.4.8/src/lparser.c"
#include "lua-5.4.8/src/ldebug.c"
#include "lua-5.4.8/src/lfunc.c"
#include "lua-5.4.8/src/lobject.c"
#include "lua-5.4.8/src/ltm.c"
#include "lua-5.4.8/src/lstring.c"
#include "lua-5.4.8/src/ltable.c"
#include "piece.c"
#include "lua-5.4.8/src/ldo.c"
#include "lua-5.4.8/src/ldump.c"
#include "lua-5.4.8/src/lvm.c"
#include "lua-5.4.8/src/lapi.c"
#include "lua-5.4.8/src/lauxlib.c"
#include "lua-5.4.8/src/lbaselib.c"
#include "lua-5.4.8/src/lcorolib.c"
#include "lua-5.4.8/src/ldblib.c"
#include "lua-5.4.8/src/lmathlib.c"
#include "lua-5.4.8/src/lstrlib.c"
#include "lua-5.4.8/src/ltablib.c"
#include "lua-5.4.8/src/lutf8lib.c"

#pragma GCC diagnostic pop

#include "oslib.c"

#include "budget.c"
#include "value.c"
#include "engine.c"
