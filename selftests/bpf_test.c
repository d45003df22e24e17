// SPDX-License-Identifier: GPL-2.0
/* A second witness: the kernel's own iterator over tasks, read by BPF and pinned with bpftool. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sys/wait.h>

#include "bpf/tasks.h"
#include "lib/frozen.h"
#include "lib/harness.h"

#define PIN "/sys/fs/bpf/pcbscope_test"
#define ROUNDS_MAX 2000

/* Numbers lie one behind the other, in the order of this list. */
static const char * const names[] = {
#define NAME(name) #name,
	BPF_TASK_FIELDS(NAME)
};

#define NR_NAMES (sizeof(names) / sizeof(names[0]))

static long long value_of(const struct bpf_task *task, unsigned int index)
{
	return ((const long long *)task)[index];
}

struct report {
	struct bpf_task *tasks;	/* ascending */
	unsigned int nr;
};

FIXTURE(bpf) {
	int fd;
	struct frozen population[FROZEN_MAX];
	int nr;
};

/* The object was built beside this program. */
static bool pin(void)
{
	char object[PATH_MAX], self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int status;
	pid_t pid;

	if (length < 0)
		return false;
	self[length] = '\0';
	snprintf(object, sizeof(object), "%.4000s/bpf/tasks.bpf.o", dirname(self));
	unlink(PIN);
	pid = fork();
	if (!pid) {
		setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
		execlp("bpftool", "bpftool", "iter", "pin", object, PIN, NULL);
		_exit(127);
	}
	return waitpid(pid, &status, 0) == pid && !status;
}

FIXTURE_SETUP(bpf)
{
	memset(self, 0, sizeof(*self));
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
	ASSERT_TRUE(pin()) {
		TH_LOG("bpftool could not pin the iterator");
	}
	self->nr = population_freeze(self->population, FROZEN_MAX);
	ASSERT_LT(0, self->nr) {
		TH_LOG("cannot make: %s", self->population[0].kind);
	}
}

FIXTURE_TEARDOWN(bpf)
{
	population_end(self->population, self->nr > 0 ? self->nr : 0);
	unlink(PIN);
	close(self->fd);
}

static int by_tid(const void *a, const void *b)
{
	const struct bpf_task *one = a, *two = b;

	return one->tid < two->tid ? -1 : one->tid > two->tid;
}

static bool report_read(struct report *report)
{
	size_t bytes;
	char *text = text_read(PIN, 1 << 16, &bytes);

	report->tasks = (struct bpf_task *)text;
	report->nr = text ? bytes / sizeof(struct bpf_task) : 0;
	if (!text || bytes % sizeof(struct bpf_task))
		return false;
	qsort(report->tasks, report->nr, sizeof(*report->tasks), by_tid);
	return true;
}

static const struct bpf_task *report_find(const struct report *report, unsigned int tid)
{
	struct bpf_task key = { .tid = tid };

	return bsearch(&key, report->tasks, report->nr, sizeof(key), by_tid);
}

struct score {
	unsigned long compared;
	unsigned long wrong;
	unsigned long moved;
	unsigned long tasks;
	unsigned long sets;
	unsigned long set_faults;
	bool seen[NR_NAMES];
	char first[256];
};

/* Nobody traces it; it has no memory, of which to say more than that its size is 0. */
static bool is_absent(const struct pcbscope_record *record, const char *name,
		      const struct bpf_task *task)
{
	if (record_has(record, name))
		return false;
	if (!strcmp(name, "tracer_pid"))
		return task->tracer_pid < 0;
	return 1U << field_find(name)->group == PCBSCOPE_GROUP_MEMORY && !task->has_memory;
}

static void compare(const struct pcbscope_record *record, const struct bpf_task *before,
		    const struct bpf_task *after, struct score *score)
{
	const __u64 *cpus;
	long long ours, theirs;
	size_t bytes;
	unsigned int i;

	if (memcmp(before, after, sizeof(*before))) {
		score->moved++;
		return;
	}
	score->tasks++;
	for (i = 0; i < NR_NAMES; i++) {
		theirs = value_of(before, i);
		if (is_absent(record, names[i], before))
			continue;
		score->compared++;
		score->seen[i] = true;
		if (record_number(record, names[i], &ours) && ours == theirs)
			continue;
		if (!score->wrong++)
			snprintf(score->first, sizeof(score->first), "%s of %lld (%s) is %lld, BPF: %lld",
				 names[i], before->tid, before->comm, ours, theirs);
	}
	cpus = record_bytes(record, "cpus_allowed", &bytes);
	score->compared += 2;
	score->wrong += !cpus || *cpus != (__u64)before->cpus_allowed;
	score->wrong += strcmp(before->comm, record_identity(record)->comm) != 0;
}

/* Who was there before and after must be shown; who is shown must have been there at one time. */
static void compare_sets(const struct walk *all, const struct report *before,
			 const struct report *after, struct score *score)
{
	const struct pcbscope_record *record;
	const struct bpf_task *one, *two;
	unsigned int i;

	score->sets++;
	for (i = 0; i < before->nr; i++)
		if (report_find(after, before->tasks[i].tid))
			score->set_faults += walk_count(all, before->tasks[i].tid) != 1;
	for_each_record(all, record) {
		__u32 tid = record_identity(record)->tid;

		one = report_find(before, tid);
		two = report_find(after, tid);
		if (one && two)
			compare(record, one, two, score);
		else if (!one && !two && !record_identity(record)->kernel_thread)
			score->set_faults++;
	}
}

static bool look(int fd, struct score *score)
{
	struct ask ask = { .groups = ALL_GROUPS, .flags = PCBSCOPE_QUERY_THREADS };
	struct report before = { 0 }, after = { 0 };
	struct walk all = { 0 };
	bool done;

	done = report_read(&before) && !walk(fd, &ask, &all) && report_read(&after);
	if (done)
		compare_sets(&all, &before, &after, score);
	walk_free(&all);
	free(before.tasks);
	free(after.tasks);
	return done;
}

TEST_F_TIMEOUT(bpf, iterator_and_device_show_the_same_tasks_and_values, 600)
{
	unsigned long goal = counted(200000, 50000), rounds = 0;
	struct score score = { 0 };
	unsigned int i;

	while (score.compared < goal && !score.wrong && rounds++ < ROUNDS_MAX)
		ASSERT_TRUE(look(self->fd, &score));
	EXPECT_LE(goal, score.compared);
	EXPECT_EQ(0, score.wrong) {
		TH_LOG("first: %s", score.first);
	}
	EXPECT_EQ(0, score.set_faults);
	/* all that the population holds still, in every round */
	EXPECT_LE(rounds * (self->nr + 50), score.tasks);
	for (i = 0; i < NR_NAMES; i++) {
		EXPECT_TRUE(score.seen[i]) {
			TH_LOG("%s was never compared", names[i]);
		}
	}
	TH_LOG("%lu tasks had moved between the looks", score.moved);
	figure("BPF iterator: exact field comparisons", score.compared);
	figure("BPF iterator: wrong", score.wrong);
	figure("BPF iterator: fields", NR_NAMES + 2);
	figure("BPF iterator: sets of tasks compared", score.sets);
	figure("BPF iterator: tasks compared", score.tasks);
	figure("BPF iterator: sets that differ", score.set_faults);
}

PCB_TEST_MAIN
