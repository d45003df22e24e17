// SPDX-License-Identifier: GPL-2.0
/* Four readers in a storm of fork, exec and exit: each gets on, and each listing ends. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>

#include "lib/harness.h"
#include "lib/kernel_log.h"
#include "lib/storm.h"

#define MS 1000000ULL
#define STEP 4096
#define AREA (256UL << 10)
#define NR_READERS 4
#define GAP_MS 1000		/* a reader that has a CPU gets something at least so often */
#define LISTING_MS 20000	/* and a listing ends within */
#define SLACK 16		/* tasks that are counted only in a moment */

/* Shared with a reader. */
struct tally {
	unsigned long long last_ns;
	unsigned long long last_delay_ns;
	unsigned long long gap_ns;	/* less what it waited for a CPU */
	unsigned long long real_gap_ns;
	unsigned long long longest_ns;	/* listing */
	unsigned long listings;
	unsigned long pieces;
	unsigned long records;
	unsigned long excess;	/* listings of more than ever can have been there */
	unsigned long errors;
	int error;
};

struct job {
	const char *name;
	int (*list)(const struct job *job, unsigned long *records);
	__u64 groups;
	__u64 flags;
	const char *path;
	const char *words;
	struct tally *tally;
	int schedstat;
	int fd;
	const void *area;
};

FIXTURE(progress) {
	struct child readers[NR_READERS + 1];
	struct job jobs[NR_READERS + 1];
	struct tally *tallies;
	struct storm storm;
	int log;
};

FIXTURE_SETUP(progress)
{
	memset(self, 0, sizeof(*self));
	self->log = kernel_log_open();
	ASSERT_LE(0, self->log);
	self->tallies = mmap(NULL, (NR_READERS + 1) * sizeof(*self->tallies),
			     PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->tallies);
	ASSERT_TRUE(storm_start(&self->storm, 2 * (last_cpu() + 1)));
}

FIXTURE_TEARDOWN(progress)
{
	char first[256];

	children_end(self->readers, NR_READERS + 1);
	storm_end(&self->storm);
	EXPECT_EQ(0, kernel_log_stalls(self->log, first, sizeof(first))) {
		TH_LOG("%s", first);
	}
	close(self->log);
}

/* How long the reader has been ready without a CPU so far: the second number of its schedstat. */
static unsigned long long run_delay_ns(const struct job *job)
{
	char text[128] = "", *end;

	if (pread(job->schedstat, text, sizeof(text) - 1, 0) <= 0)
		_exit(103);
	strtoull(text, &end, 10);
	return strtoull(end, NULL, 10);
}

/* Others want the CPUs, too: how long it waits for one is not our doing. */
static void step(const struct job *job)
{
	unsigned long long delay = run_delay_ns(job), now = now_ns(), gap, waited;
	struct tally *t = job->tally;

	gap = t->last_ns ? now - t->last_ns : 0;
	waited = t->last_ns ? delay - t->last_delay_ns : 0;
	if (gap > t->real_gap_ns)
		t->real_gap_ns = gap;
	if (gap > waited && gap - waited > t->gap_ns)
		t->gap_ns = gap - waited;
	t->last_delay_ns = delay;
	t->last_ns = now;
	__atomic_add_fetch(&t->pieces, 1, __ATOMIC_RELEASE);
}

static int list_device(const struct job *job, unsigned long *records)
{
	static char buf[STEP] __attribute__((aligned(8)));
	struct pcbscope_query query = {
		.groups = job->groups,
		.flags = job->flags,
		.buf = job->area ? 0 : (uintptr_t)buf,
		.buf_bytes = job->area ? AREA : sizeof(buf),
	};
	int error;

	do {
		error = device_query(job->fd, &query);
		if (error)
			return error;
		*records += query.nr_records;
		step(job);
	} while (query.cursor);
	return 0;
}

static int list_text(const struct job *job, unsigned long *records)
{
	char buf[STEP];
	int fd = open(job->path, O_RDWR | O_CLOEXEC);
	ssize_t got, i;

	if (fd < 0 || write(fd, job->words, strlen(job->words)) < 0)
		return -errno;
	while ((got = read(fd, buf, sizeof(buf))) > 0) {
		step(job);
		for (i = 0; i < got; i++)
			*records += buf[i] == '\n';
	}
	--*records;		/* the heading */
	close(fd);
	return got < 0 ? -errno : 0;
}

/* Reads nothing: its gaps are those of the machine. */
static int list_nothing(const struct job *job, unsigned long *records)
{
	unsigned int i;

	for (i = 0; i < 100; i++) {
		getppid();
		step(job);
	}
	return 0;
}

static const struct job jobs[NR_READERS + 1] = {
	{
		.name = "device, all groups of all threads", .list = list_device,
		.groups = ALL_GROUPS, .flags = PCBSCOPE_QUERY_THREADS,
	},
	{
		.name = "device, mapped", .list = list_device, .groups = PCBSCOPE_GROUP_STATE,
		.flags = PCBSCOPE_QUERY_THREADS | PCBSCOPE_QUERY_MAPPED,
	},
	{ .name = "tasks", .list = list_text, .path = PROC_DIR "/tasks", .words = "threads" },
	{ .name = "tree", .list = list_text, .path = PROC_DIR "/tree", .words = "threads" },
	{ .name = "reads nothing", .list = list_nothing },
};

