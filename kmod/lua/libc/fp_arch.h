/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* musl's libm.h asks for it; x86-64 and arm64 need nothing special. */
