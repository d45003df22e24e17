// SPDX-License-Identifier: GPL-2.0
/* /proc/pcbscope/tree and whole walks: exact at rest; sound in a fork storm. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/prctl.h>

#include "lib/harness.h"
#include "lib/kinds.h"
#include "lib/storm.h"

#define NR_FROZEN 24
#define STORM_WORKERS 3

FIXTURE(tree) {
	struct child children[NR_FROZEN];
	int fd;
};

FIXTURE_SETUP(tree)
{
	memset(self, 0, sizeof(*self));
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
	ASSERT_TRUE(children_freeze(self->children, NR_FROZEN));
}

FIXTURE_TEARDOWN(tree)
{
	children_end(self->children, NR_FROZEN);
	close(self->fd);
}

static int compare_ids(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* NULL, or what is wrong: an id twice, a depth that jumps, a parent that is none. */
static const char *tree_fault(const struct table *tree)
{
	long long path[4096];
	unsigned int row;
	int *ids = calloc(tree->nr_rows + 1, sizeof(*ids));
	long long depth, last = -1;
	const char *fault = tree->fault;

	for (row = 0; row < tree->nr_rows && !fault; row++) {
		ids[row] = table_number(tree, row, "tid");
		depth = table_number(tree, row, "depth");
		if (depth < 0 || depth > last + 1 || depth >= 4096)
			fault = "a depth jumps";
		else if (depth && table_number(tree, row, "ppid") != path[depth - 1] &&
			 table_number(tree, row, "pid") != path[depth - 1])
			fault = "a task hangs below another than its parent";
		else
			path[depth] = ids[row];
		last = depth;
	}
	qsort(ids, row, sizeof(*ids), compare_ids);
	while (row-- > 1 && !fault)
		if (ids[row] == ids[row - 1])
			fault = "a task is shown twice";
	free(ids);
	return fault;
}

TEST_F(tree, parents_are_those_of_procfs)
{
	struct table *tree = table_read(PROC_DIR "/tree", NULL);
	unsigned int row, checked = 0;
	long long ppid, pid;

	ASSERT_NE(NULL, tree);
	EXPECT_SOUND(tree_fault(tree));
	for (row = 0; row < tree->nr_rows; row++) {
		pid = table_number(tree, row, "pid");
		ppid = status_number(pid, 0, "PPid");
		if (ppid < 0)
			continue;	/* ended meanwhile */
		EXPECT_EQ(ppid, table_number(tree, row, "ppid"));
		checked++;
		if (!ppid) {
			EXPECT_EQ(0, table_number(tree, row, "depth"));
		}
	}
	EXPECT_LT(NR_FROZEN + 10, checked);
	table_free(tree);
}

/* A chain of children; the innermost tells. */
static void chain(struct child *self, void *arg)
{
	long depth = (long)arg;

	while (depth-- > 0 && !fork())
		;
	if (depth < 0)
		child_ready(self);
	child_pause();
}

TEST_F(tree, depth_counts_the_ancestors)
{
	const long depth = 100;
	struct child child;
	struct table *tree;
	int row, first, i;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	ASSERT_EQ(0, child_make(&child, 0, chain, (void *)depth));
	tree = table_read(PROC_DIR "/tree", NULL);
	ASSERT_NE(NULL, tree);
	EXPECT_SOUND(tree_fault(tree));
	first = table_find(tree, "pid", child.pid);
	ASSERT_LE(0, first);
	for (i = 0; i <= depth; i++) {
		row = first + i;
		ASSERT_LT(row, (int)tree->nr_rows);
		EXPECT_EQ(table_number(tree, first, "depth") + i,
			  table_number(tree, row, "depth"));
		if (i) {
			EXPECT_EQ(table_number(tree, row - 1, "pid"),
				  table_number(tree, row, "ppid"));
		}
	}
	for (i = 0; i <= depth; i++) {
		kill(table_number(tree, first + i, "pid"), SIGKILL);
	}
	table_free(tree);
}

TEST_F(tree, threads_hang_below_their_process)
{
	struct thread_plan plan = { .count = 3, .cpu = -1 };
	struct child child;
	struct table *tree;
	int row, i;

	ASSERT_EQ(0, child_make(&child, 0, kind_threads, &plan));
	tree = table_read(PROC_DIR "/tree", "threads");
	ASSERT_NE(NULL, tree);
	EXPECT_SOUND(tree_fault(tree));
	row = table_find(tree, "tid", child.pid);
	ASSERT_LE(0, row);
	for (i = 1; i <= 3; i++) {
		EXPECT_EQ(child.pid, table_number(tree, row + i, "pid"));
		EXPECT_EQ(table_number(tree, row, "depth") + 1,
			  table_number(tree, row + i, "depth"));
	}
	table_free(tree);
	child_end(&child);
}

