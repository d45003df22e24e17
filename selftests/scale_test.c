// SPDX-License-Identifier: GPL-2.0
/*
 * Many tasks: every way to list them shows the exact set, in time that is in proportion to
 * their number, without keeping a CPU from others.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <time.h>

#include "lib/crowd.h"
#include "lib/harness.h"
#include "lib/kernel_log.h"
#include "lib/lateness.h"
#include "lib/sight.h"

#define SIZES 3
#define RUNS 5
/*
 * Time per task may differ so much between the smallest and the largest crowd. That one is eight
 * times as large: eight it would be if time grew with the square. Busy hosts made it three.
 */
#define FACTOR 5
#define LATE_MS 1000

FIXTURE(scale) {
	int fd;
	int log;
	struct crowd crowd;
	struct limits limits;
	struct lateness lateness;
};

FIXTURE_SETUP(scale)
{
	memset(self, 0, sizeof(*self));
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
	self->log = kernel_log_open();
	ASSERT_LE(0, self->log);
	ASSERT_TRUE(limits_raise(&self->limits, 40000));
	ASSERT_TRUE(crowd_start(&self->crowd));
}

FIXTURE_TEARDOWN(scale)
{
	char first[256];
	unsigned int stalls;

	crowd_end(&self->crowd);
	limits_restore(&self->limits);
	stalls = kernel_log_stalls(self->log, first, sizeof(first));
	EXPECT_EQ(0, stalls) {
		TH_LOG("%s", first);
	}
	close(self->log);
	close(self->fd);
}

/* How often each member of the crowd was shown, and what else claims to be of the crowd. */
struct account {
	unsigned int shown;
	unsigned int lost;
	unsigned int twice;
	unsigned int strays;
	unsigned int disorder;
	unsigned int misplaced;	/* in another process than it is in */
};

static void account_for(const struct crowd *crowd, const struct way *way,
			const struct sight *sight, struct account *a)
{
	unsigned char *times = calloc(crowd->nr_tasks, 1);
	unsigned int i;
	long at;

	memset(a, 0, sizeof(*a));
	for (i = 0; i < sight->nr; i++) {
		a->disorder += !way->any_order && i && sight->tids[i - 1] >= sight->tids[i];
		at = crowd_find(crowd, sight->tids[i]);
		if (at < 0) {
			a->strays += crowd_find(crowd, sight->pids[i]) >= 0;
			continue;
		}
		a->shown++;
		a->twice += times[at]++ > 0;
		a->misplaced += crowd->pids[at] != sight->pids[i];
	}
	for (i = 0; i < crowd->nr_tasks; i++)
		if (way->threads || crowd->tids[i] == crowd->pids[i])
			a->lost += !times[i];
	free(times);
}

static int compare_ids(const void *a, const void *b)
{
	unsigned int one = *(const unsigned int *)a, two = *(const unsigned int *)b;

	return one < two ? -1 : one > two;
}

static bool shows(const struct sight *sight, unsigned int tid)
{
	return bsearch(&tid, sight->tids, sight->nr, sizeof(tid), compare_ids);
}

/* Tasks that procfs shows before and after, but @sight does not; all are sorted. */
static unsigned int missing(const struct sight *before, const struct sight *after,
			    const struct sight *sight)
{
	unsigned int count = 0, i;

	for (i = 0; i < before->nr; i++)
		count += shows(after, before->tids[i]) && !shows(sight, before->tids[i]);
	return count;
}

/* Tasks in @sight that procfs shows neither before nor after. */
static unsigned int invented(const struct sight *before, const struct sight *after,
			     const struct sight *sight)
{
	unsigned int count = 0, i;

	for (i = 0; i < sight->nr; i++)
		count += !shows(before, sight->tids[i]) && !shows(after, sight->tids[i]);
	return count;
}

static void sort(struct sight *sight)
{
	qsort(sight->tids, sight->nr, sizeof(*sight->tids), compare_ids);
}

static void expect_exact(struct __test_metadata *_metadata, struct _test_data_scale *self,
			 const struct way *way)
{
	struct sight before, after, sight;
	struct account a;

	ASSERT_EQ(0, sight_take(way_by_procfs(way->threads), self->fd, NULL, 0, &before));
	ASSERT_EQ(0, sight_take(way, self->fd, self->crowd.tids, self->crowd.nr_tasks, &sight)) {
		TH_LOG("%s", way->name);
	}
	ASSERT_EQ(0, sight_take(way_by_procfs(way->threads), self->fd, NULL, 0, &after));
	account_for(&self->crowd, way, &sight, &a);
	EXPECT_EQ(0, a.lost + a.twice + a.strays + a.disorder + a.misplaced) {
		TH_LOG("%s: %u lost, %u twice, %u strays, %u out of order, %u misplaced",
		       way->name, a.lost, a.twice, a.strays, a.disorder, a.misplaced);
	}
	EXPECT_EQ(way->threads ? self->crowd.nr_tasks : self->crowd.nr_processes, a.shown);
	sort(&before);
	sort(&after);
	sort(&sight);
	if (way->medium != LISTED) {
		EXPECT_EQ(0, missing(&before, &after, &sight));
	}
	/* a kernel thread may have come and gone */
	EXPECT_GE(3, invented(&before, &after, &sight));
	sight_free(&before);
	sight_free(&after);
	sight_free(&sight);
}

/* Not of the CPU: that clock stands still at times where the TSC is taken for unstable. */
static unsigned long long clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/*
 * The least of several runs: what disturbs only adds. Of all tasks, since those not listed cost
 * something, too: they are passed over, or summed up in the process that is listed.
 */
