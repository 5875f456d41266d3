/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Named by Lua's ldo.c; what it uses instead of setjmp and longjmp is in jump.h. */