struct score {
	unsigned int walks;
	unsigned int faults;
	unsigned int lost;
	unsigned int twice;
	const char *first;
};

static void count_children(struct score *score, const struct child *children,
			   unsigned int (*count)(const void *, __u32), const void *list,
			   const char *fault)
{
	unsigned int i, seen;

	score->walks++;
	if (fault && !score->faults++)
		score->first = fault;
	for (i = 0; i < NR_FROZEN; i++) {
		seen = count(list, children[i].pid);
		score->lost += !seen;
		score->twice += seen > 1;
	}
}

static unsigned int count_in_walk(const void *list, __u32 tid)
{
	return walk_count(list, tid);
}

static unsigned int count_in_table(const void *list, __u32 tid)
{
	return table_count(list, "tid", tid);
}

#define EXPECT_SCORE(score)							\
	do {									\
		TH_LOG("%u walks, %u unsound, %u children lost, %u twice",	\
		       (score)->walks, (score)->faults, (score)->lost, (score)->twice); \
		EXPECT_EQ(0, (score)->faults) {					\
			TH_LOG("first: %s", (score)->first);			\
		}								\
		EXPECT_EQ(0, (score)->lost);					\
		EXPECT_EQ(0, (score)->twice);					\
	} while (0)

/* Walk on until enough walks were made and the storm forked enough meanwhile. */
static bool go_on(const struct score *score, const struct storm *storm)
{
	return score->walks < counted(2000, 400) || storm_forks(storm) < counted(1500, 300);
}

FIXTURE(in_storm) {
	struct child children[NR_FROZEN];
	int fd;
	struct storm storm;
};

FIXTURE_SETUP(in_storm)
{
	memset(self, 0, sizeof(*self));
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
	ASSERT_TRUE(children_freeze(self->children, NR_FROZEN));
	ASSERT_TRUE(storm_start(&self->storm, STORM_WORKERS));
}

FIXTURE_TEARDOWN(in_storm)
{
	storm_end(&self->storm);
	children_end(self->children, NR_FROZEN);
	close(self->fd);
}

FIXTURE_VARIANT(in_storm) {
	__u64 groups;
	__u64 flags;
	size_t step;
	const char *words;
};

FIXTURE_VARIANT_ADD(in_storm, processes) {
	.groups = PCBSCOPE_GROUP_STATE,
};

FIXTURE_VARIANT_ADD(in_storm, threads_in_pieces) {
	.groups = ALL_GROUPS, .flags = PCBSCOPE_QUERY_THREADS, .step = 6000, .words = "threads",
};

TEST_F_TIMEOUT(in_storm, a_walk_loses_and_doubles_nobody, 120)
{
	struct ask ask = { .groups = variant->groups, .flags = variant->flags,
			   .step = variant->step };
	struct score score = { 0 };
	struct walk all;

	while (go_on(&score, &self->storm)) {
		ASSERT_EQ(0, walk(self->fd, &ask, &all));
		count_children(&score, self->children, count_in_walk, &all,
			       walk_fault(&all, variant->groups, true));
		walk_free(&all);
	}
	EXPECT_SCORE(&score);
}

TEST_F_TIMEOUT(in_storm, a_tree_never_loops_loses_or_doubles, 120)
{
	struct score score = { 0 };
	struct table *tree;

	while (go_on(&score, &self->storm)) {
		tree = table_read(PROC_DIR "/tree", variant->words);
		ASSERT_NE(NULL, tree);
		count_children(&score, self->children, count_in_table, tree, tree_fault(tree));
		table_free(tree);
	}
	EXPECT_SCORE(&score);
}

TEST_F_TIMEOUT(in_storm, a_list_loses_and_doubles_nobody, 120)
{
	struct score score = { 0 };
	struct table *tasks;

	while (go_on(&score, &self->storm)) {
		tasks = table_read(PROC_DIR "/tasks", variant->words);
		ASSERT_NE(NULL, tasks);
		count_children(&score, self->children, count_in_table, tasks, tasks->fault);
		table_free(tasks);
	}
	EXPECT_SCORE(&score);
}

PCB_TEST_MAIN
