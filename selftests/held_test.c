// SPDX-License-Identifier: GPL-2.0
/*
 * A lock that somebody else can hold for ever is not waited for: the group that
 * would need it is busy, and the reader goes on.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "lib/harness.h"
#include "lib/slow_file.h"

FIXTURE(held) {
	struct slow_file file;
	struct child target;
	struct child holder;
	struct child reader;
};

FIXTURE_SETUP(held)
{
	memset(self, 0, sizeof(*self));
	ASSERT_TRUE(slow_file_start(&self->file));
}

/* The file's server goes first: then whatever waits for the file goes on. */
FIXTURE_TEARDOWN(held)
{
	slow_file_end(&self->file);
	if (self->reader.pid > 0)
		child_end(&self->reader);
	if (self->holder.pid > 0)
		child_end(&self->holder);
	if (self->target.pid > 0)
		child_end(&self->target);
}

/* Its arguments lie in the file; then it wants mmap_lock for itself. */
static void target(struct child *self, void *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *at = mmap(NULL, SLOW_FILE_BYTES, PROT_READ, MAP_PRIVATE, fd, 0);

	if (at == MAP_FAILED || prctl(PR_SET_MM, PR_SET_MM_ARG_START, at, 0, 0) ||
	    prctl(PR_SET_MM, PR_SET_MM_ARG_END, at + SLOW_FILE_BYTES / 2, 0, 0))
		_exit(103);
	child_ready(self);
	child_tell(self, (uintptr_t)at);
	child_await(self);
	mmap(NULL, SLOW_FILE_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	child_pause();
}

struct place {
	pid_t pid;
	unsigned long long at;
};

/* Reading that, procfs holds the target's mmap_lock for as long as the file likes. */
static void holder(struct child *self, void *arg)
{
	const struct place *place = arg;
	char path[32], byte;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", place->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	child_ready(self);
	if (pread(fd, &byte, 1, place->at) < 0)
		_exit(103);
	child_pause();
}

static void reader(struct child *self, void *pid)
{
	const struct pcbscope_record *record = NULL;
	struct walk one = { 0 };
	int fd = device_open();

	child_ready(self);
	child_await(self);
	if (!walk_one(fd, *(pid_t *)pid, PCBSCOPE_GROUP_PROGRAM, &one))
		record = walk_next(&one, NULL);
	child_tell(self, record ? record->busy : 0);
	child_pause();
}

TEST_F(held, memory_of_a_process_that_is_being_waited_for_is_busy)
{
	unsigned long long busy = 0;
	struct place place;

	ASSERT_EQ(0, child_make(&self->target, 0, target, self->file.path));
	place.pid = self->target.pid;
	ASSERT_TRUE(child_hear(&self->target, &place.at));
	ASSERT_EQ(0, child_make(&self->reader, 0, reader, &self->target.pid));
	ASSERT_EQ(0, child_make(&self->holder, 0, holder, &place));
	ASSERT_TRUE(slow_file_is_awaited(&self->file));
	ASSERT_TRUE(child_go(&self->target));
	ASSERT_TRUE(wait_letter(self->target.pid, "D"));
	ASSERT_TRUE(child_go(&self->reader));
	EXPECT_TRUE(child_hear(&self->reader, &busy)) {
		TH_LOG("the reader waits, as %c", letter_of(self->reader.pid));
	}
	EXPECT_EQ(PCBSCOPE_GROUP_PROGRAM, busy);
}

PCB_TEST_MAIN
