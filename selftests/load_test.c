// SPDX-License-Identifier: GPL-2.0
/*
 * Cycles of insert, read, remove under a storm: readers hold files, are stopped
 * and killed inside reads. Removal is refused as long as the device is open, and
 * succeeds as soon as it is not. Nothing stays behind, and nothing grows.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/mman.h>

#include "lib/harness.h"
#include "lib/leaks.h"
#include "lib/loading.h"
#include "lib/readers.h"
#include "lib/storm.h"

#define STORM_WORKERS 2

/* A machine at rest wavers by that many objects; with fewer cycles nothing can be said. */
#define NOISE 40
#define CYCLES_TO_JUDGE 40

/* The part of each reader in a cycle. */
enum {
	QUERY_KILLED,		/* inside an ioctl */
	AREA_STOPPED,		/* inside an ioctl; then killed */
	DEVICE_HELD,		/* open or mapped, without a call; then killed */
	NR_DEVICE_READERS,
	TEXT_KILLED = NR_DEVICE_READERS,
	TEXT_RACING,		/* reads while the module goes away */
	TEXT_STOPPED,		/* inside a read when it goes away */
	TEXT_HELD,		/* open when it goes away */
	NR_READERS,
};

struct totals {
	unsigned int refused;
	unsigned int killed;
	unsigned int killed_inside;
	unsigned int stopped_inside;
	unsigned long calls;
};

FIXTURE(load) {
	struct reader readers[NR_READERS];
	struct storm storm;
	struct totals totals;
};

FIXTURE_SETUP(load)
{
	struct reader_page *pages = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned int i;

	ASSERT_NE(MAP_FAILED, pages);
	memset(self, 0, sizeof(*self));
	for (i = 0; i < NR_READERS; i++)
		self->readers[i].page = &pages[i];
	ASSERT_NE(NULL, module_path()) {
		TH_LOG("where is " MODULE ".ko? Set PCBSCOPE_MODULE");
	}
	if (module_is_loaded()) {
		ASSERT_EQ(0, module_unload());
	}
}

FIXTURE_TEARDOWN(load)
{
	unsigned int i;

	for (i = 0; i < NR_READERS; i++)
		child_end(&self->readers[i].child);
	storm_end(&self->storm);
	if (!module_is_loaded())
		module_load("");
}

/* Each cycle deals the text files to other parts. */
static void deal(struct reader *readers, unsigned int cycle)
{
	unsigned int i;

	readers[QUERY_KILLED].kind = READER_QUERY;
	readers[AREA_STOPPED].kind = READER_AREA;
	readers[DEVICE_HELD].kind = cycle % 2 ? READER_AREA : READER_QUERY;
	for (i = NR_DEVICE_READERS; i < NR_READERS; i++)
		readers[i].kind = READER_FIRST_TEXT +
			(cycle + i) % (READER_KINDS - READER_FIRST_TEXT);
	readers[DEVICE_HELD].holds = true;
	readers[TEXT_HELD].holds = true;
}

static bool stop(struct reader *reader, struct totals *totals)
{
	if (kill(reader->child.pid, SIGSTOP) || !wait_letter(reader->child.pid, "Tt"))
		return false;
	totals->stopped_inside += reader->page->inside;
	return true;
}

static void end_by_force(struct reader *reader, struct totals *totals)
{
	totals->killed++;
	totals->killed_inside += reader_kill(reader);
	totals->calls += reader->page->calls;
}

static const char *refuse(struct totals *totals)
{
	int error = module_unload();

	if (error != -EWOULDBLOCK)
		return error ? strerror(-error) : "removed while the device was open";
	totals->refused++;
	return NULL;
}

