// SPDX-License-Identifier: GPL-2.0
/* Who made whom, who traces whom, who adopts whose children. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/harness.h"
#include "lib/kinds.h"

FIXTURE(relations) {
	int fd;
	struct child child;
	struct walk one;
};

FIXTURE_SETUP(relations)
{
	memset(self, 0, sizeof(*self));
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(relations)
{
	child_end(&self->child);
	close(self->fd);
}

/* One field of one task; -1 where it does not apply, -2 where there is no task. */
static long long ask_about(int fd, pid_t tid, const char *name)
{
	struct walk one;
	long long value;

	if (walk_one(fd, tid, ALL_GROUPS, &one))
		return -2;
	value = number(walk_next(&one, NULL), name);
	walk_free(&one);
	return value;
}

/* A parent with one child, whose id it tells; both stay until killed. */
static void parent_of_one(struct child *self, void *arg)
{
	pid_t pid = fork();

	if (!pid)
		child_pause();
	child_tell(self, pid);
	child_pause();
}

static void subreaper_of_two(struct child *self, void *arg)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (!fork())
		parent_of_one(self, arg);
	child_pause();
}

static bool wait_for(int fd, pid_t tid, const char *name, long long value)
{
	struct deadline deadline = deadline_in(DEADLINE_MS);

	do {
		if (ask_about(fd, tid, name) == value)
			return true;
	} while (not_yet(deadline));
	return false;
}

TEST_F(relations, an_orphan_goes_to_the_reaper_foretold_the_first_process)
{
	__u64 orphan;
	long long reaper;

	ASSERT_EQ(0, child_start(&self->child, 0, parent_of_one, NULL));
	ASSERT_TRUE(child_hear(&self->child, &orphan));
	EXPECT_EQ(self->child.pid, ask_about(self->fd, orphan, "ppid"));
	reaper = ask_about(self->fd, self->child.pid, "reaper_pid");
	EXPECT_EQ(1, reaper);
	EXPECT_EQ(0, ask_about(self->fd, self->child.pid, "under_child_subreaper"));
	kill(self->child.pid, SIGKILL);
	EXPECT_TRUE(wait_for(self->fd, orphan, "ppid", reaper));
	EXPECT_EQ(reaper, ask_about(self->fd, orphan, "parent_tid"));
	EXPECT_EQ(reaper, status_number(orphan, 0, "PPid"));
	kill(orphan, SIGKILL);
}

TEST_F(relations, an_orphan_goes_to_the_reaper_foretold_a_subreaper)
{
	__u64 orphan;

	EXPECT_EQ(0, ask_about(self->fd, getpid(), "is_child_subreaper"));
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	EXPECT_EQ(1, ask_about(self->fd, getpid(), "is_child_subreaper"));
	ASSERT_EQ(0, child_start(&self->child, 0, parent_of_one, NULL));
	ASSERT_TRUE(child_hear(&self->child, &orphan));
	EXPECT_EQ(getpid(), ask_about(self->fd, self->child.pid, "reaper_pid"));
	EXPECT_EQ(1, ask_about(self->fd, self->child.pid, "under_child_subreaper"));
	EXPECT_EQ(0, ask_about(self->fd, self->child.pid, "is_child_subreaper"));
	kill(self->child.pid, SIGKILL);
	EXPECT_TRUE(wait_for(self->fd, orphan, "ppid", getpid()));
	kill(orphan, SIGKILL);
	EXPECT_EQ((pid_t)orphan, waitpid(orphan, NULL, 0));
}

TEST_F(relations, the_nearest_subreaper_adopts)
{
	__u64 orphan;
	pid_t parent;

	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	ASSERT_EQ(0, child_start(&self->child, 0, subreaper_of_two, NULL));
	ASSERT_TRUE(child_hear(&self->child, &orphan));
	parent = ask_about(self->fd, orphan, "ppid");
	EXPECT_NE(self->child.pid, parent);
	EXPECT_EQ(self->child.pid, ask_about(self->fd, parent, "reaper_pid"));
	EXPECT_EQ(getpid(), ask_about(self->fd, self->child.pid, "reaper_pid"));
	kill(parent, SIGKILL);
	EXPECT_TRUE(wait_for(self->fd, orphan, "ppid", self->child.pid));
	child_end(&self->child);
	EXPECT_TRUE(wait_for(self->fd, orphan, "ppid", getpid()));
	kill(orphan, SIGKILL);
}

TEST_F(relations, the_first_process_of_a_pid_namespace_adopts_there)
{
	__u64 inner;

	ASSERT_EQ(0, child_start(&self->child, CLONE_NEWPID, parent_of_one, NULL));
	ASSERT_TRUE(child_hear(&self->child, &inner));
	struct ask ask = { .groups = ALL_GROUPS };
	const struct pcbscope_record *record;

	ASSERT_EQ(0, walk(self->fd, &ask, &self->one));
	for_each_record(&self->one, record) {
		if (record_identity(record)->ppid != (__u32)self->child.pid)
			continue;
		EXPECT_EQ(self->child.pid, number(record, "reaper_pid"));
		EXPECT_EQ(inner, record_identity(record)->ns_pid);
	}
	walk_free(&self->one);
}

