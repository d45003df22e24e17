// SPDX-License-Identifier: GPL-2.0
/*
 * An RCU section looks at 64 tasks, or 64 ids, and no more. The kernel records
 * which of the module's instructions this thread comes by (KCOV), in order;
 * between two beginnings of a section, none may come by more often than that.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/kcov.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "lib/harness.h"
#include "lib/kinds.h"

#define KCOV "/sys/kernel/debug/kcov"
#define SECTION_TASKS 64
#define CROWDS 3
#define THREADS 100		/* of each crowd */
#define MANY (CROWDS * THREADS)
#define ENTRIES (1UL << 22)
#define PLACES 8192		/* distinct instructions of the module */

/* How often the thread came by each instruction in the section at hand. */
struct place {
	unsigned long pc;
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
		SKIP(return, "not on this kernel: it does not record coverage");
	self->trace = calloc(1, sizeof(*self->trace));
	ASSERT_NE(NULL, self->trace);
	ASSERT_TRUE(find_symbols(self->trace));
	self->trace->fd = open(KCOV, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->trace->fd);
	ASSERT_EQ(0, ioctl(self->trace->fd, KCOV_INIT_TRACE, ENTRIES));
	self->trace->words = mmap(NULL, ENTRIES * sizeof(long), PROT_READ | PROT_WRITE,
				  MAP_SHARED, self->trace->fd, 0);
	ASSERT_NE(MAP_FAILED, self->trace->words);
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

static void count_pass(struct trace *trace, unsigned long pc)
{
	struct place *place;

	if (pc < trace->start || pc > trace->end)
		return;
	if (pc >= trace->enter && pc < trace->enter_end) {
		trace->sections++;
		return;
	}
	place = find_place(trace, pc);
	if (!place || !trace->sections)
		return;
	if (place->section != trace->sections)
		*place = (struct place) { .pc = pc, .section = trace->sections };
	if (++place->count > trace->longest)
		trace->longest = place->count;
}

/* One whole walk under KCOV. Return: 0 or -errno. */
static int trace_walk(struct trace *trace, int fd, const struct ask *ask)
{
	struct walk found = { 0 };
	unsigned long i, nr;
	int error;

	if (ioctl(trace->fd, KCOV_ENABLE, KCOV_TRACE_PC))
		return -errno;
	trace->words[0] = 0;
	error = walk(fd, ask, &found);
	nr = trace->words[0];
	ioctl(trace->fd, KCOV_DISABLE, 0);
	walk_free(&found);
	if (nr >= ENTRIES - 1)
		return -ENOBUFS;
	for (i = 1; i <= nr; i++)
		count_pass(trace, trace->words[i]);
	return error;
}

#define EXPECT_SHORT(what)						\
	do {								\
		EXPECT_LT(MANY / 2 / SECTION_TASKS, self->trace->sections);	\
		/* A task that is read again while it moves counts twice. */	\
		EXPECT_GE(2 * SECTION_TASKS, self->trace->longest) {	\
			TH_LOG("one section went %u times by one place", \
			       self->trace->longest);			\
		}							\
		figure(what ", RCU sections", self->trace->sections);	\
		figure(what ", most in one section", self->trace->longest);	\
	} while (0)

/* Most ids of the table are those of threads; a walk of processes passes them over. */
TEST_F_TIMEOUT(section, walks_past_many_threads, 120)
{
	struct thread_plan plan = { .count = THREADS, .cpu = -1 };
	struct ask ask = { .groups = PCBSCOPE_GROUP_STATE };
	unsigned int i;

	for (i = 0; i < CROWDS; i++) {
		ASSERT_EQ(0, child_make(&self->crowds[i], 0, kind_threads, &plan));
		ASSERT_TRUE(child_freeze(&self->crowds[i]));
	}
	ASSERT_EQ(0, trace_walk(self->trace, self->fd, &ask));
	EXPECT_SHORT("walk of processes");
	ask.flags = PCBSCOPE_QUERY_THREADS;
	ASSERT_EQ(0, trace_walk(self->trace, self->fd, &ask));
	EXPECT_SHORT("walk of threads");
}

TEST_F(section, a_list_of_ids_that_nobody_has)
{
	struct ask ask = { .groups = PCBSCOPE_GROUP_STATE, .nr_pids = MANY };
	__u32 pids[MANY];
	unsigned int i;

	for (i = 0; i < MANY; i++)
		pids[i] = 0x7fff0000 + i;
	ask.pids = pids;
	ASSERT_EQ(0, trace_walk(self->trace, self->fd, &ask));
	EXPECT_SHORT("list of nobody");
}

PCB_TEST_MAIN
