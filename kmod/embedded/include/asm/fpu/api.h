/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The FPU section: a flag of the thread, asserted wherever the kernel would be in trouble. */
#ifndef EMBEDDED_ASM_FPU_API_H
#define EMBEDDED_ASM_FPU_API_H

#include <linux/types.h>

/* Not nested, and not with a spinlock held: PREEMPT_RT forbids what the section would then need. */
void kernel_fpu_begin(void);
void kernel_fpu_end(void);
bool irq_fpu_usable(void);

#endif
