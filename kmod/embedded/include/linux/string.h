/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Strings: the C library's, and the kernel's additions. */
#ifndef EMBEDDED_LINUX_STRING_H
#define EMBEDDED_LINUX_STRING_H

#include <string.h>

#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/types.h>

/* Copy with a final NUL; returns the length, or -E2BIG when the text was cut. */
ssize_t strscpy(char *target, const char *source, size_t size);

void *kmemdup(const void *data, size_t size, gfp_t flags);
void *kvmemdup(const void *data, size_t size, gfp_t flags);
/* A copy with a NUL after it. */
char *kmemdup_nul(const char *data, size_t size, gfp_t flags);
char *kstrdup(const char *text, gfp_t flags);
char *kstrndup(const char *text, size_t most, gfp_t flags);
char *kasprintf(gfp_t flags, const char *format, ...) __printf(2, 3);

#define memzero_explicit(p, size) explicit_bzero(p, size)
#define unsafe_memcpy(target, source, size, why) memcpy(target, source, size)

#endif
