// SPDX-License-Identifier: GPL-2.0
/*
 * From Linux 6.12 on a task may sleep and still be on its run queue. It is not
 * ready then.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <sys/utsname.h>
#include <time.h>

#include "lib/harness.h"

#define NR_TASKS 4

/* Work a little, sleep a little: it uses up its share and is dequeued late. */
static void nap(struct child *self, void *arg)
{
	struct timespec shortly = { .tv_nsec = 300000 };
	clock_t end;

	pin_to_cpu(0, *(int *)arg);
	child_ready(self);
	for (;;) {
		end = clock() + CLOCKS_PER_SEC / 500;
		while (clock() < end)
			;
		ppoll(NULL, 0, &shortly, NULL);
	}
}

static bool is_at_least(int major, int minor)
{
	struct utsname uts;
	int has_major, has_minor;

	uname(&uts);
	if (sscanf(uts.release, "%d.%d", &has_major, &has_minor) != 2)
		return false;
	return has_major > major || (has_major == major && has_minor >= minor);
}

struct sightings {
	unsigned int valid;
	unsigned int delayed;
	unsigned int contradictions;
};

/* Fields are read one after the other: what was read decides the state. */
static void inspect(const struct pcbscope_record *record, struct sightings *seen)
{
	long long delayed;

	if (!record_number(record, "sched_delayed", &delayed))
		return;
	seen->valid++;
	if (!delayed)
		return;
	seen->delayed++;
	seen->contradictions += number(record, "state") == PCBSCOPE_STATE_READY &&
		number(record, "kernel_state") != 'R';
	seen->contradictions += !number(record, "on_rq");
}

TEST(a_task_asleep_on_its_run_queue_is_not_ready)
{
	unsigned int least = counted(3000, 600), looks = 0, i;
	struct deadline deadline = deadline_in(DEADLINE_MS);
	struct ask ask = { .groups = PCBSCOPE_GROUP_STATE };
	struct sightings seen = { 0 };
	const struct pcbscope_record *record;
	struct child naps[NR_TASKS], spinner;
	int cpu = last_cpu(), fd = device_open();
	__u32 pids[NR_TASKS];
	struct walk all;

	ASSERT_LE(0, fd);
	pin_to_cpu(0, 0);
	ASSERT_EQ(0, child_make(&spinner, 0, child_spinner, &cpu));
	for (i = 0; i < NR_TASKS; i++) {
		ASSERT_EQ(0, child_make(&naps[i], 0, nap, &cpu));
		pids[i] = naps[i].pid;
	}
	ask.pids = pids;
	ask.nr_pids = NR_TASKS;
	while (looks < least ||		/* seen now and then only */
	       (is_at_least(6, 12) && !seen.delayed && not_yet(deadline))) {
		looks++;
		ASSERT_EQ(0, walk(fd, &ask, &all));
		for_each_record(&all, record) {
			inspect(record, &seen);
		}
		walk_free(&all);
	}
	children_end(naps, NR_TASKS);
	child_end(&spinner);
	TH_LOG("%u looks: %u tasks seen asleep on their run queue", looks, seen.delayed);
	EXPECT_EQ(is_at_least(6, 12) ? NR_TASKS * looks : 0, seen.valid);
	EXPECT_EQ(0, seen.contradictions);
	if (is_at_least(6, 12)) {
		EXPECT_LT(0, seen.delayed);
	}
}

PCB_TEST_MAIN
