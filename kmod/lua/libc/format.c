// SPDX-License-Identifier: GPL-2.0 OR MIT
/* snprintf, as far as Lua uses it: see stdio.h. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../number.h"

/* Where the text goes; `length` counts what does not fit, too. */
struct format_sink {
	char *to;
	size_t size, length;
};

/* One conversion. */
struct format_spec {
	unsigned int left : 1, plus : 1, space : 1, alternate : 1, zero : 1;
	int width;
	int precision; /* -1: none was given */
	char conversion;
};

static void format_put(struct format_sink *sink, char c)
{
	if (sink->length + 1 < sink->size)
		sink->to[sink->length] = c;
	sink->length++;
}

static void format_text(struct format_sink *sink, const char *text, size_t length)
{
	if (sink->length + length < sink->size) {
		memcpy(sink->to + sink->length, text, length);
		sink->length += length;
	} else {
		while (length--)
			format_put(sink, *text++);
	}
}

static void format_repeat(struct format_sink *sink, char c, long count)
{
	while (count-- > 0)
		format_put(sink, c);
}

/*
 * What stands before a body of so many bytes: padding, the prefix (sign, 0x), zeros. Returns the
 * padding that has to follow the body.
 */
static long format_before(struct format_sink *sink, const struct format_spec *spec, int zero,
			  const char *prefix, long body)
{
	long padding = spec->width - (long)strlen(prefix) - body;

	if (!spec->left && !zero)
		format_repeat(sink, ' ', padding);
	format_text(sink, prefix, strlen(prefix));
	if (!spec->left && zero)
		format_repeat(sink, '0', padding);
	return spec->left ? padding : 0;
}

static const char *format_sign(const struct format_spec *spec, int negative)
{
	return negative ? "-" : spec->plus ? "+" : spec->space ? " " : "";
}

/* value in base 10, 8 or 16, its digits ending before `end`; returns where they start. */
static char *format_digits(char *end, uint64_t value, char conversion)
{
	const char *digits = conversion == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";

	switch (conversion) {
	case 'x':
	case 'X':
		for (; value; value >>= 4)
			*--end = digits[value & 15];
		break;
	case 'o':
		for (; value; value >>= 3)
			*--end = digits[value & 7];
		break;
	default:
		for (; value; value /= 10)
			*--end = digits[value % 10];
	}
	return end;
}

static void format_integer(struct format_sink *sink, const struct format_spec *spec, uint64_t value,
			   const char *prefix)
{
	char buffer[22]; /* 2^64 in base 8 */
	char *end = buffer + sizeof(buffer);
	char *start = format_digits(end, value, spec->conversion);
	long digits = end - start;
	long zeros = (spec->precision < 0 ? 1 : spec->precision) - digits;
	long after;

	if (zeros < 0)
		zeros = 0;
	if (spec->conversion == 'o' && spec->alternate && !zeros && (!digits || *start != '0'))
		zeros = 1;
	after = format_before(sink, spec, spec->zero && spec->precision < 0, prefix, digits + zeros);
	format_repeat(sink, '0', zeros);
	format_text(sink, start, (size_t)digits);
	format_repeat(sink, ' ', after);
}

static void format_string(struct format_sink *sink, const struct format_spec *spec, const char *text,
			  size_t length)
{
	long after = format_before(sink, spec, 0, "", (long)length);

	format_text(sink, text, length);
	format_repeat(sink, ' ', after);
}