/* A second thread makes a child, tells its own id and the child's, and ends. */
static void *thread_forks(void *arg)
{
	struct child *self = arg;
	pid_t pid;

	child_tell(self, syscall(SYS_gettid));
	pid = fork();
	if (!pid)
		child_pause();
	child_tell(self, pid);
	child_await(self);
	return NULL;
}

static void parent_thread(struct child *self, void *arg)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, thread_forks, self))
		_exit(102);
	child_pause();
}

TEST_F(relations, the_parent_thread_is_named_and_its_sibling_after_it)
{
	__u64 tid, grandchild;

	ASSERT_EQ(0, child_start(&self->child, 0, parent_thread, NULL));
	ASSERT_TRUE(child_hear(&self->child, &tid));
	ASSERT_TRUE(child_hear(&self->child, &grandchild));
	EXPECT_NE((pid_t)tid, self->child.pid);
	EXPECT_EQ((long long)tid, ask_about(self->fd, grandchild, "parent_tid"));
	EXPECT_EQ(self->child.pid, ask_about(self->fd, grandchild, "ppid"));
	ASSERT_TRUE(child_go(&self->child));
	EXPECT_TRUE(wait_for(self->fd, grandchild, "parent_tid", self->child.pid));
	EXPECT_EQ(self->child.pid, ask_about(self->fd, grandchild, "ppid"));
	kill(grandchild, SIGKILL);
}

TEST_F(relations, a_sibling_made_with_clone_parent_has_our_parent)
{
	struct child sibling;

	ASSERT_EQ(0, child_start(&sibling, CLONE_PARENT, child_idle, NULL));
	ASSERT_TRUE(child_wait_ready(&sibling));
	EXPECT_EQ(getppid(), ask_about(self->fd, sibling.pid, "ppid"));
	EXPECT_EQ(getppid(), ask_about(self->fd, sibling.pid, "parent_tid"));
	kill(sibling.pid, SIGKILL);
}

TEST_F(relations, the_tracer_is_named_while_it_traces)
{
	ASSERT_EQ(0, child_make(&self->child, 0, child_idle, NULL));
	EXPECT_EQ(0, ask_about(self->fd, self->child.pid, "traced"));
	EXPECT_EQ(-1, ask_about(self->fd, self->child.pid, "tracer_pid"));
	ASSERT_EQ(0, ptrace(PTRACE_SEIZE, self->child.pid, 0, 0));
	EXPECT_EQ(1, ask_about(self->fd, self->child.pid, "traced"));
	EXPECT_EQ(getpid(), ask_about(self->fd, self->child.pid, "tracer_pid"));
	EXPECT_EQ(getpid(), status_number(self->child.pid, 0, "TracerPid"));
	ASSERT_EQ(0, ptrace(PTRACE_INTERRUPT, self->child.pid, 0, 0));
	ASSERT_TRUE(wait_letter(self->child.pid, "t"));
	ASSERT_EQ(0, ptrace(PTRACE_DETACH, self->child.pid, 0, 0));
	EXPECT_EQ(0, ask_about(self->fd, self->child.pid, "traced"));
}

TEST_F(relations, the_tracer_is_not_the_parent)
{
	struct child tracer;
	__u64 orphan;
	pid_t pid;

	ASSERT_EQ(0, child_start(&self->child, 0, parent_of_one, NULL));
	ASSERT_TRUE(child_hear(&self->child, &orphan));
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		ptrace(PTRACE_SEIZE, (pid_t)orphan, 0, 0);
		child_pause();
	}
	tracer.pid = pid;
	EXPECT_TRUE(wait_for(self->fd, orphan, "tracer_pid", pid));
	EXPECT_EQ(self->child.pid, ask_about(self->fd, orphan, "ppid"));
	EXPECT_EQ(self->child.pid, ask_about(self->fd, orphan, "parent_tid"));
	kill(tracer.pid, SIGKILL);
	waitpid(tracer.pid, NULL, 0);
	EXPECT_TRUE(wait_for(self->fd, orphan, "traced", 0));
	kill(orphan, SIGKILL);
}

TEST_F(relations, kernel_threads_have_kthreadd_or_none_as_parent)
{
	struct ask ask = { .groups = ALL_GROUPS };
	const struct pcbscope_record *record;
	unsigned int count = 0;

	ASSERT_EQ(0, walk(self->fd, &ask, &self->one));
	for_each_record(&self->one, record) {
		if (!record_identity(record)->kernel_thread)
			continue;
		EXPECT_EQ(record_identity(record)->tid == 2 ? 0 : 2,
			  record_identity(record)->ppid);
		count++;
	}
	EXPECT_LT(10, count);
	walk_free(&self->one);
}

PCB_TEST_MAIN
