/* SPDX-License-Identifier: GPL-2.0 */
/* A storm: processes that fork, exec, make threads, reparent and exit without rest. */
#ifndef PCB_TEST_STORM_H
#define PCB_TEST_STORM_H

#include <stdbool.h>
#include <sys/types.h>

#define STORM_MAX 16

struct storm_counts {
	unsigned long forks;
	unsigned long execs;
	unsigned long orphans;
	unsigned long threads;
};

struct storm {
	pid_t group;			/* its process group */
	unsigned int workers;
	struct storm_counts *counts;	/* shared with the workers */
};

bool storm_start(struct storm *storm, unsigned int workers);
void storm_end(struct storm *storm);
unsigned long storm_forks(const struct storm *storm);

#endif
