/* SPDX-License-Identifier: GPL-2.0 */
/* Kinds of children whose PCB differs from the plain one's in a known way. */
#ifndef PCB_TEST_KINDS_H
#define PCB_TEST_KINDS_H

#include "factory.h"

struct kind {
	const char *name;
	child_fn fn;
	const void *arg;
	unsigned long clone_flags;
};

/* Each can be stopped and compared with /proc while it stands still. */
const struct kind *kinds(unsigned int *count);

struct thread_plan {
	unsigned int count;	/* besides the first thread */
	bool spin;
	int cpu;		/* -1: any */
};
void kind_threads(struct child *self, void *plan);
/* Exits with status @arg, or is killed by signal -@arg: a zombie until reaped. */
void kind_zombie(struct child *self, void *arg);
/* The first thread has ended, the other one lives. */
void kind_dead_leader(struct child *self, void *arg);
/* Sleeps in vfork() until its own child, which it names, ends: letter D. */
void kind_vfork(struct child *self, void *arg);

/* The threads of a process, from /proc; their number. */
unsigned int thread_list(pid_t pid, unsigned int *tids, unsigned int room);

#endif
