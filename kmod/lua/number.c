// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Both directions work the same way. The fast path multiplies a 64-bit number by a power of ten
 * that is known to 128 bits and takes the result if its error cannot change the rounding, which is
 * so all but once in some billion times. The slow path writes the exact binary value out in
 * decimal, nine digits at a time, and looks as far as it must.
 */
#include "number.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

typedef unsigned __int128 number_wide;

/* --- powers of ten --------------------------------------------------------------------------- */

/*
 * 10^k is power * 2^number_power_exponent(k), the power having its top bit set. It is cut off, so
 * that the truth lies in [power, power + NUMBER_POWER_ERROR).
 */
#define NUMBER_POWER_ERROR 4
#define NUMBER_POWER_EXACT_MAX 54 /* no error from 0 to here: 5^54 has 126 bits */

#define NUMBER_STEP 27
#define NUMBER_STEP_MIN (-13)

/* 10^(27 i), to 128 bits, cut off. */
static const uint64_t number_coarse[][2] = {
	{ 0x8049a4ac0c5811aeULL, 0x205b896d777d6278ULL }, /* 1e-351 */
	{ 0xcf42894a5dce35eaULL, 0x52064cac828675b9ULL }, /* 1e-324 */
	{ 0xa76c582338ed2621ULL, 0xaf2af2b80af6f24eULL }, /* 1e-297 */
	{ 0x873e4f75e2224e68ULL, 0x5a7744a6e804a291ULL }, /* 1e-270 */
	{ 0xda7f5bf590966848ULL, 0xaf39a475506a899eULL }, /* 1e-243 */
	{ 0xb080392cc4349decULL, 0xbd8d794d96aacfb3ULL }, /* 1e-216 */
	{ 0x8e938662882af53eULL, 0x547eb47b7282ee9cULL }, /* 1e-189 */
	{ 0xe65829b3046b0afaULL, 0x0cb4a5a3112a5112ULL }, /* 1e-162 */
	{ 0xba121a4650e4ddebULL, 0x92f34d62616ce413ULL }, /* 1e-135 */
	{ 0x964e858c91ba2655ULL, 0x3a6a07f8d510f86fULL }, /* 1e-108 */
	{ 0xf2d56790ab41c2a2ULL, 0xfae27299423fb9c3ULL }, /* 1e-81 */
	{ 0xc428d05aa4751e4cULL, 0xaa97e14c3c26b886ULL }, /* 1e-54 */
	{ 0x9e74d1b791e07e48ULL, 0x775ea264cf55347dULL }, /* 1e-27 */
	{ 0x8000000000000000ULL, 0x0000000000000000ULL }, /* 1e0 */
	{ 0xcecb8f27f4200f3aULL, 0x0000000000000000ULL }, /* 1e27 */
	{ 0xa70c3c40a64e6c51ULL, 0x999090b65f67d924ULL }, /* 1e54 */
	{ 0x86f0ac99b4e8dafdULL, 0x69a028bb3ded71a3ULL }, /* 1e81 */
	{ 0xda01ee641a708de9ULL, 0xe80e6f4820cc9495ULL }, /* 1e108 */
	{ 0xb01ae745b101e9e4ULL, 0x5ec05dcff72e7f8fULL }, /* 1e135 */
	{ 0x8e41ade9fbebc27dULL, 0x14588f13be847307ULL }, /* 1e162 */
	{ 0xe5d3ef282a242e81ULL, 0x8f1668c8a86da5faULL }, /* 1e189 */
	{ 0xb9a74a0637ce2ee1ULL, 0x6d953e2bd7173692ULL }, /* 1e216 */
	{ 0x95f83d0a1fb69cd9ULL, 0x4abdaf101564f98eULL }, /* 1e243 */
	{ 0xf24a01a73cf2dccfULL, 0xbc633b39673c8cecULL }, /* 1e270 */
	{ 0xc3b8358109e84f07ULL, 0x0a862f80ec4700c8ULL }, /* 1e297 */
	{ 0x9e19db92b4e31ba9ULL, 0x6c07a2c26a8346d1ULL }, /* 1e324 */
};

