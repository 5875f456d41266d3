/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Functions of Lua's parser that call each other as deep as a program nests. Inlined into one
 * another they would take one large frame a level, with room for every statement there is; apart,
 * a level takes what its own statement needs (see cstack.h).
 */
#ifndef LUNATIK_NOINLINE_H
#define LUNATIK_NOINLINE_H

#include "lua-5.4.8/src/lcode.h"
#include "lua-5.4.8/src/lparser.h"

#define NOINLINE __attribute__((noinline, cold, no_stack_protector))

struct ConsControl;
struct LHS_assign;

static NOINLINE void singlevar(LexState *, expdesc *);
static NOINLINE void fieldsel(LexState *, expdesc *);
static NOINLINE void codeclosure(LexState *, expdesc *);
static NOINLINE void constructor(LexState *, expdesc *);
static NOINLINE void primaryexp(LexState *, expdesc *);
static NOINLINE void simpleexp(LexState *, expdesc *);
static NOINLINE void funcargs(LexState *, expdesc *);
static NOINLINE void suffixedexp(LexState *, expdesc *);
static NOINLINE void parlist(LexState *);
static NOINLINE void gotostat(LexState *);
static NOINLINE void exprstat(LexState *);
static NOINLINE void retstat(LexState *);
static NOINLINE void localstat(LexState *);
static NOINLINE void localfunc(LexState *);
static NOINLINE void close_func(LexState *);
static NOINLINE void whilestat(LexState *, int);
static NOINLINE void repeatstat(LexState *, int);
static NOINLINE void forstat(LexState *, int);
static NOINLINE void funcstat(LexState *, int);
static NOINLINE void ifstat(LexState *, int);
static NOINLINE void block(LexState *);
static NOINLINE void test_then_block(LexState *, int *);
static NOINLINE void statement(LexState *);
static NOINLINE void statlist(LexState *);
static NOINLINE void expr(LexState *, expdesc *);
static NOINLINE int explist(LexState *, expdesc *);
static NOINLINE BinOpr subexpr(LexState *, expdesc *, int);
static NOINLINE BinOpr binary(LexState *, BinOpr, expdesc *);
static NOINLINE void body(LexState *, expdesc *, int, int);
static NOINLINE void recfield(LexState *, struct ConsControl *);
static NOINLINE void listfield(LexState *, struct ConsControl *);
static NOINLINE void restassign(LexState *, struct LHS_assign *, int);
static NOINLINE void open_func(LexState *, FuncState *, struct BlockCnt *);
static NOINLINE void leaveblock(FuncState *);
static NOINLINE void singlevaraux(FuncState *, TString *, expdesc *, int);

#undef NOINLINE

#endif
