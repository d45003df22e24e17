// SPDX-License-Identifier: GPL-2.0
/*
 * clock.c - what is counted: guest instructions, and time outside the guest.
 *
 * Under QEMU's -icount shift=0 the time-stamp counter advances by one with
 * each instruction. Wall time cannot be had from the guest's own clocks then;
 * a file that the host serves gets its time of modification from the host.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "bench.h"

#define NOPS		1000
#define LOOPS		100
#define LOOP_INSNS	(LOOPS * (NOPS + 2.0))	/* and dec, jnz */

static int host_fd = -1;

int clock_init(const char *host_file)
{
	if (!host_file)
		return 0;
	host_fd = open(host_file, O_RDWR | O_CREAT, 0600);
	if (host_fd < 0) {
		fprintf(stderr, "bench: %s: %s\n", host_file, strerror(errno));
		return -1;
	}
	return 0;
}

bool clock_counts_insns(void)
{
	return host_fd >= 0;
}

__u64 clock_insns(void)
{
	return __rdtsc();
}

static __u64 ns_of(const struct timespec *ts)
{
	return ts->tv_sec * 1000000000ULL + ts->tv_nsec;
}

__u64 clock_wall_ns(void)
{
	struct timespec ts;
	struct stat st;

	if (host_fd < 0) {
		clock_gettime(CLOCK_MONOTONIC, &ts);
		return ns_of(&ts);
	}
	if (pwrite(host_fd, "", 1, 0) != 1 || fstat(host_fd, &st))
		return 0;
	return ns_of(&st.st_mtim);
}

static __u64 nop_loop(void)
{
	unsigned int loops = LOOPS;
	__u64 start = clock_insns();

	asm volatile("1:\n"
		     ".rept %c1\n"
		     "nop\n"
		     ".endr\n"
		     "dec %0\n"
		     "jnz 1b\n"
		     : "+r" (loops) : "i" (NOPS) : "cc");
	return clock_insns() - start;
}

static int check_clocksource(void)
{
	static const char path[] =
		"/sys/devices/system/clocksource/clocksource0/current_clocksource";
	char name[32] = "";
	FILE *file = fopen(path, "r");

	if (file) {
		if (fscanf(file, "%31s", name) != 1)
			name[0] = '\0';
		fclose(file);
	}
	printf("check  clocksource is tsc: %s\n", name);
	return strcmp(name, "tsc") ? -1 : 0;
}

/* A tick may fall into one loop, not into the shortest of several. */
int clock_check(void)
{
	double shortest = nop_loop(), error;
	int i;

	if (check_clocksource())
		return -1;
	for (i = 0; i < 10; i++) {
		double insns = nop_loop();

		if (insns < shortest)
			shortest = insns;
	}
	error = (shortest - LOOP_INSNS) / LOOP_INSNS;
	printf("check  loop of %.0f instructions reads as %.0f (%+.2f %%)\n",
	       LOOP_INSNS, shortest, 100 * error);
	return error > 0.01 || error < -0.01 ? -1 : 0;
}
