/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef LUNATIK_LIBC_FLOAT_H
#define LUNATIK_LIBC_FLOAT_H

/* long double is told to be double: nothing here may use the x87. */
#define FLT_RADIX __FLT_RADIX__
#define FLT_EVAL_METHOD 0

#define FLT_MANT_DIG __FLT_MANT_DIG__
#define FLT_EPSILON __FLT_EPSILON__

#define DBL_DIG __DBL_DIG__
#define DBL_EPSILON __DBL_EPSILON__
#define DBL_MANT_DIG __DBL_MANT_DIG__
#define DBL_MAX __DBL_MAX__
#define DBL_MAX_10_EXP __DBL_MAX_10_EXP__
#define DBL_MAX_EXP __DBL_MAX_EXP__
#define DBL_MIN __DBL_MIN__
#define DBL_MIN_EXP __DBL_MIN_EXP__

#define LDBL_MANT_DIG DBL_MANT_DIG
#define LDBL_MAX_EXP DBL_MAX_EXP

#endif
