/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef LUNATIK_LIBC_TIME_H
#define LUNATIK_LIBC_TIME_H

#include <stddef.h>

typedef long long time_t;
typedef long clock_t;

/* Fields as in C; UTC is the only time zone. */
struct tm {
	int tm_sec;
	int tm_min;
	int tm_hour;
	int tm_mday;
	int tm_mon;
	int tm_year;
	int tm_wday;
	int tm_yday;
	int tm_isdst;
};

#define CLOCKS_PER_SEC 1000000L

/* Seconds since the epoch. */
#define time(to) libc_time(to)
static time_t time(time_t *to);

/* For seeds only: os.clock has its own rule (oslib.c). */
#define clock libc_clock
static clock_t clock(void);

#endif
