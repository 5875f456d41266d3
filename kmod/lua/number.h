/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Doubles to decimal digits and back, exactly: both directions give what a correctly rounding C
 * library gives (round half to even on the exact value), for every double and every text. Integer
 * arithmetic only; no allocation, no global state, no frame over 512 bytes.
 */
#ifndef LUNATIK_NUMBER_H
#define LUNATIK_NUMBER_H

/* The longest precision that string.format lets through. */
#define NUMBER_PRECISION_MAX 99

/* 309 digits before the point, 99 after it, and room to look ahead by one group. */
#define NUMBER_DIGITS_MAX (309 + NUMBER_PRECISION_MAX + 12)

/* A rounded decimal, d.ddd... times ten to the exponent; the digits after the last are zeros. */
struct number_decimal {
	int exponent;
	int count; /* 0: the value is zero, and so is the exponent */
	char digits[NUMBER_DIGITS_MAX]; /* '0' to '9'; the last one is not '0' */
};

/*
 * The decimal digits of x, which is finite and not negative: rounded to `digits` significant ones
 * (1 to NUMBER_PRECISION_MAX + 1).
 */
static __attribute__((noinline)) void number_significant(struct number_decimal *decimal, double x,
							int digits);

/* The same, rounded to `places` digits after the point (0 to NUMBER_PRECISION_MAX). */
static __attribute__((noinline)) void number_places(struct number_decimal *decimal, double x,
						   int places);

/*
 * The double nearest to a numeral: optional white space and sign, then decimal digits with an
 * optional point and an optional exponent, or 0x, hexadecimal digits with an optional point and an
 * optional binary exponent. Too large is HUGE_VAL, too small is zero or subnormal, both with the
 * sign. *end is where the numeral ends, or text when there is none. This is C's strtod, but for
 * "inf" and "nan", which Lua refuses before it asks.
 */
static double number_parse(const char *text, char **end);

#endif
