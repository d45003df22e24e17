/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel complained about since the log was opened. */
#ifndef PCB_TEST_KERNEL_LOG_H
#define PCB_TEST_KERNEL_LOG_H

#include <stddef.h>

/* A descriptor, or -errno. */
int kernel_log_open(void);
/* Lines about stalls, lockups and hung tasks; the first is copied. */
unsigned int kernel_log_stalls(int fd, char *first, size_t bytes);

#endif