/* %a: the exact value in hexadecimal, or rounded to the precision (half to even). */
static void format_hexadecimal(struct format_sink *sink, const struct format_spec *spec,
			       const char *sign, double x)
{
	int upper = spec->conversion == 'A';
	const char *alphabet = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	struct format_spec number = { .conversion = 'd' };
	int exponent, places = 13, zeros = 0, i;
	uint64_t bits, mantissa;
	char prefix[4], tail[8];
	long body, after;
	char *power;

	memcpy(&bits, &x, sizeof(bits));
	exponent = (int)(bits >> 52 & 0x7ff);
	mantissa = bits & 0xfffffffffffffULL;
	if (exponent)
		mantissa |= 1ULL << 52;
	else if (mantissa)
		exponent = 1;
	exponent = mantissa ? exponent - 1023 : 0;
	if (spec->precision < 0) {
		for (; places && !(mantissa & 15); places--)
			mantissa >>= 4;
	} else if (spec->precision < places) {
		int drop = 4 * (places - spec->precision);
		uint64_t rest = mantissa & ((1ULL << drop) - 1), half = 1ULL << (drop - 1);

		places = spec->precision;
		mantissa >>= drop;
		if (rest > half || (rest == half && mantissa & 1))
			mantissa++;
	} else {
		zeros = (spec->precision > NUMBER_PRECISION_MAX ? NUMBER_PRECISION_MAX
								: spec->precision) - places;
	}
	i = 0;
	if (*sign)
		prefix[i++] = *sign;
	prefix[i++] = '0';
	prefix[i++] = upper ? 'X' : 'x';
	prefix[i] = '\0';
	power = format_digits(tail + sizeof(tail), (uint64_t)(exponent < 0 ? -exponent : exponent),
			      number.conversion);
	if (!exponent)
		*--power = '0';
	*--power = exponent < 0 ? '-' : '+';
	*--power = upper ? 'P' : 'p';
	body = 1 + (places + zeros || spec->alternate) + places + zeros + (tail + sizeof(tail) - power);
	after = format_before(sink, spec, spec->zero, prefix, body);
	format_put(sink, alphabet[mantissa >> (4 * places)]);
	if (places + zeros || spec->alternate)
		format_put(sink, '.');
	for (i = places; i-- > 0;)
		format_put(sink, alphabet[mantissa >> (4 * i) & 15]);
	format_repeat(sink, '0', zeros);
	format_text(sink, power, (size_t)(tail + sizeof(tail) - power));
	format_repeat(sink, ' ', after);
}

/* Digits [from, from + count) of a decimal; before the first and after the last there are zeros. */
static void format_decimal(struct format_sink *sink, const struct number_decimal *decimal, int from,
			   int count)
{
	for (; count > 0 && from < 0; from++, count--)
		format_put(sink, '0');
	if (count > 0 && from < decimal->count) {
		int some = decimal->count - from < count ? decimal->count - from : count;

		format_text(sink, decimal->digits + from, (size_t)some);
		count -= some;
	}
	format_repeat(sink, '0', count);
}

/*
 * A decimal as %f or, when `scientific`, as %e with the letter e or E: so many digits after the
 * point. Not inlined, to keep this out of the frame that the digits lie in.
 */
static __attribute__((noinline)) void format_layout(struct format_sink *sink,
						    const struct format_spec *spec,
						    const char *sign,
						    const struct number_decimal *decimal,
						    int places, int scientific)
{
	int exponent = decimal->exponent;
	int point = places || spec->alternate;
	char tail[5];
	char *power = tail + sizeof(tail);
	long whole, after;

	if (scientific) {
		unsigned int magnitude = (unsigned int)(exponent < 0 ? -exponent : exponent);

		power = format_digits(power, magnitude, 'd');
		while (power > tail + sizeof(tail) - 2)
			*--power = '0';
		*--power = exponent < 0 ? '-' : '+';
		*--power = spec->conversion & 32 ? 'e' : 'E';
		exponent = 0; /* of the first digit, as it is written */
	}
	whole = exponent < 0 ? 1 : exponent + 1;
	after = format_before(sink, spec, spec->zero, sign,
			      whole + point + places + (tail + sizeof(tail) - power));
	format_decimal(sink, decimal, exponent < 0 ? exponent : 0, (int)whole);
	if (point)
		format_put(sink, '.');
	format_decimal(sink, decimal, exponent + 1, places);
	format_text(sink, power, (size_t)(tail + sizeof(tail) - power));
	format_repeat(sink, ' ', after);
}

/*
 * %e %f %g of a finite number without its sign. Its digits are most of the frame, which must not
 * become part of the frame of every snprintf.
 */
static __attribute__((noinline)) void format_float(struct format_sink *sink,
						   const struct format_spec *spec,
						   const char *sign, double x)
{
	int lower = spec->conversion | 32;
	int precision = spec->precision < 0 ? 6 : spec->precision;
	int places, scientific = lower == 'e';
	struct number_decimal decimal;

	if (precision > NUMBER_PRECISION_MAX)
		precision = NUMBER_PRECISION_MAX;
	places = precision;
	if (lower == 'f') {
		number_places(&decimal, x, precision);
	} else if (lower == 'e') {
		number_significant(&decimal, x, precision + 1);
	} else {
		if (!precision)
			precision = 1;
		number_significant(&decimal, x, precision);
		scientific = decimal.exponent < -4 || decimal.exponent >= precision;
		places = (spec->alternate ? precision : decimal.count) - 1;
		if (!scientific)
			places -= decimal.exponent;
		if (places < 0)
			places = 0;
	}
	format_layout(sink, spec, sign, &decimal, places, scientific);
}