static unsigned long long ns_per_task(int fd, const struct way *way, unsigned int tasks)
{
	unsigned long long began, best = ~0ULL, took;
	unsigned int run, listed;

	for (run = 0; run < RUNS; run++) {
		began = clock_ns();
		if (sight_measure(way, fd, &listed) || !listed)
			return 0;
		took = (clock_ns() - began) / tasks;
		if (took < best)
			best = took;
	}
	return best;
}

struct plan {
	const char *name;
	unsigned int processes[SIZES];	/* in all, at each size */
	unsigned int threads;		/* of each process */
};

static void tell_wait(const struct plan *plan, const char *what, unsigned long long ns)
{
	char line[128];

	snprintf(line, sizeof(line), "scale: %s, %s: longest wait for its CPU, us", plan->name,
		 what);
	figure(line, ns / 1000);
}

static void measure(struct __test_metadata *_metadata, struct _test_data_scale *self,
		    const struct plan *plan, unsigned int size,
		    unsigned long long (*ns)[SIZES])
{
	unsigned int count, i, all, tries;
	const struct way *way = ways(&count);
	unsigned long long late, again;

	ASSERT_EQ(0, sight_measure(&way[0], self->fd, &all));
	for (i = 0; i < count; i++) {
		if (way[i].medium == LISTED)
			continue;
		lateness_take(&self->lateness);
		ns[i][size] = ns_per_task(self->fd, &way[i], all);
		EXPECT_LT(0, ns[i][size]);
		/* a busy host is slow for a while: what is in proportion is so at another time */
		for (tries = 5; tries && ns[i][size] > ns[i][0] * FACTOR; tries--) {
			again = ns_per_task(self->fd, &way[i], all);
			ns[i][size] = again < ns[i][size] ? again : ns[i][size];
		}
		late = lateness_take(&self->lateness);
		EXPECT_GT(LATE_MS * 1000000ULL, late) {
			TH_LOG("%s kept a CPU for %llu ms", way[i].name, late / 1000000);
		}
		if (size == SIZES - 1)
			tell_wait(plan, way[i].name, late);
	}
}

static void expect_linear(struct __test_metadata *_metadata, const struct plan *plan,
			  unsigned long long (*ns)[SIZES])
{
	unsigned int count, i, size;
	const struct way *way = ways(&count);
	char line[128];

	for (i = 0; i < count; i++) {
		if (way[i].medium == LISTED)
			continue;
		for (size = 0; size < SIZES; size++) {
			snprintf(line, sizeof(line), "scale: %s, %s: ns per task of %u", plan->name,
				 way[i].name, plan->processes[size] * plan->threads);
			figure(line, ns[i][size]);
		}
		EXPECT_GE(ns[i][0] * FACTOR, ns[i][SIZES - 1]) {
			TH_LOG("%s: %llu ns per task of few, %llu of many", way[i].name, ns[i][0],
			       ns[i][SIZES - 1]);
		}
	}
}

static void climb(struct __test_metadata *_metadata, struct _test_data_scale *self,
		  const struct plan *plan)
{
	unsigned long long ns[32][SIZES] = { 0 }, idle, began = now_ns();
	unsigned int count, size, i;
	const struct way *way = ways(&count);
	char line[128];

	ASSERT_TRUE(lateness_start(&self->lateness, last_cpu()));
	ASSERT_EQ(0, pin_to_cpu(0, last_cpu()));
	for (size = 0; size < SIZES; size++) {
		ASSERT_TRUE(crowd_grow(&self->crowd, plan->processes[size] -
				       self->crowd.nr_processes, plan->threads));
		TH_LOG("%llu ms: %u tasks are there", (now_ns() - began) / 1000000,
		       self->crowd.nr_tasks);
		measure(_metadata, self, plan, size, ns);
		TH_LOG("%llu ms: measured", (now_ns() - began) / 1000000);
	}
	lateness_take(&self->lateness);
	for (i = 0; i < count; i++)
		expect_exact(_metadata, self, &way[i]);
	TH_LOG("%llu ms: compared", (now_ns() - began) / 1000000);
	idle = lateness_take(&self->lateness);
	EXPECT_TRUE(lateness_end(&self->lateness));
	expect_linear(_metadata, plan, ns);
	snprintf(line, sizeof(line), "scale: %s: tasks, the exact set in %u ways", plan->name,
		 count);
	figure(line, self->crowd.nr_tasks);
	snprintf(line, sizeof(line), "scale: %s: longest wait, procfs read too, us", plan->name);
	figure(line, idle / 1000);
}

/* An eighth and a half of the whole before it. */
static struct plan plan_of(const char *name, unsigned int processes, unsigned int threads)
{
	return (struct plan){
		name, { processes / 8, processes / 2, processes }, threads,
	};
}

TEST_F_TIMEOUT(scale, processes_of_100_threads, 600)
{
	struct plan plan = plan_of("processes of 100 threads", counted(300, 60), 100);

	climb(_metadata, self, &plan);
}

TEST_F_TIMEOUT(scale, many_processes, 600)
{
	struct plan plan = plan_of("processes", counted(10000, 2000), 1);

	climb(_metadata, self, &plan);
}

TEST_F_TIMEOUT(scale, many_threads, 600)
{
	unsigned int all = counted(30000, 6000);
	struct plan plan = plan_of("processes of many threads", 16, all / 16);

	climb(_metadata, self, &plan);
}

PCB_TEST_MAIN
