/* SPDX-License-Identifier: GPL-2.0 */
/* A population that stands still: children stopped, traced, asleep, dead; kernel threads. */
#ifndef PCB_TEST_FROZEN_H
#define PCB_TEST_FROZEN_H

#include <stdbool.h>

#include "factory.h"

#define FROZEN_MAX 96

struct frozen {
	const char *kind;
	struct child child;	/* child.pid is 0 for a kernel thread */
	pid_t pid;
	bool lacks_memory;	/* a zombie or a kernel thread */
};

/*
 * Fill @population with at least one of each kind there is. Returns their number; -1: the kind
 * that could not be made is named in population[0].kind.
 */
int population_freeze(struct frozen *population, unsigned int room);
void population_end(struct frozen *population, unsigned int count);

#endif
