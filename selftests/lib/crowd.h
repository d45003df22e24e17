/* SPDX-License-Identifier: GPL-2.0 */
/* A crowd: thousands of sleeping processes and threads, made fast, with few pages each. */
#ifndef PCB_TEST_CROWD_H
#define PCB_TEST_CROWD_H

#include <stdbool.h>
#include <sys/types.h>

struct crowd {
	pid_t keeper;		/* their parent, which ends with us, and they with it */
	int orders;
	int reports;
	unsigned int nr_processes;
	unsigned int nr_tasks;
	unsigned int *tids;	/* ascending */
	unsigned int *pids;	/* the process of each */
};

/* Room for so many tasks: pid_max and threads-max, as they were before. */
struct limits {
	char pid_max[32];
	char threads_max[32];
};

bool limits_raise(struct limits *limits, unsigned int tasks);
void limits_restore(const struct limits *limits);

bool crowd_start(struct crowd *crowd);
/* Add @processes, each of @threads tasks. Returns once all sleep. */
bool crowd_grow(struct crowd *crowd, unsigned int processes, unsigned int threads);
void crowd_end(struct crowd *crowd);
/* The place of a tid in crowd->tids, or -1. */
long crowd_find(const struct crowd *crowd, unsigned int tid);

#endif
