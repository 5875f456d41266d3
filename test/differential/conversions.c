// SPDX-License-Identifier: MIT
/*
 * The conversions of kmod/lua/number.c and libc/format.c against the C library's own, which are
 * exact in glibc: every power of two and of ten and their neighbours, the numerals half-way between
 * two doubles, and random ones. The mathematical functions too, as far as exact.
 *
 *   conversions [ROUNDS [SEED]]
 *
 * Prints the seed, what differs, and how many groups of comparisons passed.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "conversions_unit.h"

unsigned long long engine_host_now(void)
{
	return 0;
}

unsigned long long engine_host_realtime(void)
{
	return 0;
}

static unsigned long values, wrong; /* of all groups */
static unsigned int passed, failed; /* groups */
static uint64_t state;

/* splitmix64 */
static uint64_t any(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static double from_bits(uint64_t bits)
{
	double x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

static uint64_t to_bits(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return bits;
}

static void verdict(int good, const char *what, const char *ours, const char *theirs)
{
	values++;
	if (!good && wrong++ < 20) {
		printf("%.300s\n  ours:  %.300s\n  glibc: %.300s\n", what, ours, theirs);
	}
}

static void check_format(const char *format, double x)
{
	char ours[600], theirs[600], what[64];
	int a = unit_format(ours, sizeof(ours), format, x);
	int b = snprintf(theirs, sizeof(theirs), format, x);

	snprintf(what, sizeof(what), "%s of %a", format, x);
	verdict(a == b && strcmp(ours, theirs) == 0, what, ours, theirs);
}

static void check_integer(const char *format, long long x)
{
	char ours[200], theirs[200], what[64];
	int a = unit_format_integer(ours, sizeof(ours), format, x);
	int b = snprintf(theirs, sizeof(theirs), format, x);

	snprintf(what, sizeof(what), "%s of %lld", format, x);
	verdict(a == b && strcmp(ours, theirs) == 0, what, ours, theirs);
}

static void check_parse(const char *text)
{
	char *end_a, *end_b, ours[64], theirs[64];
	double a = unit_parse(text, &end_a), b = strtod(text, &end_b);

	snprintf(ours, sizeof(ours), "%a, %td read", a, end_a - text);
	snprintf(theirs, sizeof(theirs), "%a, %td read", b, end_b - text);
	verdict(to_bits(a) == to_bits(b) && end_a == end_b, text, ours, theirs);
}

static void check_truncated(double x)
{
	char whole[64], part[64];
	int size, length = unit_format(whole, sizeof(whole), "%.14g", x);

	for (size = 0; size <= length + 1; size++) {
		memset(part, '#', sizeof(part));
		verdict(unit_format(part, size, "%.14g", x) == length && part[size] == '#' &&
				(size == 0 || (strncmp(part, whole, size - 1) == 0 &&
					       part[size <= length ? size - 1 : length] == 0)),
			"a buffer that is too small", part, whole);
	}
}

/* "%#g" is left out: glibc 2.36 drops its zeros when a number rounds up to a power of ten. */
static const char *const formats[] = {
	"%.14g", "%.17g", "%g", "%e", "%f", "%.3f", "%.0f", "%.0e", "%.1f", "%.10f", "%.16e",
	"%.17e", "%.20e", "%a", "%.99f", "%.99e", "%.99g", "%.0a", "%.5a", "%+.3e", "%#.0f",
	"%020.5f", "%-30.4g", "% g", "%A", "%G", "%E", "%25a", "%-25A", "%025a", "%#.0a", "%#.0e",
	"%.2g", "%.1g", "%.0g", "%.15g", "%.16g", "%30.20g", "%+030.12e", "%.13a", "%.20a", "%.12a",
	"%5.1f", "%.50f", "%.30g", "%99.99f",
};

#define FORMATS (sizeof(formats) / sizeof(formats[0]))

static void check_formats(double x)
{
	unsigned int i;

	for (i = 0; i < FORMATS; i++)
		check_format(formats[i], x);
}

/* The numeral exactly between a positive double and the next, and a little more and less. */
static void check_middle(uint64_t bits)
{
	double low = from_bits(bits), high = from_bits(bits + 1);
	/* 64 bits of mantissa hold it. */
	long double middle = isinf(high) ? low + ((long double)low - from_bits(bits - 1)) / 2
					 : ((long double)low + high) / 2;
	char digits[1200], exponent[16], text[1400];
	char *e, *last;

	snprintf(digits, sizeof(digits), "%.800Le", middle);
	e = strchr(digits, 'e');
	snprintf(exponent, sizeof(exponent), "%s", e);
	*e = '\0';
	for (last = e - 1; *last == '0'; last--)
		;
	snprintf(text, sizeof(text), "%s%s", digits, exponent);
	check_parse(text);
	snprintf(text, sizeof(text), "%s0000001%s", digits, exponent);
	check_parse(text);
	snprintf(text, sizeof(text), "%.*s%s", (int)(last - digits + 1), digits, exponent);
	check_parse(text);
	if (*last != '.') {
		--*last;
		snprintf(text, sizeof(text), "%s%s", digits, exponent);
		check_parse(text);
	}
}

static void check_neighbours(double x)
{
	int i;

	for (i = -3; i <= 3; i++) {
		uint64_t bits = to_bits(x) + i;

		if (to_bits(x) < 3 || bits >= 0x7ff0000000000000)
			continue;
		check_format("%.14g", from_bits(bits));
		check_format("%.17g", from_bits(bits));
		check_middle(bits);
	}
}

static void check_powers(unsigned long once)
{
	char text[64];
	int e, digits;

	(void)once;
	for (e = -1074; e < 1024; e++) {
		check_formats(ldexp(1, e));
		check_neighbours(ldexp(1, e));
		check_middle(to_bits(ldexp(1, e)));
		for (digits = 0; digits < 4; digits++) {
			static const char *const heads[] = {
				"0x1p", "0x1.8p", "0x1.00000000000008p",
				"0x1.000000000000080000000000001p",
			};

			snprintf(text, sizeof(text), "%s%d", heads[digits], e);
			check_parse(text);
		}
	}
	for (e = -400; e < 400; e++) {
		snprintf(text, sizeof(text), "1e%d", e);
		check_parse(text);
		check_formats(strtod(text, NULL));
		check_neighbours(strtod(text, NULL));
		for (digits = 1; digits < 2000; digits += 37) {
			snprintf(text, sizeof(text), "%de%d", digits, e);
			check_parse(text);
			snprintf(text, sizeof(text), "9.9999999999999999999%de%d", digits, e);
			check_parse(text);
		}
	}
}

static void check_special(unsigned long once)
{
	static const double numbers[] = {
		0, -0.0, INFINITY, -INFINITY, NAN, -NAN, 0.5, 1.5, 2.5, 0.125, 0.375, 1e22, 1e23,
		0x1p-1074, 0x1.fffffffffffffp1023, 0x1p-1022, 0x0.fffffffffffffp-1022, 0.1, 9.5,
		99.5, 999999.5, 9999999.5, 99999999999999.5, 0.00009999995, 4.35, 1e15, 1e16,
	};
	static const char *const texts[] = {
		"", "-", "+", ".", "e5", ".e5", "0x", "0x.", "0x.p1", "0x1p", "0x1p+", "0xp1", "1e",
		"1e+", "1e-", "1.", "  12", "\t\n\v\f\r -1.5e3x", "1.5.7", "0xA.8.3", "1e999999999999999",
		"1e-999999999999999", "0e999999999999999999", "0x1p99999999999999999999", "0x0p99999999",
		"2.4703282292062327e-324", "2.4703282292062328e-324", "1.7976931348623158e308",
		"1.7976931348623159e308", "0x1.fffffffffffff8p1023", "0x1.fffffffffffff7ffffp1023",
		"0x0.00000000000008p-1022", "0x0.000000000000080000001p-1022", "9007199254740993",
		"9007199254740993.00000000000000000000000000000000001", "0x123456789abcdef123456789abcdef",
		"9007199254740993.7.5", "1.00000000000000011102230246251565404236316680908203125.9",
	};
	unsigned int i;

	(void)once;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		check_formats(numbers[i]);
		check_truncated(numbers[i]);
	}
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		check_parse(texts[i]);
}

static double random_double(unsigned long round)
{
	uint64_t bits = any();

	switch (round % 6) {
	case 0:
		return from_bits(bits);
	case 1:
		return (int64_t)bits / ldexp(1, any() % 64);
	case 2:
		return from_bits(bits & 0x800fffffffffffff);
	case 3:
		return any() % 100000000 / 1000.0;
	case 4:
		return (any() % 1000 + 0.5) * pow(10, any() % 15);
	default:
		return (int64_t)(bits >> any() % 64) * pow(10, (int)(any() % 40) - 20);
	}
}

static void check_random_number(unsigned long round)
{
	double x = random_double(round);
	char text[600];

	check_format("%.14g", x);
	check_format("%.17g", x);
	check_format(formats[any() % FORMATS], x);
	check_format(formats[any() % FORMATS], x);
	if (isfinite(x)) {
		snprintf(text, sizeof(text), "%.*e", (int)(any() % 25), x);
		check_parse(text);
		snprintf(text, sizeof(text), "%.*f", (int)(any() % 12), x);
		check_parse(text);
		snprintf(text, sizeof(text), "%.*a", (int)(any() % 20), x);
		check_parse(text);
		if (round % 8 == 0)
			check_middle(to_bits(fabs(x)));
	}
	snprintf(text, sizeof(text), "%llu%llue%d", (unsigned long long)any(),
		 (unsigned long long)any(), (int)(any() % 700) - 350);
	check_parse(text);
	snprintf(text, sizeof(text), "%llue%d", (unsigned long long)(any() >> any() % 64),
		 (int)(any() % 700) - 370);
	check_parse(text);
	snprintf(text, sizeof(text), "0x%llx.%llx%llxp%d", (unsigned long long)(any() >> any() % 64),
		 (unsigned long long)any(), (unsigned long long)any(), (int)(any() % 2300) - 1200);
	check_parse(text);
	if (round % 16 == 0) {
		static const char *const kinds[] = {
			"%lld", "%5lld", "%-20lld|", "%+lld", "% lld", "%020lld", "%.10lld",
			"%20.15lld", "%llx", "%#llx", "%#20llX", "%-#20llx|", "%llo", "%#llo", "%llu",
			"%.0lld", "%.0llx", "%#.0llo", "%+.3lld", "%#020llx",
		};
		long long number = (long long)(any() >> any() % 64);

		number = round % 3000 == 0 ? 0 : round % 3 ? number : -number;
		check_integer(kinds[any() % (sizeof(kinds) / sizeof(kinds[0]))], number);
	}
	verdict(to_bits(unit_floor(x)) == to_bits(floor(x)), "floor", "", "");
	verdict(to_bits(unit_ceil(x)) == to_bits(ceil(x)), "ceil", "", "");
	verdict(isnan(x) || to_bits(unit_sqrt(fabs(x))) == to_bits(sqrt(fabs(x))), "sqrt", "", "");
}

/* Text that is hardly a numeral; "inf" and "nan" are not ours to read. */
static void check_noise_text(void)
{
	static const char alphabet[] = "0123456789009..--++eEpPxX0000abcdfF \t_";
	char text[64];
	unsigned int length = any() % 40, i;

	for (i = 0; i < length; i++)
		text[i] = alphabet[any() % (sizeof(alphabet) - 1)];
	text[length] = '\0';
	check_parse(text);
}

static void check_random(unsigned long rounds)
{
	unsigned long round;

	for (round = 0; round < rounds; round++)
		check_random_number(round);
}

static void check_noise(unsigned long rounds)
{
	while (rounds--)
		check_noise_text();
}

/* A group is one test, however many values it compares. */
static void group(const char *name, void (*compare)(unsigned long), unsigned long rounds)
{
	unsigned long values_before = values, wrong_before = wrong;

	compare(rounds);
	printf("%s - %s: %lu values\n", wrong == wrong_before ? "good" : "WRONG", name,
	       values - values_before);
	if (wrong == wrong_before && values > values_before)
		passed++;
	else
		failed++;
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : 200000;

	state = argc > 2 ? strtoull(argv[2], NULL, 0) : 20250101;
	printf("seed %llu, %lu random rounds\n", (unsigned long long)state, rounds);
	group("special numbers and numerals", check_special, 1);
	group("powers of two and of ten", check_powers, 1);
	group("random numbers", check_random, rounds);
	group("text that is hardly a numeral", check_noise, rounds);
	printf("%u passed, %u failed (%lu values, %lu of them wrong)\n", passed, failed, values, wrong);
	return failed != 0;
}
