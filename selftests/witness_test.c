// SPDX-License-Identifier: GPL-2.0
/* Every field against /proc: of what stands still exactly, of what moves between two looks. */
#define _GNU_SOURCE
#include <signal.h>

#include "lib/harness.h"
#include "lib/kinds.h"
#include "lib/storm.h"
#include "lib/witness.h"

#define KINDS_MAX 64
#define SLACK_NS 20000000LL

FIXTURE(witness) {
	int fd;
	struct child children[KINDS_MAX];
	struct verdict verdict;
};

FIXTURE_SETUP(witness)
{
	unsigned int count, i;
	const struct kind *kind = kinds(&count);

	memset(self, 0, sizeof(*self));
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
	for (i = 0; i < count; i++) {
		ASSERT_EQ(0, child_make(&self->children[i], kind[i].clone_flags, kind[i].fn,
					(void *)kind[i].arg)) {
			TH_LOG("%s", kind[i].name);
		}
	}
}

FIXTURE_TEARDOWN(witness)
{
	children_end(self->children, KINDS_MAX);
	close(self->fd);
}

#define EXPECT_AGREEMENT(verdict, at_least)					\
	do {									\
		TH_LOG("%u field comparisons, %u wrong, %u moved, %u busy",	\
		       (verdict)->compared, (verdict)->wrong,			\
		       (verdict)->moved, (verdict)->busy);			\
		EXPECT_EQ(0, (verdict)->wrong) {				\
			TH_LOG("first: %s", (verdict)->first);			\
		}								\
		EXPECT_LE(at_least, (verdict)->compared);			\
	} while (0)

TEST_F_TIMEOUT(witness, processes_that_stand_still_agree_exactly, 120)
{
	unsigned int count, i;
	const struct kind *kind = kinds(&count);

	for (i = 0; i < count; i++) {
		ASSERT_TRUE(child_freeze(&self->children[i]));
	}
	for (i = 0; i < count; i++) {
		ASSERT_EQ(0, witness_task(self->fd, self->children[i].pid, 0, kind[i].name,
					  &self->verdict));
	}
	EXPECT_EQ(0, self->verdict.moved);
	EXPECT_EQ(0, self->verdict.busy);
	EXPECT_AGREEMENT(&self->verdict, 60 * count);
}

TEST_F_TIMEOUT(witness, threads_that_stand_still_agree_exactly, 120)
{
	unsigned int count, i, tids[64], threads;
	const struct kind *kind = kinds(&count);

	for (i = 0; i < count; i++) {
		ASSERT_TRUE(child_freeze(&self->children[i]));
		threads = thread_list(self->children[i].pid, tids, 64);
		ASSERT_LT(0, threads);
		while (threads--) {
			ASSERT_EQ(0, witness_task(self->fd, self->children[i].pid, tids[threads],
						  kind[i].name, &self->verdict));
		}
	}
	EXPECT_EQ(0, self->verdict.moved);
	EXPECT_AGREEMENT(&self->verdict, 55 * (count + 55));
}

TEST_F_TIMEOUT(witness, tasks_that_move_lie_between_two_looks, 200)
{
	unsigned int rounds = scaled(3), vanished = 0;
	int cpu = last_cpu();
	struct child spinners[2];
	const struct pcbscope_record *record;
	struct storm storm;
	struct walk all;
	char who[64];

	ASSERT_EQ(0, child_make(&spinners[0], 0, child_spinner, &cpu));
	ASSERT_EQ(0, child_make(&spinners[1], 0, child_spinner, &cpu));
	ASSERT_TRUE(storm_start(&storm, 1));
	while (rounds--) {
		struct ask ask = { 0 };

		ASSERT_EQ(0, walk(self->fd, &ask, &all));
		for_each_record(&all, record) {
			pid_t pid = record_identity(record)->tid;

			snprintf(who, sizeof(who), "%d (%s)", pid, record_identity(record)->comm);
			vanished += witness_task(self->fd, pid, 0, who, &self->verdict) != 0;
		}
		walk_free(&all);
	}
	storm_end(&storm);
	children_end(spinners, 2);
	TH_LOG("%u tasks vanished between the looks", vanished);
	EXPECT_AGREEMENT(&self->verdict, 5000);
}

FIXTURE(clock) {
	int fd;
	struct child child;
};

FIXTURE_SETUP(clock)
{
	memset(self, 0, sizeof(*self));
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(clock)
{
	child_end(&self->child);
	close(self->fd);
}

TEST_F(clock, last_run_is_the_turn_in_which_the_child_was_stopped)
{
	const struct pcbscope_record *record;
	long long stop, stopped, before, after, last_run;
	struct walk one;
	int i;

	for (i = 0; i < 10; i++) {
		ASSERT_EQ(0, child_make(&self->child, 0, child_idle, NULL));
		ASSERT_TRUE(wait_letter(self->child.pid, "S"));
		stop = now_ns();
		ASSERT_TRUE(child_freeze(&self->child));
		stopped = now_ns();
		before = now_ns();
		ASSERT_EQ(0, walk_one(self->fd, self->child.pid, ALL_GROUPS, &one));
		after = now_ns();
		record = walk_next(&one, NULL);
		last_run = number(record, "last_run_ns");
		EXPECT_LE(before - stopped - SLACK_NS, last_run);
		EXPECT_GE(after - stop + SLACK_NS, last_run);
		EXPECT_EQ(PCBSCOPE_STATE_WAITING, number(record, "state"));
		EXPECT_EQ(0, number(record, "on_cpu"));
		EXPECT_EQ(0, number(record, "on_rq"));
		EXPECT_EQ(4, number(record, "state_flags") & 4);	/* __TASK_STOPPED */
		EXPECT_EQ(0, number(record, "exit_flags"));
		walk_free(&one);
		child_end(&self->child);
	}
}

TEST_F(clock, start_is_when_the_child_was_made)
{
	const struct pcbscope_record *record;
	long long before, after;
	struct walk one;
	int i;

	for (i = 0; i < 10; i++) {
		before = now_ns();
		ASSERT_EQ(0, child_start(&self->child, 0, child_idle, NULL));
		after = now_ns();
		ASSERT_TRUE(child_wait_ready(&self->child));
		ASSERT_EQ(0, walk_one(self->fd, self->child.pid, 0, &one));
		record = walk_next(&one, NULL);
		EXPECT_LE(before, number(record, "start_boottime_ns"));
		EXPECT_GE(after, number(record, "start_boottime_ns"));
		walk_free(&one);
		child_end(&self->child);
	}
}

TEST_F(clock, sampled_time_of_a_spinner_follows_its_run_time)
{
	const struct pcbscope_record *record;
	long long sampled, runtime;
	int cpu = last_cpu();
	struct walk one;

	ASSERT_EQ(0, child_make(&self->child, 0, child_spinner, &cpu));
	do {
		ASSERT_EQ(0, walk_one(self->fd, self->child.pid, ALL_GROUPS, &one));
		record = walk_next(&one, NULL);
		runtime = number(record, "runtime_ns");
		sampled = number(record, "sampled_utime_ns") + number(record, "sampled_stime_ns");
		walk_free(&one);
	} while (runtime < 1000000000LL);
	/* Where a host runs several CPUs on one, most ticks are lost. */
	EXPECT_LE(runtime / 20, sampled);
	EXPECT_GE(runtime * 2, sampled);
	child_end(&self->child);
}

PCB_TEST_MAIN
