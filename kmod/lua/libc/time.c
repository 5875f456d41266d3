// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The two clocks of time.h, from what the host gives. */
#include <time.h>

#include "../engine.h"

static time_t time(time_t *to)
{
	time_t now = (time_t)(engine_host_realtime() / 1000000000);

	if (to)
		*to = now;
	return now;
}

static clock_t clock(void)
{
	return (clock_t)(engine_host_now() / (1000000000 / CLOCKS_PER_SEC));
}
