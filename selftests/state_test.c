// SPDX-License-Identifier: GPL-2.0
/* Children whose state is known, looked at without stopping anything. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "lib/harness.h"
#include "lib/kinds.h"

#define NR_SPINNERS 4
#define LONG_ENOUGH_NS 1000000000ULL	/* for kernel threads to have their turn and end it */

FIXTURE(state) {
	int fd;
	struct child child;
	struct walk one;
};

FIXTURE_SETUP(state)
{
	memset(self, 0, sizeof(*self));
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(state)
{
	child_end(&self->child);
	close(self->fd);
}

/* The record of one task; valid until walk_free(). */
static const struct pcbscope_record *look(int fd, pid_t tid, struct walk *one)
{
	struct ask ask = { .groups = ALL_GROUPS, .pids = (__u32 *)&tid, .nr_pids = 1 };

	return walk(fd, &ask, one) ? NULL : walk_next(one, NULL);
}

#define EXPECT_STATE(book, letter)						\
	do {									\
		const struct pcbscope_record *_r = look(self->fd, self->child.pid,	\
						       &self->one);		\
										\
		ASSERT_NE(NULL, _r);						\
		EXPECT_EQ(PCBSCOPE_STATE_##book, number(_r, "state"));		\
		EXPECT_EQ(letter, number(_r, "kernel_state"));			\
		EXPECT_EQ(letter, letter_of(self->child.pid));			\
		walk_free(&self->one);						\
	} while (0)

TEST_F(state, a_sleeper_waits_as_S)
{
	ASSERT_EQ(0, child_make(&self->child, 0, child_idle, NULL));
	ASSERT_TRUE(wait_sleeping(self->child.pid, "S"));
	EXPECT_STATE(WAITING, 'S');
}

TEST_F(state, a_stopped_child_waits_as_T)
{
	ASSERT_EQ(0, child_make(&self->child, 0, child_idle, NULL));
	ASSERT_TRUE(child_freeze(&self->child));
	EXPECT_STATE(WAITING, 'T');
	kill(self->child.pid, SIGCONT);
	ASSERT_TRUE(wait_sleeping(self->child.pid, "S"));
	EXPECT_STATE(WAITING, 'S');
}

TEST_F(state, a_traced_child_that_is_stopped_waits_as_t)
{
	ASSERT_EQ(0, child_make(&self->child, 0, child_idle, NULL));
	ASSERT_EQ(0, ptrace(PTRACE_SEIZE, self->child.pid, 0, 0));
	ASSERT_EQ(0, ptrace(PTRACE_INTERRUPT, self->child.pid, 0, 0));
	ASSERT_TRUE(wait_sleeping(self->child.pid, "t"));
	EXPECT_STATE(WAITING, 't');
}

TEST_F(state, the_parent_of_a_vfork_waits_as_D)
{
	ASSERT_EQ(0, child_make(&self->child, 0, kind_vfork, NULL));
	ASSERT_TRUE(wait_sleeping(self->child.pid, "D"));
	EXPECT_STATE(WAITING, 'D');
}

TEST_F(state, an_idle_kernel_thread_waits_as_I)
{
	struct ask ask = { .groups = ALL_GROUPS };
	const struct pcbscope_record *record;
	unsigned int idle = 0, wrong = 0;

	ASSERT_EQ(0, walk(self->fd, &ask, &self->one));
	for_each_record(&self->one, record) {
		if (number(record, "kernel_state") != 'I')
			continue;
		idle++;
		wrong += !record_identity(record)->kernel_thread;
		wrong += number(record, "state") != PCBSCOPE_STATE_WAITING;
	}
	EXPECT_LT(0, idle);
	EXPECT_EQ(0, wrong);
	walk_free(&self->one);
}

TEST_F(state, a_spinner_alone_on_its_cpu_is_running_and_so_is_the_reader)
{
	int cpu = last_cpu(), least = counted(2000, 400), looks, running = 0, ready = 0;
	unsigned long long enough = now_ns() + LONG_ENOUGH_NS;
	const struct pcbscope_record *record;
	struct ask ask = { .groups = PCBSCOPE_GROUP_STATE };

	pin_to_cpu(0, 0);
	ASSERT_EQ(0, child_make(&self->child, 0, child_spinner, &cpu));
	for (looks = 0; looks < least || now_ns() < enough; looks++) {
		ASSERT_EQ(0, walk(self->fd, &ask, &self->one));
		record = walk_find(&self->one, self->child.pid);
		ASSERT_NE(NULL, record);
		running += record_state(record)->state == PCBSCOPE_STATE_RUNNING;
		ready += record_state(record)->state == PCBSCOPE_STATE_READY;
		if (record_state(record)->state == PCBSCOPE_STATE_RUNNING) {
			EXPECT_EQ((__u32)cpu, record_state(record)->cpu);
			EXPECT_EQ(1, record_state(record)->on_cpu);
		}
		EXPECT_EQ('R', record_state(record)->kernel_state);
		record = walk_find(&self->one, getpid());
		ASSERT_NE(NULL, record);
		EXPECT_EQ(PCBSCOPE_STATE_RUNNING, record_state(record)->state);
		EXPECT_EQ(0, record_state(record)->cpu);
		walk_free(&self->one);
	}
	TH_LOG("running in %d of %d looks", running, looks);
	EXPECT_LT(looks / 2, running);
	EXPECT_EQ(looks, running + ready);	/* the kernel's own threads run there, too */
}

struct tally {
	unsigned int looks;
	unsigned int running;
	unsigned int ready;
	unsigned int two_running;
	unsigned int complete;
	unsigned int contradictions;
};

static void count_spinners(const struct walk *all, const struct child *spinners,
			   struct tally *tally)
{
	unsigned int running = 0, ready = 0, i;
	const struct pcbscope_record *record;
	const struct pcbscope_state *s;

	for (i = 0; i < NR_SPINNERS; i++) {
		record = walk_find(all, spinners[i].pid);
		if (!record)
			continue;
		s = record_state(record);
		running += s->state == PCBSCOPE_STATE_RUNNING;
		ready += s->state == PCBSCOPE_STATE_READY;
		tally->contradictions += s->state == PCBSCOPE_STATE_RUNNING && !s->on_cpu;
		tally->contradictions += s->kernel_state != 'R';
	}
	tally->looks++;
	tally->running += running;
	tally->ready += ready;
	tally->two_running += running > 1;
	tally->complete += running + ready == NR_SPINNERS;
}

/* No CPU may have two running tasks in one walk, whoever they are. */
static unsigned int crowded_cpus(const struct walk *all)
{
	const struct pcbscope_record *record;
	unsigned int running[256] = { 0 }, crowded = 0;

	for_each_record(all, record)
		if (record_state(record)->state == PCBSCOPE_STATE_RUNNING)
			crowded += running[record_state(record)->cpu % 256]++ == 1;
	return crowded;
}

FIXTURE(spinners) {
	int fd;
	struct child children[NR_SPINNERS];
	__u32 pids[NR_SPINNERS];
};

FIXTURE_SETUP(spinners)
{
	int cpu = last_cpu(), i;

	self->fd = device_open();
	ASSERT_LE(0, self->fd);
	pin_to_cpu(0, 0);
	for (i = 0; i < NR_SPINNERS; i++) {
		ASSERT_EQ(0, child_make(&self->children[i], 0, child_spinner, &cpu));
		self->pids[i] = self->children[i].pid;
	}
}

FIXTURE_TEARDOWN(spinners)
{
	children_end(self->children, NR_SPINNERS);
	close(self->fd);
}

FIXTURE_VARIANT(spinners) {
	bool listed;
	__u64 groups;
	__u64 flags;
	size_t step;
};

FIXTURE_VARIANT_ADD(spinners, by_list) {
	.listed = true, .groups = PCBSCOPE_GROUP_STATE,
};

FIXTURE_VARIANT_ADD(spinners, by_list_with_costly_groups) {
	.listed = true, .groups = ALL_GROUPS,
};

FIXTURE_VARIANT_ADD(spinners, by_walk) {
	.groups = PCBSCOPE_GROUP_STATE,
};

FIXTURE_VARIANT_ADD(spinners, by_walk_of_threads_in_pieces) {
	.groups = PCBSCOPE_GROUP_STATE, .flags = PCBSCOPE_QUERY_THREADS, .step = 2000,
};

TEST_F_TIMEOUT(spinners, one_runs_the_others_are_ready, 120)
{
	struct ask ask = { .groups = variant->groups, .flags = variant->flags,
			   .step = variant->step };
	unsigned int least = counted(10000, 2000), looks, crowded = 0;
	unsigned long long enough = now_ns() + LONG_ENOUGH_NS;
	struct tally tally = { 0 };
	struct walk all;

	if (variant->listed) {
		ask.pids = self->pids;
		ask.nr_pids = NR_SPINNERS;
	}
	while (tally.looks < least || now_ns() < enough) {
		ASSERT_EQ(0, walk(self->fd, &ask, &all));
		count_spinners(&all, self->children, &tally);
		crowded += crowded_cpus(&all);
		walk_free(&all);
	}
	looks = tally.looks;
	TH_LOG("%u looks: %u running, %u ready, all four in %u", looks, tally.running,
	       tally.ready, tally.complete);
	EXPECT_EQ(0, tally.two_running);
	EXPECT_EQ(0, crowded);
	EXPECT_EQ(0, tally.contradictions);
	EXPECT_LE(looks - looks / 100, tally.complete);
	EXPECT_LT(looks / 2, tally.running);
	EXPECT_LT(looks * 2, tally.ready);
}

PCB_TEST_MAIN
