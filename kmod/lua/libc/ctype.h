/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef LUNATIK_LIBC_CTYPE_H
#define LUNATIK_LIBC_CTYPE_H

/* The C locale's classes. The argument is EOF or an unsigned char, as in C. */
#define isdigit libc_isdigit
#define islower libc_islower
#define isupper libc_isupper
#define isalpha libc_isalpha
#define isalnum libc_isalnum
#define isxdigit libc_isxdigit
#define isspace libc_isspace
#define iscntrl libc_iscntrl
#define isgraph libc_isgraph
#define isprint libc_isprint
#define ispunct libc_ispunct
#define tolower libc_tolower
#define toupper libc_toupper

static inline int isdigit(int c)
{
	return (unsigned int)c - '0' < 10;
}

static inline int islower(int c)
{
	return (unsigned int)c - 'a' < 26;
}

static inline int isupper(int c)
{
	return (unsigned int)c - 'A' < 26;
}

static inline int isalpha(int c)
{
	return ((unsigned int)c | 32) - 'a' < 26;
}

static inline int isalnum(int c)
{
	return isalpha(c) || isdigit(c);
}

static inline int isxdigit(int c)
{
	return isdigit(c) || ((unsigned int)c | 32) - 'a' < 6;
}

static inline int isspace(int c)
{
	return c == ' ' || (unsigned int)c - '\t' < 5;
}

static inline int iscntrl(int c)
{
	return (unsigned int)c < 32 || c == 127;
}

static inline int isgraph(int c)
{
	return (unsigned int)c - 33 < 94;
}

static inline int isprint(int c)
{
	return (unsigned int)c - 32 < 95;
}

static inline int ispunct(int c)
{
	return isgraph(c) && !isalnum(c);
}

static inline int tolower(int c)
{
	return isupper(c) ? c + 32 : c;
}

static inline int toupper(int c)
{
	return islower(c) ? c - 32 : c;
}

#endif
