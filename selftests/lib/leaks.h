/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel's memory is used for: does it grow with what a test repeats? */
#ifndef PCB_TEST_LEAKS_H
#define PCB_TEST_LEAKS_H

#include <stdbool.h>

#define LEAK_CACHES_MAX 512

struct leak_count {
	char name[48];
	long objects;
};

/* Objects of every slab cache, and areas of vmalloc. */
struct leak_census {
	unsigned int nr;
	struct leak_count counts[LEAK_CACHES_MAX];
};

/* The machine should be at rest. False: nothing is told here. */
bool leaks_count(struct leak_census *census);
/*
 * Count until no cache has grown by @limit objects since @before, or the deadline
 * has passed. NULL, or a text that names the caches that grew. @largest: what grew
 * most, and by how much.
 */
const char *leaks_growth(const struct leak_census *before, long limit,
			 struct leak_count *largest);
/* Allocations of vmalloc whose caller is the module. */
int leaks_of_vmalloc(void);
/* After two scans; -1 where the kernel has no kmemleak. */
int leaks_of_kmemleak(void);

#endif
