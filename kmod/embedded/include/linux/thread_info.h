/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The size of a stack as the code under test sees it; task.c says why it grows under a sanitizer. */
#ifndef EMBEDDED_LINUX_THREAD_INFO_H
#define EMBEDDED_LINUX_THREAD_INFO_H

#if defined(__SANITIZE_ADDRESS__)
#define EMBEDDED_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EMBEDDED_ASAN 1
#endif
#endif

#ifdef EMBEDDED_ASAN
#define EMBEDDED_STACK_SCALE 4
#else
#define EMBEDDED_STACK_SCALE 1
#endif

#define THREAD_SIZE (16384UL * EMBEDDED_STACK_SCALE)

#endif