/* Load, start the readers, and see removal refused as long as the device is open. */
static const char *cycle_begin(struct reader *readers, struct totals *totals)
{
	const char *fault;
	unsigned int i;

	if (module_load(""))
		return "cannot be loaded";
	if (module_references())
		return "referenced from the start";
	for (i = 0; i < NR_READERS; i++)
		if (reader_start(&readers[i]))
			return "a reader cannot read";
	if (module_references() != NR_DEVICE_READERS)
		return "not one reference for each open device";
	fault = refuse(totals);
	if (fault)
		return fault;
	if (!stop(&readers[AREA_STOPPED], totals) || !stop(&readers[TEXT_STOPPED], totals))
		return "a reader does not stop";
	return refuse(totals);
}

/* Kill who holds it: then, and not before, it goes, whoever reads text meanwhile. */
static const char *cycle_end(struct reader *readers, struct totals *totals)
{
	struct deadline deadline = deadline_in(DEADLINE_MS);
	unsigned int i;
	int error;

	for (i = 0; i <= TEXT_KILLED; i++)
		end_by_force(&readers[i], totals);
	/* The last to use an address space drops its mappings: a reader, maybe. */
	while (module_references() && not_yet(deadline))
		;
	if (module_references())
		return "referenced by nobody";
	error = module_unload();
	if (error)
		return strerror(-error);
	if (module_remains())
		return module_remains();
	kill(readers[TEXT_STOPPED].child.pid, SIGCONT);
	child_go(&readers[TEXT_HELD].child);
	for (i = TEXT_RACING; i < NR_READERS; i++) {
		if (!reader_ends(&readers[i]))
			return "a reader goes on without the module";
		if (readers[i].page->odd_error)
			return strerror(readers[i].page->odd_error);
		totals->calls += readers[i].page->calls;
	}
	return NULL;
}

static const char *run_cycles(struct reader *readers, struct totals *totals,
			      unsigned int from, unsigned int to)
{
	const char *fault = NULL;
	unsigned int i;

	for (i = from; !fault && i < to; i++) {
		deal(readers, i);
		fault = cycle_begin(readers, totals);
		if (!fault)
			fault = cycle_end(readers, totals);
	}
	return fault;
}

TEST_F_TIMEOUT(load, cycles_under_a_storm_leave_nothing, 600)
{
	const unsigned int cycles = counted(500, 60), first = (cycles + 9) / 10;
	static struct leak_census before;
	unsigned long forks, limit;
	struct leak_count largest;
	const char *grown;

	ASSERT_TRUE(storm_start(&self->storm, STORM_WORKERS));
	EXPECT_SOUND(run_cycles(self->readers, &self->totals, 0, first));
	forks = storm_forks(&self->storm);
	storm_end(&self->storm);
	ASSERT_TRUE(leaks_count(&before));

	ASSERT_TRUE(storm_start(&self->storm, STORM_WORKERS));
	EXPECT_SOUND(run_cycles(self->readers, &self->totals, first, cycles));
	forks += storm_forks(&self->storm);
	storm_end(&self->storm);
	/* What one cycle in four leaves behind is a leak; a short run sees less. */
	limit = (cycles - first) / 4;
	grown = leaks_growth(&before, limit > NOISE ? limit : NOISE, &largest);
	TH_LOG("from cycle %u to %u what grew most: %s by %ld objects", first, cycles,
	       largest.name, largest.objects);
	if (cycles - first >= CYCLES_TO_JUDGE)
		EXPECT_SOUND(grown);

	EXPECT_EQ(0, leaks_of_vmalloc());
	EXPECT_GE(0, leaks_of_kmemleak());
	EXPECT_EQ(2 * cycles, self->totals.refused);
	/* Three readers of four are inside nearly always, and both that are stopped. */
	EXPECT_LE(cycles, self->totals.killed_inside);
	EXPECT_LE(cycles, self->totals.stopped_inside);
	figure("load/unload cycles", cycles);
	figure("removals refused while open", self->totals.refused);
	figure("readers killed", self->totals.killed);
	figure("readers killed inside a call", self->totals.killed_inside);
	figure("readers stopped inside a call", self->totals.stopped_inside);
	figure("calls of readers", self->totals.calls);
	figure("forks of the storm", forks);
}

PCB_TEST_MAIN
