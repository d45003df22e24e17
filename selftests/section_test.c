// SPDX-License-Identifier: GPL-2.0
/*
 * An RCU section looks at 64 tasks, or 64 ids, and no more. The kernel records
 * which of the module's instructions this thread comes by (KCOV), in order;
 * between two beginnings of a section, none may come by more often than that.
 * Where a section has no beginning that can be told, as in loops over the threads
 * or the ancestors of one task, the loop must be left as often.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/kcov.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "lib/harness.h"
#include "lib/kinds.h"

#define KCOV "/sys/kernel/debug/kcov"
#define SECTION_TASKS 64
/* The head of a loop comes by once more; a task that is read again while it moves, twice. */
#define SECTION_MAX (SECTION_TASKS + 8)
#define CROWDS 3
#define THREADS 100		/* of each crowd */
#define MANY (CROWDS * THREADS)
#define GENERATIONS 150
#define ENTRIES (1UL << 22)
#define PLACES 8192		/* distinct instructions of the module */

/* How often the thread came by each instruction in the section at hand. */
struct place {
	unsigned long pc;
	unsigned int total;
	unsigned int section;
	unsigned int count;
};

struct trace {
	int fd;
	unsigned long *words;		/* the count, then that many addresses */
	unsigned long enter, enter_end;	/* pcb_walk_enter() */
	unsigned long start, end;	/* the module */
	unsigned int sections;
	unsigned int longest;
	unsigned int busiest;		/* passes by the place that most came by */
	struct place places[PLACES];
};

FIXTURE(section) {
	int fd;
	struct trace *trace;
	struct child crowds[CROWDS];
};

/* pcb_walk_enter(), the symbol behind it, and the first and last of the module. */
static bool find_symbols(struct trace *trace)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	char line[512], name[128];
	unsigned long at;

	if (!file)
		return false;
	trace->start = ~0UL;
	trace->enter_end = ~0UL;
	while (fgets(line, sizeof(line), file)) {
		if (!strstr(line, "[pcbscope]") ||
		    sscanf(line, "%lx %*c %127s", &at, name) != 2 || !at)
			continue;
		trace->start = at < trace->start ? at : trace->start;
		trace->end = at > trace->end ? at : trace->end;
		if (!strcmp(name, "pcb_walk_enter"))
			trace->enter = at;
	}
	rewind(file);
	while (trace->enter && fgets(line, sizeof(line), file))
		if (strstr(line, "[pcbscope]") && sscanf(line, "%lx", &at) == 1 &&
		    at > trace->enter && at < trace->enter_end)
			trace->enter_end = at;
	fclose(file);
	return trace->enter;
}

