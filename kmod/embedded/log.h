/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Where the kernel log goes. */
#ifndef EMBEDDED_LOG_H
#define EMBEDDED_LOG_H

/* Append the log to a file from now on, in the place of stderr. Returns 0 or a positive errno. */
int log_open(const char *path);
void log_close(void);

#endif
