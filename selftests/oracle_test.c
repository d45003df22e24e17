// SPDX-License-Identifier: GPL-2.0
/*
 * The oracle: every field that /proc shows, of many kinds of tasks that stand still, again and
 * again, in every way there is to ask; and of tasks under load, between two looks at /proc.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/frozen.h"
#include "lib/harness.h"
#include "lib/kinds.h"
#include "lib/storm.h"
#include "lib/witness.h"

#define TARGETS_MAX 512
#define KINDS_MIN 50
#define SLOTS (2 * FROZEN_MAX)

FIXTURE(oracle) {
	int fd;
	struct frozen population[FROZEN_MAX];
	int nr;
	struct verdict *verdicts;	/* of processes, then of threads */
	struct target processes[FROZEN_MAX];
	struct target threads[TARGETS_MAX];
	unsigned int nr_threads;
};

FIXTURE_SETUP(oracle)
{
	unsigned int tids[64], nr;
	int i;

	memset(self, 0, sizeof(*self));
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
	self->verdicts = calloc(SLOTS, sizeof(*self->verdicts));
	self->nr = population_freeze(self->population, FROZEN_MAX);
	ASSERT_LT(0, self->nr) {
		TH_LOG("cannot make: %s", self->population[0].kind);
	}
	for (i = 0; i < self->nr; i++) {
		const struct frozen *one = &self->population[i];

		self->processes[i] = (struct target){
			.pid = one->pid, .who = one->kind, .verdict = &self->verdicts[i],
		};
		nr = thread_list(one->pid, tids, 64);
		ASSERT_LT(0, nr);
		while (nr-- && self->nr_threads < TARGETS_MAX)
			self->threads[self->nr_threads++] = (struct target){
				.pid = one->pid, .tid = tids[nr], .who = one->kind,
				.verdict = &self->verdicts[FROZEN_MAX + i],
			};
	}
}

FIXTURE_TEARDOWN(oracle)
{
	population_end(self->population, self->nr > 0 ? self->nr : 0);
	free(self->verdicts);
	close(self->fd);
}

static void sum_up(struct verdict *sum, const struct verdict *one)
{
	unsigned int i;

	if (one->wrong && !sum->wrong)
		memcpy(sum->first, one->first, sizeof(sum->first));
	sum->compared += one->compared;
	sum->exact += one->exact;
	sum->between += one->between;
	sum->moved += one->moved;
	sum->wrong += one->wrong;
	sum->busy += one->busy;
	for (i = 0; i < 16; i++)
		sum->by_group[i] += one->by_group[i];
}

static void tell_by_group(const struct verdict *sum, const char *what)
{
	unsigned int count, i;
	const struct group *group = groups(&count);
	char line[96];

	for (i = 0; i < count; i++) {
		snprintf(line, sizeof(line), "%s, group %s", what, group[i].name);
		figure(line, sum->by_group[i]);
	}
}

/* What was neither compared for a kind, nor is missing from /proc for lack of memory; or NULL. */
static const char *overlooked(const struct frozen *one, const struct verdict *process,
			      const struct verdict *threads, const struct field_set *known)
{
	static const char * const rare[] = {
		"tracer_pid", "wait_status", "cmdline", "cmdline_bytes",
	};
	unsigned int count, i, j;
	const struct field *field = fields(&count);
	bool seen, absent;

	for (i = 0; i < count; i++) {
		if (!field_set_has(known, field[i].name))
			continue;
		seen = field_set_has(&process->seen, field[i].name) ||
			field_set_has(&threads->seen, field[i].name);
		absent = field_set_has(&process->absent, field[i].name) ||
			field_set_has(&threads->absent, field[i].name);
		for (j = 0; j < 4 && strcmp(rare[j], field[i].name); j++)
			;
		if (!seen && !(absent && (one->lacks_memory || j < 4)))
			return field[i].name;
	}
	return NULL;
}

