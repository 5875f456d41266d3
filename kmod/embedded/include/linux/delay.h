/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Sleep for a while. */
#ifndef EMBEDDED_LINUX_DELAY_H
#define EMBEDDED_LINUX_DELAY_H

void msleep(unsigned int ms);
void usleep_range(unsigned long least, unsigned long most);

#endif
