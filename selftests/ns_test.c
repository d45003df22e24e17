// SPDX-License-Identifier: GPL-2.0
/* Ids as seen from the opener's namespaces. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "lib/harness.h"

#define DEPTH 3

/*
 * A nest: the outer child makes one in a new pid namespace, and so on. Each
 * tells the pid of its child as itself sees it, then all stay.
 */
static void nest(struct child *self, void *arg)
{
	long depth = (long)arg;
	struct child inner;

	if (depth) {
		if (child_start(&inner, CLONE_NEWPID, nest, (void *)(depth - 1)))
			_exit(102);
		if (!child_wait_ready(&inner))
			_exit(103);
	}
	child_ready(self);
	child_pause();
}

FIXTURE(nest) {
	int fd;
	struct child outer;
	pid_t pids[DEPTH + 1];
	struct walk all;
};

/* The only child of a process, from outside. */
static pid_t only_child(pid_t pid)
{
	char path[64], text[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	return file_read(path, text, sizeof(text)) > 0 ? atoi(text) : 0;
}

FIXTURE_SETUP(nest)
{
	int i;

	self->fd = device_open();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, child_make(&self->outer, 0, nest, (void *)DEPTH));
	self->pids[0] = self->outer.pid;
	for (i = 0; i < DEPTH; i++) {
		self->pids[i + 1] = only_child(self->pids[i]);
		ASSERT_LT(0, self->pids[i + 1]);
	}
}

FIXTURE_TEARDOWN(nest)
{
	child_end(&self->outer);
	close(self->fd);
}

TEST_F(nest, from_outside_depth_and_inner_ids_are_told)
{
	const struct pcbscope_identity *id;
	const struct pcbscope_record *record;
	struct ask ask = { .groups = ALL_GROUPS };
	long long inner[8];
	int i;

	ASSERT_EQ(0, walk(self->fd, &ask, &self->all));
	for (i = 0; i <= DEPTH; i++) {
		record = walk_find(&self->all, self->pids[i]);
		ASSERT_NE(NULL, record);
		id = record_identity(record);
		EXPECT_EQ((__u32)i, id->ns_depth);
		ASSERT_TRUE(status_numbers(self->pids[i], 0, "NSpid", inner, i + 1));
		EXPECT_EQ(inner[i], id->ns_pid);
		ASSERT_TRUE(status_numbers(self->pids[i], 0, "NStgid", inner, i + 1));
		EXPECT_EQ(inner[i], id->ns_tid);
		EXPECT_EQ(i ? 1 : self->pids[0], (pid_t)id->ns_pid);
		if (i) {
			EXPECT_EQ((__u32)self->pids[i - 1], id->ppid);
		}
	}
	walk_free(&self->all);
}

/* A reader inside a pid namespace, with two more below; it reports counts of faults. */
struct inside {
	pid_t outside;
	unsigned int faults;
	char first[64];
};

static void complain(struct inside *inside, const char *fault)
{
	if (!inside->faults++)
		snprintf(inside->first, sizeof(inside->first), "%s", fault);
}

static void check_own_record(struct inside *inside, const struct walk *all)
{
	const struct pcbscope_record *record = walk_find(all, 1);
	const struct pcbscope_identity *id;

	if (!record) {
		complain(inside, "the first process is not listed");
		return;
	}
	id = record_identity(record);
	if (id->tid != 1 || id->pid != 1 || id->ppid)
		complain(inside, "own ids, or a parent outside that has one");
	if (id->ns_depth || id->ns_pid != 1 || id->pgid || id->sid)
		complain(inside, "own depth, or groups made outside that have an id");
	if (number(record, "parent_tid") > 0 || number(record, "reaper_pid") > 0)
		complain(inside, "a relative outside has an id");
}

static void check_others(struct inside *inside, int fd, const struct walk *all)
{
	const struct pcbscope_record *record;
	struct walk one;

	if (all->nr_records != 3)
		complain(inside, "other than three processes are listed");
	for_each_record(all, record) {
		const struct pcbscope_identity *id = record_identity(record);

		if (id->tid != 1 && id->ppid != id->tid - 1)
			complain(inside, "a parent inside has another id");
		if (id->ns_depth != (id->tid == 3 ? 1 : 0))
			complain(inside, "a depth is not counted from here");
	}
	if (walk_one(fd, inside->outside, ALL_GROUPS, &one) != -ESRCH)
		complain(inside, "a task outside can be asked for");
	fd = open(PROC_DIR "/pcb", O_RDWR | O_CLOEXEC);
	if (dprintf(fd, "%d", inside->outside) > 0 || errno != ESRCH)
		complain(inside, "a task outside can be written to pcb");
	close(fd);
}

