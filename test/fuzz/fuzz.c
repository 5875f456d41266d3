// SPDX-License-Identifier: MIT
/* See fuzz.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

/*
 * Lua measures its stack by the addresses of frames, so locals stay on it. libFuzzer takes the
 * abort() of a broken rule for the finding it is.
 */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_stack_use_after_return=0:allocator_may_return_null=1";
}

const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void)
{
	return "print_stacktrace=1";
}

void fuzz_fail(const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "fuzz: ");
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "\n");
	abort();
}

uint8_t fuzz_byte(struct fuzz_input *input)
{
	if (!input->left)
		return 0;
	input->left--;
	return *input->at++;
}

unsigned int fuzz_word(struct fuzz_input *input)
{
	unsigned int low = fuzz_byte(input);

	return low | fuzz_byte(input) << 8;
}
