// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "factory.h"
#include "lateness.h"

#define PERIOD_NS 1000000ULL

static unsigned long long monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static int arm(unsigned long long *due)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	struct itimerspec spec = { .it_interval.tv_nsec = PERIOD_NS };

	*due = monotonic_ns() + PERIOD_NS;
	spec.it_value.tv_sec = *due / 1000000000ULL;
	spec.it_value.tv_nsec = *due % 1000000000ULL;
	if (fd >= 0 && timerfd_settime(fd, TFD_TIMER_ABSTIME, &spec, NULL)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void *want(void *arg)
{
	struct sched_param param = { .sched_priority = 90 };
	struct lateness *l = arg;
	unsigned long long due, late, longest;
	uint64_t turns;
	int fd = arm(&due);

	if (fd < 0 || pin_to_cpu(0, l->cpu) || sched_setscheduler(0, SCHED_FIFO, &param))
		l->failed = true;
	while (!__atomic_load_n(&l->stop, __ATOMIC_RELAXED) && !l->failed) {
		if (read(fd, &turns, sizeof(turns)) != sizeof(turns))
			break;
		/* The oldest turn of those that are due waited longest. */
		late = monotonic_ns() - due;
		due += turns * PERIOD_NS;
		l->turns++;
		longest = __atomic_load_n(&l->longest_ns, __ATOMIC_RELAXED);
		if (late > longest)
			__atomic_store_n(&l->longest_ns, late, __ATOMIC_RELAXED);
	}
	close(fd);
	return NULL;
}

bool lateness_start(struct lateness *l, unsigned int cpu)
{
	memset(l, 0, sizeof(*l));
	l->cpu = cpu;
	return !pthread_create(&l->thread, NULL, want, l);
}

unsigned long long lateness_take(struct lateness *l)
{
	return __atomic_exchange_n(&l->longest_ns, 0, __ATOMIC_RELAXED);
}

bool lateness_end(struct lateness *l)
{
	__atomic_store_n(&l->stop, true, __ATOMIC_RELAXED);
	pthread_join(l->thread, NULL);
	return !l->failed && l->turns;
}
