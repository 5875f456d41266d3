// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Strings, numbers in strings, random bytes, hashes. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/string.h>

int vscnprintf(char *buffer, size_t size, const char *format, va_list arguments)
{
	int length;

	if (!size)
		return 0;
	length = vsnprintf(buffer, size, format, arguments);
	return length < 0 ? 0 : min_t(size_t, length, size - 1);
}

int scnprintf(char *buffer, size_t size, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vscnprintf(buffer, size, format, arguments);
	va_end(arguments);
	return length;
}

ssize_t strscpy(char *target, const char *source, size_t size)
{
	size_t length = strnlen(source, size);

	if (!size)
		return -E2BIG;
	memcpy(target, source, min(length, size - 1));
	target[min(length, size - 1)] = '\0';
	return length == size ? -E2BIG : (ssize_t)length;
}

void *kmemdup(const void *data, size_t size, gfp_t flags)
{
	void *copy = kmalloc(size, flags);

	if (copy && size)
		memcpy(copy, data, size);
	return copy;
}

void *kvmemdup(const void *data, size_t size, gfp_t flags)
{
	void *copy = kvmalloc(size, flags);

	if (copy && size)
		memcpy(copy, data, size);
	return copy;
}

char *kmemdup_nul(const char *data, size_t size, gfp_t flags)
{
	char *copy = kmalloc(size + 1, flags);

	if (!copy)
		return NULL;
	memcpy(copy, data, size);
	copy[size] = '\0';
	return copy;
}

char *kstrdup(const char *text, gfp_t flags)
{
	return text ? kmemdup_nul(text, strlen(text), flags) : NULL;
}

char *kstrndup(const char *text, size_t most, gfp_t flags)
{
	return text ? kmemdup_nul(text, strnlen(text, most), flags) : NULL;
}

char *kasprintf(gfp_t flags, const char *format, ...)
{
	va_list arguments, again;
	char *text;
	int length;

	va_start(arguments, format);
	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, arguments);
	text = length < 0 ? NULL : kmalloc(length + 1, flags);
	if (text)
		vsnprintf(text, length + 1, format, again);
	va_end(again);
	va_end(arguments);
	return text;
}

/* Digits to the end, one newline allowed: the kernel is stricter than strtoull(). */
int kstrtoull(const char *text, unsigned int base, unsigned long long *value)
{
	char *end;

	if (*text == '+')
		text++;
	if (!isalnum((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &end, base);
	if (*end == '\n')
		end++;
	if (*end)
		return -EINVAL;
	return -errno;
}

int kstrtoll(const char *text, unsigned int base, long long *value)
{
	unsigned long long size;
	bool negative = *text == '-';
	int error = kstrtoull(text + negative, base, &size);

	if (error)
		return error;
	if (size > (unsigned long long)LLONG_MAX + negative)
		return -ERANGE;
	*value = negative ? -(long long)(size - 1) - 1 : (long long)size;
	return 0;
}

int kstrtobool(const char *text, bool *value)
{
	switch (text[0]) {
	case 'y': case 'Y': case 't': case 'T': case '1':
		*value = true;
		return 0;
	case 'n': case 'N': case 'f': case 'F': case '0':
		*value = false;
		return 0;
	case 'o': case 'O':
		if (text[1] == 'n' || text[1] == 'N' || text[1] == 'f' || text[1] == 'F') {
			*value = text[1] == 'n' || text[1] == 'N';
			return 0;
		}
	}
	return -EINVAL;
}

void get_random_bytes(void *buffer, size_t size)
{
	while (size) {
		ssize_t got = getrandom(buffer, size, 0);

		if (got < 0 && errno != EINTR)
			bug("no random bytes: errno %d", errno);
		if (got > 0) {
			buffer = (char *)buffer + got;
			size -= got;
		}
	}
}

static u64 rotate(u64 x, unsigned int by)
{
	return x << by | x >> (64 - by);
}

static void sip_rounds(u64 v[4], int rounds)
{
	while (rounds--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

u64 siphash(const void *data, size_t size, const siphash_key_t *key)
{
	const unsigned char *p = data;
	u64 last = (u64)size << 56;
	size_t left;
	u64 v[4] = {
		key->key[0] ^ 0x736f6d6570736575ull, key->key[1] ^ 0x646f72616e646f6dull,
		key->key[0] ^ 0x6c7967656e657261ull, key->key[1] ^ 0x7465646279746573ull,
	};

	for (left = size; left >= 8; left -= 8, p += 8) {
		u64 word;

		memcpy(&word, p, 8);
		v[3] ^= word;
		sip_rounds(v, 2);
		v[0] ^= word;
	}
	while (left--)
		last |= (u64)p[left] << (8 * left);
	v[3] ^= last;
	sip_rounds(v, 2);
	v[0] ^= last;
	v[2] ^= 0xff;
	sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
