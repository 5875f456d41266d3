/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef LUNATIK_LIBC_STRING_H
#define LUNATIK_LIBC_STRING_H

#include <stddef.h>

/* The kernel and any C library in user space give these, with the same meaning. */
extern void *memcpy(void *to, const void *from, size_t size);
extern void *memmove(void *to, const void *from, size_t size);
extern void *memset(void *to, int byte, size_t size);
extern int memcmp(const void *a, const void *b, size_t size);
extern void *memchr(const void *from, int byte, size_t size);
extern size_t strlen(const char *s);
extern char *strcpy(char *to, const char *from);
extern int strcmp(const char *a, const char *b);
extern int strncmp(const char *a, const char *b, size_t size);
extern char *strchr(const char *s, int c);
extern char *strstr(const char *s, const char *what);
extern size_t strspn(const char *s, const char *accept);
extern char *strpbrk(const char *s, const char *accept);

/* There is one locale, C, which collates by byte. */
#define strcoll strcmp

#endif