TEST_F_TIMEOUT(oracle, frozen_tasks_of_every_kind_agree_exactly, 600)
{
	unsigned int goal = counted(200000, 50000), rounds = 0, nr_known = 0, count, i;
	const struct field *field = fields(&count);
	struct verdict sum = { 0 };
	struct field_set known;
	int k;

	while (sum.exact < goal) {
		memset(&sum, 0, sizeof(sum));
		ASSERT_EQ(0, witness_walk(self->fd, self->processes, self->nr, 0));
		ASSERT_EQ(0, witness_walk(self->fd, self->threads, self->nr_threads,
					  PCBSCOPE_QUERY_THREADS));
		for (k = 0; k < self->nr; k++) {
			struct target *t = &self->processes[k];

			ASSERT_EQ(0, witness_task(self->fd, t->pid, 0, t->who, t->verdict));
			ASSERT_EQ(0, witness_task(self->fd, t->pid, t->pid, t->who,
						  t->verdict + FROZEN_MAX));
		}
		for (i = 0; i < SLOTS; i++)
			sum_up(&sum, &self->verdicts[i]);
		EXPECT_EQ(0, sum.wrong) {
			TH_LOG("%u wrong, first: %s", sum.wrong, sum.first);
			break;
		}
		ASSERT_GT(1000, ++rounds);
	}
	witness_fields(&known);
	for (i = 0; i < count; i++)
		nr_known += field_set_has(&known, field[i].name);
	EXPECT_LE(KINDS_MIN, self->nr);
	for (k = 0; k < self->nr; k++) {
		const char *name = overlooked(&self->population[k], &self->verdicts[k],
					      &self->verdicts[FROZEN_MAX + k], &known);

		EXPECT_EQ(NULL, name) {
			TH_LOG("%s of %s was never compared", name, self->population[k].kind);
		}
	}
	TH_LOG("%u rounds, %u moved, %u busy", rounds, sum.moved, sum.busy);
	EXPECT_EQ(0, sum.busy);
	figure("oracle: exact field comparisons", sum.exact);
	figure("oracle: wrong", sum.wrong);
	figure("oracle: kinds of frozen tasks", self->nr);
	figure("oracle: fields compared for every kind", nr_known);
	figure("oracle: field comparisons within a clock tick", sum.compared - sum.exact);
	tell_by_group(&sum, "oracle: comparisons");
}

/* Loads: each only adds to its counters, whatever it does. */
static void load_spin(struct child *self, void *arg)
{
	child_ready(self);
	child_spin();
}

static void load_calls(struct child *self, void *arg)
{
	child_ready(self);
	for (;;)
		syscall(SYS_getppid);
}

static void load_yield(struct child *self, void *arg)
{
	child_ready(self);
	for (;;)
		sched_yield();
}

/* Two processes that hand a byte to and fro. */
static void load_switch(struct child *self, void *arg)
{
	int there[2], back[2];
	pid_t pid;

	if (pipe(there) || pipe(back))
		_exit(102);
	pid = fork();
	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	else
		child_ready(self);
	for (;;) {
		if (pid && write(there[1], "x", 1) != 1)
			_exit(103);
		if (read(pid ? back[0] : there[0], &(char){ 0 }, 1) != 1)
			_exit(0);
		if (!pid && write(back[1], "x", 1) != 1)
			_exit(103);
	}
}

/* Grows, a page at a time and not too fast. */
static void load_allocate(struct child *self, void *arg)
{
	size_t bytes = 256UL << 20, at, i;
	char *area = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED || madvise(area, bytes, MADV_NOHUGEPAGE))
		_exit(103);
	child_ready(self);
	for (at = 0; at < bytes; at += 4096) {
		area[at] = 1;
		for (i = 0; i < 200; i++)
			syscall(SYS_getppid);
	}
	child_spin();
}

static void *thread_that_calls(void *arg)
{
	for (;;)
		syscall(SYS_getppid);
	return arg;
}

