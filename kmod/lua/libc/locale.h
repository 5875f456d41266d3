/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef LUNATIK_LIBC_LOCALE_H
#define LUNATIK_LIBC_LOCALE_H

/* There is one locale, C. */
struct lconv {
	const char *decimal_point;
};

#define localeconv() (&(const struct lconv){ "." })

#endif
