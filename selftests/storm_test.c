// SPDX-License-Identifier: GPL-2.0
/* Several readers at once in a storm, with few pids, so that they are used again. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "lib/harness.h"
#include "lib/storm.h"

#define NR_FROZEN 10
#define NR_READERS 4
#define NS 1000000000ULL

struct tally {
	unsigned long listings;
	unsigned long errors;
	unsigned long lost;
	unsigned long twice;
	unsigned long unsound;
	unsigned long long longest_ns;
	char first[96];
};

FIXTURE(storm) {
	struct child children[NR_FROZEN];
	struct child readers[NR_READERS];
	struct storm storm;
	struct tally *tallies;
	char pid_max[32];
};

/* Few pids: those above the newest process are soon used up. */
static void narrow_pids(char *before, size_t bytes)
{
	char text[32];

	before[0] = '\0';
	if (file_read("/proc/sys/kernel/pid_max", before, bytes) <= 0)
		return;
	/* the kernel begins again at 300 */
	snprintf(text, sizeof(text), "%d", (getpid() > 300 ? getpid() : 300) + 200);
	if (!file_write("/proc/sys/kernel/pid_max", text))
		before[0] = '\0';
}

FIXTURE_SETUP(storm)
{
	memset(self, 0, sizeof(*self));
	self->tallies = mmap(NULL, 65536, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->tallies);
	ASSERT_TRUE(children_freeze(self->children, NR_FROZEN));
	narrow_pids(self->pid_max, sizeof(self->pid_max));
	ASSERT_TRUE(storm_start(&self->storm, 3));
}

FIXTURE_TEARDOWN(storm)
{
	if (self->pid_max[0])
		file_write("/proc/sys/kernel/pid_max", self->pid_max);
	storm_end(&self->storm);
	children_end(self->readers, NR_READERS);
	children_end(self->children, NR_FROZEN);
}

/* What one reader does, once: 0, or -errno; the times that each child was seen. */
struct job {
	const char *name;
	int (*list)(const struct job *job, struct tally *tally);
	__u64 groups;
	__u64 flags;
	size_t step;
	const char *path;
	const char *words;
	const struct child *children;
	struct tally *tally;
	int fd;
};

static void count(struct tally *tally, unsigned int seen)
{
	tally->lost += !seen;
	tally->twice += seen > 1;
}

static int list_device(const struct job *job, struct tally *tally)
{
	struct ask ask = { .groups = job->groups, .flags = job->flags, .step = job->step };
	struct walk all;
	const char *fault;
	int error = walk(job->fd, &ask, &all), i;

	if (error)
		return error;
	fault = walk_fault(&all, job->groups, true);
	if (fault && !tally->unsound++)
		snprintf(tally->first, sizeof(tally->first), "%s", fault);
	for (i = 0; i < NR_FROZEN; i++)
		count(tally, walk_count(&all, job->children[i].pid));
	walk_free(&all);
	return 0;
}

static int list_text(const struct job *job, struct tally *tally)
{
	struct table *table = table_read(job->path, job->words);
	int i;

	if (!table)
		return -errno;
	if (table->fault && !tally->unsound++)
		snprintf(tally->first, sizeof(tally->first), "%s", table->fault);
	for (i = 0; i < NR_FROZEN; i++)
		count(tally, table_count(table, "tid", job->children[i].pid));
	table_free(table);
	return 0;
}

/* Whatever lives at these pids, asked for blindly, in pid files and in lists. */
static int probe_blindly(const struct job *job, struct tally *tally)
{
	static __u32 pids[256];
	static unsigned int round;
	struct ask ask = { .groups = ALL_GROUPS, .pids = pids, .nr_pids = 256, .step = 5000 };
	struct walk all;
	char text[16384];
	unsigned int i;
	int fd, error;

	for (i = 0; i < 256; i++)
		pids[i] = getpid() - 200 + (round + i) % 700;
	error = walk(job->fd, &ask, &all);
	if (error)
		return error;
	walk_free(&all);
	fd = open(PROC_DIR "/pcb", O_RDWR | O_CLOEXEC);
	for (i = 0; i < 16; i++) {
		dprintf(fd, "%u\n", pids[(round++ * 13) % 256]);
		if (pread(fd, text, sizeof(text), 0) < 0 && errno != ESRCH && errno != EINVAL)
			error = -errno;
	}
	for (i = 0; i < NR_FROZEN; i++) {
		dprintf(fd, "%d", job->children[i].pid);
		count(tally, pread(fd, text, sizeof(text), 0) > 100);
	}
	close(fd);
	return error;
}

static void reader(struct child *self, void *arg)
{
	struct job *job = arg;
	struct tally *tally = job->tally;
	unsigned long long began, took;
	int error;

	job->fd = device_open();
	child_ready(self);
	for (;;) {
		began = now_ns();
		error = job->list(job, tally);
		took = now_ns() - began;
		if (error && !tally->errors++)
			snprintf(tally->first, sizeof(tally->first), "%s", strerror(-error));
		if (took > tally->longest_ns)
			tally->longest_ns = took;
		__atomic_add_fetch(&tally->listings, 1, __ATOMIC_RELEASE);
	}
}

static const struct job jobs[NR_READERS] = {
	{
		.name = "all groups of all threads", .list = list_device,
		.groups = ALL_GROUPS, .flags = PCBSCOPE_QUERY_THREADS, .step = 20000,
	},
	{
		.name = "the tree", .list = list_text,
		.path = PROC_DIR "/tree", .words = "threads",
	},
	{ .name = "the list", .list = list_text, .path = PROC_DIR "/tasks" },
	{ .name = "single pids", .list = probe_blindly },
};

TEST_F_TIMEOUT(storm, readers_progress_and_lose_nobody, 250)
{
	const unsigned int slow = on_debug_kernel() ? 5 : 1;
	unsigned long long began = now_ns(), seconds = scaled(8), took;
	struct job mine[NR_READERS];
	struct deadline deadline;
	unsigned int i;

	for (i = 0; i < NR_READERS; i++) {
		mine[i] = jobs[i];
		mine[i].children = self->children;
		mine[i].tally = &self->tallies[i];
		ASSERT_EQ(0, child_make(&self->readers[i], 0, reader, &mine[i]));
	}
	deadline = deadline_in(seconds * 1000);
	while (not_yet(deadline))
		;
	took = (now_ns() - began) / NS;
	TH_LOG("%llu s: %lu forks, %lu execs, %lu orphans, %lu threads%s", took,
	       self->storm.counts->forks, self->storm.counts->execs,
	       self->storm.counts->orphans, self->storm.counts->threads,
	       self->pid_max[0] ? ", pids used again" : "");
	for (i = 0; i < NR_READERS; i++) {
		struct tally *t = &self->tallies[i];

		TH_LOG("%s: %lu listings, longest %llu ms", jobs[i].name, t->listings,
		       t->longest_ns / 1000000);
		EXPECT_LE(seconds, t->listings * slow);
		EXPECT_EQ(0, t->errors + t->unsound) {
			TH_LOG("%s", t->first);
		}
		EXPECT_EQ(0, t->lost);
		EXPECT_EQ(0, t->twice);
	}
	EXPECT_LT(100, self->storm.counts->forks * slow);
}

PCB_TEST_MAIN
