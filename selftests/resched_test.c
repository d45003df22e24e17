// SPDX-License-Identifier: GPL-2.0
/*
 * Where nobody is preempted inside the kernel (preempt=none), a long listing
 * offers its CPU to others often: a task of the highest priority never waits for
 * more than a small part of it. Only such a kernel can tell.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>

#include "lib/crowd.h"
#include "lib/harness.h"
#include "lib/lateness.h"

#define PROCESSES 16
#define THREADS 1000		/* of each: with fewer, timers are late by as much */
#define RUNS 20
#define PART 5			/* of the time of one call: more is too long a wait */

FIXTURE(resched) {
	struct crowd crowd;
	struct limits limits;
	struct lateness lateness;
};

FIXTURE_SETUP(resched)
{
	char mode[64] = "";

	memset(self, 0, sizeof(*self));
	file_read("/sys/kernel/debug/sched/preempt", mode, sizeof(mode));
	if (!strstr(mode, "(none)"))
		return;
	ASSERT_TRUE(limits_raise(&self->limits, 40000));
	ASSERT_TRUE(crowd_start(&self->crowd));
}

FIXTURE_TEARDOWN(resched)
{
	if (!self->crowd.keeper)
		return;
	crowd_end(&self->crowd);
	limits_restore(&self->limits);
}

/* The whole tree is made by the first read. Return: how long that took, 0: failed. */
static unsigned long long read_first(void)
{
	int fd = open(PROC_DIR "/tree", O_RDWR | O_CLOEXEC);
	unsigned long long took = 0;
	char text[4096];

	if (fd >= 0 && write(fd, "threads", 7) == 7) {
		took = now_ns();
		took = read(fd, text, sizeof(text)) > 0 ? now_ns() - took : 0;
	}
	close(fd);
	return took;
}

TEST_F_TIMEOUT(resched, a_tree_of_many_threads_lets_others_run, 120)
{
	unsigned int run, kept = 0;
	unsigned long long took, late, longest = 0, longest_read = 0;

	if (!self->crowd.keeper)
		SKIP(return, "only a kernel booted with preempt=none can tell");
	ASSERT_TRUE(crowd_grow(&self->crowd, PROCESSES, THREADS));
	ASSERT_TRUE(lateness_start(&self->lateness, last_cpu()));
	ASSERT_EQ(0, pin_to_cpu(0, last_cpu()));
	for (run = 0; run < RUNS; run++) {
		lateness_take(&self->lateness);
		took = read_first();
		late = lateness_take(&self->lateness);
		ASSERT_LT(0, took);
		/* A busy host keeps a CPU, too, but not in most of the runs. */
		kept += late * PART > took;
		longest = late > longest ? late : longest;
		longest_read = took > longest_read ? took : longest_read;
	}
	EXPECT_TRUE(lateness_end(&self->lateness));
	EXPECT_GE(RUNS / 2, kept) {
		TH_LOG("%u of %u readings kept their CPU from others", kept, RUNS);
	}
	figure("tree: tasks", self->crowd.nr_tasks);
	figure("tree: readings that kept their CPU", kept);
	figure("tree: longest wait of others, us", longest / 1000);
	figure("tree: longest read, us", longest_read / 1000);
}

PCB_TEST_MAIN
