// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The functions of libc/math.h, for the one translation unit. They come from musl's src/math, whose
 * tree must be on the include path as musl-1.2.5 (tools/fetch-sources puts it into build/sources);
 * floor, ceil, sqrt and ldexp are our own. All of them are static, and none touches the x87, long
 * double or the floating-point environment: they run on SSE registers and nothing else.
 *
 * To be included before any source of Lua, so that Lua's macros cannot reach in. musl gives its
 * functions external linkage; a static declaration that comes first makes each of them static (C11
 * 6.2.2, 5). What two of its files both define is renamed for one of them.
 */
#include <float.h>
#include <math.h>
#include <stdint.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wparentheses"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wmissing-declarations"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-const-variable"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wdeclaration-after-statement"
#pragma GCC diagnostic ignored "-Wdiv-by-zero"

static int __rem_pio2_large(double *x, double *y, int e0, int nx, int prec);
static int __rem_pio2(double x, double *y);
static double __sin(double x, double y, int iy);
static double __cos(double x, double y);
static double __tan(double x, double y, int odd);
static double __expo2(double x, double sign);
static double __math_xflow(uint32_t sign, double y);
static double __math_uflow(uint32_t sign);
static double __math_oflow(uint32_t sign);
static double __math_divzero(uint32_t sign);
static double __math_invalid(double x);

#include "libm.h"

/* The tables: objects, so the words of their declarations have to become static ones. */
#define extern static
#include "musl-1.2.5/src/math/exp_data.h"
#include "musl-1.2.5/src/math/log_data.h"
#include "musl-1.2.5/src/math/log2_data.h"
#include "musl-1.2.5/src/math/pow_data.h"
#undef extern
#define const static const
#include "musl-1.2.5/src/math/exp_data.c"
#undef N
#include "musl-1.2.5/src/math/log_data.c"
#undef N
#include "musl-1.2.5/src/math/log2_data.c"
#undef N
#include "musl-1.2.5/src/math/pow_data.c"
#undef N
#undef A
#undef const

#include "musl-1.2.5/src/math/__math_xflow.c"
#include "musl-1.2.5/src/math/__math_uflow.c"
#include "musl-1.2.5/src/math/__math_oflow.c"
#include "musl-1.2.5/src/math/__math_divzero.c"
#include "musl-1.2.5/src/math/__math_invalid.c"

static double floor(double x)
{
	double whole;

	if (!(fabs(x) < 0x1p52))
		return x; /* no fraction, infinite or not a number */
	whole = (double)(int64_t)x;
	if (whole > x)
		whole -= 1;
	return __builtin_copysign(whole, x); /* -0.0 stays */
}

static double ceil(double x)
{
	double whole;

	if (!(fabs(x) < 0x1p52))
		return x;
	whole = (double)(int64_t)x;
	if (whole < x)
		whole += 1;
	return __builtin_copysign(whole, x); /* ceil(-0.5) is -0.0 */
}

static double sqrt(double x)
{
#if defined(__x86_64__)
	__asm__("sqrtsd %1, %0" : "=x"(x) : "x"(x));
#elif defined(__aarch64__)
	__asm__("fsqrt %d0, %d1" : "=w"(x) : "w"(x));
#else
#error "sqrt is not known on this machine"
#endif
	return x;
}

#include "musl-1.2.5/src/math/scalbn.c"

static double ldexp(double x, int exponent)
{
	return scalbn(x, exponent);
}

#include "musl-1.2.5/src/math/fmod.c"
#include "musl-1.2.5/src/math/frexp.c"

/* log, log2, pow and exp name their tables' members with macros. */
#include "musl-1.2.5/src/math/log.c"
#undef T
#undef T2
#undef A
#undef B
#undef N
#undef OFF
#undef LO
#undef HI
#undef Ln2hi
#undef Ln2lo
#define top16 log2_top16
#include "musl-1.2.5/src/math/log2.c"
#undef top16
#undef T
#undef T2
#undef A
#undef B
#undef N
#undef OFF
#undef LO
#undef HI
#include "musl-1.2.5/src/math/log10.c"
#include "musl-1.2.5/src/math/exp.c"
#undef N
#undef T
#undef C2
#undef C3
#undef C4
#undef C5
#undef InvLn2N
#undef NegLn2hiN
#undef NegLn2loN
#undef Shift
#define specialcase pow_specialcase
#define top12 pow_top12
#include "musl-1.2.5/src/math/pow.c"
#undef specialcase
#undef top12
#undef N
#undef T
#undef A
#undef OFF
#undef Ln2hi
#undef Ln2lo
#undef C2
#undef C3
#undef C4
#undef C5
#undef C6
#undef InvLn2N
#undef NegLn2hiN
#undef NegLn2loN
#undef Shift

#include "musl-1.2.5/src/math/__rem_pio2_large.c"
#include "musl-1.2.5/src/math/__rem_pio2.c"
#undef EPS
#define C1 cos_C1
#define C2 cos_C2
#define C3 cos_C3
#define C4 cos_C4
#define C5 cos_C5
#define C6 cos_C6
#include "musl-1.2.5/src/math/__cos.c"
#undef C1
#undef C2
#undef C3
#undef C4
#undef C5
#undef C6
#include "musl-1.2.5/src/math/__sin.c"
#define T tan_T
#define pio4 tan_pio4
#include "musl-1.2.5/src/math/__tan.c"
#undef pio4
#undef T
#include "musl-1.2.5/src/math/cos.c"
#include "musl-1.2.5/src/math/sin.c"
#include "musl-1.2.5/src/math/tan.c"
#include "musl-1.2.5/src/math/acos.c"
#define pio2_hi asin_pio2_hi
#define pio2_lo asin_pio2_lo
#define pS0 asin_pS0
#define pS1 asin_pS1
#define pS2 asin_pS2
#define pS3 asin_pS3
#define pS4 asin_pS4
#define pS5 asin_pS5
#define qS1 asin_qS1
#define qS2 asin_qS2
#define qS3 asin_qS3
#define qS4 asin_qS4
#define R asin_R
#include "musl-1.2.5/src/math/asin.c"
#undef pio2_hi
#undef pio2_lo
#undef pS0
#undef pS1
#undef pS2
#undef pS3
#undef pS4
#undef pS5
#undef qS1
#undef qS2
#undef qS3
#undef qS4
#undef R
#include "musl-1.2.5/src/math/atan.c"
#define pi atan2_pi
#define pi_lo atan2_pi_lo
#include "musl-1.2.5/src/math/atan2.c"
#undef pi
#undef pi_lo

#include "musl-1.2.5/src/math/expm1.c"
#define k expo2_k
#include "musl-1.2.5/src/math/__expo2.c"
#undef k
#include "musl-1.2.5/src/math/cosh.c"
#include "musl-1.2.5/src/math/sinh.c"
#include "musl-1.2.5/src/math/tanh.c"

#pragma GCC diagnostic pop
