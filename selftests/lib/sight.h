/* SPDX-License-Identifier: GPL-2.0 */
/* Every way to list all tasks: through the device, by text, and by /proc itself. */
#ifndef PCB_TEST_SIGHT_H
#define PCB_TEST_SIGHT_H

#include <stdbool.h>
#include <stddef.h>

#include "pcbscope.h"

/* What one listing showed, in its order. */
struct sight {
	unsigned int *tids;
	unsigned int *pids;
	unsigned int nr;
	unsigned int room;
};

enum medium { COPIED, MAPPED, LISTED, TEXT, PROCFS };

struct way {
	const char *name;
	enum medium medium;
	bool threads;
	bool any_order;		/* not in ascending order of tid */
	__u64 groups;
	size_t step;
	const char *path;	/* of a text file */
};

const struct way *ways(unsigned int *count);
const struct way *way_by_procfs(bool threads);

/*
 * Look once; @pids, @nr are for LISTED. 0 or -errno. Free with sight_free().
 * Without @sight nothing is kept: for measuring. Then *listed is how many tasks
 * were shown.
 */
int sight_take(const struct way *way, int fd, const __u32 *pids, unsigned int nr,
	       struct sight *sight);
int sight_measure(const struct way *way, int fd, unsigned int *listed);
void sight_free(struct sight *sight);

#endif