/* 10^0 to 10^26, exactly: shifted until the top bit is set. */
static const uint64_t number_fine[NUMBER_STEP] = {
	0x8000000000000000ULL, 0xa000000000000000ULL, 0xc800000000000000ULL, 0xfa00000000000000ULL,
	0x9c40000000000000ULL, 0xc350000000000000ULL, 0xf424000000000000ULL, 0x9896800000000000ULL,
	0xbebc200000000000ULL, 0xee6b280000000000ULL, 0x9502f90000000000ULL, 0xba43b74000000000ULL,
	0xe8d4a51000000000ULL, 0x9184e72a00000000ULL, 0xb5e620f480000000ULL, 0xe35fa931a0000000ULL,
	0x8e1bc9bf04000000ULL, 0xb1a2bc2ec5000000ULL, 0xde0b6b3a76400000ULL, 0x8ac7230489e80000ULL,
	0xad78ebc5ac620000ULL, 0xd8d726b7177a8000ULL, 0x878678326eac9000ULL, 0xa968163f0a57b400ULL,
	0xd3c21bcecceda100ULL, 0x84595161401484a0ULL, 0xa56fa5b99019a5c8ULL,
};

/* floor(log2(10^k)) - 127, for |k| <= 360. */
static inline int number_power_exponent(int k)
{
	return (k * 217706 >> 16) - 127;
}

/* k from -351 to 350. */
static number_wide number_power(int k)
{
	int step = (k + NUMBER_STEP * -NUMBER_STEP_MIN) / NUMBER_STEP;
	uint64_t fine = number_fine[k - NUMBER_STEP * (step + NUMBER_STEP_MIN)];
	number_wide high = (number_wide)number_coarse[step][0] * fine;
	number_wide low = (number_wide)number_coarse[step][1] * fine;
	number_wide product = high + (uint64_t)(low >> 64);

	if (product >> 127)
		return product;
	return product << 1 | (uint64_t)low >> 63;
}

/* The upper 128 bits of m * power; *rest says whether the lower 64 hold something. */
static inline number_wide number_multiply(uint64_t m, number_wide power, int *rest)
{
	number_wide low = (number_wide)(uint64_t)power * m;

	*rest = (uint64_t)low != 0;
	return (power >> 64) * m + (uint64_t)(low >> 64);
}

/* --- the exact decimal expansion of m * 2^e -------------------------------------------------- */

#define NUMBER_GROUP 1000000000U /* nine digits */

/*
 * The groups of the integer part are made at once, since the lowest comes first, and stand in
 * `integer`; those of the fraction are made one by one, by multiplication: each time the nine
 * digits come out at the top and nine bits of the fraction's lower end become zero.
 */
struct number_expansion {
	int left;       /* groups of the integer part still to be given */
	int low, top;   /* the fraction's limbs that are not zero: [low, top) ... */
	int limbs;      /* ... of so many; the highest is just below the point */
	uint32_t integer[35]; /* lowest first; 2^1024 has 309 digits */
	union {
		uint64_t fraction[17]; /* lowest first; 2^-1075 is the lowest bit there is */
		uint32_t shifted[34]; /* the integer, while it is being divided */
	};
};

/* m up to 64 bits, e from -1075 to 971 and m * 2^e below 2^1025. */
static void number_expansion_start(struct number_expansion *x, uint64_t m, int e)
{
	x->left = x->low = x->top = x->limbs = 0;
	if (e < 0) {
		int shift;

		x->limbs = (-e + 63) / 64;
		shift = x->limbs * 64 + e; /* 0 to 63 */
		memset(x->fraction, 0, x->limbs * sizeof(x->fraction[0]));
		x->fraction[0] = m << shift;
		if (x->limbs > 1) {
			x->fraction[1] = shift ? m >> (64 - shift) : 0;
			x->top = 2;
			m = 0;
		} else {
			x->top = 1;
			m = e > -64 ? m >> -e : 0;
		}
		for (; m; m /= NUMBER_GROUP)
			x->integer[x->left++] = m % NUMBER_GROUP;
	} else {
		int count = e / 32 + 3;
		number_wide bits = (number_wide)m << e % 32;

		memset(x->shifted, 0, count * sizeof(x->shifted[0]));
		x->shifted[e / 32] = (uint32_t)bits;
		x->shifted[e / 32 + 1] = (uint32_t)(bits >> 32);
		x->shifted[e / 32 + 2] = (uint32_t)(bits >> 64);
		for (;;) {
			uint64_t rest = 0;
			int i;

			while (count && !x->shifted[count - 1])
				count--;
			if (!count)
				break;
			for (i = count - 1; i >= 0; i--) {
				rest = rest << 32 | x->shifted[i];
				x->shifted[i] = (uint32_t)(rest / NUMBER_GROUP);
				rest %= NUMBER_GROUP;
			}
			x->integer[x->left++] = (uint32_t)rest;
		}
	}
}