/* Tasks there are now, zombies too; those made since the machine started. */
static unsigned long tasks_now(void)
{
	char text[128], *slash;

	file_read("/proc/loadavg", text, sizeof(text));
	slash = strchr(text, '/');
	return slash ? strtoul(slash + 1, NULL, 10) : 0;
}

static unsigned long tasks_ever(void)
{
	static char text[65536];
	char *line;

	file_read("/proc/stat", text, sizeof(text));
	line = strstr(text, "\nprocesses ");
	return line ? strtoul(line + 11, NULL, 10) : 0;
}

static void list_once(const struct job *job)
{
	struct tally *t = job->tally;
	/* In this order: a task that is made in between may be counted twice, but not missed. */
	unsigned long records = 0, ever = tasks_ever(), most = tasks_now() + SLACK;
	unsigned long long began = now_ns(), took;
	int error = job->list(job, &records);

	if (error && !t->errors++)
		t->error = error;
	took = now_ns() - began;
	if (took > t->longest_ns)
		t->longest_ns = took;
	t->excess += records > most + tasks_ever() - ever;
	t->records += records;
	__atomic_add_fetch(&t->listings, 1, __ATOMIC_RELEASE);
}

static void reader(struct child *self, void *arg)
{
	struct job *job = arg;

	job->schedstat = open("/proc/self/schedstat", O_RDONLY | O_CLOEXEC);
	job->fd = device_open();
	if (job->flags & PCBSCOPE_QUERY_MAPPED) {
		job->area = mmap(NULL, AREA, PROT_READ, MAP_SHARED, job->fd, 0);
		if (job->area == MAP_FAILED)
			_exit(102);
	}
	child_ready(self);
	for (;;)
		list_once(job);
}

/* The gap that is open still counts: wait for its end. */
static bool steps_again(const struct tally *t)
{
	unsigned long pieces = __atomic_load_n(&t->pieces, __ATOMIC_ACQUIRE);
	struct deadline deadline = deadline_in(LISTING_MS);

	while (__atomic_load_n(&t->pieces, __ATOMIC_ACQUIRE) == pieces)
		if (!not_yet(deadline))
			return false;
	return true;
}

static void tell(const char *name, const char *what, unsigned long long value)
{
	char line[128];

	snprintf(line, sizeof(line), "storm: %s: %s", name, what);
	figure(line, value);
}

TEST_F_TIMEOUT(progress, readers_get_on_every_second_and_listings_end, 300)
{
	unsigned long long seconds = counted(120, 60), gap;
	unsigned long forks = storm_forks(&self->storm);
	struct deadline deadline;
	unsigned int i;

	for (i = 0; i <= NR_READERS; i++) {
		self->jobs[i] = jobs[i];
		self->jobs[i].tally = &self->tallies[i];
		ASSERT_EQ(0, child_make(&self->readers[i], 0, reader, &self->jobs[i]));
	}
	deadline = deadline_in(seconds * 1000);
	while (not_yet(deadline))
		;
	for (i = 0; i <= NR_READERS; i++) {
		EXPECT_TRUE(steps_again(&self->tallies[i])) {
			TH_LOG("%s: hangs", jobs[i].name);
		}
	}
	/* What is left of the gaps of one that reads nothing: the machine itself stood still. */
	gap = self->tallies[NR_READERS].gap_ns / MS;
	for (i = 0; i < NR_READERS; i++) {
		struct tally *t = &self->tallies[i];

		EXPECT_GE(GAP_MS + gap, t->gap_ns / MS) {
			TH_LOG("%s: nothing for %llu ms", jobs[i].name, t->gap_ns / MS);
		}
		EXPECT_EQ(0, t->errors) {
			TH_LOG("%s: %s", jobs[i].name, strerror(-t->error));
		}
		EXPECT_GE(LISTING_MS * MS, t->longest_ns);
		EXPECT_EQ(0, t->excess);
		EXPECT_LT(0, t->listings);
		tell(jobs[i].name, "longest time on a CPU without progress, ms", t->gap_ns / MS);
		tell(jobs[i].name, "longest time without progress, ms", t->real_gap_ns / MS);
		tell(jobs[i].name, "longest listing, ms", t->longest_ns / MS);
		tell(jobs[i].name, "listings", t->listings);
		tell(jobs[i].name, "pieces a second", t->pieces / seconds);
		tell(jobs[i].name, "records", t->records);
	}
	tell(jobs[i].name, "longest time on a CPU without progress, ms", gap);
	tell(jobs[i].name, "longest time without progress, ms",
	     self->tallies[NR_READERS].real_gap_ns / MS);
	figure("storm: seconds", seconds);
	figure("storm: forks", storm_forks(&self->storm) - forks);
	figure("storm: execs", self->storm.counts->execs);
	/* It was a storm, as far as the machine is able to. */
	EXPECT_LT(seconds * (on_debug_kernel() ? 1 : 5), storm_forks(&self->storm) - forks);
}

PCB_TEST_MAIN
