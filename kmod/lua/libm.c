// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The functions of libc/math.h, for the one translation unit. They come from musl's src/math, whose
 * tree must be on the include path as musl-1.2.5 (tools/fetch-sources puts it into build/sources);
 * floor, ceil, sqrt, ldexp and log10 are our own. All of them are static, and none touches the x87, long
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

/* What glibc gives outside of a function's domain is a NaN without a sign; it shows: "nan". */
#define LIBM_INVALID __builtin_nan("")

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
#undef frexp
#define frexp musl_frexp
static double frexp(double x, int *exponent);
#include "musl-1.2.5/src/math/frexp.c"
#undef frexp
#define frexp libm_frexp

/* C leaves the exponent of an infinity or a NaN open, and math.frexp would show what was there. */
static double frexp(double x, int *exponent)
{
	*exponent = 0;
	return isfinite(x) ? musl_frexp(x, exponent) : x;
}


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

/*
 * With x = 2^n * f: n * log10(2) + log(f) / log(10), log10(2) being cut into two parts, so that the
 * powers of ten come out exactly. glibc computes it so too; musl's, though closer to the truth, is
 * up to 2 ulp away from what a user-space Lua prints.
 */
static double log10(double x)
{
	static const double inverse_ln10 = 0x1.bcb7b1526e50ep-2;
	static const double log10_2_high = 0x1.34413509f6000p-2;
	static const double log10_2_low = 0x1.9fef311f12b36p-42;
	uint64_t bits = asuint64(x);
	int n = 0;

	if (isnan(x) || x == INFINITY)
		return x + x;
	if (x < 0)
		return LIBM_INVALID;
	if (x == 0)
		return -INFINITY;
	if (!(bits >> 52)) { /* subnormal */
		bits = asuint64(x * 0x1p54);
		n = -54;
	}
	n += (int)(bits >> 52) - 1023;
	bits &= (1ULL << 52) - 1;
	if (n < 0)
		bits |= 1022ULL << 52; /* f in [1/2, 1) */
	else
		bits |= 1023ULL << 52;
	n += n < 0;
	return (n * log10_2_low + inverse_ln10 * log(asdouble(bits))) + n * log10_2_high;
}

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
#undef acos
#define acos musl_acos
static double acos(double x);
#include "musl-1.2.5/src/math/acos.c"
#undef acos
#define acos libm_acos
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
#undef asin
#define asin musl_asin
static double asin(double x);
#include "musl-1.2.5/src/math/asin.c"
#undef asin
#define asin libm_asin
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

static double acos(double x)
{
	return fabs(x) > 1 ? LIBM_INVALID : musl_acos(x);
}

static double asin(double x)
{
	return fabs(x) > 1 ? LIBM_INVALID : musl_asin(x);
}

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
#undef cosh
#undef sinh
#define cosh musl_cosh
#define sinh musl_sinh
static double cosh(double x);
static double sinh(double x);
#include "musl-1.2.5/src/math/cosh.c"
#include "musl-1.2.5/src/math/sinh.c"
#undef cosh
#undef sinh
#define cosh libm_cosh
#define sinh libm_sinh

/* The sign of a NaN stays, as it does everywhere else. */
static double cosh(double x)
{
	return isnan(x) ? x : musl_cosh(x);
}

static double sinh(double x)
{
	return isnan(x) ? x : musl_sinh(x);
}

/*
 * (e^2x - 1) / (e^2x + 1), written so that nothing cancels. musl's differs from glibc's by up to
 * 3 ulp, since it takes other sides of these forms.
 */
static double tanh(double x)
{
	double size = fabs(x), t;

	if (isnan(x))
		return x;
	if (size < 0x1p-55)
		return x;
	if (size >= 22) {
		t = 1;
	} else if (size >= 1) {
		t = expm1(2 * size);
		t = 1 - 2 / (t + 2);
	} else {
		t = expm1(-2 * size);
		t = -t / (t + 2);
	}
	return __builtin_copysign(t, x);
}

#pragma GCC diagnostic pop
