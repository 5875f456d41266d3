/* SPDX-License-Identifier: MIT */
/* What the fuzz targets share: the entry that libFuzzer calls, a way to say that something is wrong, a reader of bytes. */
#ifndef LUNATIK_FUZZ_H
#define LUNATIK_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* libFuzzer calls this with every input; 0 is the only result it takes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Print what is wrong and abort, so that libFuzzer keeps the input. */
void fuzz_fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* The bytes of an input that are still to be read. */
struct fuzz_input {
	const uint8_t *at;
	size_t left;
};

/* The next byte; 0 when there is none left. */
uint8_t fuzz_byte(struct fuzz_input *input);

/* The next two bytes, the lower one first. */
unsigned int fuzz_word(struct fuzz_input *input);

#endif