FIXTURE_SETUP(section)
{
	if (access(KCOV, F_OK))
		return;
	self->trace = calloc(1, sizeof(*self->trace));
	ASSERT_NE(NULL, self->trace);
	ASSERT_TRUE(find_symbols(self->trace));
	self->trace->fd = open(KCOV, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->trace->fd);
	ASSERT_EQ(0, ioctl(self->trace->fd, KCOV_INIT_TRACE, ENTRIES));
	self->trace->words = mmap(NULL, ENTRIES * sizeof(long), PROT_READ | PROT_WRITE,
				  MAP_SHARED, self->trace->fd, 0);
	ASSERT_NE(MAP_FAILED, self->trace->words);
	/* Its thousands of pages would make each fork dear. */
	ASSERT_EQ(0, madvise(self->trace->words, ENTRIES * sizeof(long), MADV_DONTFORK));
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(section)
{
	if (!self->trace)
		return;
	children_end(self->crowds, CROWDS);
	munmap(self->trace->words, ENTRIES * sizeof(long));
	close(self->trace->fd);
	close(self->fd);
	free(self->trace);
}

static struct place *find_place(struct trace *trace, unsigned long pc)
{
	unsigned int i, at = pc * 0x9e3779b97f4a7c15UL >> 51;

	for (i = 0; i < PLACES; i++, at = (at + 1) % PLACES)
		if (trace->places[at].pc == pc || !trace->places[at].pc)
			return &trace->places[at];
	return NULL;
}

/* Once more by there, in the section at hand. */
static void pass(struct trace *trace, struct place *place)
{
	if (!trace->sections)
		return;
	if (place->section != trace->sections) {
		place->section = trace->sections;
		place->count = 0;
	}
	if (++place->count > trace->longest)
		trace->longest = place->count;
}

/* Sections of a walk: pcb_walk_enter() begins each. */
static void count_sections(struct trace *trace)
{
	unsigned long i, pc;

	for (i = 1; i <= trace->words[0]; i++) {
		pc = trace->words[i];
		if (pc >= trace->enter && pc < trace->enter_end)
			trace->sections++;
		else if (pc >= trace->start && pc <= trace->end)
			pass(trace, find_place(trace, pc));
	}
}

/* Stretches of a loop of many rounds: any place that is not in it ends one. */
static void count_stretches(struct trace *trace)
{
	unsigned long i, pc;
	struct place *place;
	unsigned int run;

	trace->sections = 1;
	for (run = 0; run < 2; run++)
		for (i = 1; i <= trace->words[0]; i++) {
			pc = trace->words[i];
			if (pc < trace->start || pc > trace->end)
				continue;
			place = find_place(trace, pc);
			if (!run)
				place->total++;
			else if (place->total < GENERATIONS / 2)
				trace->sections++;
			else
				pass(trace, place);
			if (place->total > trace->busiest)
				trace->busiest = place->total;
		}
}

/* One whole walk under KCOV. Return: 0 or -errno. */
static int trace_walk(struct trace *trace, int fd, const struct ask *ask)
{
	struct walk found = { 0 };
	int error;

	if (ioctl(trace->fd, KCOV_ENABLE, KCOV_TRACE_PC))
		return -errno;
	trace->words[0] = 0;
	error = walk(fd, ask, &found);
	ioctl(trace->fd, KCOV_DISABLE, 0);
	walk_free(&found);
	return trace->words[0] < ENTRIES - 1 ? error : -ENOBUFS;
}

/* By chance, many tasks move in one section; what is too long is so every time. */
static int measure(struct trace *trace, int fd, const struct ask *ask,
		   void (*count)(struct trace *trace))
{
	int error, tries = 3;

	do {
		memset(trace->places, 0, sizeof(trace->places));
		trace->sections = 0;
		trace->longest = 0;
		trace->busiest = 0;
		error = trace_walk(trace, fd, ask);
		if (!error)
			count(trace);
	} while (!error && trace->longest > SECTION_MAX && --tries);
	return error;
}

#define EXPECT_SHORT(what)						\
	do {								\
		EXPECT_GE(SECTION_MAX, self->trace->longest) {		\
			TH_LOG("one section went %u times by one place", \
			       self->trace->longest);			\
		}							\
		EXPECT_LE(SECTION_TASKS / 2, self->trace->longest);	\
		figure(what ", most in one section", self->trace->longest);	\
	} while (0)

/* This harness goes on behind a SKIP in the setup. */
#define NEED_COVERAGE							\
	do {								\
		if (!self->trace)					\
			SKIP(return, "only a kernel that records coverage can tell");	\
	} while (0)

/* The least that a walk past so many can do with. */
#define EXPECT_SECTIONS(what)						\
	do {								\
		EXPECT_LT(MANY / 2 / SECTION_TASKS, self->trace->sections);	\
		figure(what ", RCU sections", self->trace->sections);	\
	} while (0)

/* Most ids of the table are those of threads; a walk of processes passes them over. */
TEST_F_TIMEOUT(section, walks_past_many_threads, 120)
{
	struct thread_plan plan = { .count = THREADS, .cpu = -1 };
	struct ask ask = { .groups = PCBSCOPE_GROUP_STATE };
	unsigned int i;

	NEED_COVERAGE;
	for (i = 0; i < CROWDS; i++) {
		ASSERT_EQ(0, child_make(&self->crowds[i], 0, kind_threads, &plan));
		ASSERT_TRUE(child_freeze(&self->crowds[i]));
	}
	ASSERT_EQ(0, measure(self->trace, self->fd, &ask, count_sections));
	EXPECT_SECTIONS("walk of processes");
	EXPECT_SHORT("walk of processes");
	ask.flags = PCBSCOPE_QUERY_THREADS;
	ASSERT_EQ(0, measure(self->trace, self->fd, &ask, count_sections));
	EXPECT_SECTIONS("walk of threads");
	EXPECT_SHORT("walk of threads");
}

TEST_F(section, a_list_of_ids_that_nobody_has)
{
	struct ask ask = { .groups = PCBSCOPE_GROUP_STATE, .nr_pids = MANY };
	__u32 pids[MANY];
	unsigned int i;

	NEED_COVERAGE;
	for (i = 0; i < MANY; i++)
		pids[i] = 0x7fff0000 + i;
	ask.pids = pids;
	ASSERT_EQ(0, measure(self->trace, self->fd, &ask, count_sections));
	EXPECT_SECTIONS("list of nobody");
	EXPECT_SHORT("list of nobody");
}

/* Ask for one group of one process that makes the module loop. */
static int measure_one(struct trace *trace, int fd, __u32 pid, __u64 group)
{
	struct ask ask = { .groups = group, .nr_pids = 1, .pids = &pid };

	return measure(trace, fd, &ask, count_stretches);
}

TEST_F_TIMEOUT(section, the_time_of_a_process_of_many_threads, 120)
{
	struct thread_plan plan = { .count = MANY, .cpu = -1 };

	NEED_COVERAGE;
	ASSERT_EQ(0, child_make(&self->crowds[0], 0, kind_threads, &plan));
	ASSERT_TRUE(child_freeze(&self->crowds[0]));
	ASSERT_EQ(0, measure_one(self->trace, self->fd, self->crowds[0].pid,
				 PCBSCOPE_GROUP_CPUTIME));
	EXPECT_LT(MANY, self->trace->busiest);
	EXPECT_SHORT("threads summed up");
}

/* The first of many generations adopts orphans; the last tells its pid. */
static void have_descendants(struct child *self, void *arg)
{
	unsigned int i;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (i = 0; i < GENERATIONS; i++) {
		if (fork())
			child_pause();
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	}
	child_tell(self, getpid());
	child_pause();
}

TEST_F_TIMEOUT(section, the_ancestors_of_a_late_descendant, 120)
{
	unsigned long long last = 0;
	unsigned int i;

	NEED_COVERAGE;
	ASSERT_EQ(0, child_start(&self->crowds[0], 0, have_descendants, NULL));
	/* A fork is dear on this kernel. */
	for (i = 0; i < 10 && !last; i++)
		child_hear(&self->crowds[0], &last);
	ASSERT_NE(0, last);
	ASSERT_EQ(0, measure_one(self->trace, self->fd, last, PCBSCOPE_GROUP_RELATIONS));
	EXPECT_LE(GENERATIONS, self->trace->busiest);
	EXPECT_SHORT("ancestors climbed");
}

PCB_TEST_MAIN