/* Whether all further groups are zero. */
static int number_expansion_ended(struct number_expansion *x)
{
	int i;

	for (i = 0; i < x->left; i++)
		if (x->integer[i])
			return 0;
	while (x->low < x->top && !x->fraction[x->low])
		x->low++;
	return x->low == x->top;
}

/* The next nine digits. */
static uint32_t number_expansion_next(struct number_expansion *x)
{
	uint64_t carry = 0;
	int i;

	if (x->left)
		return x->integer[--x->left];
	for (i = x->low; i < x->top; i++) {
		number_wide product = (number_wide)x->fraction[i] * NUMBER_GROUP + carry;

		x->fraction[i] = (uint64_t)product;
		carry = (uint64_t)(product >> 64);
	}
	while (x->low < x->top && !x->fraction[x->low])
		x->low++;
	if (x->top < x->limbs && carry) {
		x->fraction[x->top++] = carry;
		carry = 0;
	}
	return (uint32_t)carry;
}

/*
 * The digits of the first group that is not zero, as text; returns how many. *exponent is the power
 * of ten of the first digit. There must be such a group.
 */
static int number_expansion_first(struct number_expansion *x, char digits[9], int *exponent)
{
	int group = x->left; /* groups before the point, this one included; 0 and less: after it */
	uint32_t value, rest;
	int count = 0, i;

	while (!(value = number_expansion_next(x)))
		group--;
	for (rest = value; rest; rest /= 10)
		count++;
	for (i = count; i-- > 0; value /= 10)
		digits[i] = (char)('0' + value % 10);
	*exponent = (group - 1) * 9 + count - 1;
	return count;
}

/* The digits of the next group, as text. */
static void number_expansion_more(struct number_expansion *x, char digits[9])
{
	uint32_t value = number_expansion_next(x);
	int i;

	for (i = 9; i-- > 0; value /= 10)
		digits[i] = (char)('0' + value % 10);
}

/* --- doubles --------------------------------------------------------------------------------- */

/* x, which is finite and above zero, is *m * 2^e; returns e. */
static int number_split(double x, uint64_t *m)
{
	uint64_t bits;
	int exponent;

	memcpy(&bits, &x, sizeof(bits));
	exponent = (int)(bits >> 52 & 0x7ff);
	*m = bits & 0xfffffffffffffULL;
	if (exponent)
		*m |= 1ULL << 52;
	else
		exponent = 1;
	return exponent - 1075;
}

static double number_join(uint64_t bits, int negative)
{
	double x;

	bits |= (uint64_t)negative << 63;
	memcpy(&x, &bits, sizeof(x));
	return x;
}

/* --- to decimal ------------------------------------------------------------------------------ */

static void number_decimal_zero(struct number_decimal *decimal)
{
	decimal->exponent = 0;
	decimal->count = 0;
}

/* Drop zeros from the end. */
static void number_decimal_trim(struct number_decimal *decimal)
{
	while (decimal->count && decimal->digits[decimal->count - 1] == '0')
		decimal->count--;
	if (!decimal->count)
		decimal->exponent = 0;
}

/* The decimal whose last digit has the weight 10^exponent. */
static void number_decimal_set(struct number_decimal *decimal, uint64_t value, int exponent)
{
	char *digits = decimal->digits;
	uint64_t rest;
	int count = 0, i;

	for (rest = value; rest; rest /= 10)
		count++;
	for (i = count; i-- > 0; value /= 10)
		digits[i] = (char)('0' + value % 10);
	decimal->count = count;
	decimal->exponent = exponent + count - 1;
	number_decimal_trim(decimal);
}

