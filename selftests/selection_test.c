// SPDX-License-Identifier: GPL-2.0
/* QUERY: which tasks are given: processes, threads, states. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/wait.h>

#include "lib/harness.h"
#include "lib/kinds.h"

#define NR_THREADS 6
#define STATE(name) (1ULL << PCBSCOPE_STATE_##name)

FIXTURE(selection) {
	int fd;
	struct child child;
	__u32 tids[NR_THREADS];
	struct walk all;
};

FIXTURE_SETUP(selection)
{
	struct thread_plan plan = { .count = NR_THREADS - 1, .cpu = -1 };

	self->fd = device_open();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, child_make(&self->child, 0, kind_threads, &plan));
	ASSERT_TRUE(child_freeze(&self->child));
	ASSERT_EQ(NR_THREADS, thread_list(self->child.pid, self->tids, NR_THREADS));
}

FIXTURE_TEARDOWN(selection)
{
	child_end(&self->child);
	close(self->fd);
}

TEST_F(selection, without_flags_processes_are_given_and_no_threads)
{
	struct ask ask = { .groups = PCBSCOPE_GROUP_STATE };
	const struct pcbscope_record *record;
	int i;

	ASSERT_EQ(0, walk(self->fd, &ask, &self->all));
	EXPECT_EQ(1, walk_count(&self->all, self->child.pid));
	for (i = 0; i < NR_THREADS; i++) {
		if (self->tids[i] != (__u32)self->child.pid) {
			EXPECT_EQ(0, walk_count(&self->all, self->tids[i]));
		}
	}
	for_each_record(&self->all, record) {
		EXPECT_EQ(record_identity(record)->pid, record_identity(record)->tid);
		EXPECT_EQ(0, record->flags);
	}
	record = walk_find(&self->all, self->child.pid);
	ASSERT_NE(NULL, record);
	EXPECT_EQ(NR_THREADS, number(record, "threads"));
	walk_free(&self->all);
}

TEST_F(selection, with_threads_every_thread_is_given_once)
{
	struct ask ask = { .groups = PCBSCOPE_GROUP_STATE, .flags = PCBSCOPE_QUERY_THREADS };
	const struct pcbscope_record *record;
	int i;

	ASSERT_EQ(0, walk(self->fd, &ask, &self->all));
	EXPECT_SOUND(walk_fault(&self->all, ask.groups, true));
	for (i = 0; i < NR_THREADS; i++) {
		EXPECT_EQ(1, walk_count(&self->all, self->tids[i]));
		record = walk_find(&self->all, self->tids[i]);
		ASSERT_NE(NULL, record);
		EXPECT_EQ(self->child.pid, number(record, "pid"));
		EXPECT_EQ(PCBSCOPE_RECORD_IS_THREAD, record->flags);
	}
	walk_free(&self->all);
}

TEST_F(selection, threads_of_listed_processes_only)
{
	__u32 list[2] = { self->child.pid, getpid() };
	size_t steps[] = { 0, 8, 700 };
	unsigned int i;
	int j;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		struct ask ask = { .groups = PCBSCOPE_GROUP_STATE, .pids = list, .nr_pids = 2,
				   .flags = PCBSCOPE_QUERY_THREADS, .step = steps[i] };

		ASSERT_EQ(0, walk(self->fd, &ask, &self->all));
		EXPECT_EQ(NR_THREADS + 1, self->all.nr_records);
		EXPECT_SOUND(walk_fault(&self->all, ask.groups, false));
		for (j = 0; j < NR_THREADS; j++) {
			EXPECT_EQ(1, walk_count(&self->all, self->tids[j]));
		}
		EXPECT_EQ(1, walk_count(&self->all, getpid()));
		walk_free(&self->all);
	}
}

TEST_F(selection, listed_ids_of_threads_need_the_flag)
{
	__u32 tid = self->tids[NR_THREADS - 1];
	struct ask ask = { .groups = PCBSCOPE_GROUP_STATE, .pids = &tid, .nr_pids = 1 };

	EXPECT_EQ(-ESRCH, walk(self->fd, &ask, &self->all));
	ask.flags = PCBSCOPE_QUERY_TIDS;
	ASSERT_EQ(0, walk(self->fd, &ask, &self->all));
	EXPECT_EQ(1, self->all.nr_records);
	EXPECT_EQ(1, walk_count(&self->all, tid));
	walk_free(&self->all);
	ask.pids = self->tids;
	ask.nr_pids = NR_THREADS;
	ASSERT_EQ(0, walk(self->fd, &ask, &self->all));
	EXPECT_EQ(NR_THREADS, self->all.nr_records);
	walk_free(&self->all);
}

TEST_F(selection, state_masks_keep_these_states_only)
{
	const struct pcbscope_record *record;
	struct child zombie;
	__u64 mask;
	int status = 0;

	ASSERT_EQ(0, child_make(&zombie, 0, kind_zombie, &status));
	ASSERT_TRUE(child_go(&zombie));
	ASSERT_TRUE(wait_letter(zombie.pid, "Z"));
	for (mask = 1; mask < 1 << PCBSCOPE_NR_STATES; mask++) {
		struct ask ask = { .groups = PCBSCOPE_GROUP_STATE, .states = mask };

		ASSERT_EQ(0, walk(self->fd, &ask, &self->all));
		for_each_record(&self->all, record) {
			EXPECT_TRUE(mask & 1ULL << record_state(record)->state);
		}
		EXPECT_EQ(!!(mask & STATE(WAITING)), walk_count(&self->all, self->child.pid));
		EXPECT_EQ(!!(mask & STATE(TERMINATED)), walk_count(&self->all, zombie.pid));
		walk_free(&self->all);
	}
	child_end(&zombie);
}

TEST_F(selection, a_state_mask_works_without_the_state_group_and_in_lists)
{
	__u32 list[2] = { self->child.pid, getpid() };
	struct ask ask = { .states = STATE(WAITING), .pids = list, .nr_pids = 2 };

	ASSERT_EQ(0, walk(self->fd, &ask, &self->all));
	EXPECT_EQ(1, self->all.nr_records);
	EXPECT_EQ(1, walk_count(&self->all, self->child.pid));
	walk_free(&self->all);
	ask.states = STATE(RUNNING) | STATE(READY);
	ASSERT_EQ(0, walk(self->fd, &ask, &self->all));
	EXPECT_EQ(1, walk_count(&self->all, getpid()));
	EXPECT_EQ(0, walk_count(&self->all, self->child.pid));
	walk_free(&self->all);
}

TEST_F(selection, identity_is_given_even_if_nothing_was_asked_for)
{
	struct ask ask = { 0 };
	const struct pcbscope_record *record;

	ASSERT_EQ(0, walk(self->fd, &ask, &self->all));
	EXPECT_SOUND(walk_fault(&self->all, 0, true));
	for_each_record(&self->all, record) {
		EXPECT_EQ(PCBSCOPE_GROUP_IDENTITY, record->groups);
	}
	walk_free(&self->all);
}

TEST_F(selection, a_process_whose_first_thread_ended_is_still_given)
{
	struct child leader;
	const struct pcbscope_record *record;
	__u32 tids[4];

	ASSERT_EQ(0, child_make(&leader, 0, kind_dead_leader, NULL));
	ASSERT_TRUE(wait_letter(leader.pid, "ZS"));
	struct ask ask = { .groups = ALL_GROUPS, .flags = PCBSCOPE_QUERY_THREADS,
			   .pids = (__u32 *)&leader.pid, .nr_pids = 1 };

	ASSERT_EQ(2, thread_list(leader.pid, tids, 4));
	ASSERT_EQ(0, walk(self->fd, &ask, &self->all));
	EXPECT_EQ(2, self->all.nr_records);
	record = walk_find(&self->all, leader.pid);
	ASSERT_NE(NULL, record);
	EXPECT_EQ(PCBSCOPE_STATE_TERMINATED, number(record, "state"));
	EXPECT_EQ('Z', number(record, "kernel_state"));
	record = walk_find(&self->all, tids[0] == (__u32)leader.pid ? tids[1] : tids[0]);
	ASSERT_NE(NULL, record);
	EXPECT_EQ(PCBSCOPE_STATE_WAITING, number(record, "state"));
	walk_free(&self->all);
	ask.flags = 0;
	ASSERT_EQ(0, walk(self->fd, &ask, &self->all));
	EXPECT_EQ(1, self->all.nr_records);
	EXPECT_FALSE(record_has(walk_find(&self->all, leader.pid), "dead_ns"));
	walk_free(&self->all);
	child_end(&leader);
}

PCB_TEST_MAIN
