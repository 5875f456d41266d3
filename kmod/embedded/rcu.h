/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef EMBEDDED_RCU_H
#define EMBEDDED_RCU_H

/* Call the callbacks that wait, and end their thread. */
void embedded_rcu_exit(void);

#endif