/* Exactly; to `limit` digits, counted from the first one or, when `from_point`, from the point. */
static void number_decimal_exact(struct number_decimal *decimal, uint64_t m, int e, int limit,
				 int from_point)
{
	struct number_expansion x;
	char *digits = decimal->digits;
	int count, i, up;

	number_expansion_start(&x, m, e);
	count = number_expansion_first(&x, digits, &decimal->exponent);
	if (from_point)
		limit += decimal->exponent + 1;
	if (limit < 0) {
		number_decimal_zero(decimal);
		return;
	}
	while (count <= limit) {
		number_expansion_more(&x, digits + count);
		count += 9;
	}
	up = digits[limit] > '5';
	if (digits[limit] == '5') {
		up = limit > 0 && (digits[limit - 1] - '0') % 2; /* a tie goes to even */
		for (i = limit + 1; i < count && !up; i++)
			up = digits[i] != '0';
		if (!up)
			up = !number_expansion_ended(&x);
	}
	decimal->count = limit;
	if (up) {
		for (i = limit; i > 0 && digits[i - 1] == '9'; i--)
			;
		if (i > 0) {
			digits[i - 1]++;
			decimal->count = i;
		} else {
			digits[0] = '1';
			decimal->count = 1;
			decimal->exponent++;
		}
	}
	number_decimal_trim(decimal);
}

/*
 * m * 2^e * 10^k, cut off to an integer below 2^60, m having its top bit set. *fraction is what
 * was cut off, in units of 2^-128, too small by less than *error.
 */
static uint64_t number_scale(uint64_t m, int e, int k, number_wide *fraction, number_wide *error)
{
	int rest, shift;
	number_wide product = number_multiply(m, number_power(k), &rest);

	shift = -(e + number_power_exponent(k) + 64); /* 67 to 127: the caller sees to it */
	if (k >= 0 && k <= NUMBER_POWER_EXACT_MAX && !rest)
		*error = 0;
	else
		*error = (number_wide)(NUMBER_POWER_ERROR + 1) << (128 - shift);
	*fraction = product << (128 - shift);
	return (uint64_t)(product >> shift);
}

#define NUMBER_HALF ((number_wide)1 << 127)

/*
 * Round the integer that number_scale() gave; returns 0 when the error leaves it open.
 */
static int number_round(uint64_t *value, number_wide fraction, number_wide error)
{
	if (fraction > NUMBER_HALF)
		(*value)++;
	else if (fraction == NUMBER_HALF && !error)
		*value += *value & 1;
	else if (fraction == NUMBER_HALF || NUMBER_HALF - fraction < error)
		return 0;
	return 1;
}

static const uint64_t number_ten_to[] = {
	1ULL, 10ULL, 100ULL, 1000ULL, 10000ULL, 100000ULL, 1000000ULL, 10000000ULL, 100000000ULL,
	1000000000ULL, 10000000000ULL, 100000000000ULL, 1000000000000ULL, 10000000000000ULL,
	100000000000000ULL, 1000000000000000ULL, 10000000000000000ULL, 100000000000000000ULL,
};

#define NUMBER_FAST_DIGITS 17

static void number_significant(struct number_decimal *decimal, double x, int digits)
{
	number_wide fraction, error;
	uint64_t m, value;
	int e, zeros, ten, k;

	if (x == 0) {
		number_decimal_zero(decimal);
		return;
	}
	e = number_split(x, &m);
	if (digits <= NUMBER_FAST_DIGITS) {
		zeros = __builtin_clzll(m);
		/* floor(log10(x)), or one less than that */
		ten = (e + 63 - zeros) * 315653 >> 20;
		k = digits - 1 - ten;
		value = number_scale(m << zeros, e - zeros, k, &fraction, &error);
		if (value >= number_ten_to[digits]) {
			/* One less: the last digit joins the fraction. */
			int last = (int)(value % 10);

			value /= 10;
			k--;
			if (last == 4 && fraction + error < fraction)
				goto exact;
			if (last == 5 && !fraction) {
				if (error)
					goto exact;
				value += value & 1;
			} else {
				value += last >= 5;
			}
		} else if (!number_round(&value, fraction, error)) {
			goto exact;
		}
		number_decimal_set(decimal, value, -k);
		return;
	}
exact:
	number_decimal_exact(decimal, m, e, digits, 0);
}

