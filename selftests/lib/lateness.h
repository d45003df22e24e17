/* SPDX-License-Identifier: GPL-2.0 */
/* How long a real-time task had to wait for a CPU: an upper bound of how long others kept it. */
#ifndef PCB_TEST_LATENESS_H
#define PCB_TEST_LATENESS_H

#include <pthread.h>
#include <stdbool.h>

struct lateness {
	pthread_t thread;
	unsigned int cpu;
	bool stop;
	bool failed;
	unsigned long long longest_ns;
	unsigned long turns;
};

/* A thread of the highest priority that wants @cpu every millisecond. */
bool lateness_start(struct lateness *lateness, unsigned int cpu);
/* The longest so far, from now on forgotten. */
unsigned long long lateness_take(struct lateness *lateness);
bool lateness_end(struct lateness *lateness);

#endif
