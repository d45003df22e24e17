// SPDX-License-Identifier: GPL-2.0
/* What must hold while processes change under the walk: exec, exit, reaping. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/harness.h"
#include "lib/kinds.h"

#define EXEC_LOOP "exec-loop"
#define NR_THREADS 4

static void *exec_again(void *arg)
{
	execl("/proc/self/exe", "lifecycle", EXEC_LOOP, NULL);
	_exit(102);
}

/* A process whose second thread executes the same program again, for ever. */
static void __attribute__((constructor)) exec_loop(int argc, char **argv)
{
	pthread_t thread;

	if (argc != 2 || strcmp(argv[1], EXEC_LOOP))
		return;
	if (pthread_create(&thread, NULL, exec_again, NULL))
		_exit(101);
	for (;;)
		pause();
}

static void start_exec_loop(struct child *self, void *arg)
{
	child_ready(self);
	exec_again(NULL);
}

/* The record of a process, not of its first thread. */
static int walk_process(int fd, __u32 pid, __u64 groups, struct walk *one)
{
	struct ask ask = { .groups = groups, .pids = &pid, .nr_pids = 1 };

	return walk(fd, &ask, one);
}

FIXTURE(lifecycle) {
	int fd;
	struct child child;
	struct child other;
	struct walk one;
};

FIXTURE_SETUP(lifecycle)
{
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(lifecycle)
{
	if (self->child.pid)
		child_end(&self->child);
	if (self->other.pid)
		child_end(&self->other);
	close(self->fd);
}

/* The id of a process stays, while exec hands it from one task to another. */
TEST_F(lifecycle, a_process_is_met_once_while_its_threads_exec)
{
	struct ask ask = { .groups = PCBSCOPE_GROUP_CPUTIME };
	struct deadline deadline = deadline_in(scaled(4000));
	unsigned int walks = 0, wrong = 0;

	ASSERT_EQ(0, child_make(&self->child, 0, start_exec_loop, NULL));
	while (not_yet(deadline)) {
		ASSERT_EQ(0, walk(self->fd, &ask, &self->one));
		wrong += walk_count(&self->one, self->child.pid) != 1;
		walks++;
		walk_free(&self->one);
	}
	TH_LOG("%u walks, %u without the process or with two of it", walks, wrong);
	EXPECT_EQ(0, wrong);
}

static void *leave_later(void *arg)
{
	child_await(arg);
	syscall(SYS_exit, 0);
	return NULL;
}

/* The init of a pid namespace: its first thread ends, another one lives on. */
static void init_of_two(struct child *self, void *arg)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, leave_later, self))
		_exit(101);
	child_ready(self);
	syscall(SYS_exit, 0);
}

static bool has_reaper(int fd, pid_t pid)
{
	struct walk one;
	bool has = walk_process(fd, pid, PCBSCOPE_GROUP_RELATIONS, &one) ||
		record_has(walk_next(&one, NULL), "reaper_pid");

	walk_free(&one);
	return has;
}

/* The kernel keeps a pointer to the thread that was init last, and frees it. */
TEST_F(lifecycle, an_init_whose_last_thread_was_freed_has_no_reaper)
{
	struct deadline deadline = deadline_in(DEADLINE_MS);
	unsigned int i, tids[2];

	ASSERT_EQ(0, child_make(&self->child, CLONE_NEWPID, init_of_two, NULL));
	while (letter_of(self->child.pid) != 'Z' && not_yet(deadline))
		;
	EXPECT_FALSE(has_reaper(self->fd, self->child.pid));
	ASSERT_TRUE(child_go(&self->child));
	while (thread_list(self->child.pid, tids, 2) > 1 && not_yet(deadline))
		;
	for (i = 0; i < 300; i++) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		waitpid(pid, NULL, 0);
		if (i % 10 == 0) {
			EXPECT_FALSE(has_reaper(self->fd, self->child.pid));
		}
	}
}