static void number_places(struct number_decimal *decimal, double x, int places)
{
	number_wide fraction, error;
	uint64_t m, value;
	int e, zeros, shift;

	if (x == 0) {
		number_decimal_zero(decimal);
		return;
	}
	e = number_split(x, &m);
	zeros = __builtin_clzll(m);
	shift = -(e - zeros + number_power_exponent(places) + 64);
	if (shift >= 68 && shift <= 127) {
		value = number_scale(m << zeros, e - zeros, places, &fraction, &error);
		if (number_round(&value, fraction, error)) {
			number_decimal_set(decimal, value, -places);
			return;
		}
	}
	number_decimal_exact(decimal, m, e, places, 1);
}

/* --- from text ------------------------------------------------------------------------------- */

/* Exponents are cut off here; no text that fits in memory comes near with its digits. */
#define NUMBER_EXPONENT_MAX (1LL << 60)

static int number_hex_digit(int c)
{
	return isdigit(c) ? c - '0' : (c | 32) - 'a' + 10;
}

/* An exponent part, if one stands at *text: the letter, a sign, digits. *text moves behind it. */
static long long number_parse_exponent(const char **text, int letter)
{
	const char *s = *text;
	long long exponent = 0;
	int negative;

	if ((*s | 32) != letter)
		return 0;
	s++;
	negative = *s == '-';
	if (*s == '-' || *s == '+')
		s++;
	if (!isdigit((unsigned char)*s))
		return 0;
	for (; isdigit((unsigned char)*s); s++)
		if (exponent < NUMBER_EXPONENT_MAX / 10)
			exponent = exponent * 10 + (*s - '0');
	*text = s;
	return negative ? -exponent : exponent;
}

/* The bits of the mantissa of a double from 2^e on: 53, or less when it is subnormal; e >= -1075. */
static int number_bits(long long e)
{
	return e >= -1022 ? 53 : 53 - (int)(-1022 - e);
}

/* The bits of the double whose mantissa, of number_bits(e) bits, was rounded to this. */
static uint64_t number_pack(uint64_t mantissa, long long e)
{
	/* The mantissa's top bit adds one to the exponent; a carry out of it does so too. */
	return e >= -1022 ? ((uint64_t)(e + 1022) << 52) + mantissa : mantissa;
}

#define NUMBER_INFINITY (0x7ffULL << 52)

/* What follows "0x", as the bits of a double; *end is left alone when no digit does. */
static uint64_t number_parse_hex(const char *s, const char **end)
{
	uint64_t value = 0, mantissa, rest, half;
	long long e = 0;
	int any = 0, point = 0, more = 0, zeros, drop;

	for (;; s++) {
		if (*s == '.' && !point) {
			point = 1;
			continue;
		}
		if (!isxdigit((unsigned char)*s))
			break;
		any = 1;
		if (value >> 60) {
			more |= *s != '0';
			e += 4;
		} else {
			value = value << 4 | (uint64_t)number_hex_digit((unsigned char)*s);
		}
		e -= point ? 4 : 0;
	}
	if (!any)
		return 0;
	e += number_parse_exponent(&s, 'p');
	*end = s;
	if (!value)
		return 0;
	zeros = __builtin_clzll(value);
	value <<= zeros;
	e += 63 - zeros; /* value * 2^(e - 63) */
	if (e > 1023)
		return NUMBER_INFINITY;
	if (e < -1075)
		return 0;
	drop = 64 - number_bits(e); /* 11 to 64 */
	mantissa = drop < 64 ? value >> drop : 0;
	rest = drop < 64 ? value & ((1ULL << drop) - 1) : value;
	half = 1ULL << (drop - 1);
	if (rest > half || (rest == half && (more || mantissa & 1)))
		mantissa++;
	return number_pack(mantissa, e);
}

/* Digits and perhaps a point, up to `end`; the first is not '0' and has the weight 10^exponent. */
struct number_text {
	const char *start, *end;
	int exponent;
};

