/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The FPU section that a state's run is in, and how long the longest of them lasted. */
#ifndef LUNATIK_SECTION_H
#define LUNATIK_SECTION_H

#include "engine.h"

struct section {
	int inside;
	unsigned long long began;   /* ns */
	unsigned long long longest; /* ns, of all of the state's */
};

static inline void section_enter(struct section *section)
{
	engine_host_fpu_begin();
	section->inside = 1;
	section->began = engine_host_now();
}

static inline void section_leave(struct section *section)
{
	unsigned long long lasted = engine_host_now() - section->began;

	section->inside = 0;
	engine_host_fpu_end();
	if (lasted > section->longest)
		section->longest = lasted;
}

/* Let others run, if it is inside. */
static inline void section_relax(struct section *section)
{
	if (!section->inside)
		return;
	section_leave(section);
	engine_host_relax();
	section_enter(section);
}

#endif
