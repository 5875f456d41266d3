/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef LUNATIK_LIBC_MATH_H
#define LUNATIK_LIBC_MATH_H

/* Renamed as a whole, so that nothing of this unit meets a symbol or a builtin of the same name. */
#define acos libm_acos
#define asin libm_asin
#define atan libm_atan
#define atan2 libm_atan2
#define ceil libm_ceil
#define cos libm_cos
#define cosh libm_cosh
#define exp libm_exp
#define expm1 libm_expm1
#define floor libm_floor
#define fmod libm_fmod
#define frexp libm_frexp
#define ldexp libm_ldexp
#define log libm_log
#define log10 libm_log10
#define log2 libm_log2
#define pow libm_pow
#define scalbn libm_scalbn
#define sin libm_sin
#define sinh libm_sinh
#define sqrt libm_sqrt
#define tan libm_tan
#define tanh libm_tanh
#define fabs __builtin_fabs

#define HUGE_VAL __builtin_huge_val()
#define INFINITY __builtin_inff()
#define NAN __builtin_nanf("")
#define isnan(x) __builtin_isnan(x)
#define isinf(x) __builtin_isinf(x)
#define isfinite(x) __builtin_isfinite(x)
#define signbit(x) __builtin_signbit(x)

typedef float float_t;
typedef double double_t;

static double acos(double x);
static double asin(double x);
static double atan(double x);
static double atan2(double y, double x);
static double ceil(double x);
static double cos(double x);
static double cosh(double x);
static double exp(double x);
static double expm1(double x);
static double floor(double x);
static double fmod(double x, double y);
static double frexp(double x, int *exponent);
static double ldexp(double x, int exponent);
static double log(double x);
static double log10(double x);
static double log2(double x);
static double pow(double x, double y);
static double scalbn(double x, int exponent);
static double sin(double x);
static double sinh(double x);
static double sqrt(double x);
static double tan(double x);
static double tanh(double x);

#endif
