/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fail the n-th allocation or user copy of a system call of this thread, for
 * n = 1, 2, 3 ..., until there is no n-th one: /proc/thread-self/fail-nth of a
 * kernel with fault injection.
 */
#ifndef PCB_TEST_FAULTS_H
#define PCB_TEST_FAULTS_H

#include <stdbool.h>

/*
 * One operation. All functions get @arg. Unless it is NULL, before() comes before
 * each run(), without faults, and after() after it; both return 0 or -errno.
 */
struct fault_op {
	const char *name;
	int (*before)(void *arg);
	long (*run)(void *arg);		/* >= 0 or -errno; one that faults may hit */
	/* After a success: is what it gave right? @whole: no fault was injected. */
	bool (*right)(void *arg, bool whole);
	bool (*clean)(void *arg);	/* after a failure: is nothing left? */
	void (*after)(void *arg, long result);
	void *arg;
	unsigned int stride;		/* take every n-th n only; 0: all */
	int also;			/* an errno (negative) that the kernel's own code gives */
};

/* NULL, or why this kernel cannot do it. */
const char *faults_begin(void);
void faults_end(void);
/*
 * Run it until clean. Each fault must give ENOMEM (allocations) or EFAULT (copies),
 * or be survived; the next call, without one, must succeed. NULL, or what is wrong.
 */
const char *faults_try(const struct fault_op *op);
/* The figures of all tests of this program so far. NULL, or a kind that never was injected. */
const char *faults_tell(void);

#endif