/* Compare the text with m * 2^e: below, equal and above zero as in memcmp. */
static int number_compare(const struct number_text *text, uint64_t m, int e)
{
	const char *s = text->start;
	struct number_expansion x;
	char digits[9];
	int count, first, i;

	number_expansion_start(&x, m, e);
	count = number_expansion_first(&x, digits, &first);
	if (text->exponent != first)
		return text->exponent < first ? -1 : 1;
	for (;;) {
		for (i = 0; i < count; i++) {
			int digit;

			if (s < text->end && *s == '.')
				s++;
			digit = s < text->end ? *s++ : '0';
			if (digit != digits[i])
				return digit < digits[i] ? -1 : 1;
		}
		if (number_expansion_ended(&x))
			break;
		number_expansion_more(&x, digits);
		count = 9;
	}
	for (; s < text->end; s++)
		if (*s != '.' && *s != '0')
			return 1;
	return 0;
}

/* 1e0 to 1e22 are exact. */
static const double number_exact_powers[] = {
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

/*
 * The bits of the double nearest to w * 10^k, or to a little more when `more`: what the text says
 * in full. w is not zero.
 */
static uint64_t number_from_decimal(uint64_t w, int k, int more, const struct number_text *text)
{
	number_wide product, error, rest, half;
	uint64_t mantissa;
	int zeros = __builtin_clzll(w);
	int lost, drop, order, e;

	product = number_multiply(w << zeros, number_power(k), &lost);
	e = number_power_exponent(k) - zeros + 64 + 127;
	error = k >= 0 && k <= NUMBER_POWER_EXACT_MAX && !lost ? 0 : NUMBER_POWER_ERROR + 1;
	if (more)
		error += (number_wide)1 << (zeros + 64);
	if (!(product >> 127)) {
		product <<= 1;
		error <<= 1;
		e--;
	}
	if (e > 1023)
		return NUMBER_INFINITY;
	if (e < -1076)
		return 0;
	if (e == -1076) /* below 2^-1075, half of the least double, unless the error hides it */
		return number_compare(text, 1, -1075) > 0;
	drop = 128 - number_bits(e); /* 75 to 128 */
	mantissa = drop < 128 ? (uint64_t)(product >> drop) : 0;
	rest = drop < 128 ? product & (((number_wide)1 << drop) - 1) : product;
	half = (number_wide)1 << (drop - 1);
	if (rest > half)
		order = 1;
	else if (half - rest > error)
		order = -1;
	else
		order = number_compare(text, mantissa * 2 + 1, e - 128 + drop);
	if (order > 0 || (order == 0 && mantissa & 1))
		mantissa++;
	return number_pack(mantissa, e);
}

static double number_parse(const char *text, char **end)
{
	const char *s = text, *first = NULL;
	struct number_text digits;
	uint64_t w = 0;
	long long k = 0;
	int negative, any = 0, point = 0, used = 0, more = 0;

	*end = (char *)text;
	while (isspace((unsigned char)*s))
		s++;
	negative = *s == '-';
	if (*s == '-' || *s == '+')
		s++;
	if (s[0] == '0' && (s[1] | 32) == 'x') {
		const char *stop = s + 1; /* when nothing follows the x, the numeral is "0" */
		uint64_t bits = number_parse_hex(s + 2, &stop);

		*end = (char *)stop;
		return number_join(bits, negative);
	}
	for (;; s++) {
		if (*s == '.' && !point) {
			point = 1;
			continue;
		}
		if (!isdigit((unsigned char)*s))
			break;
		any = 1;
		if (!first) {
			if (*s == '0') {
				k -= point;
				continue;
			}
			first = s;
		}
		if (used < 19) {
			w = w * 10 + (uint64_t)(*s - '0');
			used++;
			k -= point;
		} else {
			more |= *s != '0';
			k += !point;
		}
	}
	if (!any)
		return 0;
	digits.start = first;
	digits.end = s;
	k += number_parse_exponent(&s, 'e');
	*end = (char *)s;
	if (!first)
		return number_join(0, negative);
	if (!more && w <= 1ULL << 53 && k >= -22 && k <= 22) {
		/* Both are exact, so the one rounding of this operation is the right one. */
		double x = k < 0 ? (double)w / number_exact_powers[-k]
				 : (double)w * number_exact_powers[k];

		return negative ? -x : x;
	}
	if (k + used - 1 > 308)
		return number_join(NUMBER_INFINITY, negative);
	if (k + used - 1 < -324)
		return number_join(0, negative);
	digits.exponent = (int)k + used - 1;
	return number_join(number_from_decimal(w, (int)k, more, &digits), negative);
}
