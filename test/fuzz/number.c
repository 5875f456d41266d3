// SPDX-License-Identifier: MIT
/*
 * A number's text both ways: kmod/lua/number.c and libc/format.c against the C library, which is
 * exact. The first byte chooses a format; then come 8 bytes of a double, then text to be read.
 * Ours and the C library's must agree on every digit and on where a numeral ends.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../differential/conversions_unit.h"
#include "fuzz.h"

#define TEXT_MAX 2000

unsigned long long engine_host_now(void)
{
	return 0;
}

unsigned long long engine_host_realtime(void)
{
	return 0;
}

/* "%#g" is left out: glibc 2.36 drops its zeros when a number rounds up to a power of ten. */
static const char *const formats[] = {
	"%.14g", "%.17g", "%g", "%e", "%f", "%.0f", "%.0e", "%.3f", "%.99f", "%.99e", "%.99g", "%a",
	"%.0a", "%.5a", "%+.3e", "%#.0f", "%020.5f", "%-30.4g", "% g", "%A", "%G", "%025a", "%.16g",
	"%99.99f",
};

static void compare_text(const char *format, double x)
{
	char ours[600], theirs[600];
	int a = unit_format(ours, sizeof(ours), format, x);
	int b = snprintf(theirs, sizeof(theirs), format, x);

	if (a != b || strcmp(ours, theirs))
		fuzz_fail("%s of %a: ours %s, the C library's %s", format, x, ours, theirs);
}

/* strtod() reads "inf" and "nan" as well, which Lua refuses before it asks. */
static int begins_with_a_word(const char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	if (*text == '-' || *text == '+')
		text++;
	return !strncasecmp(text, "inf", 3) || !strncasecmp(text, "nan", 3);
}

static void compare_value(const char *text)
{
	char *end_a, *end_b;
	double a, b;

	if (begins_with_a_word(text))
		return;
	a = unit_parse(text, &end_a);
	b = strtod(text, &end_b);
	if (memcmp(&a, &b, sizeof(a)) || end_a != end_b)
		fuzz_fail("\"%s\": ours %a after %td bytes, the C library's %a after %td", text, a,
			  end_a - text, b, end_b - text);
}

/* 17 digits tell every double from every other. */
static void compare_round_trip(double x)
{
	char text[64], *end;
	double again;

	if (x != x || x - x != 0)
		return;
	unit_format(text, sizeof(text), "%.17g", x);
	again = unit_parse(text, &end);
	if (memcmp(&x, &again, sizeof(x)) || *end)
		fuzz_fail("%a is written as %s, and that is read as %a", x, text, again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[TEXT_MAX + 1];
	double x;

	if (size < 9)
		return 0;
	memcpy(&x, data + 1, sizeof(x));
	compare_text("%.14g", x);
	compare_text(formats[data[0] % (sizeof(formats) / sizeof(formats[0]))], x);
	compare_round_trip(x);
	data += 9;
	size -= 9;
	if (size > TEXT_MAX)
		size = TEXT_MAX;
	memcpy(text, data, size);
	text[size] = '\0';
	compare_value(text);
	return 0;
}