/* Read a list in pieces of @room bytes; -1: it does not end. */
static int read_list(int fd, const __u32 *pids, char *buf, size_t room, unsigned int seen[2])
{
	struct pcbscope_query q = {
		.groups = PCBSCOPE_GROUP_CPUTIME,
		.flags = PCBSCOPE_QUERY_THREADS,
		.buf = (uintptr_t)buf,
		.buf_bytes = room,
		.pids = (uintptr_t)pids,
		.nr_pids = 2,
	};
	unsigned int calls;
	size_t at;

	seen[0] = 0;
	seen[1] = 0;
	for (calls = 0; calls < 100; calls++) {
		int err = device_query(fd, &q);

		for (at = 0; !err && at < q.used_bytes;) {
			const struct pcbscope_record *record = (void *)(buf + at);

			seen[record_identity(record)->pid == pids[1]]++;
			at += record->bytes;
		}
		if (err || !q.cursor)
			return err;
	}
	return -1;
}

TEST_F(lifecycle, a_list_of_processes_with_threads_ends_whatever_the_buffer)
{
	const size_t bytes = sizeof(struct pcbscope_record) +
		sizeof(struct pcbscope_identity) + sizeof(struct pcbscope_cputime);
	struct thread_plan plan = { .count = NR_THREADS - 1, .cpu = -1 };
	unsigned int pieces, seen[2], turn;
	static char buf[65536];
	__u32 pids[2];

	ASSERT_EQ(0, child_make(&self->child, 0, kind_threads, &plan));
	ASSERT_EQ(0, child_make(&self->other, 0, kind_threads, &plan));
	for (turn = 0; turn < 2; turn++) {
		pids[turn] = self->child.pid;
		pids[!turn] = self->other.pid;
		for (pieces = 1; pieces <= 2 * NR_THREADS + 1; pieces++) {
			EXPECT_EQ(0, read_list(self->fd, pids, buf, pieces * bytes, seen));
			EXPECT_EQ(NR_THREADS, seen[0]);
			EXPECT_EQ(NR_THREADS, seen[1]);
		}
	}
}

/* Some time in user mode, some in the kernel. */
static void work_in_both_modes(struct child *self, void *arg)
{
	volatile unsigned int i;

	child_ready(self);
	for (;;) {
		for (i = 0; i < 1000; i++)
			;
		getppid();
		sched_yield();
	}
}

TEST_F(lifecycle, times_of_a_process_never_run_backwards)
{
	long long user = 0, system = 0;
	unsigned int i;

	ASSERT_EQ(0, child_make(&self->child, 0, work_in_both_modes, NULL));
	for (i = 0; i < counted(10000, 2000); i++) {
		const struct pcbscope_record *record;

		ASSERT_EQ(0, walk_process(self->fd, self->child.pid,
					  PCBSCOPE_GROUP_CPUTIME, &self->one));
		record = walk_next(&self->one, NULL);
		EXPECT_LE(user, number(record, "utime_ns"));
		EXPECT_LE(system, number(record, "stime_ns"));
		user = number(record, "utime_ns");
		system = number(record, "stime_ns");
		walk_free(&self->one);
	}
	EXPECT_LT(0, user + system);
}

TEST_F(lifecycle, a_process_that_outlives_its_first_thread_has_no_status)
{
	static const char * const names[] = {
		"wait_status", "exit_code", "exit_signal", "dead_ns",
	};
	struct deadline deadline = deadline_in(DEADLINE_MS);
	const struct pcbscope_record *record;
	unsigned int i;

	ASSERT_EQ(0, child_make(&self->child, 0, kind_dead_leader, NULL));
	while (letter_of(self->child.pid) != 'Z' && not_yet(deadline))
		;
	ASSERT_EQ(0, walk_process(self->fd, self->child.pid, PCBSCOPE_GROUP_STATE,
				  &self->one));
	record = walk_next(&self->one, NULL);
	EXPECT_EQ('Z', number(record, "kernel_state"));
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		EXPECT_FALSE(record_has(record, names[i])) {
			TH_LOG("%s", names[i]);
		}
	}
	walk_free(&self->one);
}

PCB_TEST_MAIN
