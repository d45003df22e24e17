/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records against /proc. Evidence is taken before and after the record: what
 * did not move must be equal, what only grows must lie between, and what moved
 * otherwise is not counted.
 */
#ifndef PCB_TEST_WITNESS_H
#define PCB_TEST_WITNESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "pcbscope.h"
#include "procfs.h"

struct evidence {
	struct proc_stat stat;
	char status[8192];
	char statm[256];
	char schedstat[256];
	char exe[4400];
	char cmdline[4097];
	ssize_t exe_bytes;
	ssize_t cmdline_bytes;
	long long user_ns;
	int policy;
};

struct verdict {
	unsigned int compared;
	unsigned int moved;
	unsigned int wrong;
	unsigned int busy;
	char first[256];	/* the first that was wrong */
};

/* Of a process, or of thread @tid where that is not 0. False: gone. */
bool evidence_take(pid_t pid, pid_t tid, struct evidence *evidence);
/*
 * Take evidence, ask the device, take evidence, compare; count into @verdict,
 * @who is for the message. Where the kernel keeps resident sizes per CPU, they
 * are asked for twice: as /proc/PID/stat has them, and exactly, as status does.
 * Returns 0 or -errno.
 */
int witness_task(int fd, pid_t pid, pid_t tid, const char *who, struct verdict *verdict);

#endif