static void load_threads(struct child *self, void *arg)
{
	pthread_t thread;
	int i;

	for (i = 0; i < 4; i++)
		if (pthread_create(&thread, NULL, thread_that_calls, NULL))
			_exit(102);
	load_yield(self, NULL);
}

/* Children that come, use a CPU and are waited for. */
static void load_fork(struct child *self, void *arg)
{
	pid_t pid;
	int i;

	child_ready(self);
	for (;;) {
		pid = fork();
		if (!pid) {
			for (i = 0; i < 2000; i++)
				syscall(SYS_getppid);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
}

static const struct kind loads[] = {
	{ "spinner", load_spin, NULL, 0 },
	{ "caller", load_calls, NULL, 0 },
	{ "yielder", load_yield, NULL, 0 },
	{ "switcher", load_switch, NULL, 0 },
	{ "allocator", load_allocate, NULL, 0 },
	{ "forker", load_fork, NULL, 0 },
	{ "busy threads", load_threads, NULL, 0 },
};

#define NR_LOADS (sizeof(loads) / sizeof(loads[0]))

FIXTURE(moving) {
	int fd;
	struct child children[NR_LOADS];
	struct storm storm;
	struct verdict verdict;
};

FIXTURE_SETUP(moving)
{
	unsigned int i;

	memset(self, 0, sizeof(*self));
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
	for (i = 0; i < NR_LOADS; i++) {
		ASSERT_EQ(0, child_make(&self->children[i], 0, loads[i].fn, NULL)) {
			TH_LOG("%s", loads[i].name);
		}
	}
	ASSERT_TRUE(storm_start(&self->storm, 1));
}

FIXTURE_TEARDOWN(moving)
{
	storm_end(&self->storm);
	children_end(self->children, NR_LOADS);
	close(self->fd);
}

static const char * const must_move[] = {
	"voluntary_switches", "involuntary_switches", "runtime_ns", "nr_dispatches",
	"run_delay_ns", "utime_ns", "stime_ns", "minor_faults", "group_minor_faults",
	"rss_bytes", "rss_anon_bytes", "thread_utime_ns", "thread_stime_ns",
};

static bool all_moved(const struct verdict *v)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(must_move); i++)
		if (!field_set_has(&v->moving, must_move[i]))
			return false;
	return true;
}

/* On a slow machine few looks see a counter move: then there are more of them, for a while. */
static bool looks_are_missing(const struct verdict *v, unsigned int goal, struct deadline patience)
{
	if (v->wrong)
		return false;
	return v->compared < goal || (!all_moved(v) && not_yet(patience));
}

TEST_F_TIMEOUT(moving, loads_lie_between_two_looks, 600)
{
	unsigned int goal = counted(20000, 5000), tids[64], nr, i;
	struct deadline patience = deadline_in(400000);
	struct verdict *v = &self->verdict;

	while (looks_are_missing(v, goal, patience)) {
		for (i = 0; i < NR_LOADS; i++) {
			pid_t pid = self->children[i].pid;

			ASSERT_EQ(0, witness_task(self->fd, pid, 0, loads[i].name, v));
			nr = thread_list(pid, tids, 64);
			while (nr--)
				ASSERT_EQ(0, witness_task(self->fd, pid, tids[nr], loads[i].name,
							  v));
		}
	}
	EXPECT_EQ(0, v->wrong) {
		TH_LOG("first: %s", v->first);
	}
	for (i = 0; i < ARRAY_SIZE(must_move); i++) {
		EXPECT_TRUE(field_set_has(&v->moving, must_move[i])) {
			TH_LOG("%s never moved: no load on it", must_move[i]);
		}
	}
	TH_LOG("%u not comparable, %u busy", v->moved, v->busy);
	figure("oracle: bracketed comparisons under load", v->compared);
	figure("oracle: of those, of counters that moved between the looks", v->between);
	figure("oracle: bracketed, wrong", v->wrong);
	tell_by_group(v, "oracle: bracketed");
}

PCB_TEST_MAIN
