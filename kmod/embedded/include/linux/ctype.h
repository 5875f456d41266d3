/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Classes of ASCII characters. */
#ifndef EMBEDDED_LINUX_CTYPE_H
#define EMBEDDED_LINUX_CTYPE_H

#define isdigit(c) ((unsigned int)(c) - '0' < 10)
#define isascii(c) (((unsigned char)(c)) <= 0x7f)
#define isprint(c) ((unsigned int)(c) - 0x20 < 0x5f)
#define iscntrl(c) ((unsigned int)(c) < 0x20 || (c) == 0x7f)

#endif