static void format_double(struct format_sink *sink, const struct format_spec *spec, double x)
{
	const char *sign = format_sign(spec, signbit(x) != 0);
	int upper = !(spec->conversion & 32);

	x = fabs(x);
	if (!isfinite(x)) {
		const char *name = isnan(x) ? (upper ? "NAN" : "nan") : (upper ? "INF" : "inf");
		long after = format_before(sink, spec, 0, sign, 3);

		format_text(sink, name, 3);
		format_repeat(sink, ' ', after);
	} else if ((spec->conversion | 32) == 'a') {
		format_hexadecimal(sink, spec, sign, x);
	} else {
		format_float(sink, spec, sign, x);
	}
}

/* A number in a conversion's width or precision; a hand-written format has no other digits. */
static const char *format_count(const char *format, int *count)
{
	for (*count = 0; *format >= '0' && *format <= '9'; format++)
		if (*count < 1000000)
			*count = *count * 10 + (*format - '0');
	return format;
}

/* What stands between % and the conversion's letter; returns where that is. *longs counts the l. */
static const char *format_parse(const char *format, struct format_spec *spec, int *longs)
{
	*spec = (struct format_spec){ .precision = -1 };
	*longs = 0;
	for (;; format++) {
		if (*format == '-')
			spec->left = 1;
		else if (*format == '+')
			spec->plus = 1;
		else if (*format == ' ')
			spec->space = 1;
		else if (*format == '#')
			spec->alternate = 1;
		else if (*format == '0')
			spec->zero = 1;
		else
			break;
	}
	format = format_count(format, &spec->width);
	if (*format == '.')
		format = format_count(format + 1, &spec->precision);
	for (; *format == 'l' || *format == 'h'; format++)
		*longs += *format == 'l';
	spec->conversion = *format;
	return format;
}

static int vsnprintf(char *to, size_t size, const char *format, va_list arguments)
{
	struct format_sink sink = { .to = to, .size = size };

	for (; *format; format++) {
		struct format_spec spec;
		const char *text;
		const void *pointer;
		long long number;
		size_t length;
		int longs;
		char c;

		if (*format != '%') {
			format_put(&sink, *format);
			continue;
		}
		format = format_parse(format + 1, &spec, &longs);
		if (!spec.conversion)
			break;
		switch (spec.conversion) {
		case 'd':
		case 'i':
			number = longs > 1 ? va_arg(arguments, long long)
				 : longs   ? va_arg(arguments, long)
					   : va_arg(arguments, int);
			format_integer(&sink, &spec,
				       number < 0 ? 0 - (uint64_t)number : (uint64_t)number,
				       format_sign(&spec, number < 0));
			break;
		case 'u':
		case 'o':
		case 'x':
		case 'X':
			number = longs > 1 ? (long long)va_arg(arguments, unsigned long long)
				 : longs   ? (long long)va_arg(arguments, unsigned long)
					   : (long long)va_arg(arguments, unsigned int);
			text = "";
			if (spec.alternate && number && (spec.conversion | 32) == 'x')
				text = spec.conversion == 'x' ? "0x" : "0X";
			format_integer(&sink, &spec, (uint64_t)number, text);
			break;
		case 'p':
			pointer = va_arg(arguments, const void *);
			if (pointer) {
				spec.conversion = 'x';
				format_integer(&sink, &spec, (uintptr_t)pointer, "0x");
			} else {
				format_string(&sink, &spec, "(nil)", 5);
			}
			break;
		case 'c':
			c = (char)va_arg(arguments, int);
			format_string(&sink, &spec, &c, 1);
			break;
		case 's':
			text = va_arg(arguments, const char *);
			if (spec.precision < 0) {
				length = strlen(text);
			} else {
				const char *end = memchr(text, '\0', (size_t)spec.precision);

				length = end ? (size_t)(end - text) : (size_t)spec.precision;
			}
			format_string(&sink, &spec, text, length);
			break;
		case 'a':
		case 'A':
		case 'e':
		case 'E':
		case 'f':
		case 'F':
		case 'g':
		case 'G':
			format_double(&sink, &spec, va_arg(arguments, double));
			break;
		default: /* %%, and whatever C leaves undefined */
			format_put(&sink, spec.conversion);
		}
	}
	if (size)
		to[sink.length < size ? sink.length : size - 1] = '\0';
	return (int)sink.length;
}

static int snprintf(char *to, size_t size, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(to, size, format, arguments);
	va_end(arguments);
	return length;
}
