// SPDX-License-Identifier: GPL-2.0
/* Processes that have ended and are not reaped: how, and for how long. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/harness.h"
#include "lib/kinds.h"

#define SLACK_NS 20000000LL	/* two clocks are compared */

FIXTURE(zombie) {
	int fd;
	struct child child;
	struct walk one;
};

FIXTURE_SETUP(zombie)
{
	memset(self, 0, sizeof(*self));
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(zombie)
{
	child_end(&self->child);
	close(self->fd);
}

static const struct pcbscope_record *look(int fd, pid_t pid, struct walk *one)
{
	struct ask ask = { .groups = ALL_GROUPS, .pids = (__u32 *)&pid, .nr_pids = 1 };

	return walk(fd, &ask, one) ? NULL : walk_next(one, NULL);
}

/* What the record says must be what wait(2) then reports. */
static void expect_end(struct __test_metadata *_metadata, int fd, struct child *child)
{
	const struct pcbscope_record *record;
	struct walk one;
	int status;

	record = look(fd, child->pid, &one);
	ASSERT_NE(NULL, record);
	EXPECT_SOUND(walk_fault(&one, ALL_GROUPS, true));
	EXPECT_EQ(PCBSCOPE_STATE_TERMINATED, number(record, "state"));
	EXPECT_EQ('Z', number(record, "kernel_state"));
	ASSERT_EQ(child->pid, waitpid(child->pid, &status, __WALL));
	EXPECT_EQ(status, number(record, "wait_status"));
	EXPECT_EQ(!!WIFSIGNALED(status), record_has(record, "exit_signal"));
	EXPECT_EQ(!!WIFEXITED(status), record_has(record, "exit_code"));
	if (WIFSIGNALED(status)) {
		EXPECT_EQ(WTERMSIG(status), number(record, "exit_signal"));
	} else {
		EXPECT_EQ(WEXITSTATUS(status), number(record, "exit_code"));
	}
	EXPECT_EQ(0, number(record, "vsize_bytes"));
	EXPECT_EQ(0, number(record, "rss_bytes"));
	walk_free(&one);
	EXPECT_EQ(NULL, look(fd, child->pid, &one));
	close(child->sock);
	child->pid = 0;
}

TEST_F(zombie, status_is_what_wait_reports)
{
	static const int ways[] = {
		0, 1, 2, 42, 127, 128, 255, -SIGHUP, -SIGINT, -SIGKILL, -SIGTERM,
		-SIGUSR1, -SIGABRT, -SIGSEGV, -SIGALRM,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		ASSERT_EQ(0, child_make(&self->child, 0, kind_zombie, (void *)&ways[i]));
		ASSERT_TRUE(child_go(&self->child));
		ASSERT_TRUE(wait_letter(self->child.pid, "Z"));
		expect_end(_metadata, self->fd, &self->child);
	}
}

static void *exit_group(void *arg)
{
	child_await(arg);
	/* Leave run time behind: the scheduler counts it up here. */
	sched_yield();
	_exit(77);
}

/* A thread other than the first ends the process: the first one was killed. */
static void thread_exits_process(struct child *self, void *arg)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, exit_group, self))
		_exit(102);
	child_idle(self, NULL);
}

TEST_F(zombie, status_is_that_of_the_process_when_another_thread_ended_it)
{
	const struct pcbscope_record *record;

	ASSERT_EQ(0, child_make(&self->child, 0, thread_exits_process, NULL));
	ASSERT_TRUE(child_go(&self->child));
	ASSERT_TRUE(wait_letter(self->child.pid, "Z"));
	record = look(self->fd, self->child.pid, &self->one);
	ASSERT_NE(NULL, record);
	EXPECT_EQ(77, number(record, "exit_code"));
	EXPECT_FALSE(record_has(record, "dead_ns"));	/* had other threads */
	walk_free(&self->one);
	expect_end(_metadata, self->fd, &self->child);
}

TEST_F(zombie, status_of_a_killed_process_of_many_threads)
{
	struct thread_plan plan = { .count = 6, .cpu = -1 };

	ASSERT_EQ(0, child_make(&self->child, 0, kind_threads, &plan));
	kill(self->child.pid, SIGTERM);
	ASSERT_TRUE(wait_letter(self->child.pid, "Z"));
	expect_end(_metadata, self->fd, &self->child);
}

TEST_F(zombie, time_of_death_lies_between_the_order_and_the_sight)
{
	const struct pcbscope_record *record;
	unsigned long long order, before, after;
	long long dead, seen;
	int how = 0, i;

	for (i = 0; i < 10; i++) {
		ASSERT_EQ(0, child_make(&self->child, 0, kind_zombie, &how));
		ASSERT_TRUE(wait_letter(self->child.pid, "S"));
		order = now_ns();
		ASSERT_TRUE(child_go(&self->child));
		ASSERT_TRUE(wait_letter(self->child.pid, "Z"));
		seen = now_ns();
		before = now_ns();
		record = look(self->fd, self->child.pid, &self->one);
		after = now_ns();
		ASSERT_NE(NULL, record);
		ASSERT_TRUE(record_number(record, "dead_ns", &dead));
		EXPECT_LE((long long)before - seen - SLACK_NS, dead);
		EXPECT_GE((long long)(after - order) + SLACK_NS, dead);
		walk_free(&self->one);
		child_end(&self->child);
	}
}

TEST_F(zombie, time_of_death_does_not_move)
{
	const struct pcbscope_record *record;
	long long first, second, elapsed;
	int how = 3;

	ASSERT_EQ(0, child_make(&self->child, 0, kind_zombie, &how));
	ASSERT_TRUE(child_go(&self->child));
	ASSERT_TRUE(wait_letter(self->child.pid, "Z"));
	record = look(self->fd, self->child.pid, &self->one);
	ASSERT_NE(NULL, record);
	first = number(record, "dead_ns");
	elapsed = now_ns();
	walk_free(&self->one);
	while (now_ns() < (unsigned long long)elapsed + 300000000)
		sched_yield();
	record = look(self->fd, self->child.pid, &self->one);
	ASSERT_NE(NULL, record);
	second = number(record, "dead_ns");
	elapsed = now_ns() - elapsed;
	EXPECT_LE(second - first, elapsed + 2 * SLACK_NS);
	EXPECT_GE(second - first, elapsed - 2 * SLACK_NS);
	walk_free(&self->one);
}

TEST_F(zombie, a_living_task_has_no_status)
{
	const struct pcbscope_record *record = look(self->fd, getpid(), &self->one);
	static const char * const names[] = {
		"exit_code", "exit_signal", "wait_status", "dead_ns",
	};
	unsigned int i;

	ASSERT_NE(NULL, record);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_FALSE(record_has(record, names[i])) {
			TH_LOG("%s", names[i]);
		}
	}
	walk_free(&self->one);
}

TEST_F(zombie, a_thread_that_ended_first_leaves_the_process_alive)
{
	const struct pcbscope_record *record;

	ASSERT_EQ(0, child_make(&self->child, 0, kind_dead_leader, NULL));
	ASSERT_TRUE(wait_letter(self->child.pid, "ZS"));
	while (letter_of(self->child.pid) != 'Z')
		sched_yield();
	record = look(self->fd, self->child.pid, &self->one);
	ASSERT_NE(NULL, record);
	EXPECT_EQ(2, number(record, "threads"));
	EXPECT_EQ('Z', number(record, "kernel_state"));
	walk_free(&self->one);
}

PCB_TEST_MAIN