static void reader(struct child *self, void *arg)
{
	struct ask ask = { .groups = ALL_GROUPS };
	struct inside *inside = arg;
	struct child below;
	struct walk all;
	int fd;

	if (child_make(&below, 0, nest, (void *)1))
		_exit(102);
	fd = device_open();
	if (fd < 0)
		_exit(103);
	if (walk(fd, &ask, &all))
		_exit(104);
	if (walk_fault(&all, ALL_GROUPS, true))
		complain(inside, walk_fault(&all, ALL_GROUPS, true));
	check_own_record(inside, &all);
	check_others(inside, fd, &all);
	child_ready(self);
	child_pause();
}

TEST_F(nest, from_inside_only_the_inside_is_seen)
{
	struct inside *inside = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct child child;

	ASSERT_NE(MAP_FAILED, inside);
	inside->outside = getpid();
	ASSERT_LT(3, inside->outside);
	ASSERT_EQ(0, child_make(&child, CLONE_NEWPID, reader, inside));
	EXPECT_EQ(0, inside->faults) {
		TH_LOG("%u faults, first: %s", inside->faults, inside->first);
	}
	child_end(&child);
}

static void text_reader(struct child *self, void *arg)
{
	struct inside *inside = arg;
	struct table *table;
	unsigned int row;

	table = table_read(PROC_DIR "/tasks", NULL);
	if (!table || table->fault)
		_exit(103);
	if (table->nr_rows != 1 || table_find(table, "pid", 1) != 0)
		complain(inside, "tasks lists others");
	table_free(table);
	table = table_read(PROC_DIR "/tree", NULL);
	if (!table || table->fault)
		_exit(104);
	if (table->nr_rows != 1)
		complain(inside, "tree shows others");
	for (row = 0; row < table->nr_rows; row++)
		if (table_number(table, row, "ppid") > 0)
			complain(inside, "tree shows a parent outside");
	table_free(table);
	child_ready(self);
	child_pause();
}

TEST_F(nest, text_files_show_the_opener_only_the_inside)
{
	struct inside *inside = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct child child;

	ASSERT_NE(MAP_FAILED, inside);
	ASSERT_EQ(0, child_make(&child, CLONE_NEWPID, text_reader, inside));
	EXPECT_EQ(0, inside->faults) {
		TH_LOG("%u faults, first: %s", inside->faults, inside->first);
	}
	child_end(&child);
}

static void in_user_ns(struct child *self, void *arg)
{
	long level = (long)arg;

	while (level--)		/* without a map, a further one is refused */
		if (unshare(CLONE_NEWUSER) || !file_write("/proc/self/uid_map", "0 0 1") ||
		    !file_write("/proc/self/setgroups", "deny") ||
		    !file_write("/proc/self/gid_map", "0 0 1"))
			_exit(102);
	child_idle(self, NULL);
}

TEST_F(nest, user_namespaces_are_named_by_inode_and_depth)
{
	const struct pcbscope_record *record;
	struct child child;
	long level;

	for (level = 0; level < 4; level++) {
		ASSERT_EQ(0, child_make(&child, 0, in_user_ns, (void *)level));
		ASSERT_EQ(0, walk_one(self->fd, child.pid, ALL_GROUPS, &self->all));
		record = walk_next(&self->all, NULL);
		EXPECT_EQ(level, number(record, "user_ns_depth"));
		EXPECT_EQ(ns_inode(child.pid, "user"), number(record, "user_ns"));
		walk_free(&self->all);
		child_end(&child);
	}
}

static void in_unmapped_ns(struct child *self, void *arg)
{
	if (arg && setresuid(1000, 1001, 1002))
		_exit(102);
	if (unshare(CLONE_NEWUSER))
		_exit(103);
	child_idle(self, NULL);
}

TEST_F(nest, ids_of_an_unmapped_user_namespace_are_those_procfs_shows)
{
	static const char * const names[] = { "ruid", "uid", "suid", "fsuid" };
	long long ids[4], level;
	const struct pcbscope_record *record;
	struct child child;
	int i;

	for (level = 0; level < 2; level++) {
		ASSERT_EQ(0, child_make(&child, 0, in_unmapped_ns, (void *)level));
		ASSERT_EQ(0, walk_one(self->fd, child.pid, ALL_GROUPS, &self->all));
		record = walk_next(&self->all, NULL);
		ASSERT_TRUE(status_numbers(child.pid, 0, "Uid", ids, 4));
		for (i = 0; i < 4; i++) {
			EXPECT_EQ(ids[i], number(record, names[i]));
		}
		walk_free(&self->all);
		child_end(&child);
	}
}

PCB_TEST_MAIN
